/* renew.c - every due lineage, each on its own (spec 6). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "account.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "base/term.h"
#include "decide.h"
#include "driver.h"
#include "hooks.h"
#include "issue.h"
#include "pump.h"
#include "report.h"
#include "restore.h"
#include "revoked.h"
#include "screen.h"
#include "select.h"
#include "steps.h"

static const char logger[] = "certbot._internal.renewal";

/* What became of the lineages; arrays of texts for the report. */
struct renewal {
	struct config *config;
	jv skipped, succeeded, failed, broken; /* report lines */
	jv renewed_names, failed_names;
	int slept;
};

static void note(jv *list, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
note(jv *list, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0)
		*list = doc_push(doc_take(list),
		    doc_stringn(text, strlen(text)));
	va_end(ap);
	free(text);
}

static void
add_names(jv *list, jv names)
{
	for (size_t i = 0; i < doc_len(names); i++)
		*list = doc_push(doc_take(list), doc_at(names, i));
}

/* Once per run, before the first renewal, unless a person waits (6.3). */
static void
random_sleep(struct renewal *r)
{
	uint32_t random;
	double seconds;
	int none = -1;

	if (r->slept || isatty(STDIN_FILENO) ||
	    !config_flag(r->config, "random_sleep_on_renew"))
		return;
	r->slept = 1;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return;
	seconds = 1 + 479.0 * ((double)random / 4294967296.0);
	log_info(logger,
	    "Non-interactive renewal: random delay of %.14g seconds", seconds);
	wait_readable(&none, 1, (long)(seconds * 1000));
}

/* The file cannot be used: one of spec 6.2's sentences. */
static void parse_failed(struct renewal *r, const char *conf, const char *fmt,
    ...) PRINTF_LIKE(3, 4);

static void
parse_failed(struct renewal *r, const char *conf, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0)
		log_error(logger, "%s", text);
	va_end(ap);
	free(text);
	note(&r->broken, "%s (parsefail)", conf);
}

/* 0: this lineage's configuration is in c; -1: reported. */
static int
load(struct renewal *r, jv doc, const char *conf, struct config *c)
{
	struct err why = {0};
	jv error = doc_get(doc, "error");
	int rc = -1;

	config_copy(c, r->config);
	if (doc_is(error, DOC_OBJECT))
		err_from_doc(&why, error);
	if (why.name == ERR_brokenLineage)
		parse_failed(r, conf,
		    "Renewal configuration file %s is broken.\nThe error was: %s\nSkipping.",
		    conf, err_text(&why));
	else if (err_is_set(&why))
		parse_failed(r, conf,
		    "Renewal configuration file %s (cert: %s) produced an unexpected error: %s. Skipping.",
		    conf, doc_str_find(doc, "lineage", "name", NULL),
		    err_text(&why));
	else if (!doc_has(doc, "renewalparams"))
		parse_failed(r, conf,
		    "Renewal configuration file %s lacks renewalparams. Skipping.",
		    conf);
	else if (doc_str_find(doc, "renewalparams", "authenticator", NULL) ==
	    NULL)
		parse_failed(r, conf,
		    "Renewal configuration file %s does not specify an authenticator. Skipping.",
		    conf);
	else if (restore_params(c, doc, &why) != 0)
		parse_failed(r, conf,
		    "An error occurred while parsing %s. The error was %s. Skipping the file.",
		    conf, err_text(&why));
	else
		rc = 0;
	err_clear(&why);
	doc_free(error);
	return rc;
}

/* certstore's decision for the one lineage. Another key type is no reason to
 * renew here (spec 4.5), so it is asked with the lineage's own. A version that
 * was only put in place is looked at again: is it due (spec 6.1 b, c)? */
static jv
plan(struct config *c, jv doc, struct err *err)
{
	jv names = doc_find(doc, "certificate", "names", NULL);
	jv type = doc_find(doc, "certificate", "keyType", NULL);
	jv request = request_document(c, names), in, args, out;
	struct config same;

	config_put(c, "certname", doc_find(doc, "lineage", "name", NULL));
	config_copy(&same, c);
	config_put(&same, "key_type", type);
	same.set = doc_del(doc_take(&same.set), "key_type");
	in = doc_merge(doc_copy(doc), request_document(&same, names));
	args = doc_push_str(step_plan(&same), "--break-my-certs");
	args = doc_push_str(args, "-");
	out = pump_stage(doc_copy(args), in, err);
	if (!err_is_set(err) && decide_pending_fixed(out))
		out = pump_stage(doc_copy(args), out, err);
	doc_free(args);
	config_release(&same);
	doc_free(names);
	return doc_merge(out, request);
}

