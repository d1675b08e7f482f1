/* renewal.h - acme-renewal's own: what there is to know, before it is decided
 * whether a certificate is due (RFC 6960, spec 9.5). */
#ifndef ACME_RENEWAL_H
#define ACME_RENEWAL_H

#include "base/stage.h"
#include "net/client.h"

struct tool {
	int newest; /* --newest */
	/* state */
	struct net *net; /* opened for the first request */
	int trace;	 /* descriptor of --trace, -1 */
	jv heard;	 /* object: responder's server -> has it answered? */
};

/* One document and what is asked for it. */
struct query {
	jv doc; /* borrowed */
	int has_lineage;
	char *path, *chain_path; /* of the certificate and its issuers */
	char *cert, *chain;	 /* PEM */
	char *url;		 /* the responder */
	unsigned char *der;	 /* the request; NULL: nothing is asked */
	size_t len;
	int is_asked, is_done, moves; /* how often it was sent on */
	int revoked;
	char *why; /* nothing is known, or since when it is revoked */
};

/* Read the lineage's files and write the request, of a certificate that has not
 * expired and names a responder; says what is wrong as certbot does. */
void query_prepare(const struct tool *t, struct query *q);
/* The responder's answer (a->fault is NET_OK), believed or not. */
void query_judge(struct query *q, const struct net_answer *a);
/* There is no answer. */
void query_offline(struct query *q, const char *reason);
void query_release(struct query *q);

/* Add "renewal" to each document that has a lineage (stage_vector_fn); ctx is
 * the tool. All responders are asked at once, a new one with
 * one request first: one that is silent costs the wait once. */
void renewal_vector(void *ctx, struct stage *st, jv *docs TAKES, size_t n);

#endif
