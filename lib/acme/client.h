/* client.h - signed requests to ACME servers (RFC 8555 6), as vectors: all of
 * one call go out in parallel, and every repetition that the protocol allows
 * is done here (bad nonces, server busy, lost answers of safe requests).
 * Knows keys and URLs; no files but the trace. */
#ifndef ACME_CLIENT_H
#define ACME_CLIENT_H

#include <openssl/evp.h>
#include "base/stage.h"
#include "net/client.h"

struct acme;	     /* one for a program: acme-net, options, directories */
struct acme_session; /* one server and one account key */

/* Connects to acme-net at the first request, not here. st (its server, trust,
 * timeout, trace) is borrowed for the life of the result. */
struct acme *acme_new(const struct stage *st);
void acme_free(struct acme *a);

/* The directory of server (RFC 8555 7.1.1), fetched once and kept; checked:
 * newNonce, newAccount, newOrder are there and every URL is https (a loopback
 * http server may name loopback http URLs). Owned; none and err. */
jv acme_directory(struct acme *a, const char *server, jv known,
    struct err *err);
/* ^ known (borrowed): a document's "directory" for that server, used without
 * a request when it is complete; or none. */
/* Ask for the directory without waiting: the next acme_directory for that
 * server finds the answer on its way. A failure shows there. */
void acme_prefetch(struct acme *a, const char *server);

/* A session: eats key. kid is the account URL, NULL before there is one. The
 * session is owned by a and shared by equal (server, key, kid). */
struct acme_session *acme_session(struct acme *a, const char *server,
    jv directory, EVP_PKEY *key TAKES, const char *kid, struct err *err);
/* The session of a document: its server (else the stage's), its directory
 * (fetched when it has none that can be used), its account's URL, and key
 * (eaten), which the caller found. Fills in the document's server and
 * directory. NULL and err. */
struct acme_session *acme_session_of(struct acme *a, jv *doc,
    EVP_PKEY *key TAKES, struct err *err);
/* The same with the key of the document's account, which is attached if it has
 * none: of the stage's --account-dir; id as account_attach() takes it. */
struct acme_session *acme_session_attached(struct acme *a, jv *doc,
    const char *id, struct err *err);
/* Server, directory (borrowed), key (borrowed), thumbprint of a session; kid
 * is NULL before there is an account. */
const char *acme_session_server(const struct acme_session *s);
jv acme_session_directory(const struct acme_session *s);
EVP_PKEY *acme_session_key(const struct acme_session *s);
const char *acme_session_thumbprint(const struct acme_session *s);
const char *acme_session_kid(const struct acme_session *s);
/* URL of a directory entry ("newOrder"), borrowed; NULL. */
const char *acme_session_url(const struct acme_session *s, const char *entry);
/* What url_check allows for this server. */
enum net_plain acme_session_plain(const struct acme_session *s);

enum {
	ACME_JWK = 1,	     /* sign with the embedded public key, no kid */
	ACME_REPEATABLE = 2, /* a lost answer may be asked again (reads, {}
			      * answers to challenges, deactivations) */
	ACME_TEXT = 4,	     /* the answer is not JSON (certificates) */
	ACME_GET = 8	     /* an unsigned GET; session may be NULL */
};

struct acme_call {
	/* filled by the caller */
	struct acme_session *session;
	const char *url; /* borrowed */
	jv payload;	 /* object, owned by the caller; none: POST-as-GET */
	unsigned flags;
	EVP_PKEY *key; /* sign with this one instead (revocation by
				 * certificate key); borrowed; or NULL */
	/* filled by acme_perform; acme_call_release frees */
	struct err err;	  /* how it failed; unset: 2xx */
	int status;	  /* HTTP */
	int lost;	  /* sent, but no answer came: it may have taken
				 * effect */
	int ran_again;	  /* times it was repeated (for the log) */
	jv body;	  /* JSON answer; none with ACME_TEXT or empty */
	char *text;	  /* ACME_TEXT: the answer */
	char *location;	  /* Location, absolute, checked; or NULL */
	jv alternates;	  /* URLs of Link rel="alternate" */
	jv next;	  /* URLs of Link rel="next" */
	long retry_after; /* seconds, -1: none */
};
#define ACME_CALL_INIT            \
	{                         \
		.retry_after = -1 \
	}

/* Perform all n calls. Waits for 429/503 with Retry-After within the stage's
 * --timeout; repeats badNonce with the newest nonce until that time has
 * passed (at least 10 times); connects again with backoff where safe. 0 when
 * every call has its end (its own err may be set); -1 and err only when the
 * whole cannot go on: netProcess, interrupted. */
int acme_perform(struct acme *a, struct acme_call *calls, size_t n,
    struct err *err);
void acme_call_release(struct acme_call *c);

/* One call: acme_perform for a single one, its err moved into err. 0 or -1;
 * c keeps the rest and is to be released. */
int acme_call_one(struct acme *a, struct acme_call *c, struct err *err);

/* Is err the server's problem urn:ietf:params:acme:error:NAME? */
int acme_err_is(const struct err *e, const char *name);
/* Put the time of day before which there is no use in asking before the
 * sentence, and the seconds into the error. Always -1. */
int acme_come_back(struct err *err, long seconds);

#endif
