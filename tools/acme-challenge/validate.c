/* Answers, polls, and what they come to. */
#include <stdlib.h>
#include <string.h>

#include "acme/poll.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "challenge.h"

static const char logger[] = "certbot._internal.auth_handler";

/* One request of a vector, and whose it is. */
struct look {
	struct work *w;
	size_t i; /* index in w->todo; or the order */
	int is_order;
};

struct looks {
	struct look *list;
	struct acme_call *calls;
	size_t n, max;
};

static void
looks_add(struct looks *l, struct work *w, size_t i, int is_order,
    const char *url, jv payload TAKES)
{
	struct acme_call call = ACME_CALL_INIT;

	if (l->n == l->max) {
		l->max = l->max == 0 ? 64 : 2 * l->max;
		l->list = xrealloc(l->list, l->max * sizeof(*l->list));
		l->calls = xrealloc(l->calls, l->max * sizeof(*l->calls));
	}
	call.session = w->session;
	call.url = url;
	call.payload = payload;
	call.flags = ACME_REPEATABLE;
	l->calls[l->n] = call;
	l->list[l->n++] = (struct look){w, i, is_order};
}

static void
looks_release(struct looks *l)
{
	for (size_t i = 0; i < l->n; i++) {
		doc_free(l->calls[i].payload);
		acme_call_release(&l->calls[i]);
	}
	free(l->list);
	free(l->calls);
	memset(l, 0, sizeof(*l));
}

static jv *
authz_of(struct work *w, size_t todo)
{
	return &w->authz[w->todo[todo].authz];
}

/* The server's own word on an authorization replaces the document's, but not
 * with another identifier's. */
static int
take_authz(struct work *w, size_t todo, jv body TAKES, struct err *err)
{
	jv *place = authz_of(w, todo);
	jv before = doc_get(*place, "identifier");
	jv now = authorization_check(w->session, doc_str(*place, "url"), body,
	    err);
	jv after = doc_get(now, "identifier");
	int same = doc_equal(before, after);

	doc_free(before);
	doc_free(after);
	if (doc_is(now, DOC_NONE))
		return -1;
	if (!same) {
		doc_free(now);
		return err_set(err, ERR_protocol,
		    "the authorization %s is suddenly for another identifier",
		    doc_str(*place, "url"));
	}
	doc_move(place, now);
	return 0;
}

static int
take_order(struct work *w, jv body TAKES, struct err *err)
{
	static const char *const kept[] = {"identifiers", "authorizations",
	    "finalize"};
	jv now = order_check(w->session, doc_str(w->order, "url"), body, err);

	if (doc_is(now, DOC_NONE))
		return -1;
	if (strcmp(status_of(w->order), "ready") == 0 &&
	    strcmp(status_of(now), "pending") == 0) {
		doc_free(now);
		return err_set(err, ERR_protocol,
		    "the order %s went back from ready to pending",
		    doc_str(w->order, "url"));
	}
	/* What a server leaves out of a later answer is known already. */
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (!doc_has(now, kept[i]) && doc_has(w->order, kept[i]))
			now = doc_set(now, kept[i], doc_get(w->order, kept[i]));
	doc_move(&w->order, now);
	return 0;
}

/* Perform the vector; the longest Retry-After goes to *patience. */
static int
looks_perform(struct challenge *c, struct looks *l, long *patience,
    struct err *err)
{
	if (l->n == 0)
		return 0;
	if (acme_perform(c->acme, l->calls, l->n, err) == -1)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		struct acme_call *call = &l->calls[i];
		struct look *k = &l->list[i];

		if (call->retry_after > *patience)
			*patience = call->retry_after;
		if (err_is_set(&k->w->err))
			continue;
		if (err_is_set(&call->err))
			err_move(&k->w->err, &call->err);
		else if (k->is_order)
			(void)take_order(k->w, doc_take(&call->body),
			    &k->w->err);
		else
			(void)take_authz(k->w, k->i, doc_take(&call->body),
			    &k->w->err);
	}
	return 0;
}

/* --- answering ------------------------------------------------------------- */

