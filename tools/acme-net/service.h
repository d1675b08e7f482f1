/* service.h - acme-net's one process on the network: requests of all clients,
 * queued by server, run by libcurl; pools of header values. */
#ifndef SERVICE_H
#define SERVICE_H

#include <curl/curl.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/doc.h"
#include "net/client.h"
#include "net/server.h"

enum {
	IN_FLIGHT_MAX = 8,	/* requests at one server at a time */
	BACKLOG_MAX = 64 << 20, /* bytes a client may leave unread */
	HEADERS_MAX = 64 << 10, /* bytes of an answer's headers */
	HEADER_COUNT_MAX = 256, /* lines of them */
	REQUEST_SECONDS = 45,	/* where a request names no time */
	POOL_MAX = 32,		/* values of a pool */
	POOL_AGE_MS = 5 * 60 * 1000
};

/* Whom to believe; connections and pools are kept apart by it. */
struct trust {
	char *ca; /* owned; file or directory; NULL: the system's */
	int verify;
};

/* One server under one trust. */
struct origin {
	LIST_ENTRY(origin) next;
	char *key;
	TAILQ_HEAD(, job) waiting, running;
	size_t n_running;
	int is_known; /* it has answered */
};

/* A client that waits for a value. */
struct taker {
	TAILQ_ENTRY(taker) next;
	struct net_client *client;
	uint64_t id;
};

struct pool_value {
	char *text;
	int64_t since; /* clock_ms */
};

/* Values of one header that can be used once, oldest first. */
struct pool {
	LIST_ENTRY(pool) next;
	char *key, *header, *of;
	struct pool_value values[POOL_MAX];
	size_t n;
	TAILQ_HEAD(, taker) takers;
	size_t n_takers, n_fetches; /* fetches in flight for takers */
};

struct job {
	TAILQ_ENTRY(job) next;
	struct service *sv;
	struct net_client *client; /* NULL: gone, or the pool's own fetch */
	uint64_t id;
	struct origin *origin;
	struct pool *pool; /* NULL: none */
	int fetch;	   /* for the pool's takers */
	struct trust trust;
	char *method, *url, *host;
	jv request_headers;
	char *body;
	size_t body_len, body_sent;
	long limit, timeout, redirects; /* left to follow */
	int follows;			/* were any allowed */
	enum net_plain plain;
	/* while it runs */
	CURL *easy;
	struct curl_slist *lines;
	char errbuf[CURL_ERROR_SIZE];
	/* the answer */
	jv headers;
	size_t header_bytes, header_count;
	int headers_done;
	int64_t first,
	    last; /* clock_ms when it began, and of its newest byte of
			      * body; 0: not yet */
	char *pool_value;
	struct buf out;
	const char *broken; /* why we cut it off */
};

struct service {
	struct net_server *server;
	CURLM *multi;
	LIST_HEAD(, origin) origins;
	LIST_HEAD(, pool) pools;
};

/* Run until `lifeline` is closed (or is -1) and no client is left. Exit
 * status. Owns the server, whose ctx must be sv. */
int service_run(struct service *sv, int lifeline);
extern const struct net_server_ops service_ops;

/* An answer slower than this for so long is not waited for. */
enum { SLOW_BYTES = 16, SLOW_SECONDS = 10 };

/* --- request.c: messages to jobs ------------------------------------------ */

/* A message of a client. Eats head and body. */
void request_message(struct service *sv, struct net_client *c, jv head TAKES,
    char *body TAKES, size_t len);
void job_free(struct job *j);

/* --- origin.c: the limiter ------------------------------------------------ */

/* Put the job into its server's queue; 0, or -1 when its URL has no server. */
int origin_queue(struct service *sv, struct job *j);
/* Start what may be started. */
void origin_start_all(struct service *sv);
/* The job no longer runs, with that result. Has a server of that
 * name answered before? */
int origin_done(struct job *j, CURLcode rc);
/* Drop the client's waiting jobs; those that run go on for nobody. */
void origin_forget(struct service *sv, const struct net_client *c);

/* --- transfer.c: jobs and libcurl ------------------------------------------ */

/* Hand the job to libcurl; 0, or -1 with j->errbuf. */
int transfer_start(struct job *j);
void transfer_stop(struct job *j);

/* --- answer.c: how jobs end ------------------------------------------------ */

/* libcurl is done with the job: answer, or follow a redirect. */
void answer_finish(struct job *j, CURLcode rc);
/* A fault without a transfer; frees the job. */
void answer_broken(struct job *j, const char *why);
void answer_fault(struct net_client *c, uint64_t id, const char *fault,
    const char *reason, const struct job *j);

/* --- pool.c ------------------------------------------------------------------ */

/* The pool for (header, of, trust), made if new. */
struct pool *pool_find(struct service *sv, const char *header, const char *of,
    const struct trust *trust);
/* Give c a value: at once, or when one has come. 1 when a fetch is needed. */
int pool_take(struct pool *p, struct net_client *c, uint64_t id);
/* A value came: to the first taker, else into the pool. Copies it. */
void pool_put(struct pool *p, const char *value);
/* A fetch ended (its value, if any, was put): whoever it was for and still
 * waits gets the fault. */
void pool_fetched(struct pool *p, const char *fault, const char *reason,
    const struct job *j);
void pool_forget(struct service *sv, const struct net_client *c);

#endif
