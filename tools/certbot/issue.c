/* issue.c - one lineage's way through the stages. */
#include "issue.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "base/proc.h"
#include "options.h"
#include "plugins.h"
#include "report.h"
#include "screen.h"
#include "steps.h"
#include "store/unread.h"
#include "subset.h"

/* Before certstore save: the server has not read the new certificate, whoever is
 * killed, until its installer has reloaded it. */
static void
mark_server(const struct config *c, const char *lineage)
{
	const char *installer = config_str(c, "installer");
	const struct plugin_desc *d = installer == NULL ?
	    NULL :
	    plugin_set_get(plugins_all(), installer);
	struct err err = {0};
	jv config;

	if (d == NULL || config_flag(c, "dry_run"))
		return;
	config = plugin_config(d, c->values, &err);
	if (!err_is_set(&err)) {
		char *which = plugin_server(d, config);
		jv server = unread_server(d->name, which, config);

		(void)unread_mark_lineage(config_str(c, "work_dir"), server,
		    lineage, &err);
		doc_free(server);
		free(which);
	}
	if (err_is_set(&err))
		log_debug("certbot._internal.client", "%s", err_text(&err));
	err_clear(&err);
}

/* The mark follows the name that certstore save has found free. */
static void
follow_lineage(const struct issue *is, jv doc)
{
	const char *installer = config_str(is->config, "installer");
	const char *name = doc_str_find(doc, "lineage", "name", NULL);

	if (installer != NULL && name != NULL && strcmp(name, is->name) != 0)
		unread_move_lineage(config_str(is->config, "work_dir"),
		    installer, is->name, name);
}

/* Every step's document is kept before the next stage gets it. */
static int
after_step(void *ctx, struct pass *p, size_t step, struct err *err)
{
	struct issue *is = ctx;
	const char *was = doc_str_find(is->doc, "order", "url", NULL);
	const char *now = doc_str_find(p->doc, "order", "url", NULL);

	if (was != NULL && now != NULL && strcmp(was, now) != 0)
		pending_drop_key(&is->pending);
	p->doc = issue_with_learned(is, step, doc_take(&p->doc));
	if (is->config != NULL && config_str(is->config, "csr") != NULL)
		return 0;
	if (pending_keep(&is->pending, p->doc, err) != 0)
		return -1;
	if (step + 2 == p->n)
		mark_server(is->config, is->name);
	if (step + 1 == p->n)
		follow_lineage(is, p->doc);
	return 0;
}

/* Do the patterns of the saved stages leave no name over? */
static int
all_covered(jv entries, jv names)
{
	int all = doc_len(entries) > 0;

	for (size_t i = 0; all && i < doc_len(names); i++) {
		int covered = 0;

		for (size_t k = 0; k < doc_len(entries); k++) {
			jv e = doc_at(entries, k), f = doc_get(e, "for");

			for (size_t m = 0; m < doc_len(f); m++)
				covered = covered ||
				    name_matches(doc_str_at(f, m),
					doc_str_at(names, i));
			doc_free(f);
			doc_free(e);
		}
		all = covered;
	}
	return all;
}

int
issue_needs_authenticator(jv doc)
{
	jv entries = doc_find(doc, "acmeTools", "challenges", NULL);
	jv names = doc_find(doc, "request", "names", NULL);
	int covered = all_covered(entries, names);

	doc_free(names);
	doc_free(entries);
	return !covered;
}

jv
issue_challenge_steps(const struct config *c, jv doc)
{
	jv entries = doc_find(doc, "acmeTools", "challenges", NULL);
	jv steps = doc_array();

	for (size_t i = 0; i < doc_len(entries) && i < PASS_STEPS - 4; i++) {
		jv e = doc_at(entries, i);

		steps = doc_push(steps, step_challenge_for(c, e));
		doc_free(e);
	}
	doc_free(entries);
	if (issue_needs_authenticator(doc))
		steps = doc_push(steps,
		    step_challenge(c, config_str(c, "authenticator")));
	return steps;
}

static int
order_is_known(jv doc)
{
	return doc_str_find(doc, "order", "url", NULL) != NULL;
}

/* A dry run looks first whether names are validated already: then nothing
 * would be tried (spec 5.6). */