/* The challenge as the answer shows it, in the authorization. */
static void
take_answer(struct work *w, size_t todo, jv body)
{
	jv *place = authz_of(w, todo);
	jv list = doc_get_kind(*place, "challenges", DOC_ARRAY);
	const char *url = doc_str(w->todo[todo].challenge, "url");
	jv status = doc_get_kind(body, "status", DOC_STRING);

	for (size_t i = 0; i < doc_len(list); i++) {
		jv one = doc_at(list, i);
		const char *other = doc_str(one, "url");
		if (other != NULL && strcmp(other, url) == 0) {
			jv full = doc_copy(w->todo[todo].challenge);
			if (doc_is(status, DOC_STRING))
				full = doc_set(full, "status",
				    doc_copy(status));
			list = doc_put(list, i, full);
		}
		doc_free(one);
	}
	*place = doc_set(doc_take(place), "challenges", list);
	doc_free(status);
}

static int
was_answered(const struct todo *t)
{
	return strcmp(status_of(t->challenge), "pending") != 0;
}

/* A refused answer may mean that an earlier one took effect: look it up. */
static int
look_up_refused(struct challenge *c, struct looks *answers, struct err *err)
{
	struct looks l = {0};
	struct err *why = xcalloc(answers->n + 1, sizeof(*why));
	long patience = -1;
	int rc;

	for (size_t i = 0; i < answers->n; i++) {
		struct look *k = &answers->list[i];
		struct err *refused = &answers->calls[i].err;

		if (!err_is_set(refused) || err_is_set(&k->w->err))
			continue;
		err_move(&why[l.n], refused);
		looks_add(&l, k->w, k->i, 0,
		    doc_str(*authz_of(k->w, k->i), "url"), doc_none());
	}
	rc = looks_perform(c, &l, &patience, err);
	for (size_t i = 0; i < l.n; i++) {
		struct work *w = l.list[i].w;
		jv now = *authz_of(w, l.list[i].i);
		jv ch = authorization_challenge(now,
		    doc_str(w->todo[l.list[i].i].challenge, "type"));
		int waiting = strcmp(status_of(ch), "processing") == 0;

		doc_free(ch);
		if (rc == 0 && is_open(now) && !waiting)
			err_move(&w->err, &why[i]);
		err_clear(&why[i]);
	}
	free(why);
	looks_release(&l);
	return rc;
}

static int
answer_all(struct challenge *c, struct work *works, size_t n, struct err *err)
{
	struct looks l = {0};
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		struct work *w = &works[i];

		if (w->done || err_is_set(&w->err))
			continue;
		for (size_t k = 0; k < w->n_todo; k++)
			if (!was_answered(&w->todo[k]))
				looks_add(&l, w, k, 0,
				    doc_str(w->todo[k].challenge, "url"),
				    doc_object());
	}
	if (l.n > 0)
		rc = acme_perform(c->acme, l.calls, l.n, err);
	for (size_t i = 0; rc == 0 && i < l.n; i++)
		if (!err_is_set(&l.calls[i].err))
			take_answer(l.list[i].w, l.list[i].i, l.calls[i].body);
	if (rc == 0)
		rc = look_up_refused(c, &l, err);
	looks_release(&l);
	return rc;
}

/* --- polling ---------------------------------------------------------------- */

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

static size_t
count(const struct work *works, size_t n)
{
	size_t polling = 0;

	for (size_t i = 0; i < n; i++)
		polling += (size_t)(works[i].polling != 0);
	return polling;
}

static int
out_of_time(struct challenge *c, struct work *works, size_t n, decided_fn *fn,
    struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!works[i].polling || err_is_set(&works[i].err))
			continue;
		err_set(&works[i].err, ERR_timeout,
		    "All authorizations were not finalized by the CA.");
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
	size_t all = count(works, n);

	poll_begin(&p, c->st.timeout);
	for (;;) {
		if (decide(c, works, n, fn, err) == -1)
			return -1;
		if (count(works, n) == 0)
			return 0;
		log_progress("validation", all - count(works, n), all);
		switch (poll_wait(&p, plugin_fd(c->plugin))) {
		case 1:
			(void)hear_plugin(c, works, n);
			continue;
		case -1:
			return out_of_time(c, works, n, fn, err);
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
