/* looks.h - requests for orders and authorizations of many documents, sent as
 * one vector, and their answers put where they belong. */
#ifndef LOOKS_H
#define LOOKS_H

#include "challenge.h"

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

/* Add a request: for order (is_order) or todo i of w. url is borrowed, payload
 * eaten. */
void looks_add(struct looks *l, struct work *w, size_t i, int is_order,
    const char *url, jv payload TAKES);
void looks_release(struct looks *l);
/* Perform the vector; the longest Retry-After goes to *patience. Failures are
 * in the works' err; -1: nothing can go on. */
int looks_perform(struct challenge *c, struct looks *l, long *patience,
    struct err *err);
/* Where the authorization of a todo stands. */
jv *authz_of(struct work *w, size_t todo);
/* Answer all that is to do and not answered yet; a refused answer is looked
 * up. */
int answer_all(struct challenge *c, struct work *works, size_t n,
    struct err *err);

#endif
