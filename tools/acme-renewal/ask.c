#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "crypto/ocsp.h"
#include "renewal.h"

enum {
	ANSWER_SECONDS = 10, /* as certbot waits */
	MOVES_MOST = 5,
	TEMPORARILY_MOVED = 307,
	MOVED_FOR_GOOD = 308
};

static int
connect_net(struct tool *t, const struct stage *st, struct err *err)
{
	if (t->net != NULL)
		return 0;
	if (st->trace != NULL && t->trace == -1) {
		t->trace = safefile_open_own(st->trace,
		    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
		if (t->trace == -1)
			return err_sys(err, ERR_cannotCreate, errno,
			    "the trace %s cannot be written", st->trace);
	}
	t->net = net_open(err);
	if (t->net != NULL && t->trace != -1)
		net_trace(t->net, t->trace);
	return t->net != NULL ? 0 : -1;
}

static struct net_request
request_of(const struct stage *st, const struct query *q, jv headers)
{
	return (struct net_request){.method = "POST",
	    .url = q->url,
	    .headers = headers,
	    .body = q->der,
	    .len = q->len,
	    .limit = OCSP_ANSWER_MAX,
	    .timeout = st->timeout > 0 && st->timeout < ANSWER_SECONDS ?
		st->timeout :
		ANSWER_SECONDS,
	    .ca = st->ca_bundle,
	    .no_verify = st->no_verify_ssl,
	    .plain = NET_PLAIN_ANY};
}

/* Scheme, host and port of the responder: a server that is silent is so at all its
 * URLs. url_check has seen the URL. malloc'd. */
static char *
server_of(const struct query *q)
{
	const char *host = strstr(q->url, "://") + 3;

	return xstrndup(q->url, (size_t)(host - q->url) + strcspn(host, "/?#"));
}

/* Which are asked in this round: of a server that has not been heard of only
 * the first; none of a silent one. Their number. */
static size_t
choose(struct tool *t, struct query *q, size_t n)
{
	jv tried = doc_object();
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		char *server;

		q[i].is_asked = 0;
		if (q[i].der == NULL || q[i].is_done)
			continue;
		server = server_of(&q[i]);
		if (!doc_has(t->heard, server)) {
			q[i].is_asked = !doc_has(tried, server);
			tried = doc_set_flag(tried, server, 1);
		} else if (doc_flag(t->heard, server, 0)) {
			q[i].is_asked = 1;
		} else {
			query_offline(&q[i], "it has not answered before");
			q[i].is_done = 1;
		}
		free(server);
		m += (size_t)q[i].is_asked;
	}
	doc_free(tried);
	return m;
}

/* Sent on to another URL, with the same request (RFC 9110 15.4.8): there it is
 * asked in the next round. After the other redirects that would be a GET, which
 * holds no request. */
static int
is_sent_on(struct query *q, const struct net_answer *a)
{
	const char *ref = net_header(a, "location");
	char *to;

	if (a->fault != NET_OK || ref == NULL || q->moves == MOVES_MOST ||
	    (a->status != TEMPORARILY_MOVED && a->status != MOVED_FOR_GOOD))
		return 0;
	to = url_resolve(q->url, ref);
	if (to == NULL || url_check(to, NET_PLAIN_ANY, "there", NULL) != 0) {
		free(to);
		return 0;
	}
	free(q->url);
	q->url = to;
	q->moves++;
	return 1;
}

static void
take_answer(struct tool *t, struct query *q, const struct net_answer *a)
{
	char *server = server_of(q);

	t->heard = doc_set_flag(doc_take(&t->heard), server,
	    a->fault == NET_OK);
	free(server);
	if (is_sent_on(q, a))
		return;
	q->is_done = 1;
	if (a->fault == NET_OK)
		query_judge(q, a);
	else
		query_offline(q, a->reason);
}

/* One round. 1: there may be more; 0: all are done; -1 and err. */
static int
ask_some(struct tool *t, struct stage *st, struct query *q, size_t n,
    struct err *err)
{
	size_t m = choose(t, q, n), k = 0;
	struct net_request *req = xcalloc(m + 1, sizeof(*req));
	struct net_answer *a = xcalloc(m + 1, sizeof(*a));
	jv headers = doc_set_str(doc_object(), "content-type",
	    "application/ocsp-request");
	int rc = m > 0 ? connect_net(t, st, err) : 0;

	headers = doc_set_str(headers, "user-agent", st->user_agent);
	for (size_t i = 0; i < n; i++)
		if (q[i].is_asked)
			req[k++] = request_of(st, &q[i], headers);
	if (rc == 0 && m > 0)
		rc = net_exchange(t->net, req, m, a, err);
	k = 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (q[i].is_asked)
			take_answer(t, &q[i], &a[k++]);
	for (size_t i = 0; i < m; i++)
		net_answer_release(&a[i]);
	doc_free(headers);
	free(a);
	free(req);
	return rc != 0 ? -1 : m > 0;
}

/* 0, or -1 and err: interrupted. */
static int
ask_all(struct tool *t, struct stage *st, struct query *q, size_t n,
    struct err *err)
{
	int rc;

	while ((rc = ask_some(t, st, q, n, err)) > 0)
		;
	if (rc == -1 && err->name == ERR_interrupted)
		return -1;
	for (size_t i = 0; rc == -1 && i < n; i++)
		if (q[i].der != NULL && !q[i].is_done)
			query_offline(&q[i], err_text(err));
	return 0;
}

static jv
result(const struct query *q)
{
	jv r = doc_set_flag(doc_object(), "revoked", q->revoked);
	char *now = time_text((int64_t)time(NULL));

	r = doc_set_str(r, "checked", now);
	if (q->why != NULL)
		r = doc_set(r, "why", doc_stringn(q->why, strlen(q->why)));
	free(now);
	return r;
}

void
renewal_vector(void *ctx, struct stage *st, jv *docs, size_t n)
{
	struct tool *t = ctx;
	struct query *q = xcalloc(n, sizeof(*q));
	struct err err = {0};
	int rc;

	for (size_t i = 0; i < n; i++) {
		q[i].doc = docs[i];
		query_prepare(t, &q[i]);
	}
	rc = ask_all(t, st, q, n, &err);
	for (size_t i = 0; i < n; i++) {
		struct err each = {0};

		if (rc != 0 && q[i].der != NULL && !q[i].is_done) {
			err_set(&each, ERR_interrupted, "%s", err_text(&err));
			stage_fail(st, q[i].doc, &each);
		} else {
			stage_emit(st,
			    q[i].has_lineage ?
				doc_set(q[i].doc, "renewal", result(&q[i])) :
				q[i].doc);
		}
		query_release(&q[i]);
	}
	err_clear(&err);
	free(q);
}
