/* certonly.c - the manual's certonly: decision, issuance, report. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "base/safefile.h"
#include "certonly_csr.h"
#include "decide.h"
#include "driver.h"
#include "hooks.h"
#include "issue.h"
#include "json.h"
#include "prompts.h"
#include "pump.h"
#include "report.h"
#include "screen.h"
#include "select.h"
#include "steps.h"
#include "value.h"

/* The names in line join -d's; those that are none are told in bad. */
static void
take_names(struct config *c, const char *line, struct buf *bad)
{
	char *copy = xstrdup(line), *save = NULL;

	for (char *w = strtok_r(copy, ", \t", &save); w != NULL;
	     w = strtok_r(NULL, ", \t", &save)) {
		struct err why = {0};

		if (value_add_domains(c, w, &why) != 0)
			buf_addf(bad, "%s: %s\n", w, err_text(&why));
		err_clear(&why);
	}
	free(copy);
}

/* Bad names were typed: 1 to ask for all names again, 0 for none, -1. */
static int
ask_again(const char *bad, struct err *err)
{
	char *text = xasprintf(
	    "One or more of the entered domain names was not valid:\n\n%s\nWould you like to re-enter the names?",
	    bad);
	int yes = prompt_yesno(text, "Yes", "No", -1, NULL, 1, err);

	free(text);
	return yes;
}

/* Names out of what was typed. */
static int
ask_names(struct config *c, struct err *err)
{
	int again = 1;

	while (again == 1) {
		jv q = doc_object(), answer;
		struct buf bad;

		buf_init(&bad, DOC_MAX);
		q = doc_set_str(q, "kind", "input");
		q = doc_set_str(q, "text",
		    "Please enter the domain name(s) you would like on your certificate (comma and/or space separated)");
		q = doc_set_str(q, "flag", "--domains");
		q = doc_set_flag(q, "force", 1);
		answer = prompt_ask(q, err);
		if (err->has_members && doc_flag(err->members, "cancel", 0))
			err_clear(err);
		config_put(c, "domains", doc_array());
		if (doc_is(answer, DOC_STRING))
			take_names(c, doc_text_of(answer), &bad);
		again = bad.len > 0 ? ask_again(bad.p, err) : 0;
		if (bad.len > 0)
			config_put(c, "domains", doc_array());
		buf_release(&bad);
		doc_free(answer);
	}
	return err_is_set(err) ? -1 : 0;
}

/* Requested names: -d, else the lineage's, else asked for. */
static jv
names_of_request(struct config *c, struct err *err)
{
	jv names = config_list(c, "domains");

	if (doc_len(names) == 0 && config_str(c, "certname") != NULL)
		doc_move(&names, lineage_names(c, config_str(c, "certname")));
	if (doc_len(names) > 0)
		return names;
	doc_free(names);
	if (ask_names(c, err) != 0)
		return doc_none();
	names = config_list(c, "domains");
	if (doc_len(names) > 0)
		return names;
	doc_free(names);
	if (config_str(c, "certname") != NULL)
		err_set(err, ERR_configuration,
		    "No certificate with name %s found. Use -d to specify domains, or run certbot certificates to see possible certificate names.",
		    config_str(c, "certname"));
	else
		err_set(err, ERR_configuration,
		    "Please specify --domains, or --installer that will help in domain names autodiscovery, or --cert-name for an existing certificate name.");
	return doc_none();
}

/* new or renew: hooks around the stages, then the report. */
static int
obtain(struct config *c, jv doc, struct err *err)
{
	const char *name = doc_str_find(doc, "plan", "lineage", NULL);
	int renew = strcmp(doc_str_find(doc, "plan", "action", NULL),
			"renew") == 0;
	jv names = doc_find(doc, "request", "names", NULL), lineage, none;
	struct issue is = {0};
	const char *reuse = NULL;
	int rc;

	hooks_pre(c, 0);
	report_requesting(c, names, renew);
	rc = decide_guards(c, doc, err);
	if (rc == 0)
		rc = decide_reuse(c, doc, &reuse, err);
	if (rc == 0) {
		rc = issue_start(&is, c, doc_copy(doc), name, reuse);
		if (rc == 0)
			rc = issue_run(&is);
		if (rc != 0)
			err_move(err, &is.err);
	}
	if (rc == 0) /* they may have become fewer */
		doc_move(&names, doc_find(is.doc, "request", "names", NULL));
	if (rc == 0 && !config_flag(c, "dry_run")) {
		lineage = doc_get(is.doc, "lineage");
		hooks_deploy(c, 0, doc_str(lineage, "path"), names);
		doc_free(lineage);
	}
	none = doc_array();
	hooks_post(c, rc == 0 && !config_flag(c, "dry_run") ? names : none);
	doc_free(none);
	if (rc == 0)
		report_obtained(c, is.doc);
	issue_release(&is);
	doc_free(names);
	return rc;
}

static int
certonly_lineage(struct config *c, jv account, struct err *err)
{
	jv names = names_of_request(c, err), doc;
	const char *action;
	int rc = -1;

	if (!doc_is(names, DOC_ARRAY)) {
		doc_free(account);
		return -1;
	}
	doc = doc_merge(account, request_document(c, names));
	doc = decide_plan(c, doc, err);
	action = doc_str_find(doc, "plan", "action", NULL);
	if (err_is_set(err))
		rc = -1;
	else if (action != NULL && strcmp(action, "keep") == 0) {
		log_info("certbot._internal.main",
		    "Keeping the existing certificate");
		screen_notice(
		    "Certificate not yet due for renewal; no action taken.", 1);
		json_print_result(doc, "skipped", NULL);
		rc = 0;
	} else if (action != NULL) {
		rc = obtain(c, doc, err);
	} else {
		rc = err_set(err, ERR_internal, "certstore made no plan");
	}
	doc_free(doc);
	doc_free(names);
	return rc;
}

int
verb_certonly(struct config *c, struct err *err)
{
	jv account;

	if (config_str(c, "csr") != NULL && csr_paths_check(c, err) != 0)
		return -1;
	if (pump_network(err) != 0 || plugins_select(c, 1, 0, err) != 0)
		return -1;
	account = account_ensure(c, doc_none(), err);
	if (!doc_is(account, DOC_OBJECT))
		return -1;
	if (config_str(c, "csr") != NULL)
		return certonly_csr(c, account, err);
	return certonly_lineage(c, account, err);
}
