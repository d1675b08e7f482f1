/* reconfigure.c - other options for a lineage's renewals, tried in a dry run
 * before they are saved (spec 2.7, 10.4). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "base/buf.h"
#include "base/log.h"
#include "check.h"
#include "decide.h"
#include "driver.h"
#include "hooks.h"
#include "issue.h"
#include "prompts.h"
#include "pump.h"
#include "renew.h"
#include "report.h"
#include "screen.h"
#include "select.h"
#include "steps.h"
#include "store/renewal.h"

/* --cert-name, or a menu; malloc'd. */
static char *
choose(const struct config *c, struct err *err)
{
	jv names, q, box;
	char *name = NULL;
	long at = -1;

	if (config_str(c, "certname") != NULL)
		return xstrdup(config_str(c, "certname"));
	names = renewal_list(config_str(c, "config_dir"), err);
	if (doc_len(names) == 0 && !err_is_set(err))
		err_set(err, ERR_noLineage, "No existing certificates found.");
	if (!err_is_set(err)) {
		q = doc_set_str(doc_object(), "kind", "menu");
		q = doc_set_str(q, "text",
		    "Which certificate would you like to reconfigure?");
		q = doc_set(q, "choices", doc_copy(names));
		q = doc_set_str(q, "flag", "--cert-name");
		q = doc_set_flag(q, "force", 1);
		box = doc_set(doc_object(), "v", prompt_ask(q, err));
		if (doc_int(box, "v", &at) == 0 && at >= 0 &&
		    doc_str_at(names, (size_t)at) != NULL)
			name = xstrdup(doc_str_at(names, (size_t)at));
		doc_free(box);
		if (err->has_members && doc_flag(err->members, "cancel", 0))
			err_set(err, ERR_interrupted,
			    "User ended interaction.");
	}
	doc_free(names);
	return name;
}

/* What certstore knows of it; none and err. */
static jv
find(const struct config *c, const char *name, struct err *err)
{
	char *conf = renewal_path(config_str(c, "config_dir"), name);
	int there = strchr(name, '/') == NULL && access(conf, F_OK) == 0;
	jv all, doc = doc_none();

	free(conf);
	if (!there) {
		err_set(err, ERR_noLineage,
		    "An existing certificate with name %s could not be found. Run `certbot certificates` to list available certificates.",
		    name);
		return doc;
	}
	all = lineages_show(c, name, err);
	doc = doc_at(all, 0);
	doc_free(all);
	return doc;
}

static int
ask_hooks(struct config *c, struct err *err)
{
	int yes;

	if (hook_command(c, "renew_hook") == NULL ||
	    config_flag(c, "run_deploy_hooks"))
		return 0;
	yes = prompt_yesno(
	    "You are attempting to set a --deploy-hook. Would you like Certbot to run deploy hooks when it performs a dry run with the new settings? This will run all relevant deploy hooks, including directory hooks, unless --no-directory-hooks is set. This will use the current active certificate, and not the temporary test certificate acquired during the dry run.",
	    "Run deploy hooks", "Do not run deploy hooks", 0, NULL, 1, err);
	if (yes == 1)
		config_put(c, "run_deploy_hooks", doc_bool(1));
	return yes == -1 ? -1 : 0;
}

/* Is a value that the file has saved another one now? One that was not given
 * is the saved one. */
static int
differs(struct config *c, jv doc, const char *dest)
{
	const char *saved = doc_str_find(doc, "renewalparams", dest, NULL);
	const char *now = config_str(c, dest);

	if (saved == NULL)
		return 0;
	if (strcmp(dest, "account") == 0 && now == NULL) {
		config_put(c, dest, doc_string(saved));
		return 0;
	}
	return now == NULL || strcmp(saved, now) != 0;
}

static int
load(struct config *c, jv doc, struct err *err)
{
	const char *conf = doc_str_find(doc, "lineage", "conf", NULL);
	jv error = doc_get(doc, "error");
	struct err why = {0};
	int rc;

	if (doc_is(error, DOC_OBJECT))
		err_from_doc(&why, error);
	doc_free(error);
	if (err_is_set(&why) && why.name != ERR_brokenLineage) {
		err_set(err, ERR_configuration,
		    "Renewal configuration file %s (cert: %s) produced an unexpected error: %s.",
		    conf, doc_str_find(doc, "lineage", "name", NULL),
		    err_text(&why));
		err_clear(&why);
		return -1;
	}
	err_clear(&why);
	rc = renew_load(doc, conf, c, &why);
	err_clear(&why);
	if (rc != 0)
		return err_set(err, ERR_configuration,
		    "Could not load certificate. See logs for errors.");
	if (differs(c, doc, "server") || differs(c, doc, "account"))
		return err_set(err, ERR_configuration,
		    "Using reconfigure to change the ACME account or server is not supported. If you would like to do so, use renew with the --force-renewal flag instead of reconfigure. Note that doing so will count against any rate limits. For more information on this method, see https://certbot.org/renew-reconfiguration");
	return 0;
}

