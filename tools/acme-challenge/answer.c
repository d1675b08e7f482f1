/* Telling the server that challenges are in place. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "looks.h"

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

int
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