/* The stages for one due lineage. */
static int
renew_one(struct renewal *r, struct config *c, jv planned, struct err *err)
{
	jv names = doc_find(planned, "request", "names", NULL), doc, lineage;
	struct issue is = {0};
	const char *reuse = NULL;
	int rc;

	random_sleep(r);
	rc = pump_network(err);
	if (rc == 0)
		rc = plugins_select(c, issue_needs_authenticator(planned), 0,
		    err);
	/* the lineage's own server may not be this run's */
	doc = doc_set_str(doc_del(doc_copy(planned), "directory"), "server",
	    config_str(c, "server"));
	doc = rc == 0 ? account_ensure(c, doc, err) : doc;
	if (rc != 0 || !doc_is(doc, DOC_OBJECT)) {
		doc_free(doc);
		doc_free(names);
		return -1;
	}
	hooks_pre(c, 1);
	report_requesting(c, names, 1);
	rc = decide_guards(c, doc, err);
	if (rc == 0)
		rc = decide_reuse(c, doc, &reuse, err);
	if (rc == 0) {
		rc = issue_start(&is, c, doc_copy(doc),
		    doc_str_find(planned, "lineage", "name", NULL), reuse);
		if (rc == 0)
			rc = issue_run(&is);
		if (rc != 0)
			err_move(err, &is.err);
	}
	if (rc == 0) {
		lineage = doc_get(planned, "lineage");
		hooks_deploy(c, 1, doc_str(lineage, "path"), names);
		doc_free(lineage);
	}
	hooks_post_later(c);
	issue_release(&is);
	doc_free(doc);
	doc_free(names);
	return rc;
}

static void
handle(struct renewal *r, jv doc)
{
	const char *conf = doc_str_find(doc, "lineage", "conf", NULL);
	const char *name = doc_str_find(doc, "lineage", "name", NULL);
	const char *chain = doc_str_find(doc, "lineage", "fullchain", NULL);
	const char *end = doc_str_find(doc, "certificate", "notAfter", NULL);
	jv names = doc_find(doc, "certificate", "names", NULL);
	struct config c;
	struct err err = {0};
	char *line = xasprintf("Processing %s", conf);
	const char *action;
	jv planned = doc_none();

	screen_notice(line, 0);
	free(line);
	if (load(r, doc, conf, &c) != 0)
		goto out;
	planned = plan(&c, doc, &err);
	action = doc_str_find(planned, "plan", "action", NULL);
	if (!err_is_set(&err) && action != NULL &&
	    strcmp(action, "keep") == 0) {
		screen_status("Certificate not yet due for renewal");
		note(&r->skipped, "%s expires on %.10s (skipped)", chain, end);
	} else if (!err_is_set(&err) && renew_one(r, &c, planned, &err) == 0) {
		note(&r->succeeded, "%s (success)", chain);
		add_names(&r->renewed_names, names);
	}
	if (err_is_set(&err)) {
		log_error(logger,
		    "Failed to renew certificate %s with error: %s", name,
		    err_text(&err));
		note(&r->failed, "%s (failure)", chain);
		add_names(&r->failed_names, names);
	}
out:
	doc_free(planned);
	doc_free(names);
	config_release(&c);
	err_clear(&err);
}

/* "  a\n  b" of an array. */
static char *
lines_of(jv list)
{
	char *joined = doc_join(list, "\n  "), *text;

	text = xasprintf("  %s", joined);
	free(joined);
	return text;
}

static void
say_list(const char *title, jv list, int is_error)
{
	char *lines = lines_of(list);

	if (is_error) {
		log_error(logger, "%s", title);
		log_error(logger, "%s", lines);
	} else {
		screen_status("%s\n%s", title, lines);
	}
	free(lines);
}

