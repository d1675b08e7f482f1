/* renew.c - every lineage is looked at; those that are due are renewed, each on
 * its own (spec 6). */
#include "renew.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "driver.h"
#include "hooks.h"
#include "pump.h"
#include "revoked.h"
#include "steps.h"
#include "store/renewal.h"

enum { ASK_MOST = 2000 }; /* lineages that wait for others' answers */

/* The look at all lineages. */
struct look {
	struct renew *r;
	int asks;	/* do revocations matter? */
	size_t unsure;	/* items whose responder is to be asked */
	size_t updates; /* and whose installer */
	struct err err;
};

/* Not due by its dates: may its responder say something else (spec 4.6)? */
static int
is_unsure(const struct look *look, jv doc)
{
	const char *autorenew = doc_str_find(doc, "renewalparams", "autorenew",
	    NULL);

	if (!look->asks || (autorenew && strcasecmp(autorenew, "false") == 0))
		return 0;
	if (doc_str_find(doc, "certificate", "ocsp", NULL) != NULL)
		return 1;
	log_info("certbot.ocsp", "Cannot extract OCSP URI from %s",
	    doc_str_find(doc, "lineage", "cert", NULL));
	return 0;
}

/* Its job, if it has one, goes, unless its installer is to be asked. c and doc
 * are borrowed. */
static void
skip(struct look *look, struct item *it, const struct config *c, jv doc)
{
	screen_status("Certificate not yet due for renewal");
	if (renew_updates_wanted(c)) {
		if (it->job == NULL) {
			struct config own;

			config_copy(&own, c);
			job_new(look->r, it, &own, doc_copy(doc));
		}
		it->job->updates = 1;
		look->updates++;
		return;
	}
	if (it->job != NULL)
		job_drop(it->job);
	renew_end(look->r, it, ITEM_SKIPPED, doc, NULL);
}

/* Ask for those that are unsure; what is revoked is due. */
static void
ask(struct look *look)
{
	struct renew *r = look->r;
	struct job **list = xcalloc(look->unsure + 1, sizeof(*list));
	jv docs = doc_array();
	size_t n = 0;

	for (size_t i = r->head; i < r->n; i++) {
		struct job *j = r->items[i]->job;

		if (j == NULL || !j->unsure)
			continue;
		docs = doc_push(docs, doc_copy(j->doc));
		list[n++] = j;
	}
	if (n > 0)
		docs = revoked_ask(docs, REVOKED_NEWEST);
	for (size_t i = 0; i < n; i++) {
		struct item *it = list[i]->item;
		jv doc = doc_at(docs, i), renewal = doc_get(doc, "renewal");
		struct page *before = screen_page(&it->page);

		list[i]->unsure = 0;
		if (doc_flag(renewal, "revoked", 0))
			doc_move(&list[i]->doc, doc_copy(doc));
		else
			skip(look, it, &list[i]->c, doc);
		screen_page(before);
		doc_free(renewal);
		doc_free(doc);
	}
	look->unsure = 0;
	doc_free(docs);
	free(list);
}

static void
ask_all(struct look *look)
{
	ask(look);
	if (look->updates > 0)
		renew_update(look->r);
	look->updates = 0;
}

/* Due, not due, or to be asked for. c goes into the job, or is released. */
static void
sort_in(struct look *look, struct item *it, struct config *c, jv doc)
{
	const char *action = doc_str_find(doc, "plan", "action", NULL);
	jv plan = doc_get(doc, "plan");
	int due = action != NULL && strcmp(action, "renew") == 0;
	int pending = doc_flag(plan, "pending", 0);

	doc_free(plan);
	if (due || pending) {
		job_new(look->r, it, c, doc_copy(doc));
	} else if (is_unsure(look, doc)) {
		job_new(look->r, it, c, doc_copy(doc));
		it->job->unsure = 1;
		look->unsure++;
	} else {
		skip(look, it, c, doc);
		config_release(c);
	}
}

static void
look_at(void *ctx, jv doc)
{
	struct look *look = ctx;
	struct renew *r = look->r;
	const char *conf = doc_str_find(doc, "lineage", "conf", NULL);
	struct err why = {0};
	struct page *before;
	struct config c;
	struct item *it;
	char *line;
	jv error;

	if (conf == NULL) {
		error = doc_get(doc, "error");
		if (doc_is(error, DOC_OBJECT))
			err_from_doc(&look->err, error);
		doc_free(error);
		doc_free(doc);
		return;
	}
	it = renew_add(r, doc);
	before = screen_page(&it->page);
	line = xasprintf("Processing %s", conf);
	screen_notice(line, 0);
	free(line);
	config_copy(&c, r->config);
	if (renew_load(doc, conf, &c, &why) == 0) {
		sort_in(look, it, &c, doc);
	} else {
		config_release(&c);
		renew_end(r, it, ITEM_BROKEN, doc, &why);
	}
	screen_page(before);
	err_clear(&why);
	doc_free(doc);
	if (look->unsure + look->updates >= ASK_MOST)
		ask_all(look);
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

/* --cert-name: is it there? Said without "Processing". */
static int
check_name(const struct config *c, struct err *err)
{
	const char *name = config_str(c, "certname");
	char *conf;
	int there;

	if (name == NULL)
		return 0;
	conf = renewal_path(config_str(c, "config_dir"), name);
	there = access(conf, F_OK) == 0;
	if (!there)
		err_set(err, ERR_noLineage,
		    "No certificate found with name %s (expected %s).", name,
		    conf);
	free(conf);
	return there ? 0 : -1;
}

static void
look_at_all(struct renew *r, struct err *err)
{
	const struct config *c = r->config;
	struct look look = {.r = r, .asks = revoked_matters(c)};
	jv args = step_certstore(c, "due");

	if (config_flag(c, "renew_by_default"))
		args = doc_push_str(args, "--force-renewal");
	if (config_flag(c, "dry_run"))
		args = doc_push_str(args, "--dry-run");
	if (config_str(c, "certname") != NULL)
		args = doc_push_str(args, config_str(c, "certname"));
	pump_stage_each(args, doc_none(), look_at, &look, err);
	if (err_is_set(&look.err))
		err_move(err, &look.err);
	ask_all(&look);
}

int
verb_renew(struct config *c, struct err *err)
{
	struct renew r = {.config = c};
	size_t bad, broken;
	jv renewed, failed;

	if (refuse_domains(c, err) != 0 || check_name(c, err) != 0)
		return -1;
	look_at_all(&r, err);
	if (!err_is_set(err)) {
		renew_run(&r);
		renew_summary(&r);
	}
	renewed = renew_names(&r, ITEM_RENEWED);
	failed = renew_names(&r, ITEM_FAILED);
	hooks_run_saved(renewed, failed);
	doc_free(renewed);
	doc_free(failed);
	bad = renew_count(&r, ITEM_FAILED);
	broken = renew_count(&r, ITEM_BROKEN);
	renew_release(&r);
	if (!err_is_set(err) && (bad > 0 || broken > 0))
		err_set(err, ERR_configuration,
		    "%zu renew failure(s), %zu parse failure(s)", bad, broken);
	return err_is_set(err) ? -1 : 0;
}
