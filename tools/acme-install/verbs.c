/* The subcommands that are a few operations. */
#include <string.h>

#include "base/log.h"
#include "install.h"

/* {"acme":1,"installer":{"plugin":NAME,KEY:VALUE}} */
static jv
result(const struct install *in, const char *key, jv value TAKES)
{
	jv made = doc_set_str(doc_object(), "plugin", in->desc->name);

	if (key != NULL)
		made = doc_set(made, key, value);
	else
		doc_free(value);
	return doc_set(doc_set_int(doc_object(), "acme", 1), "installer", made);
}

static jv
check(struct install *in, struct err *err)
{
	if (host_prepare(in, err) < 0 || host_enhancements(in, err) < 0)
		return doc_none();
	return result(in, "enhancements", doc_copy(in->enhancements));
}

/* Before the order: what a renewal will need of the installer. */
static int
check_document(struct install *in, jv *doc, struct err *err)
{
	jv params, learned;

	if (host_prepare(in, err) < 0)
		return -1;
	params = doc_get_kind(*doc, "renewalparams", DOC_OBJECT);
	if (!doc_is(params, DOC_OBJECT))
		params = doc_object();
	learned = plugin_learned(in->plugin);
	params = doc_merge(params,
	    plugin_flags_saved(in->desc, in->given, learned));
	params = doc_set_str(params, "installer", in->desc->name);
	*doc = doc_set(doc_take(doc), "renewalparams", params);
	doc_free(learned);
	return 0;
}

static jv
names(struct install *in, struct err *err)
{
	jv reply = doc_none(), list;

	if (host_prepare(in, err) == 0)
		reply = plugin_call(in->plugin, "names", doc_object(), err);
	if (doc_is(reply, DOC_NONE))
		return reply;
	list = doc_get_kind(reply, "names", DOC_ARRAY);
	doc_free(reply);
	if (doc_is(list, DOC_ARRAY))
		return result(in, "names", list);
	err_set(err, ERR_pluginFailed, "plugin %s gave no names",
	    in->desc->name);
	return doc_none();
}

/* A server whose configuration is broken can be rolled back all the same. */
static jv
rollback(struct install *in, struct err *err)
{
	jv request = doc_set_int(doc_object(), "checkpoints", in->checkpoints);

	if (host_prepare(in, err) < 0 && err->name == ERR_misconfigured) {
		log_info("acme-install",
		    "The configuration is broken before the rollback: %s",
		    err_text(err));
		err_clear(err);
	}
	if (err_is_set(err)) {
		doc_free(request);
		return doc_none();
	}
	if (host_do(in, "rollback", request, err) < 0 ||
	    host_restart(in, err) < 0)
		return doc_none();
	return result(in, NULL, doc_none());
}

/* All that is noted for this server: where no document comes in, nobody else is
 * at work. */
static size_t
take_marks(struct install *in)
{
	return unread_take_all(&in->unread, in->st.work_dir, in->server);
}

/* What a killed run has left, in the files or in the server alone: comes before
 * prepare, which would fail on it. */
static jv
recover(struct install *in, struct err *err)
{
	int changed;

	if (host_open(in, err) < 0)
		return doc_none();
	changed = take_marks(in) > 0 || reverter_unfinished(in->reverter);
	if (host_do(in, "recover", doc_object(), err) < 0 ||
	    (changed && host_restart(in, err) < 0))
		return doc_none();
	return result(in, NULL, doc_none());
}

static jv
config_test(struct install *in, struct err *err)
{
	if (host_prepare(in, err) < 0 ||
	    host_do(in, "config-test", doc_object(), err) < 0)
		return doc_none();
	return result(in, NULL, doc_none());
}

static jv
restart(struct install *in, struct err *err)
{
	if (host_prepare(in, err) < 0)
		return doc_none();
	take_marks(in);
	if (host_restart(in, err) < 0)
		return doc_none();
	return result(in, NULL, doc_none());
}

/* An operation for a lineage, which a plugin need not know. */
static int
for_lineage(struct install *in, const char *op, jv doc, struct err *err)
{
	jv r = doc_set(doc_object(), "lineage", doc_get(doc, "lineage"));
	jv list = names_of(in, doc, err);
	struct undo u;

	if (!doc_is(list, DOC_ARRAY)) {
		doc_free(r);
		return -1;
	}
	undo_begin(in, &u);
	if (host_do(in, op, doc_set(r, "names", list), err) == 0)
		return 0;
	if (err->name != ERR_notSupported) {
		undo_recover(in, &u, NULL);
		return -1;
	}
	err_clear(err);
	return 0;
}

/* After a renewal: the plugin's own steps, then the server gets the new
 * certificate. */
static int
renew_deploy(struct install *in, jv *doc, struct err *err)
{
	if (host_prepare(in, err) < 0)
		return -1;
	host_take_lineage(in, *doc);
	if (!in->disable_updates &&
	    (for_lineage(in, "renew-deploy", *doc, err) < 0 ||
		for_lineage(in, "auto-hsts-deploy", *doc, err) < 0))
		return -1;
	log_add(LOG_INFO, "certbot._internal.main", SHOW_OUT,
	    "Reloading %s server after certificate renewal", in->desc->name);
	return host_restart(in, err);
}

/* At each renewal run, of whatever lineage; the plugin prepares itself if it
 * has something to do. */
static int
generic_updates(struct install *in, jv *doc, struct err *err)
{
	if (host_open(in, err) < 0 ||
	    for_lineage(in, "generic-updates", *doc, err) < 0 ||
	    for_lineage(in, "auto-hsts-update", *doc, err) < 0)
		return -1;
	return 0;
}

static const struct verb verbs[] = {
    {"check", .document = check_document, .alone = check},
    {"names", .alone = names},
    {"deploy", .document = deploy_document, .always_reads = 1},
    {"enhance", .document = enhance_document, .always_reads = 1},
    {"rollback", .alone = rollback},
    {"recover", .alone = recover},
    {"config-test", .alone = config_test},
    {"restart", .alone = restart},
    {"renew-deploy", .document = renew_deploy, .always_reads = 1,
	.new_only = 1},
    {"generic-updates", .document = generic_updates, .always_reads = 1},
};

const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}
