#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/names.h"
#include "certstore.h"

static const char logger[] = "certbot._internal.renewal";

/* certbot's key type when nobody names one. */
static const char default_key_type[] = "rsa";

/* What is known of the matched lineage. */
struct matched {
	enum plan_rule rule;
	struct lineage l;
	jv info;      /* of the current certificate */
	jv params;    /* [renewalparams] */
	int64_t from; /* due from */
	int revoked;  /* the document says so */
};

static const char *
upper(const char *type)
{
	return !strcasecmp(type, "rsa") ? "RSA" : "ECDSA";
}

static const char *
wanted_type(const struct certstore *t, jv doc)
{
	const char *type = doc_str_find(doc, "request", "key", "type", NULL);

	if (t->plan.key_type)
		return t->plan.key_type;
	return type ? type : default_key_type;
}

char *
new_lineage_name(const struct certstore *t, jv doc, jv names, struct err *err)
{
	const char *first = doc_str_at(names, 0);
	char *name;

	if (t->cert_name)
		name = stage_expand(t->cert_name, doc, err);
	else if (first)
		name = xstrdup(name_base(first));
	else
		name = NULL;
	if (name && renewal_name_check(name, err) < 0) {
		free(name);
		name = NULL;
	}
	return name;
}

/* --- errors that answer for a question ---------------------------------------- */

static int
add_members(struct err *err, const struct matched *m, jv names,
    const char *wanted, const char *option)
{
	jv old = doc_get_kind(m->info, "names", DOC_ARRAY);

	err_member(err, "lineage", doc_string(m->l.conf.name));
	err_member(err, "conf", doc_string(m->l.conf.path));
	err_member(err, "oldNames", doc_copy(old));
	err_member(err, "newNames", doc_copy(names));
	err_member(err, "added", doc_sorted_set(names_minus(names, old)));
	err_member(err, "removed", doc_sorted_set(names_minus(old, names)));
	if (doc_str(m->info, "keyType"))
		err_member(err, "keyTypeOld",
		    doc_string(doc_str(m->info, "keyType")));
	err_member(err, "keyTypeNew", doc_string(wanted));
	err_member(err, "option", doc_string(option));
	doc_free(old);
	return -1;
}

static int
question(struct err *err, enum plan_answer answer, const struct matched *m,
    jv names, const char *wanted)
{
	const char *name = m->l.conf.name;
	const char *old = doc_str(m->info, "keyType");

	switch (answer) {
	case PLAN_ASK_SAME:
		err_set(err, ERR_sameNames,
		    "the certificate '%s' has exactly these names and is "
		    "not due; give --keep-until-expiring or "
		    "--force-renewal",
		    name);
		return add_members(err, m, names, wanted, "--force-renewal");
	case PLAN_ASK_NAMES:
		err_set(err, ERR_changedNames,
		    "the certificate '%s' would get other names; give "
		    "--renew-with-new-domains",
		    name);
		return add_members(err, m, names, wanted,
		    "--renew-with-new-domains");
	case PLAN_ASK_EXPAND:
		err_set(err, ERR_expand,
		    "the certificate '%s' has some of these names; give "
		    "--expand to put the others into it, or --duplicate",
		    name);
		return add_members(err, m, names, wanted, "--expand");
	case PLAN_ASK_KEY:
		err_set(err, ERR_keyType,
		    "the certificate '%s' has a key of type %s, and %s is "
		    "asked for; give --change-key-type or --keep-key-type",
		    name, upper(old), upper(wanted));
		return add_members(err, m, names, wanted, "--change-key-type");
	default:
		err_set(err, ERR_keyType,
		    "Are you trying to change the key type of the "
		    "certificate named %s from %s to %s? Please provide "
		    "both --cert-name and --key-type on the command line "
		    "to confirm the change you are trying to make.",
		    name, upper(old), upper(wanted));
		return add_members(err, m, names, wanted, "--cert-name");
	}
}

/* Spec 4.7: a real certificate is not replaced by a test server's. */
static int
check_test_server(const struct certstore *t, jv doc, const struct matched *m,
    jv names, struct err *err)
{
	const char *server = t->st.server ? t->st.server :
					    doc_str(doc, "server");
	char *list;

	if (t->plan.dry_run || t->plan.break_certs ||
	    !plan_test_server(server) ||
	    plan_test_server(doc_str(m->params, "server")))
		return 0;
	list = doc_join(names, ", ");
	err_set(err, ERR_testCertificate,
	    "You've asked to renew/replace a seemingly valid certificate "
	    "with a test certificate (domains: %s). We will not do that "
	    "unless you use the --break-my-certs flag!",
	    list);
	free(list);
	err_member(err, "lineage", doc_string(m->l.conf.name));
	return err_member(err, "option", doc_string("--break-my-certs"));
}

