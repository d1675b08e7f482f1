/* One call of the provider file, and what its output asks for. */
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "dns.h"
#include "update.h"

enum { RETRIES_MAX = 8, RETRY_FIRST_MS = 500, BACKOFF_MAX_MS = 60000 };

void
task_fail(struct dns *d, struct task *t, enum err_name name, const char *text)
{
	char *clean = redact(d, text);

	err_set(&t->err, name, "%s", clean);
	free(clean);
	t->st = TASK_FAILED;
}

static void
done(struct task *t, jv result TAKES)
{
	doc_move(&t->result, result);
	t->st = TASK_DONE;
}

static void
next_guess(struct dns *d, struct task *t)
{
	jv guess = doc_at(t->guesses, t->guess);

	if (doc_text_of(guess) != NULL)
		d->no_zone = doc_push(d->no_zone, guess);
	else
		doc_free(guess);
	doc_move(&t->state, doc_null());
	doc_move(&t->last, doc_null());
	do
		t->guess++;
	while (t->guess < doc_len(t->guesses) &&
	    doc_list_has(d->no_zone, doc_str_at(t->guesses, t->guess)));
	if (t->guess >= doc_len(t->guesses))
		done(t, doc_null()); /* no zone */
	else
		t->st = TASK_READY;
}

void
task_retry(struct dns *d, struct task *t, long seconds, int64_t deadline,
    const char *what)
{
	int64_t ms = (int64_t)RETRY_FIRST_MS << (t->tries > 10 ? 10 : t->tries);

	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	ms += (clock_ms() * 7919) % (ms / 4 + 1); /* not all at once */
	if (seconds > 0 && seconds < 86400)
		ms = seconds * 1000 + ms / 8;
	if (++t->tries > RETRIES_MAX || clock_ms() + ms >= deadline) {
		task_fail(d, t, ERR_retryLater, what);
		if (seconds > 0)
			err_retry_after(&t->err, seconds);
		return;
	}
	dns_log(d, LOG_INFO, SHOW_LOG, "%s; trying again in %.1f seconds", what,
	    (double)ms / 1000.0);
	t->until = clock_ms() + ms;
	t->st = TASK_SLEEP;
}

/* Another program changed the records meanwhile: from the beginning. */
static void
again(struct dns *d, struct task *t, int64_t deadline)
{
	doc_move(&t->state, doc_null());
	doc_move(&t->last, doc_null());
	task_retry(d, t, 0, deadline,
	    "the records were changed by somebody else at the same time");
}

static void
take_error(struct dns *d, struct task *t, jv error, int64_t deadline)
{
	const char *detail = doc_str(error, "detail");
	const char *type = doc_str(error, "type");
	long retry = -1;

	if (detail == NULL)
		detail = "the provider gave no reason";
	if (doc_flag(error, "login", 0) && session_over(d, t))
		return;
	t->whole = doc_flag(error, "whole", 0);
	if (doc_int(error, "retry", &retry) == 0) {
		t->resend = doc_is(t->request, DOC_OBJECT);
		task_retry(d, t, retry, deadline, detail);
		return;
	}
	task_fail(d, t,
	    type != NULL && strcmp(type, "misconfigured") == 0 ?
		ERR_misconfigured :
		ERR_pluginFailed,
	    detail);
}

static void
take_sleep(struct task *t, jv out, int64_t deadline)
{
	jv v = doc_get(out, "sleep");
	char *text = doc_text(v);
	double seconds = strtod(text, NULL);

	free(text);
	doc_free(v);
	if (!(seconds >= 0.0 && seconds < 3600.0))
		seconds = 1.0;
	t->until = clock_ms() + (int64_t)(seconds * 1000.0);
	if (t->until > deadline)
		t->until = deadline;
	t->st = TASK_SLEEP;
}

