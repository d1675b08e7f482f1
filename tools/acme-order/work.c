#include <stdlib.h>
#include <string.h>

#include "acme/objects.h"
#include "base/buf.h"
#include "order.h"

struct acme_session *
order_session(struct tool *t, jv *doc, struct err *err)
{
	return acme_session_attached(t->acme, doc, t->account, err);
}

/* Are the document's authorizations those of the order, and fresh? */
static int
authorizations_fresh(const struct work *w)
{
	jv urls = doc_get_kind(w->order, "authorizations", DOC_ARRAY), one;
	int fresh = doc_len(urls) == doc_len(w->authorizations);
	size_t i;

	for (i = 0; fresh && i < doc_len(w->authorizations); i++) {
		one = doc_at(w->authorizations, i);
		fresh = doc_str(one, "url") != NULL &&
		    doc_list_has(urls, doc_str(one, "url")) &&
		    !object_is_stale(one, OBJECT_FRESH_SECONDS);
		doc_free(one);
	}
	doc_free(urls);
	return fresh;
}

static int
wants_authorizations(const struct work *w)
{
	const char *status = doc_str(w->order, "status");

	return !err_is_set(&w->err) && status != NULL &&
	    (strcmp(status, "pending") == 0 || strcmp(status, "ready") == 0) &&
	    !authorizations_fresh(w);
}

struct reads {
	jv *objects;
	struct acme_session **sessions;
	struct err *errs;
	size_t n;
};

static void
reads_add(struct reads *r, struct acme_session *s, jv url TAKES)
{
	r->objects = xrealloc(r->objects, (r->n + 1) * sizeof(*r->objects));
	r->sessions = xrealloc(r->sessions, (r->n + 1) * sizeof(*r->sessions));
	r->objects[r->n] = url;
	r->sessions[r->n++] = s;
}

static void
reads_end(struct reads *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		doc_free(r->objects[i]);
		err_clear(&r->errs[i]);
	}
	free(r->objects);
	free(r->sessions);
	free(r->errs);
}

static void
authorizations_take(struct reads *r, struct work *w, size_t *at)
{
	jv urls = doc_get_kind(w->order, "authorizations", DOC_ARRAY);
	size_t i, n = doc_len(urls);

	doc_move(&w->authorizations, doc_array());
	for (i = 0; i < n; i++, (*at)++) {
		if (err_is_set(&r->errs[*at]) && !err_is_set(&w->err))
			err_move(&w->err, &r->errs[*at]);
		else
			w->authorizations = doc_push(w->authorizations,
			    doc_copy(r->objects[*at]));
	}
	if (!err_is_set(&w->err))
		order_authorizations_check(w->order, w->authorizations,
		    &w->err);
	doc_free(urls);
}

int
authorizations_fill(struct tool *t, struct work *works, size_t n,
    struct err *err)
{
	struct reads r = {0};
	jv urls;
	size_t i, k, at = 0;
	int rc, *wanted = xcalloc(n, sizeof(*wanted));

	for (i = 0; i < n; i++) {
		wanted[i] = wants_authorizations(&works[i]);
		if (!wanted[i])
			continue;
		urls = doc_get(works[i].order, "authorizations");
		for (k = 0; k < doc_len(urls); k++)
			reads_add(&r, works[i].session, doc_at(urls, k));
		doc_free(urls);
	}
	r.errs = xcalloc(r.n + 1, sizeof(*r.errs));
	rc = authorization_read(t->acme, r.sessions, r.objects, r.n, r.errs,
	    err);
	for (i = 0; rc == 0 && i < n; i++)
		if (wanted[i])
			authorizations_take(&r, &works[i], &at);
	reads_end(&r);
	free(wanted);
	return rc;
}

void
work_end(struct stage *st, struct work *w)
{
	if (doc_is(w->order, DOC_OBJECT))
		w->doc = doc_set(w->doc, "order", doc_take(&w->order));
	if (doc_is(w->authorizations, DOC_ARRAY))
		w->doc = doc_set(w->doc, "authorizations",
		    doc_take(&w->authorizations));
	if (err_is_set(&w->err)) {
		stage_fail(st, doc_take(&w->doc), &w->err);
	} else {
		w->doc = doc_set_int(w->doc, "acme", 1);
		stage_emit(st, doc_take(&w->doc));
	}
	doc_free(w->order);
	doc_free(w->authorizations);
	doc_free(w->names);
	err_clear(&w->err);
}
