#include <stdlib.h>
#include <string.h>

#include "acme/objects.h"
#include "base/buf.h"
#include "base/proc.h"
#include "finalize.h"

static void
job_emit(struct stage *st, struct job *j)
{
	if (doc_is(j->order, DOC_OBJECT))
		j->doc = doc_set(j->doc, "order", doc_take(&j->order));
	if (err_is_set(&j->err)) {
		stage_fail(st, doc_take(&j->doc), &j->err);
	} else {
		j->doc = doc_set_int(j->doc, "acme", 1);
		stage_emit(st, doc_take(&j->doc));
	}
	job_release(j);
}

static int
is_due(const struct job *j, int64_t now)
{
	return j->step != STEP_DONE &&
	    (j->step != STEP_POLL || j->poll.next <= now);
}

static void
call_end(struct acme_call *c)
{
	doc_move(&c->payload, doc_none());
	acme_call_release(c);
}

/* Ask for all that are due, at once. How many; -1 and err. */
static long
ask_due(struct tool *t, struct job *jobs, size_t n, struct err *err)
{
	struct acme_call *calls = xcalloc(n, sizeof(*calls));
	size_t i, k = 0, *which = xcalloc(n, sizeof(*which));
	int64_t now = clock_ms();
	int rc;

	for (i = 0; i < n; i++) {
		if (!is_due(&jobs[i], now))
			continue;
		job_ask(t, &jobs[i]);
		calls[k] = jobs[i].call;
		which[k++] = i;
	}
	rc = acme_perform(t->acme, calls, k, err);
	for (i = 0; i < k; i++) {
		jobs[which[i]].call = calls[i];
		if (rc == 0)
			job_answer(t, &jobs[which[i]]);
		call_end(&jobs[which[i]].call);
	}
	free(which);
	free(calls);
	return rc == 0 ? (long)k : -1;
}

/* The order does not end in the time given. */
static void
out_of_time(const struct tool *t, struct job *j)
{
	const char *url = doc_str(j->order, "url");
	const char *status = doc_str(j->order, "status");

	if (order_may_end_check(j->order, &j->err) != 0)
		return;
	if (j->poll.late) {
		err_set(&j->err, ERR_timeout,
		    "the order %s is still %s; run this again with its "
		    "document to go on",
		    url, status);
		acme_come_back(&j->err, j->poll.late);
	} else {
		err_set(&j->err, ERR_timeout,
		    "the order %s is still %s after %ld s; run this again "
		    "with its document to go on",
		    url, status, t->stage->timeout);
	}
}

/* Until the first of those that wait is due. */
static void
wait_due(struct tool *t, struct job *jobs, size_t n)
{
	struct job *first = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (jobs[i].step == STEP_POLL &&
		    (first == NULL || jobs[i].poll.next < first->poll.next))
			first = &jobs[i];
	if (first == NULL || poll_wait(&first->poll, -1) != -1)
		return;
	out_of_time(t, first);
	first->step = STEP_DONE;
}

void
finalize_vector(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct tool *t = ctx;
	struct job *jobs = xcalloc(n, sizeof(*jobs));
	struct err err = {0};
	size_t i, left = n;
	jv all = doc_none();

	for (i = 0; i < n; i++)
		job_begin(t, &jobs[i], docs[i]);
	while (left > 0) {
		if (ask_due(t, jobs, n, &err) < 0)
			doc_move(&all, err_to_doc(&err, NULL));
		for (i = 0; i < n; i++) {
			if (doc_is(jobs[i].doc, DOC_NONE))
				continue;
			if (jobs[i].step != STEP_DONE &&
			    doc_is(all, DOC_OBJECT)) {
				err_from_doc(&jobs[i].err, all);
				jobs[i].step = STEP_DONE;
			}
			if (jobs[i].step == STEP_DONE) {
				job_emit(st, &jobs[i]);
				left--;
			}
		}
		if (left > 0)
			wait_due(t, jobs, n);
	}
	doc_free(all);
	err_clear(&err);
	free(jobs);
}
