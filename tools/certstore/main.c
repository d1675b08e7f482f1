#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "certstore.h"

static const struct verb {
	const char *name;
	document_fn *document; /* reads, or makes its document from options */
	lineage_fn *lineage;   /* works on names */
	tool_fn *tool;	       /* for plugins; takes no lock */
	int locks;
	int always_reads;
	int all; /* no names: every lineage */
} verbs[] = {
    {"match", .document = match_document, .locks = 1},
    {"plan", .document = plan_document, .locks = 1},
    {"save", .document = save_document, .locks = 1, .always_reads = 1},
    {"reconfigure", .document = reconfigure_document, .locks = 1,
	.always_reads = 1},
    {"list", .lineage = list_lineage, .all = 1},
    {"show", .lineage = show_lineage, .all = 1},
    {"verify", .lineage = verify_lineage, .all = 1},
    {"due", .lineage = due_lineage, .all = 1},
    {"fix", .lineage = fix_lineage, .locks = 1, .all = 1},
    {"delete", .lineage = delete_lineage, .locks = 1},
    {"account", .tool = account_tool},
    {"checkpoint", .tool = checkpoint_tool},
    {"storage", .tool = storage_tool},
};

struct work {
	struct certstore *t;
	const struct verb *verb;
};

int
store_lock(struct certstore *t, struct err *err)
{
	char *file;
	int rc;

	if (safefile_mkdirs(t->config_dir, safefile_masked(0755), err) < 0 ||
	    lock_take(&t->lock, t->config_dir, t->st.timeout, err) < 0)
		return -1;
	if (t->lock.inherited) {
		file = path_join(t->work_dir, ".store.lock");
		rc = lock_take_private(&t->private_lock, file, err);
		free(file);
		if (rc < 0)
			goto fail;
	}
	if (lineage_recover(t->config_dir, err) == 0)
		return 0;
fail:
	store_unlock(t);
	return -1;
}

void
store_unlock(struct certstore *t)
{
	static const struct lock none = LOCK_INIT;

	lock_forget(&t->private_lock); /* its file stays */
	lock_release(&t->lock);
	t->private_lock = t->lock = none;
}

static void
one_document(const struct work *w, jv doc TAKES)
{
	struct err err = {0};
	int rc = -1;

	/* What has begun is not cut off; nothing else is begun. */
	if (signals_caught() != 0) {
		err_set(&err, ERR_interrupted, "a signal ended the work");
	} else if (store_lock(w->t, &err) == 0) {
		rc = w->verb->document(w->t, &doc, &err);
		store_unlock(w->t);
	}
	if (rc < 0)
		stage_fail(&w->t->st, doc, &err);
	else
		stage_emit(&w->t->st, doc);
}

/* A broken lineage in a listing is a document like the others: said, counted,
 * but no failure of the listing's own. */
static void
emit_broken(struct stage *st, jv doc TAKES, struct err *err)
{
	log_info("certbot._internal.cert_manager", "%s", err_text(err));
	stage_emit(st, doc_set(doc, "error", err_to_doc(err, st->name)));
	err_clear(err);
}

static jv
name_lineage(const struct certstore *t, const char *name)
{
	char *conf = renewal_path(t->config_dir, name);
	jv l = doc_set_str(doc_object(), "name", name);

	l = doc_set_str(l, "conf", conf);
	free(conf);
	return l;
}

/* A save that was cut off is brought to its end by whoever finds it and may, if
 * none is under way: certbot renew would find it broken from now on. */
static int
finish_save(struct certstore *t, const char *name)
{
	struct lineage l;
	long patience = t->st.timeout;
	int rc;

	if (!lineage_is_moving(t->config_dir, name))
		return -1;
	t->st.timeout = 0;
	rc = store_lock(t, NULL);
	t->st.timeout = patience;
	if (rc < 0)
		return -1;
	rc = lineage_open(&l, t->config_dir, name, LINEAGE_LOCKED, NULL);
	lineage_release(&l);
	store_unlock(t);
	return rc;
}

