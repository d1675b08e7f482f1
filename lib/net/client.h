/* client.h - the stage's end of the conversation with acme-net: send a vector
 * of requests, gather the answers. Knows HTTP's words, nothing of ACME. */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include "base/doc.h"

struct net; /* a connection to acme-net */

/* Connect to the socket named in ACME_NET; without that variable start an
 * acme-net of our own (proc_sibling) and set ACME_NET for our plugins. NULL
 * and err netProcess. */
struct net *net_open(struct err *err);
/* Closes; an acme-net that we started ends by itself and is reaped. */
void net_close(struct net *net);

enum net_plain { NET_PLAIN_NEVER, NET_PLAIN_LOOPBACK, NET_PLAIN_ANY };

struct net_request {
	const char *method; /* "GET", "HEAD", "POST", … */
	const char *url;
	jv headers;	  /* object name -> value; borrowed; may be none */
	const void *body; /* borrowed */
	size_t len;
	long limit;	/* bytes of the answer; 0: HTTP_BODY_MAX; at most
			 * FRAME_BODY_MAX */
	long timeout;	/* seconds; 0: 45; at most a day */
	const char *ca; /* file or directory; NULL: the system's */
	int no_verify;
	int redirects; /* followed at most, 20, if there is no body; at 0 a
			 * 3xx is passed on */
	enum net_plain plain;		   /* is http:// allowed */
	const char *pool_header, *pool_of; /* keep this header's values of the
				 * answer in the pool that belongs to the URL
				 * pool_of; NULL: none */
};

/* How a request ended without an HTTP answer. */
enum net_fault {
	NET_OK,
	NET_REFUSED,	/* never sent: no connection, TLS failed */
	NET_UNRESOLVED, /* never sent: no address, of a host that has not
			  * answered before; trying again is of no use */
	NET_LOST,	/* sent (perhaps): connection ended or timed out before
			  * the whole answer was there */
	NET_BROKEN,	/* answer over the limit, no HTTP, forbidden scheme or
			  * redirect */
	NET_GONE	/* acme-net itself ended */
};
/* With a NET_LOST or NET_BROKEN, status and headers may be filled as well: a
 * server that was asked for a pool's value and answered without one. */

struct net_answer {
	uint64_t id;
	enum net_fault fault;
	int timed_out; /* a fault because the request's time was over */
	char *reason;  /* owned; of a fault: one sentence with the host */
	int status;    /* HTTP */
	jv headers;    /* owned object: lower-case name -> string, or array of
			 * strings for "link" always and for repeated headers */
	char *body;    /* owned, 0-terminated */
	size_t len;
};

void net_answer_release(struct net_answer *a);
/* Header's (first) value, borrowed from a; NULL. */
const char *net_header(const struct net_answer *a, const char *name);
/* Retry-After in seconds from now (both forms, RFC 9110 10.2.3), -1 without;
 * capped at a year. */
long net_retry_after(const struct net_answer *a);
/* URLs of Link headers with this rel, resolved against base, at most 64; owned
 * array. */
jv net_links(const struct net_answer *a, const char *rel, const char *base);

/* Queue a request; *id is its number. Nothing is waited for. 0, or -1 and err
 * netProcess, or internal: too large for a message (frame.h). */
int net_send(struct net *net, const struct net_request *req, uint64_t *id,
    struct err *err);
/* Ask for a value of pool (header, of); fetched by HEAD when it is empty. The
 * answer has fault or body = the value. Errors as of net_send. */
int net_take(struct net *net, const char *header, const char *of,
    const struct net_request *how, uint64_t *id, struct err *err);
/* The next answer, whatever its number. 1 there is one; 0 after timeout_ms; -1
 * and err netProcess (acme-net ended), or interrupted (a caught signal). */
int net_next(struct net *net, struct net_answer *a, long timeout_ms,
    struct err *err);

/* The connection, to be polled for reading together with others; what was read
 * already is told by net_next alone, so ask it first. */
int net_fd(const struct net *net);

/* Send all n requests and wait for all answers, a[i] belonging to req[i]. 0,
 * or -1 and err netProcess, internal, or interrupted (a caught signal), every
 * a[i] being NET_GONE; faults of single requests are in a[i]. */
int net_exchange(struct net *net, const struct net_request *req, size_t n,
    struct net_answer *a, struct err *err);

/* From now on net_next and net_exchange no longer end with `interrupted` for a
 * signal that was caught: for cleaning up after one. */
void net_uninterruptible(struct net *net);

/* Transport faults as an error: unreachable 69 (REFUSED, UNRESOLVED), timeout or
 * retryLater 75 (LOST), protocol 76 (BROKEN), netProcess 69. Always -1. */
int net_fault_err(const struct net_answer *a, struct err *err);

/* Append requests and answers (without authorization headers and bodies'
 * signatures) to this file from now on; borrowed fd. */
void net_trace(struct net *net, int fd);

/* https, or http when plain allows it for that host; no user part, no control
 * bytes. 0 or -1 and err protocol naming `what`. */
int url_check(const char *url, enum net_plain plain, const char *what,
    struct err *err);
/* Is the URL's host a loopback one (127/8, ::1, localhost)? */
int url_loopback(const char *url);
/* The reference ref, seen from base (RFC 3986 5.2); malloc'd, NULL when base is
 * no absolute URL or either has more than 8192 bytes. What comes out is not
 * checked. */
char *url_resolve(const char *base, const char *ref);

#endif
