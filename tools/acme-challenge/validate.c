/* Polls, and what they come to. */
#include <stdlib.h>
#include <string.h>

#include "acme/objects.h"
#include "acme/poll.h"
#include "base/log.h"
#include "base/proc.h"
#include "looks.h"

static const char logger[] = "certbot._internal.auth_handler";

static int
is_status(jv object, const char *status)
{
	return strcmp(status_of(object), status) == 0;
}

static int
authz_open(struct work *w)
{
	for (size_t i = 0; i < w->n_todo; i++)
		if (is_open(*authz_of(w, i)))
			return 1;
	return 0;
}

static int
undecided(struct work *w)
{
	if (w->done || err_is_set(&w->err) || w->n_todo == 0)
		return 0;
	return w->by_order ? is_status(w->order, "pending") : authz_open(w);
}

/* An order that is ready says that its authorizations are valid (RFC 8555
 * 7.1.6): they are not read for that. */
static void
all_are_valid(struct work *w)
{
	for (size_t i = 0; i < w->n_todo; i++) {
		jv *a = authz_of(w, i);
		*a = doc_set_str(doc_take(a), "status", "valid");
	}
}

/* Which of our challenges have failed. */
static size_t
mark_invalid(struct work *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_todo; i++) {
		jv a = *authz_of(w, i);
		w->todo[i].invalid = !is_open(a) && !is_status(a, "valid");
		n += (size_t)w->todo[i].invalid;
	}
	return n;
}

/* The order is invalid: which name was it? */
static int
read_reasons(struct challenge *c, struct work *w, struct err *err)
{
	struct looks l = {0};
	long patience = -1;
	int rc;

	for (size_t i = 0; i < w->n_todo; i++)
		looks_add(&l, w, i, 0, doc_str(*authz_of(w, i), "url"),
		    doc_none());
	rc = looks_perform(c, &l, &patience, err);
	looks_release(&l);
	return rc;
}

static void
order_failed(struct work *w)
{
	jv problem = doc_get_kind(w->order, "error", DOC_OBJECT);

	if (doc_is(problem, DOC_OBJECT))
		err_problem(&w->err, 0, problem);
	else
		err_set(&w->err, ERR_refused,
		    "the order became %s, and the server gave no reason",
		    status_of(w->order));
}

/* The last step of a document without an error so far. */
static int
conclude(struct challenge *c, struct work *w, struct err *err)
{
	struct looks l = {0};
	long patience = -1;
	int rc = 0;

	if (err_is_set(&w->err) || w->n_todo == 0)
		return 0;
	if (w->by_order) {
		if (!is_status(w->order, "invalid")) {
			all_are_valid(w);
			return 0;
		}
		if (read_reasons(c, w, err) == -1)
			return -1;
		if (err_is_set(&w->err))
			return 0;
	}
	if (mark_invalid(w) > 0) {
		report_failure(c, w);
	} else if (w->by_order) {
		order_failed(w);
	} else {
		/* The next stage wants to know whether that was the last. */
		looks_add(&l, w, 0, 1, doc_str(w->order, "url"), doc_none());
		rc = looks_perform(c, &l, &patience, err);
		looks_release(&l);
	}
	return rc;
}

static int
decide(struct challenge *c, struct work *works, size_t n, decided_fn *fn,
    struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!works[i].polling || undecided(&works[i]))
			continue;
		if (conclude(c, &works[i], err) == -1)
			return -1;
		works[i].polling = 0;
		fn(c, &works[i]);
	}
	return 0;
}

static int
look_again(struct challenge *c, struct work *works, size_t n, long *patience,
    struct err *err)
{
	struct looks l = {0};
	int rc;

	for (size_t i = 0; i < n; i++) {
		struct work *w = &works[i];

		if (!w->polling || !undecided(w))
			continue;
		if (w->by_order) {
			looks_add(&l, w, 0, 1, doc_str(w->order, "url"),
			    doc_none());
			continue;
		}
		for (size_t k = 0; k < w->n_todo; k++)
			if (is_open(*authz_of(w, k)))
				looks_add(&l, w, k, 0,
				    doc_str(*authz_of(w, k), "url"),
				    doc_none());
	}
	rc = looks_perform(c, &l, patience, err);
	looks_release(&l);
	return rc;
}

/* Told as names, of all documents: how many need nothing more. */
static void
tell_progress(struct work *works, size_t n)
{
	size_t done = 0, total = 0;

	for (size_t i = 0; i < n; i++) {
		total += works[i].n_todo;
		for (size_t k = 0; k < works[i].n_todo; k++)
			done += (size_t)(!works[i].polling ||
			    !is_open(*authz_of(&works[i], k)));
	}
	log_progress("Waiting for the CA to validate", done, total);
}

static size_t
count(const struct work *works, size_t n)
{
	size_t polling = 0;

	for (size_t i = 0; i < n; i++)
		polling += (size_t)(works[i].polling != 0);
	return polling;
}

static int
out_of_time(struct challenge *c, struct work *works, size_t n, long late,
    decided_fn *fn, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!works[i].polling || err_is_set(&works[i].err) ||
		    order_may_end_check(works[i].order, &works[i].err) != 0)
			continue;
		err_set(&works[i].err, ERR_timeout,
		    "All authorizations were not finalized by the CA.");
		if (late > 0)
			acme_come_back(&works[i].err, late);
	}
	return decide(c, works, n, fn, err);
}

/* The plugin may log while it serves; if it ends, so do its challenges. */
static int
hear_plugin(struct challenge *c, struct work *works, size_t n)
{
	struct err err = {0};
	jv why;

	if (plugin_drain(c->plugin, &err) == 0)
		return 0;
	why = err_to_doc(&err, NULL);
	for (size_t i = 0; i < n; i++)
		if (works[i].polling && !err_is_set(&works[i].err))
			(void)err_from_doc(&works[i].err, why);
	doc_free(why);
	err_clear(&err);
	return -1;
}

static int
poll_all(struct challenge *c, struct work *works, size_t n, decided_fn *fn,
    struct err *err)
{
	struct poll p;
	long patience;

	poll_begin(&p, c->st.timeout);
	poll_patience(&p, c->patience);
	for (;;) {
		if (decide(c, works, n, fn, err) == -1)
			return -1;
		if (count(works, n) == 0)
			return 0;
		tell_progress(works, n);
		switch (poll_wait(&p, plugin_fd(c->plugin))) {
		case 1:
			(void)hear_plugin(c, works, n);
			continue;
		case -1:
			return out_of_time(c, works, n, p.late, fn, err);
		case -2:
			return err_set(err, ERR_interrupted,
			    "a signal ended the work");
		}
		patience = -1;
		if (look_again(c, works, n, &patience, err) == -1)
			return -1;
		poll_again(&p, patience);
	}
}

int
works_validate(struct challenge *c, struct work *works, size_t n,
    decided_fn *fn, struct err *err)
{
	size_t todo = 0;

	for (size_t i = 0; i < n; i++) {
		works[i].polling = !works[i].done;
		if (!works[i].done && !err_is_set(&works[i].err))
			todo += works[i].n_todo;
	}
	/* Those with nothing to do, or with an error, leave first. */
	if (decide(c, works, n, fn, err) == -1)
		return -1;
	if (todo > 0) {
		if (answer_all(c, works, n, err) == -1)
			return -1;
		log_info(logger, "Waiting for verification...");
	}
	return poll_all(c, works, n, fn, err);
}
