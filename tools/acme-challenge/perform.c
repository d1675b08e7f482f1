/* The plugin's part of the work: challenges are put in place, and removed. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "challenge.h"

static const char logger[] = "certbot._internal.auth_handler";

static void
say_what(const struct work *w)
{
	for (size_t i = 0; i < w->n_todo; i++) {
		char *name = authorization_name(w->authz[w->todo[i].authz]);
		log_info(logger, "%s challenge for %s",
		    doc_str(w->todo[i].challenge, "type"),
		    name == NULL ? "?" : name);
		free(name);
	}
}

static int
is_interrupted(const struct err *err)
{
	return err->name == ERR_interrupted || signals_caught() != 0;
}

/* May some of the challenges fail while others go on? */
static int
is_partial(const struct work *works, size_t n)
{
	size_t performed = 0;
	int subset = 0;

	for (size_t i = 0; i < n; i++) {
		jv request = doc_get(works[i].doc, "request");

		performed += works[i].performed && !err_is_set(&works[i].err);
		subset |= doc_flag(request, "allowSubset", 0);
		doc_free(request);
	}
	return subset || performed > 1;
}

static int
wait_once(struct challenge *c, struct work *works, size_t n, struct err *err)
{
	jv reply, why;

	reply = doc_set_flag(doc_object(), "partial", is_partial(works, n));
	reply = plugin_call(c->plugin, "wait", reply, err);

	if (!doc_is(reply, DOC_NONE)) {
		doc_free(reply);
		return 0;
	}
	if (is_interrupted(err))
		return -1;
	why = err_to_doc(err, NULL);
	for (size_t i = 0; i < n; i++)
		if (works[i].performed && !err_is_set(&works[i].err))
			(void)err_from_doc(&works[i].err, why);
	doc_free(why);
	err_clear(err);
	return 0;
}

int
works_perform(struct challenge *c, struct work *works, size_t n,
    struct err *err)
{
	size_t performed = 0, names = 0, total = 0;
	int said = 0;

	for (size_t i = 0; i < n; i++)
		total += works[i].done ? 0 : works[i].n_todo;
	for (size_t i = 0; i < n; i++) {
		struct work *w = &works[i];
		jv results = doc_none();

		if (w->done || err_is_set(&w->err) || w->n_todo == 0)
			continue;
		if (!plugin_alive(c->plugin)) { /* it died of the last one */
			err_set(&w->err, ERR_pluginFailed,
			    "plugin %s has ended", c->desc->name);
			continue;
		}
		if (!said)
			log_info(logger,
			    "Performing the following challenges:");
		said = 1;
		say_what(w);
		w->performed = 1;
		w->by = c->starts;
		log_progress("Putting challenges in place", names, total);
		names += w->n_todo;
		if (plugin_perform(c->plugin, host_sent(w, 0), &results,
			&w->err) == 0)
			performed++;
		doc_free(results);
		if (is_interrupted(&w->err)) {
			/* The signal may have come right after the reply. */
			err_clear(&w->err);
			return err_set(err, ERR_interrupted,
			    "a signal ended the work");
		}
	}
	if (performed == 0)
		return 0;
	log_progress("Waiting until the challenges can be seen", 0, names);
	return wait_once(c, works, n, err);
}

/* What certbot says for a plugin that gives no hint of its own (spec 5.8). */
static char *
default_hint(struct challenge *c, const struct work *w)
{
	jv types = doc_array();
	char *list, *hint;

	for (size_t i = 0; i < w->n_todo; i++)
		if (w->todo[i].invalid)
			types = doc_push_str(types,
			    doc_str(w->todo[i].challenge, "type"));
	types = doc_sorted_set(types);
	list = doc_join(types, " and ");
	hint = xasprintf("The Certificate Authority couldn't externally "
			 "verify that the %s plugin completed the required "
			 "%s challenges. Ensure the plugin is configured "
			 "correctly and that the changes it makes are "
			 "accessible from the internet.",
	    c->desc->name, list);
	free(list);
	doc_free(types);
	return hint;
}

static void
add_hint(struct challenge *c, struct work *w, char *hint TAKES)
{
	if (w->err.name == ERR_validationFailed) {
		if (hint == NULL)
			hint = default_hint(c, w);
		err_member(&w->err, "hint", doc_string(hint));
		err_member(&w->err, "plugin", doc_string(c->desc->name));
	}
	free(hint);
}

void
work_cleanup(struct challenge *c, struct work *w)
{
	struct err err = {0};
	char *hint = NULL;
	jv failed = host_sent(w, 1);

	if (!w->performed) {
		doc_free(failed);
		return;
	}
	w->performed = 0;
	if (doc_len(failed) == 0)
		doc_move(&failed, doc_none());
	log_info(logger, "Cleaning up challenges");
	if (!plugin_alive(c->plugin) || w->by != c->starts) {
		doc_free(failed);
		left_remove(c, w);
	} else if (plugin_cleanup(c->plugin, host_sent(w, 0), failed, &hint,
		       &err) == -1 &&
	    !is_interrupted(&err)) {
		if (!plugin_alive(c->plugin))
			left_remove(c, w);
		else
			log_error("certbot._internal.error_handler",
			    "Encountered exception during recovery: "
			    "PluginError: %s",
			    err_text(&err));
	}
	err_clear(&err);
	add_hint(c, w, hint);
}