static jv
steps_of(const struct issue *is)
{
	const struct config *c = is->config;
	jv steps = doc_array(), challenges;

	if (is->fresh)
		steps = doc_push(steps, step_deactivate(c));
	steps = doc_push(steps,
	    step_order(c,
		is->fresh		    ? "--replace" :
		    order_is_known(is->doc) ? "--again" :
					      NULL));
	if (is->probing)
		return steps;
	challenges = issue_challenge_steps(c, is->doc);
	for (size_t i = 0; i < doc_len(challenges); i++)
		steps = doc_push(steps, doc_at(challenges, i));
	doc_free(challenges);
	steps = doc_push(steps, step_finalize(c, is->pending.key, is->reuse));
	if (!config_flag(c, "dry_run") && config_str(c, "csr") == NULL)
		steps = doc_push(steps, step_save(c));
	return steps;
}

static int
start_pass(struct issue *is)
{
	struct pass *p = &is->pass;

	memset(p, 0, sizeof(*p));
	p->after = after_step;
	p->ctx = is;
	p->page = screen_page_now();
	p->doc = doc_copy(is->doc);
	p->steps = steps_of(is);
	return pass_start(p);
}

/* What an earlier run left, with the account as it is today: its key may have
 * been changed since. none where it is another account's. */
static jv
with_account(jv kept TAKES, jv doc)
{
	const char *url = doc_str_find(doc, "account", "url", NULL);
	const char *had = doc_str_find(kept, "account", "url", NULL);
	jv params = doc_get_kind(kept, "renewalparams", DOC_OBJECT);

	if (url == NULL || had == NULL || strcmp(url, had) != 0) {
		doc_free(params);
		doc_free(kept);
		return doc_none();
	}
	kept = doc_set(kept, "account", doc_get(doc, "account"));
	if (doc_is(params, DOC_OBJECT))
		return doc_set(kept, "renewalparams",
		    doc_set_str(params, "account",
			doc_str_find(doc, "account", "id", NULL)));
	doc_free(params);
	return kept;
}

/* Does the lineage have its certificate, or a later one? The run that left it was
 * cut off after the save. */
static int
is_saved(jv kept, jv doc)
{
	const char *serial = doc_str_find(kept, "certificate", "serial", NULL);
	const char *start = doc_str_find(kept, "certificate", "notBefore",
	    NULL);
	const char *has = doc_str_find(doc, "lineage", "serial", NULL);
	const char *since = doc_str_find(doc, "lineage", "notBefore", NULL);

	return (serial != NULL && has != NULL && strcmp(serial, has) == 0) ||
	    (start != NULL && since != NULL && strcmp(start, since) < 0);
}

int
issue_start(struct issue *is, struct config *c, jv doc, const char *lineage,
    const char *reuse)
{
	jv request = doc_get(doc, "request"), kept;
	const char *action = doc_str_find(doc, "plan", "action", NULL);
	int is_new = action != NULL && strcmp(action, "new") == 0;

	memset(is, 0, sizeof(*is));
	is->config = c;
	is->name = xstrdup(lineage);
	is->reuse = reuse;
	is->doc = doc;
	is->probing = config_flag(c, "dry_run");
	if (pending_open(&is->pending, c, lineage, is_new, &is->err) != 0) {
		doc_free(request);
		return -1;
	}
	kept = pending_load(&is->pending, request, config_str(c, "server"));
	doc_free(request);
	if (doc_is(kept, DOC_OBJECT))
		doc_move(&kept, with_account(doc_copy(kept), doc));
	if (doc_is(kept, DOC_OBJECT) && !is_saved(kept, doc)) {
		log_info("certbot._internal.client",
		    "Going on with the order that an earlier run left");
		kept = doc_set(kept, "plan", doc_get(is->doc, "plan"));
		doc_move(&is->doc, kept);
	} else {
		doc_free(kept);
		if (pending_restart(&is->pending, &is->err) != 0)
			return -1;
	}
	if (start_pass(is) != 0) {
		err_move(&is->err, &is->pass.err);
		return -1;
	}
	return 0;
}

/* The names that were validated, when a smaller certificate is wanted and
 * possible; none otherwise. */
static jv
smaller_names(const struct issue *is)
{
	jv names, rest;

	if (!config_flag(is->config, "allow_subset_of_names"))
		return doc_none();
	names = doc_find(is->doc, "request", "names", NULL);
	rest = subset_names(names, &is->pass.err);
	doc_free(names);
	return rest;
}