static void
one_lineage(const struct work *w, const char *name, jv doc TAKES)
{
	struct err err = {0};
	struct certstore *t = w->t;
	int rc = w->verb->locks ? store_lock(t, &err) : 0;

	if (rc == 0) {
		rc = w->verb->lineage(t, name, &doc, &err);
		store_unlock(t);
	}
	if (rc < 0 && !w->verb->locks && err.name == ERR_brokenLineage &&
	    finish_save(t, name) == 0) {
		err_clear(&err);
		rc = w->verb->lineage(t, name, &doc, &err);
	}
	if (rc < 0 && !doc_has(doc, "lineage"))
		doc = doc_set(doc, "lineage", name_lineage(t, name));
	if (rc == 0)
		stage_emit(&t->st, doc);
	else if (err.name == ERR_brokenLineage && !w->verb->locks)
		emit_broken(&t->st, doc, &err);
	else
		stage_fail(&t->st, doc, &err);
}

static jv
new_document(void)
{
	return doc_set_int(doc_object(), "acme", 1);
}

static void
each_document(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	const struct work *w = ctx;
	struct err err = {0};
	char *name;

	for (size_t i = 0; i < n; i++) {
		if (w->verb->document) {
			one_document(w, docs[i]);
			continue;
		}
		name = stage_expand("%n", docs[i], &err);
		if (name)
			one_lineage(w, name, docs[i]);
		else
			stage_fail(st, docs[i], &err);
		free(name);
	}
}

/* Lineages named on the command line, or all. */
static void
each_lineage(const struct work *w)
{
	struct stage *st = &w->t->st;
	struct err err = {0};
	size_t given = doc_len(st->rest);
	jv names = doc_array();

	for (size_t i = 1; i < given; i++)
		names = doc_push(names, doc_at(st->rest, i));
	if (given <= 1 && w->verb->all)
		doc_move(&names, renewal_list(w->t->config_dir, &err));
	else if (given <= 1)
		err_set(&err, ERR_usage,
		    "certstore %s needs the name of a certificate",
		    w->verb->name);
	if (err_is_set(&err))
		stage_fail_first(st, &err);
	for (size_t i = 0; i < doc_len(names) && signals_caught() == 0; i++)
		one_lineage(w, doc_str_at(names, i), new_document());
	doc_free(names);
}

static void
run_tool(struct certstore *t, tool_fn *tool)
{
	struct err err = {0};
	jv doc = tool(t, &err);

	if (doc_is(doc, DOC_NONE))
		stage_fail_first(&t->st, &err);
	else
		stage_emit(&t->st, doc);
}

static void
run(struct certstore *t)
{
	const char *name = stage_verb(&t->st);
	struct work w = {t, NULL};
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (!strcmp(name, verbs[i].name))
			w.verb = &verbs[i];
	if (!w.verb) {
		err_set(&err, ERR_usage,
		    "'%s' is no subcommand of certstore; see certstore -h",
		    name);
		stage_fail_first(&t->st, &err);
	} else if (w.verb->tool) {
		run_tool(t, w.verb->tool);
	} else if (w.verb->always_reads || stage_reads(&t->st)) {
		stage_run(&t->st, 0, each_document, &w);
	} else if (w.verb->document) {
		one_document(&w, new_document());
	} else {
		each_lineage(&w);
	}
}