/* Spec 6.4. */
static void
summary(struct renewal *r)
{
	const struct config *c = r->config;
	const char *noun = config_flag(c, "dry_run") ? "simulated renewal" :
						       "renewal";
	size_t good = doc_len(r->succeeded), bad = doc_len(r->failed);
	char *title;

	screen_status("\n%s", term_separator);
	if (doc_len(r->skipped) > 0)
		say_list(
		    "The following certificates are not due for renewal yet:",
		    r->skipped, 0);
	if (good == 0 && bad == 0) {
		screen_status("No %ss were attempted.", noun);
		if (config_str(c, "pre_hook") != NULL ||
		    config_str(c, "post_hook") != NULL ||
		    config_str(c, "renew_hook") != NULL)
			screen_status("No hooks were run.");
	} else if (bad == 0) {
		title = xasprintf("Congratulations, all %ss succeeded: ", noun);
		say_list(title, r->succeeded, 0);
		free(title);
	} else if (good == 0) {
		title = xasprintf(
		    "All %ss failed. The following certificates could not be renewed:",
		    noun);
		say_list(title, r->failed, 1);
		free(title);
	} else {
		title = xasprintf("The following %ss succeeded:", noun);
		say_list(title, r->succeeded, 0);
		free(title);
		screen_status("%s", "");
		title = xasprintf("The following %ss failed:", noun);
		say_list(title, r->failed, 1);
		free(title);
	}
	if (doc_len(r->broken) > 0)
		say_list(
		    "\nAdditionally, the following renewal configurations were invalid: ",
		    r->broken, 0);
	screen_status("%s", term_separator);
}

static int
refuse_domains(const struct config *c, struct err *err)
{
	jv names = config_list(c, "domains"),
	   map = config_get(c, "webroot_map");
	int covered = 1;

	for (size_t i = 0; i < doc_len(names); i++)
		covered = covered && doc_has(map, doc_str_at(names, i));
	doc_free(names);
	doc_free(map);
	if (covered)
		return 0;
	return err_set(err, ERR_configuration,
	    "Currently, the renew verb is capable of either renewing all installed certificates that are due to be renewed or renewing a single certificate specified by its name. If you would like to renew specific certificates by their domains, use the certonly command instead. The renew verb may provide other options for selecting certificates to renew in the future.");
}

/* --cert-name of none that is there. */
static int
is_missing(jv all, struct err *err)
{
	struct err why = {0};
	jv doc = doc_at(all, 0), error = doc_get(doc, "error");

	if (doc_is(error, DOC_OBJECT))
		err_from_doc(&why, error);
	if (why.name == ERR_noLineage)
		err_move(err, &why);
	err_clear(&why);
	doc_free(error);
	doc_free(doc);
	return err_is_set(err);
}

static void
release(struct renewal *r)
{
	doc_free(r->skipped);
	doc_free(r->succeeded);
	doc_free(r->failed);
	doc_free(r->broken);
	doc_free(r->renewed_names);
	doc_free(r->failed_names);
}

int
verb_renew(struct config *c, struct err *err)
{
	struct renewal r = {c, doc_array(), doc_array(), doc_array(),
	    doc_array(), doc_array(), doc_array(), 0};
	const char *only = config_str(c, "certname");
	size_t bad, broken;
	jv all;

	if (refuse_domains(c, err) != 0)
		return -1;
	all = lineages_show(c, only, err);
	if (only != NULL && is_missing(all, err)) {
		release(&r);
		doc_free(all);
		return -1;
	}
	if (revoked_matters(c))
		all = revoked_ask(all, REVOKED_NEWEST);
	for (size_t i = 0; i < doc_len(all) && signals_caught() == 0; i++) {
		jv doc = doc_at(all, i);

		if (doc_str_find(doc, "lineage", "conf", NULL) != NULL)
			handle(&r, doc);
		doc_free(doc);
	}
	if (!err_is_set(err))
		summary(&r);
	hooks_run_saved(r.renewed_names, r.failed_names);
	bad = doc_len(r.failed);
	broken = doc_len(r.broken);
	release(&r);
	doc_free(all);
	if (!err_is_set(err) && (bad > 0 || broken > 0))
		err_set(err, ERR_configuration,
		    "%zu renew failure(s), %zu parse failure(s)", bad, broken);
	return err_is_set(err) ? -1 : 0;
}