/* --- facts -------------------------------------------------------------------- */

static int
autorenew(jv params)
{
	static const char *const no[] = {"false", "no", "off", "0"};
	const char *text = doc_str(params, "autorenew");

	for (size_t i = 0; text && i < ARRAY_LEN(no); i++)
		if (!strcasecmp(text, no[i]))
			return 0;
	return 1;
}

int
lineage_due(const struct lineage *l, jv info, jv params, int revoked,
    int64_t *from)
{
	char *interval = renewal_text(&l->conf, "renew_before_expiry");
	struct due_facts f = {.autorenew = autorenew(params),
	    .revoked = revoked,
	    .now = (int64_t)time(NULL),
	    .interval = interval};
	long before = 0, after = 0;
	int due;

	doc_int(info, "notBeforeUnix", &before);
	doc_int(info, "notAfterUnix", &after);
	f.not_before = before;
	f.not_after = after;
	due = plan_due(&f, from);
	free(interval);
	return due;
}

/* Is the newest version due? -1 and err when it cannot be read. */
static int
is_due(struct matched *m, jv doc, struct err *err)
{
	jv info = lineage_info(&m->l, 1, err), renewal;
	char *interval;
	int due;

	if (doc_is(info, DOC_NONE))
		return -1;
	renewal = doc_get_kind(doc, "renewal", DOC_OBJECT);
	m->revoked = doc_flag(renewal, "revoked", 0);
	due = lineage_due(&m->l, info, m->params, m->revoked, &m->from);
	interval = renewal_text(&m->l.conf, "renew_before_expiry");
	if (due && m->revoked)
		log_debug(logger, "Should renew, certificate is revoked.");
	else if (due)
		log_debug(logger,
		    "Should renew, less than %s before certificate expiry "
		    "%s.",
		    interval ? interval : "the usual time",
		    doc_str(info, "notAfter"));
	free(interval);
	doc_free(renewal);
	doc_free(info);
	return due;
}

static void
matched_release(struct matched *m)
{
	lineage_release(&m->l);
	doc_free(m->info);
	doc_free(m->params);
}

/* What the document's "match" says, looked at again on disk. */
static int
load(struct certstore *t, jv doc, struct matched *m, struct err *err)
{
	const char *rule = doc_str_find(doc, "match", "rule", NULL);
	const char *name = doc_str_find(doc, "match", "lineage", NULL);

	memset(m, 0, sizeof(*m));
	m->info = doc_none();
	m->params = doc_none();
	for (int i = MATCH_NONE; rule && i <= MATCH_NAME; i++)
		if (!strcmp(rule, match_rules[i]))
			m->rule = (enum plan_rule)i;
	if (!rule || !name || m->rule == MATCH_NONE) {
		m->rule = MATCH_NONE;
		return 0;
	}
	if (lineage_open(&m->l, t->config_dir, name, LINEAGE_LOCKED, err) < 0)
		return -1;
	doc_move(&m->params, renewal_params(&m->l.conf));
	doc_move(&m->info, lineage_info(&m->l, 0, err));
	return doc_is(m->info, DOC_NONE) ? -1 : 0;
}

/* --- the document ------------------------------------------------------------- */

static jv
set_key_type(jv doc TAKES, const char *type, int force)
{
	jv request = doc_get_kind(doc, "request", DOC_OBJECT);
	jv key = doc_get_kind(request, "key", DOC_OBJECT);
	const char *now = doc_str(key, "type");

	if (!doc_is(request, DOC_OBJECT))
		doc_move(&request, doc_object());
	if (!now || (force && strcasecmp(now, type) != 0))
		request = doc_set(request, "key",
		    doc_set_str(doc_object(), "type", type));
	doc_free(key);
	return doc_set(doc, "request", request);
}

char *
plan_why_text(enum plan_reason why, int revoked, int64_t from)
{
	static const char *const texts[] = {
	    [WHY_NONE_MATCHES] = "there is no such certificate yet",
	    [WHY_NEW_NAMES] = "the names are changed",
	    [WHY_EXPANDED] = "names are added",
	    [WHY_PENDING] = "a newer version was put in place",
	    [WHY_KEY_TYPE] = "the type of the key is changed",
	    [WHY_FORCED] = "renewal was forced",
	    [WHY_DRY_RUN] = "not due, but this is a dry run",
	};
	char *when, *text;

	if (why != WHY_DUE && why != WHY_NOT_DUE)
		return xstrdup(texts[why]);
	if (why == WHY_DUE && revoked)
		return xstrdup("the certificate is revoked");
	when = time_text(from);
	text = xasprintf(why == WHY_DUE ? "due since %s" : "not due before %s",
	    when);
	free(when);
	return text;
}

