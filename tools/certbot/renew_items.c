/* renew_items.c - what became of the lineages, told in the order of their
 * files. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/term.h"
#include "json.h"
#include "renew.h"

static const char logger[] = "certbot._internal.renewal";

static char *
text_or_empty(const char *s, size_t most)
{
	return xstrndup(s != NULL ? s : "", most);
}

/* "2031-11-23" */
static char *
end_of(jv doc)
{
	return text_or_empty(doc_str_find(doc, "lineage", "notAfter", NULL),
	    strlen("2031-11-23"));
}

struct item *
renew_add(struct renew *r, jv doc)
{
	struct item *it = xcalloc(1, sizeof(*it));

	it->conf = text_or_empty(doc_str_find(doc, "lineage", "conf", NULL),
	    SIZE_MAX);
	it->name = text_or_empty(doc_str_find(doc, "lineage", "name", NULL),
	    SIZE_MAX);
	it->chain = text_or_empty(
	    doc_str_find(doc, "lineage", "fullchain", NULL), SIZE_MAX);
	it->end = end_of(doc);
	it->names = it->page.kept = doc_none();
	if (r->n == r->cap) {
		r->cap = r->cap > 0 ? r->cap * 2 : 64;
		r->items = xrealloc(r->items, r->cap * sizeof(*r->items));
	}
	r->items[r->n++] = it;
	it->page.live = r->head == r->n - 1;
	return it;
}

/* As the closing report calls it. */
static const char *const words[] = {[ITEM_SKIPPED] = "skipped",
    [ITEM_RENEWED] = "success",
    [ITEM_FAILED] = "failure",
    [ITEM_BROKEN] = "parsefail"};

/* After a signal nothing is begun any more. */
static int
never_begins(const struct item *it)
{
	return signals_caught() != 0 && it->job != NULL &&
	    it->job->state == JOB_WAITS;
}

/* Output that waited for this lineage's end. */
static void
show_what_waited(struct renew *r)
{
	while (r->head < r->n && r->items[r->head]->state != ITEM_OPEN)
		if (++r->head < r->n && !never_begins(r->items[r->head]))
			page_show(&r->items[r->head]->page);
}

void
renew_end(struct renew *r, struct item *it, enum item_state state, jv doc,
    const struct err *why)
{
	it->state = state;
	if (state == ITEM_SKIPPED) { /* of the version that counts now */
		free(it->end);
		it->end = end_of(doc);
	}
	json_print_result(doc, words[state], why);
	show_what_waited(r);
}

size_t
renew_count(const struct renew *r, enum item_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->items[i]->state == state;
	return n;
}

jv
renew_names(const struct renew *r, enum item_state state)
{
	jv all = doc_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct item *it = r->items[i];

		for (size_t k = 0; it->state == state && k < doc_len(it->names);
		     k++)
			all = doc_push(all, doc_at(it->names, k));
	}
	return all;
}

/* "  PATH (success)", a line each. */
static char *
lines_of(const struct renew *r, enum item_state state)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < r->n; i++) {
		const struct item *it = r->items[i];

		if (it->state != state)
			continue;
		buf_addf(&b, "%s  %s", b.len > 0 ? "\n" : "",
		    state == ITEM_BROKEN ? it->conf : it->chain);
		if (state == ITEM_SKIPPED)
			buf_addf(&b, " expires on %s", it->end);
		buf_addf(&b, " (%s)", words[state]);
	}
	return buf_detach(&b);
}

static void
say_list(const struct renew *r, const char *title, enum item_state state)
{
	char *lines = lines_of(r, state);

	if (state == ITEM_FAILED) {
		log_error(logger, "%s", title);
		log_error(logger, "%s", lines);
	} else {
		screen_status("%s\n%s", title, lines);
	}
	free(lines);
}

/* "All renewals failed." */
static void
say_titled(const struct renew *r, const char *before, const char *behind,
    enum item_state state)
{
	char *title = xasprintf("%s %ss %s", before,
	    config_flag(r->config, "dry_run") ? "simulated renewal" : "renewal",
	    behind);

	say_list(r, title, state);
	free(title);
}

static void
say_none(const struct config *c)
{
	screen_status("No %s were attempted.",
	    config_flag(c, "dry_run") ? "simulated renewals" : "renewals");
	if (config_str(c, "pre_hook") != NULL ||
	    config_str(c, "post_hook") != NULL ||
	    config_str(c, "renew_hook") != NULL)
		screen_status("No hooks were run.");
}

void
renew_summary(const struct renew *r)
{
	size_t good = renew_count(r, ITEM_RENEWED);
	size_t bad = renew_count(r, ITEM_FAILED);

	screen_status("\n%s", term_separator);
	if (renew_count(r, ITEM_SKIPPED) > 0)
		say_list(r,
		    "The following certificates are not due for renewal yet:",
		    ITEM_SKIPPED);
	if (good == 0 && bad == 0) {
		say_none(r->config);
	} else if (bad == 0) {
		say_titled(r, "Congratulations, all",
		    "succeeded: ", ITEM_RENEWED);
	} else if (good == 0) {
		say_titled(r, "All",
		    "failed. The following certificates could not be renewed:",
		    ITEM_FAILED);
	} else {
		say_titled(r, "The following", "succeeded:", ITEM_RENEWED);
		screen_status("%s", "");
		say_titled(r, "The following", "failed:", ITEM_FAILED);
	}
	if (renew_count(r, ITEM_BROKEN) > 0)
		say_list(r,
		    "\nAdditionally, the following renewal configurations were invalid: ",
		    ITEM_BROKEN);
	screen_status("%s", term_separator);
}

void
renew_release(struct renew *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct item *it = r->items[i];

		job_free(it->job);
		free(it->conf);
		free(it->name);
		free(it->chain);
		free(it->end);
		doc_free(it->names);
		doc_free(it->page.kept);
		free(it);
	}
	free(r->items);
	r->items = NULL;
	r->n = 0;
}
