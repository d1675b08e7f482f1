/* session.h - what the files of lib/acme share and nobody else sees. */
#ifndef ACME_SESSION_H
#define ACME_SESSION_H

#include "acme/client.h"

struct acme {
	const struct stage *stage;
	struct net *net; /* NULL before the first request */
	int trace_fd;
	jv get_headers, post_headers;
	jv directories; /* server URL -> checked directory */
	struct acme_session **sessions;
	size_t n_sessions;
	char *prefetch; /* URL asked for ahead of its acme_directory */
	uint64_t prefetch_id;
};

struct acme_session {
	char *server;
	jv directory;
	EVP_PKEY *key;
	char *kid; /* NULL before there is an account */
	char *thumbprint;
	enum net_plain plain;
};

/* The connection to acme-net, opened at the first use. NULL and err. */
struct net *acme_net(struct acme *a, struct err *err);

/* A request with the stage's trust and limits filled in. */
struct net_request acme_request(struct acme *a, const char *method,
    const char *url, enum net_plain plain);

/* Is plain http allowed below this server URL? Only where the server itself
 * is a loopback one. */
enum net_plain acme_plain(const char *server);

/* An answer with a status other than 2xx as an error: the server's problem
 * document where there is one, else a sentence. The patience that the server
 * asks for is in it. Always -1. */
int acme_problem(const struct net_answer *ans, const char *url,
    struct err *err);
/* Does the answer hold the problem urn:ietf:params:acme:error:NAME? */
int acme_problem_is(const struct net_answer *ans, const char *name);

/* An answer with status 2xx into c: headers and body, checked. On failure
 * c->err is set. Always c's end. */
void acme_accept(struct acme_call *c, const struct net_answer *ans);

#endif