static void
retry_with(struct issue *is, jv names)
{
	jv request = doc_get(is->doc, "request");
	jv had = doc_get(request, "names"), gone = names_minus(had, names);
	char *text = doc_join(gone, ", ");

	screen_status(
	    "Unable to obtain a certificate with every requested domain. Retrying without: %s",
	    text);
	free(text);
	doc_free(gone);
	doc_free(had);
	request = doc_set(request, "names", names);
	is->doc = doc_set(doc_take(&is->doc), "request", request);
	is->doc = doc_del(doc_take(&is->doc), "order");
	is->doc = doc_del(doc_take(&is->doc), "authorizations");
}

static int
any_valid(jv doc)
{
	jv list = doc_get(doc, "authorizations");
	int any = 0;

	for (size_t i = 0; i < doc_len(list); i++) {
		jv one = doc_at(list, i);
		const char *status = doc_str(one, "status");

		any = any || (status != NULL && strcmp(status, "valid") == 0);
		doc_free(one);
	}
	doc_free(list);
	return any;
}

/* The dry run's look has ended: go on with that order, or with a fresh one. */
static int
go_on(struct issue *is)
{
	is->probing = 0;
	is->fresh = any_valid(is->pass.doc);
	if (is->fresh)
		log_debug("certbot._internal.client",
		    "Recreating order after authz deactivations");
	doc_move(&is->doc, doc_copy(is->pass.doc));
	pass_release(&is->pass);
	return start_pass(is) == 0;
}

/* certbot's short sentence; what the server said of each name stays. */
static void
failed_challenges(struct err *err, int all)
{
	jv members = err->has_members ? doc_copy(err->members) : doc_object();
	jv keys = doc_keys(members);

	err_set(err, ERR_validationFailed, "%s",
	    all ? "All challenges have failed." :
		  "Some challenges have failed.");
	for (size_t i = 0; i < doc_len(keys); i++)
		err_member(err, doc_str_at(keys, i),
		    doc_get(members, doc_str_at(keys, i)));
	doc_free(keys);
	doc_free(members);
}

/* What a dry run has validated is withdrawn, so that the next run validates anew
 * (spec 6.7). It costs one request a name, and whether it works changes nothing
 * of the result. 1: that pass was started. */
static int
withdraw(struct issue *is, jv doc TAKES)
{
	static const struct pass unused;
	int any = config_flag(is->config, "dry_run") && signals_caught() == 0 &&
	    any_valid(doc);

	if (!any) {
		doc_free(doc);
		return 0;
	}
	is->withdrawing = 1;
	is->pass = unused;
	is->pass.page = screen_page_now();
	is->pass.doc = doc_del(doc, "error");
	is->pass.steps = doc_push(doc_array(), step_deactivate(is->config));
	if (pass_start(&is->pass) != 0)
		pass_wait(&is->pass);
	return 1;
}

int
issue_turn(struct issue *is)
{
	jv names, last;

	if (is->withdrawing) {
		pass_release(&is->pass);
		return 0;
	}
	if (is->probing && !err_is_set(&is->pass.err) && go_on(is))
		return 1;
	is->fresh = 0;
	if (is->pass.err.name == ERR_validationFailed)
		report_failed_names(is->config, &is->pass.err);
	names = smaller_names(is);
	if (doc_is(names, DOC_ARRAY)) {
		retry_with(is, names);
		pass_release(&is->pass);
		if (start_pass(is) == 0)
			return 1;
	}
	if (err_is_set(&is->pass.err)) {
		err_move(&is->err, &is->pass.err);
		/* certbot says this twice: once as it happens */
		if (is->err.name == ERR_noChallenge)
			log_add(LOG_CRITICAL, "certbot._internal.auth_handler",
			    SHOW_LOG, "%s", err_text(&is->err));
		if (is->err.name == ERR_validationFailed) {
			failed_challenges(&is->err,
			    config_flag(is->config, "allow_subset_of_names"));
			pending_drop(&is->pending);
		}
	} else {
		doc_move(&is->doc, doc_copy(is->pass.doc));
		pending_drop(&is->pending);
	}
	last = doc_copy(is->pass.doc);
	pass_release(&is->pass);
	return withdraw(is, last);
}

int
issue_run(struct issue *is)
{
	do
		pass_wait(&is->pass);
	while (issue_turn(is));
	return err_is_set(&is->err) ? -1 : 0;
}

void
issue_release(struct issue *is)
{
	pass_release(&is->pass);
	pending_close(&is->pending);
	doc_free(doc_take(&is->doc));
	free(is->name);
	is->name = NULL;
	err_clear(&is->err);
}
