/* renew_run.c - which lineages are renewed side by side, and which one by one
 * after them. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/proc.h"
#include "hookrun.h"
#include "hooks.h"
#include "options.h"
#include "plugins.h"
#include "progress.h"
#include "pump.h"
#include "renew.h"

enum { JOBS_MAX = 64 };

/* Words of a plugin with options by their internal names. */
static jv
add_needs(jv words TAKES, const char *name, jv by_dest)
{
	const struct plugin_desc *d = name == NULL ?
	    NULL :
	    plugin_set_get(plugins_all(), name);
	jv config, more;

	if (d == NULL || doc_len(d->exclusive) == 0)
		return words;
	config = plugin_config(d, by_dest, NULL);
	more = plugin_exclusive(d, config);
	for (size_t i = 0; i < doc_len(more); i++)
		words = doc_push(words, doc_at(more, i));
	doc_free(more);
	doc_free(config);
	return words;
}

/* What the lineage's plugins need alone: those of the options, and those of
 * the stages that were saved with their patterns. */
static jv
needs_of(const struct config *c, jv doc)
{
	struct config named;
	jv words = doc_array();
	jv entries = doc_find(doc, "acmeTools", "challenges", NULL);

	if (renew_plugins(c, &named) == 0) {
		words = add_needs(words, config_str(&named, "authenticator"),
		    named.values);
		words = add_needs(words, config_str(&named, "installer"),
		    named.values);
	}
	for (size_t i = 0; i < doc_len(entries); i++) {
		jv e = doc_at(entries, i);
		jv options = doc_get_kind(e, "options", DOC_OBJECT);

		words = add_needs(words, doc_str(e, "plugin"), options);
		doc_free(options);
		doc_free(e);
	}
	doc_free(entries);
	config_release(&named);
	return doc_sorted_set(words);
}

/* A pre hook that neither the command line nor the directory has. */
static int
has_own_pre_hook(const struct config *c)
{
	const char *hook = hook_command(c, "pre_hook");
	jv shared;
	int own;

	if (hook == NULL || !doc_flag(c->restored, "pre_hook", 0))
		return 0;
	shared = hooks_directory(c, "pre");
	own = !doc_list_has(shared, hook);
	doc_free(shared);
	return own;
}

void
renew_needs_init(struct renew_needs *needs)
{
	needs->each = doc_array();
	needs->shared = doc_object();
}

void
renew_needs_add(struct renew_needs *needs, const struct config *c, jv doc)
{
	jv words = needs_of(c, doc);

	for (size_t i = 0; i < doc_len(words); i++) {
		const char *word = doc_str_at(words, i);

		int again = doc_has(needs->shared, word);

		needs->shared = doc_set_flag(doc_take(&needs->shared), word,
		    again);
	}
	if (has_own_pre_hook(c))
		doc_move(&words, doc_bool(1));
	needs->each = doc_push(doc_take(&needs->each), words);
}

int
renew_needs_alone(const struct renew_needs *needs, size_t i)
{
	jv words = doc_at(needs->each, i);
	int alone = doc_is(words, DOC_BOOL);

	for (size_t k = 0; k < doc_len(words); k++)
		alone = alone ||
		    doc_flag(needs->shared, doc_str_at(words, k), 0);
	doc_free(words);
	return alone;
}

void
renew_needs_release(struct renew_needs *needs)
{
	doc_free(doc_take(&needs->each));
	doc_free(doc_take(&needs->shared));
}

/* Those that must not run beside others. */
static void
choose_alone(struct renew *r)
{
	struct renew_needs needs;
	size_t n = 0;

	renew_needs_init(&needs);
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i]->job != NULL)
			renew_needs_add(&needs, &r->items[i]->job->c,
			    r->items[i]->job->doc);
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i]->job != NULL)
			r->items[i]->job->alone = renew_needs_alone(&needs,
			    n++);
	renew_needs_release(&needs);
}

/* The next of the group that waits; NULL. */
static struct job *
next_job(const struct renew *r, size_t *at, int alone)
{
	for (; *at < r->n; (*at)++) {
		struct job *j = r->items[*at]->job;

		if (j != NULL && j->alone == alone && j->state == JOB_WAITS)
			return j;
	}
	return NULL;
}

static size_t
turn(struct job **running, size_t n)
{
	size_t left = 0;

	pump_turn();
	for (size_t i = 0; i < n; i++) {
		if (running[i]->is.pass.ended)
			job_turn(running[i]);
		if (running[i]->state == JOB_ISSUES)
			running[left++] = running[i];
	}
	return left;
}

/* A terminal shows how many of those that are due have ended. */
static void
tell_batch(const struct renew *r)
{
	size_t ended = 0, all = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->items[i]->job != NULL) {
			all++;
			ended += r->items[i]->job->state == JOB_ENDED;
		}
	progress_batch(ended, all > 1 ? all : 0);
}

static void
run_group(struct renew *r, int alone, size_t most)
{
	struct job *running[JOBS_MAX], *j;
	size_t n = 0, at = 0;

	for (;;) {
		while (n < most && signals_caught() == 0 &&
		    (!alone || hookrun_idle()) &&
		    (j = next_job(r, &at, alone)) != NULL) {
			job_begin(j);
			if (j->state == JOB_ISSUES)
				running[n++] = j;
		}
		if (n == 0 && hookrun_idle() &&
		    (signals_caught() != 0 || next_job(r, &at, alone) == NULL))
			return;
		tell_batch(r);
		n = turn(running, n);
	}
}

void
renew_run(struct renew *r)
{
	long most = config_int(r->config, "jobs");

	choose_alone(r);
	run_group(r, 0,
	    most < 1		? 1 :
		most > JOBS_MAX ? JOBS_MAX :
				  (size_t)most);
	run_group(r, 1, 1);
	progress_batch(0, 0);
}