/* What needs no network process: the answer is the task's last. */
static int
take_native(struct dns *d, struct task *t, jv out)
{
	static const struct {
		const char *key;
		jv (*fn)(struct dns *d, jv arg, struct err *err);
	} kinds[] = {{"query", update_query}, {"update", update_send},
	    {"run", run_program}};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct err err = {0};
		jv arg;

		if (!doc_has(out, kinds[i].key))
			continue;
		arg = values_fill(d, doc_get(out, kinds[i].key), &err);
		if (!err_is_set(&err))
			doc_move(&t->last, kinds[i].fn(d, arg, &err));
		doc_free(arg);
		if (err_is_set(&err)) {
			task_fail(d, t, err.name, err_text(&err));
			err_clear(&err);
		} else {
			t->st = TASK_READY;
		}
		return 1;
	}
	return 0;
}

static void
take_request(struct dns *d, struct task *t, jv out)
{
	doc_move(&t->request, doc_get(out, "request"));
	t->tries = 0;
	if (task_send(d, t, &t->err) == -1)
		t->st = TASK_FAILED;
}

void
task_take(struct dns *d, struct task *t, jv out, int64_t deadline)
{
	jv keep = doc_get_kind(out, "keep", DOC_OBJECT);
	jv error = doc_get_kind(out, "error", DOC_OBJECT);
	jv store = doc_get_kind(out, "store", DOC_OBJECT);
	struct err err = {0};
	long retry;

	if (doc_is(keep, DOC_OBJECT))
		d->kept = doc_merge(d->kept, doc_copy(keep));
	doc_free(keep);
	if (doc_is(store, DOC_OBJECT) && registry_add(d, store, &err) == -1) {
		task_fail(d, t, err.name, err_text(&err));
		err_clear(&err);
		doc_free(store);
		doc_free(error);
		return;
	}
	doc_free(store);
	if (doc_has(out, "state"))
		doc_move(&t->state, doc_get(out, "state"));
	if (doc_is(error, DOC_OBJECT))
		take_error(d, t, error, deadline);
	else if (doc_has(out, "request"))
		take_request(d, t, out);
	else if (doc_has(out, "zone"))
		done(t, doc_get(out, "zone"));
	else if (doc_has(out, "done"))
		done(t, doc_get(out, "done"));
	else if (doc_flag(out, "next", 0))
		next_guess(d, t);
	else if (doc_flag(out, "again", 0))
		again(d, t, deadline);
	else if (doc_int(out, "retry", &retry) == 0) {
		t->resend = 1;
		task_retry(d, t, retry, deadline,
		    "the provider asks for patience");
	} else if (doc_has(out, "sleep"))
		take_sleep(t, out, deadline);
	else if (!take_native(d, t, out))
		task_fail(d, t, ERR_badData,
		    "the provider file has an output that means nothing");
	doc_free(error);
}

/* Run it for op: the output, null for none; none and the task has failed. */
jv
task_run(struct dns *d, struct task *t, const char *op)
{
	struct err err = {0};
	jv out = doc_none();

	if (++t->steps > STEPS_MAX) {
		task_fail(d, t, ERR_pluginFailed,
		    "the provider's pages or the provider file do not come to "
		    "an end");
		return out;
	}
	if (program_load(d, &err) == 0)
		out = jq_child_run(d->program, program_input(d, t, op), 0,
		    &err);
	if (doc_is(out, DOC_NONE)) {
		char *text = xasprintf("%s (is the provider's answer of "
				       "another form than expected?)",
		    err_text(&err));
		task_fail(d, t, ERR_pluginFailed, text);
		free(text);
	}
	err_clear(&err);
	return out;
}

void
task_step(struct dns *d, struct task *t, int64_t deadline)
{
	jv out = task_run(d, t, t->op);

	if (doc_is(out, DOC_NULL))
		done(t, doc_null());
	else if (!doc_is(out, DOC_NONE))
		task_take(d, t, out, deadline);
	doc_free(out);
}
