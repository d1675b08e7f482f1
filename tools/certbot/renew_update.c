/* renew_update.c - what a lineage's installer does in a renewal run (spec E7 of
 * the installers): after a renewal, and for each lineage. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "plugins.h"
#include "pump.h"
#include "renew.h"
#include "select.h"
#include "steps.h"

static const char logger[] = "certbot._internal.renewal";

int
renew_plugins(const struct config *c, struct config *named)
{
	struct err err = {0};
	int rc;

	config_copy(named, c);
	rc = plugins_named(named, &err);
	err_clear(&err);
	return rc;
}

int
renew_updates_wanted(const struct config *c)
{
	struct config named;
	const char *name = NULL;
	int wanted = 0;

	if (config_flag(c, "dry_run") ||
	    config_flag(c, "disable_renew_updates"))
		return 0;
	if (renew_plugins(c, &named) == 0)
		name = config_str(&named, "installer");
	if (name != NULL) {
		wanted = plugin_set_get(plugins_all(), name) != NULL;
		if (!wanted)
			log_error(logger,
			    "Could not select or initialize the requested installer %s.",
			    name);
	}
	config_release(&named);
	return wanted;
}

static jv
own_install(const struct config *c, const char *verb)
{
	return step_install(c, config_str(c, "installer"), verb);
}

int
renew_updated(const struct config *c, jv doc, struct err *err)
{
	struct config named;
	jv out;

	if (!renew_updates_wanted(c))
		return 0;
	renew_plugins(c, &named);
	out = pump_stage(own_install(&named, "generic-updates"), doc_copy(doc),
	    err);
	config_release(&named);
	doc_free(out);
	return err_is_set(err) ? -1 : 0;
}

int
renew_installed(const struct config *c, jv doc, struct err *err)
{
	jv args, out;

	if (config_str(c, "installer") == NULL || config_flag(c, "dry_run"))
		return 0;
	args = own_install(c, "renew-deploy");
	if (config_flag(c, "disable_renew_updates"))
		args = doc_push_str(args, "--disable-renew-updates");
	out = pump_stage(args, doc_copy(doc), err);
	doc_free(out);
	return err_is_set(err) ? -1 : renew_updated(c, doc, err);
}

/* acme-install's arguments for a lineage. */
static jv
update_args(const struct config *c)
{
	struct config named;
	jv args = doc_none();

	if (renew_plugins(c, &named) == 0)
		args = own_install(&named, "generic-updates");
	config_release(&named);
	return args;
}

/* The answer for one: kept, or an error, which counts as a failure. */
static void
conclude(struct renew *r, struct job *j, jv answer)
{
	struct item *it = j->item;
	struct page *before = screen_page(&it->page);
	jv error = doc_get(answer, "error");
	struct err err = {0};

	if (doc_is(error, DOC_OBJECT))
		err_from_doc(&err, error);
	else if (!doc_is(answer, DOC_OBJECT))
		err_set(&err, ERR_internal,
		    "acme-install gave no document for it");
	if (err_is_set(&err)) {
		log_error(logger,
		    "Failed to renew certificate %s with error: %s", it->name,
		    err_text(&err));
		it->names = doc_find(j->doc, "certificate", "names", NULL);
	}
	renew_end(r, it, err_is_set(&err) ? ITEM_FAILED : ITEM_SKIPPED, j->doc,
	    &err);
	err_clear(&err);
	doc_free(error);
	screen_page(before);
}

/* All that wait and whose installer has the same options as the first one's. */
static void
update_alike(struct renew *r, size_t first)
{
	jv args = update_args(&r->items[first]->job->c), docs = doc_array();
	struct job **list = xcalloc(r->n - first, sizeof(*list));
	struct err err = {0};
	jv answers;
	size_t n = 0;

	for (size_t i = first; i < r->n; i++) {
		struct job *j = r->items[i]->job;
		jv own;

		if (j == NULL || !j->updates)
			continue;
		own = update_args(&j->c);
		if (doc_equal(own, args)) {
			list[n++] = j;
			docs = doc_push(docs,
			    doc_del(doc_copy(j->doc), "plan"));
			j->updates = 0;
		}
		doc_free(own);
	}
	answers = pump_stage_all(args, docs, &err);
	for (size_t i = 0; i < n; i++) {
		jv answer = doc_at(answers, i);

		conclude(r, list[i], answer);
		doc_free(answer);
		job_drop(list[i]);
	}
	err_clear(&err);
	doc_free(answers);
	free(list);
}

void
renew_update(struct renew *r)
{
	for (size_t i = r->head; i < r->n; i++)
		if (r->items[i]->job != NULL && r->items[i]->job->updates)
			update_alike(r, i);
}