int
main(int argc, char *argv[])
{
	struct certstore t = {
	    .st = {.name = "certstore",
		.usage = {"certstore",
		    "match [-d NAMES]... [--cert-name NAME] [-]\n"
		    "plan [-d NAMES]... [--cert-name NAME] "
		    "[option...] [-]\n"
		    "save [--cert-name NAME] [--key FILE]\n"
		    "reconfigure [--cert-name NAME]\n"
		    "list\n"
		    "show [NAME... | -]\n"
		    "verify [NAME... | -]\n"
		    "due [NAME... | -]\n"
		    "fix [NAME... | -]\n"
		    "delete NAME... | -\n"
		    "checkpoint add | created [--temporary] PATH...\n"
		    "checkpoint undo-command [--temporary] [--] "
		    "COMMAND [ARGUMENT]...\n"
		    "checkpoint finish --title TEXT\n"
		    "checkpoint revert | recover | "
		    "rollback [--checkpoints N]\n"
		    "storage get PLUGIN KEY\n"
		    "storage put PLUGIN KEY VALUE",
		    "Keeps certificates on disk as certbot does, "
		    "and decides which are to be renewed."}},
	    .checkpoints = 1,
	    .lock = LOCK_INIT,
	    .private_lock = LOCK_INIT,
	};
	const struct opt options[] = {
	    {"config-dir", 0, OPT_STRING, &t.st.config_dir, "DIR",
		"where certificates are (/etc/letsencrypt)"},
	    {"work-dir", 0, OPT_STRING, &t.st.work_dir, "DIR",
		"where work in progress is (/var/lib/letsencrypt)"},
	    {"domains", 'd', OPT_NAMES, &t.names, "NAMES",
		"names asked for, with commas or several times"},
	    {"domain", 0, OPT_NAMES, &t.names, "NAMES", "the same"},
	    {"cert-name", 0, OPT_STRING, &t.cert_name, "NAME",
		"the certificate's name; %n: the document's"},
	    {"key", 0, OPT_STRING, &t.key_file, "FILE",
		"save: the private key (the document's key.path)"},
	    {"duplicate", 0, OPT_FLAG, &t.duplicate, NULL,
		"make a new certificate beside one with these names"},
	    {"expand", 0, OPT_FLAG, &t.plan.expand, NULL,
		"plan: more names may be put into a certificate"},
	    {"force-renewal", 0, OPT_FLAG, &t.plan.force, NULL,
		"plan, due: renew though it is not due"},
	    {"renew-by-default", 0, OPT_FLAG, &t.plan.force, NULL, "the same"},
	    {"keep-until-expiring", 0, OPT_FLAG, &t.plan.keep, NULL,
		"plan: keep what is not due, without a question"},
	    {"keep", 0, OPT_FLAG, &t.plan.keep, NULL, "the same"},
	    {"reinstall", 0, OPT_FLAG, &t.plan.keep, NULL, "the same"},
	    {"renew-with-new-domains", 0, OPT_FLAG, &t.plan.new_names, NULL,
		"plan: a named certificate may get other names"},
	    {"key-type", 0, OPT_STRING, &t.plan.key_type, "TYPE",
		"plan: rsa or ecdsa"},
	    {"change-key-type", 0, OPT_FLAG, &t.plan.change_key, NULL,
		"plan: another type of key is wanted"},
	    {"keep-key-type", 0, OPT_FLAG, &t.plan.keep_key, NULL,
		"plan: the certificate's type of key stays"},
	    {"dry-run", 0, OPT_FLAG, &t.plan.dry_run, NULL,
		"plan, due: for a trial, which nothing of is saved"},
	    {"break-my-certs", 0, OPT_FLAG, &t.plan.break_certs, NULL,
		"plan: a test certificate may replace a real one"},
	    {"ask", 0, OPT_FLAG, &t.plan.ask, NULL,
		"plan: end where a person would be asked"},
	    {"temporary", 0, OPT_FLAG, &t.temporary, NULL,
		"checkpoint: the change is to be undone soon"},
	    {"notes", 0, OPT_STRING, &t.notes, "TEXT",
		"checkpoint add: what is changed"},
	    {"title", 0, OPT_STRING, &t.title, "TEXT",
		"checkpoint finish: what was changed"},
	    {"checkpoints", 0, OPT_NUMBER, &t.checkpoints, "N",
		"checkpoint rollback: how many (1)"},
	    {"strict-permissions", 0, OPT_FLAG, &t.strict, NULL,
		"checkpoint: directories must be ours, with certbot's mode"},
	    OPT_END};
	int status;

	t.st.options = options;
	t.names = doc_array();
	if (stage_begin(&t.st, argc, argv) == 0) {
		t.config_dir = t.st.config_dir ? t.st.config_dir :
						 "/etc/letsencrypt";
		t.work_dir = t.st.work_dir ? t.st.work_dir :
					     "/var/lib/letsencrypt";
		t.plan.cert_name = t.cert_name != NULL;
		(void)signals_catch();
		run(&t);
	}
	status = stage_end(&t.st);
	doc_free(t.names);
	free(t.claimed);
	return status;
}