static jv
set_plan(jv doc TAKES, const struct plan_result *r, const struct plan_facts *f,
    const struct matched *m, const char *name)
{
	static const char *const actions[] =
	    {[PLAN_NEW] = "new", [PLAN_RENEW] = "renew", [PLAN_KEEP] = "keep"};
	char *why = plan_why_text(r->why, m->revoked, m->from);
	jv plan = doc_set_str(doc_object(), "action", actions[r->answer]);

	plan = doc_set_str(plan, "lineage", name);
	plan = doc_set_str(plan, "why", why);
	if (f->rule == MATCH_IDENTICAL)
		plan = doc_set_flag(plan, "due", f->due);
	if (r->why == WHY_PENDING)
		plan = doc_set_flag(plan, "pending", 1);
	free(why);
	return doc_set(doc, "plan", plan);
}

static int
deploy_pending(struct matched *m, jv *doc, struct err *err)
{
	jv info;

	log_warning("certbot._internal.storage",
	    "Found a new certificate /archive/ that was not linked to in "
	    "/live/; fixing...");
	if (lineage_deploy(&m->l, m->l.latest, err) < 0)
		return -1;
	info = lineage_info(&m->l, 0, err);
	if (doc_is(info, DOC_NONE))
		return -1;
	*doc = doc_set(*doc, "lineage", lineage_doc(&m->l, info));
	doc_free(info);
	return 0;
}

/* The decision, said as certbot says it and put into the document. */
static int
conclude(struct certstore *t, jv *doc, const struct plan_result *r,
    const struct plan_facts *f, struct matched *m, jv names, struct err *err)
{
	char *name;
	const char *type = r->keep_type ? f->old_type : f->wanted_type;

	if (r->why == WHY_FORCED)
		log_debug(logger,
		    "Auto-renewal forced with --force-renewal...");
	else if (r->why == WHY_DUE)
		log_info(logger,
		    "Certificate is due for renewal, auto-renewing...");
	else if (r->why == WHY_DRY_RUN)
		log_info(logger,
		    "Certificate not due for renewal, but simulating "
		    "renewal for dry run");
	if (r->why == WHY_PENDING && deploy_pending(m, doc, err) < 0)
		return -1;
	if (r->answer == PLAN_RENEW &&
	    check_test_server(t, *doc, m, names, err) < 0)
		return -1;
	name = m->rule == MATCH_NONE ? new_lineage_name(t, *doc, names, err) :
				       xstrdup(m->l.conf.name);
	if (!name)
		return -1;
	if (r->answer != PLAN_KEEP)
		*doc = set_key_type(*doc, type,
		    r->keep_type || t->plan.key_type || t->plan.change_key);
	*doc = set_plan(*doc, r, f, m, name);
	free(name);
	return 0;
}

static int
decide(struct certstore *t, jv *doc, struct err *err)
{
	struct plan_options options = t->plan;
	struct plan_facts f = {0};
	struct plan_result r;
	struct matched m;
	jv names = stage_names(*doc);
	int rc = -1;

	if (load(t, *doc, &m, err) < 0)
		goto out;
	f.rule = m.rule;
	f.old_type = doc_str(m.info, "keyType");
	f.wanted_type = wanted_type(t, *doc);
	if (m.rule != MATCH_NONE) {
		f.pending = lineage_pending(&m.l, err);
		f.due = f.pending < 0 ? -1 : is_due(&m, *doc, err);
		if (f.due < 0)
			goto out;
	}
	options.cert_name = t->cert_name != NULL ||
	    doc_str_find(*doc, "match", "certName", NULL) != NULL;
	r = plan_decide(&options, &f);
	rc = r.answer <= PLAN_KEEP ?
	    conclude(t, doc, &r, &f, &m, names, err) :
	    question(err, r.answer, &m, names, f.wanted_type);
out:
	doc_free(names);
	matched_release(&m);
	return rc;
}

int
plan_document(struct certstore *t, jv *doc, struct err *err)
{
	const char *type = t->plan.key_type;
	int again = doc_len(t->names) || t->cert_name || t->duplicate;
	const char *name = doc_str_find(*doc, "match", "lineage", NULL);
	char *conf = name ? renewal_path(t->config_dir, name) : NULL;
	int rc = 0;

	if (type && strcasecmp(type, "rsa") && strcasecmp(type, "ecdsa")) {
		free(conf);
		return err_set(err, ERR_usage,
		    "Invalid key_type specified: %s.  Use [rsa|ecdsa]", type);
	}
	if (again || !doc_str_find(*doc, "match", "rule", NULL) ||
	    (conf && access(conf, F_OK) < 0))
		rc = match_document(t, doc, err);
	free(conf);
	return rc < 0 ? -1 : decide(t, doc, err);
}
