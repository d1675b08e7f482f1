#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "looks.h"

void
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

void
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

jv *
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
	jv now = authorization_check(w->session, doc_str(*place, "url"), body,
	    err);

	if (doc_is(now, DOC_NONE))
		return -1;
	if (authorization_same_check(*place, now, err) != 0) {
		doc_free(now);
		return -1;
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
	if (order_identifiers_check(w->order, now, err) != 0) {
		doc_free(now);
		return -1;
	}
	/* What a server leaves out of a later answer is known already. */
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (!doc_has(now, kept[i]) && doc_has(w->order, kept[i]))
			now = doc_set(now, kept[i], doc_get(w->order, kept[i]));
	doc_move(&w->order, now);
	return 0;
}

int
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
