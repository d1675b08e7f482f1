/* order.h - acme-order's own: options, one document's work, subcommands. */
#ifndef ACME_ORDER_H
#define ACME_ORDER_H

#include "acme/client.h"

struct tool {
	struct stage *stage;
	struct acme *acme;
	/* options */
	jv names;
	const char *csr, *account;
	const char *required_profile, *preferred_profile;
	int must_staple, allow_subset, replace;
};

/* One document of a vector. */
struct work {
	jv doc;
	struct acme_session *session;
	jv names;	   /* what is asked for, normalised */
	jv order;	   /* none: to be made */
	jv authorizations; /* array; none: to be read */
	int reread;	   /* the order comes from the document and is old */
	struct err err;
};

/* Subcommands. */
void order_new(void *ctx, struct stage *st, jv *docs TAKES, size_t n);
void order_show(void *ctx, struct stage *st, jv *docs TAKES, size_t n);
void order_list(struct tool *t);

/* The document's session, its account taken from --account-dir when it names
 * none. NULL and err. */
struct acme_session *order_session(struct tool *t, jv *doc, struct err *err);

/* Write the request into w->doc: names from -d, a CSR or the document, in that
 * order, normalised into w->names. With --again and allowSubset the names that
 * an earlier error blames are left out; *fewer says so. */
int request_fill(struct tool *t, struct work *w, int *fewer, struct err *err);

/* The profile to order (draft-ietf-acme-profiles): the required one; the
 * preferred one if the server lists it; NULL: the server's own choice. Borrowed
 * from the document. */
const char *request_profile(const struct work *w);

/* The account's order that is for these names and can still be used, but is
 * none of taken: 1 and *order; 0 there is none, or the CA keeps no list; -1
 * and err. */
int orders_find(struct tool *t, struct acme_session *s, jv doc, jv names,
    jv taken, jv *order, struct err *err);

/* Read what is missing or old of all works' authorizations, in parallel. */
int authorizations_fill(struct tool *t, struct work *works, size_t n,
    struct err *err);
/* Store order and authorizations and write the document, or its error. */
void work_end(struct stage *st, struct work *w);

#endif