/* The lineage's document as if a renewal had been decided. */
static jv
as_planned(const struct config *c, jv doc, jv names)
{
	jv plan = doc_set_str(doc_object(), "action", "renew");

	plan = doc_set(plan, "lineage", doc_find(doc, "lineage", "name", NULL));
	plan = doc_set_str(plan, "why", "other options are tried");
	doc = doc_set(doc_copy(doc), "plan", plan);
	doc = doc_set_str(doc_del(doc, "directory"), "server",
	    config_str(c, "server"));
	return doc_merge(doc, request_document(c, names));
}

/* *learned: what a person was asked for on the way. */
static int
issue(struct config *c, jv doc, jv names, jv *learned, struct err *err)
{
	struct issue is = {0};
	const char *reuse = NULL;
	int rc = decide_reuse(c, doc, &reuse, err);

	if (rc != 0)
		return -1;
	rc = issue_start(&is, c, doc_copy(doc),
	    doc_str_find(doc, "lineage", "name", NULL), reuse);
	if (rc == 0)
		rc = issue_run(&is);
	if (rc != 0) {
		err_move(err, &is.err);
	} else {
		doc_move(learned, issue_learned(c, is.doc));
		hooks_deploy(c, 1, doc_str_find(doc, "lineage", "path", NULL),
		    names);
	}
	issue_release(&is);
	return rc;
}

/* A renewal with the new options, of which nothing is saved. It decides what one
 * without a person would, but the plugin may ask whoever is there: certbot's does,
 * and the answers are options, too. */
static int
try(const struct config *c, jv doc, jv *learned, struct err *err)
{
	struct config dry;
	jv names = doc_find(doc, "certificate", "names", NULL), in, none;
	int rc;

	config_copy(&dry, c);
	config_put(&dry, "noninteractive_mode", doc_bool(1));
	config_give(&dry, "dry_run", doc_bool(1));
	config_put(&dry, "account", doc_null());
	config_put(&dry, "certname", doc_find(doc, "lineage", "name", NULL));
	rc = check_test_server(&dry, err);
	in = rc == 0 ? as_planned(&dry, doc, names) : doc_none();
	if (rc == 0)
		in = account_ensure(&dry, in, err);
	if (rc == 0 && doc_is(in, DOC_OBJECT)) {
		hooks_pre(&dry, 1);
		hooks_post_later(&dry);
		report_requesting(&dry, names, 1);
		rc = issue(&dry, in, names, learned, err);
		none = doc_array();
		hooks_run_saved(rc == 0 ? names : none, rc == 0 ? none : names);
		doc_free(none);
	} else {
		rc = -1;
	}
	config_release(&dry);
	doc_free(in);
	doc_free(names);
	return rc;
}

static int
save(const struct config *c, jv doc, jv learned, struct err *err)
{
	jv in = issue_with_params(c, doc_copy(doc)), out;
	jv params = doc_get(in, "renewalparams");
	int changed;

	in = doc_set(in, "renewalparams", doc_merge(params, doc_copy(learned)));
	out = pump_stage(step_certstore(c, "reconfigure"), in, err);
	changed = doc_flag(out, "reconfigured", 0);
	doc_free(out);
	if (err_is_set(err))
		return -1;
	screen_status("%s",
	    changed ?
		"\nSuccessfully updated configuration.\nChanges will apply when the certificate renews." :
		"\nNo changes were made to the renewal configuration.");
	return 0;
}

/* --dry-run is no option that the lineage is to have: only the trial is made
 * then. */
static int
only_try(struct config *c)
{
	int only = config_flag(c, "dry_run");

	config_put(c, "dry_run", doc_bool(0));
	c->set = doc_del(doc_take(&c->set), "dry_run");
	return only;
}

static int
reconfigure(struct config *c, jv doc, struct err *err)
{
	int only = only_try(c), rc;
	jv learned = doc_object();

	rc = ask_hooks(c, err) != 0 || load(c, doc, err) != 0 ||
		pump_network(err) != 0 ||
		plugins_select(c, issue_needs_authenticator(doc), 0, err) !=
		    0 ||
		try(c, doc, &learned, err) != 0 ?
	    -1 :
	    0;
	if (rc == 0 && only)
		screen_status("The dry run was successful.");
	else if (rc == 0)
		rc = save(c, doc, learned, err);
	doc_free(learned);
	return rc;
}

int
verb_reconfigure(struct config *c, struct err *err)
{
	jv names = config_list(c, "domains"), doc;
	int given = doc_len(names) > 0, rc = -1;
	char *name;

	doc_free(names);
	if (given)
		return err_set(err, ERR_configuration,
		    "You have specified domains, but this function cannot be used to modify the domains in a certificate. If you would like to do so, follow the instructions at https://certbot.org/change-cert-domain. Otherwise, remove the domains from the command to continue reconfiguring. You can specify which certificate you want on the command line with flag --cert-name instead.");
	name = choose(c, err);
	if (name == NULL)
		return -1;
	doc = find(c, name, err);
	if (doc_is(doc, DOC_OBJECT))
		rc = reconfigure(c, doc, err);
	doc_free(doc);
	free(name);
	return rc;
}
