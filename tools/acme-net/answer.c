#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/proc.h"
#include "service.h"

enum { SILENT_MS = 3000 };

struct verdict {
	const char *fault; /* word on the wire */
	char *reason;	   /* owned */
	int timed_out;
};

static jv
answer_head(uint64_t id, const struct job *j)
{
	jv head = doc_set_int(doc_object(), "id", (long)id);
	long status = 0;

	if (!j || !j->easy)
		return head;
	curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status)
		head = doc_set_int(head, "status", status);
	return doc_set(head, "headers", doc_copy(j->headers));
}

static void
reply_fault(struct net_client *c, uint64_t id, const struct verdict *v,
    const struct job *j)
{
	jv head = answer_head(id, j);

	head = doc_set_str(head, "fault", v->fault);
	head = doc_set(head, "reason",
	    doc_stringn(v->reason, strlen(v->reason)));
	if (v->timed_out)
		head = doc_set_flag(head, "timedOut", 1);
	net_server_reply(c, head, NULL, 0);
}

/* Was anything of the request sent that may have taken effect? */
static int
was_sent(const struct job *j)
{
	curl_off_t began = 0;

	if (j->body_len)
		return j->body_sent > 0;
	curl_easy_getinfo(j->easy, CURLINFO_PRETRANSFER_TIME_T, &began);
	return began > 0;
}

/* libcurl 8 passes on what nghttp2 says, with the server's bytes behind it. */
static const char bad_header[] = "Invalid HTTP header field was received";

static int
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* HTTP/2 has one code for a lost stream and for a broken rule; what libcurl
 * says in words tells them apart. */
static int
broke_http2(const char *text)
{
	return begins(text, bad_header) || strstr(text, "PROTOCOL_ERROR") ||
	    strstr(text, "COMPRESSION_ERROR") ||
	    strstr(text, "user callback function failed");
}

static int
is_broken(CURLcode rc, const char *text)
{
	switch (rc) {
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_RECV_ERROR:
		return broke_http2(text);
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WRITE_ERROR:
	case CURLE_OUT_OF_MEMORY: /* a header line beyond libcurl's limit */
		return 1;
	default:
		return 0;
	}
}

/* Did nobody say where the server is (or the proxy)? The system's resolver has
 * repeated its own questions by then. */
static int
is_unresolved(CURLcode rc, const char *text)
{
	return rc == CURLE_COULDNT_RESOLVE_HOST ||
	    rc == CURLE_COULDNT_RESOLVE_PROXY ||
	    (rc == CURLE_OPERATION_TIMEDOUT &&
		begins(text, "Resolving timed out"));
}

/* What to look at first, where there is no connection. */
static const char *
connect_advice(CURLcode rc, const char *text, long number)
{
	if (is_unresolved(rc, text))
		return " (is the name right, and does this machine's DNS work?)";
	if (rc == CURLE_PEER_FAILED_VERIFICATION)
		return " [CERTIFICATE_VERIFY_FAILED] (--ca-bundle names other trusted authorities)";
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return " (is it up, and does a firewall let this through?)";
	switch (number) {
	case ECONNREFUSED:
		return " (does a server listen there, and is this its port?)";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return " (has this machine a route to it?)";
	default:
		return "";
	}
}

/* Why there is no connection; the system's own word for it, where it has one,
 * is what people and scripts look for. */
static char *
connect_reason(const struct job *j, CURLcode rc, const char *text)
{
	long number = 0;

	if (rc == CURLE_COULDNT_CONNECT)
		curl_easy_getinfo(j->easy, CURLINFO_OS_ERRNO, &number);
	return xasprintf("cannot connect to %s: %s%s%s%s", j->host, text,
	    number != 0 ? ": " : "", number != 0 ? strerror((int)number) : "",
	    connect_advice(rc, text, number));
}

/* Over HTTP/1.1 libcurl would send it again on another connection, which
 * on_seek forbids; of HTTP/2 it has words of its own for all but a mere end. */
static int
just_ended(const struct job *j, CURLcode rc, const char *text)
{
	return rc == CURLE_SEND_FAIL_REWIND ||
	    (rc == CURLE_HTTP2 && !j->errbuf[0]) ||
	    strstr(text, "before end of the underlying stream");
}

/* The time is over, but the answer has been coming for long, is still coming,
 * and slower than any network makes it: that is no silence that may end. */
static int
dribbles(const struct job *j)
{
	int64_t now = clock_ms(), began = now - j->first;
	int64_t enough = j->timeout * 1000 / 2;

	if (enough > SLOW_SECONDS * 1000)
		enough = SLOW_SECONDS * 1000;
	return j->first != 0 && began >= enough && now - j->last < SILENT_MS &&
	    (int64_t)j->out.len * 1000 < SLOW_BYTES * began;
}

/* known: the name was good before; looking up another again is of no use. */
static struct verdict
judge(const struct job *j, CURLcode rc, int known)
{
	const char *text = j->errbuf[0] ? j->errbuf : curl_easy_strerror(rc);
	struct verdict v = {0};

	if (j->broken || is_broken(rc, text)) {
		v.fault = "broken";
		v.reason = xasprintf("%s broke the rules of HTTP: %s", j->host,
		    j->broken			 ? j->broken :
			begins(text, bad_header) ? bad_header :
						   text);
	} else if (!was_sent(j)) {
		v.fault = is_unresolved(rc, text) && !known ? "unresolved" :
							      "refused";
		v.timed_out = rc == CURLE_OPERATION_TIMEDOUT;
		v.reason = connect_reason(j, rc, text);
	} else if (rc == CURLE_OPERATION_TIMEDOUT && dribbles(j)) {
		v.fault = "broken";
		v.reason = xasprintf("%s sends its answer a few bytes at a "
				     "time and does not end it: %s",
		    j->host, text);
	} else if (rc == CURLE_OPERATION_TIMEDOUT) {
		v.fault = "lost";
		v.timed_out = 1;
		v.reason = xasprintf("%s took too long to answer: %s", j->host,
		    text);
	} else if (just_ended(j, rc, text)) {
		v.fault = "lost";
		v.reason = xasprintf("the connection to %s ended after the "
				     "request was sent",
		    j->host);
	} else {
		v.fault = "lost";
		v.reason = xasprintf("the connection to %s was lost before its "
				     "whole answer had come: %s",
		    j->host, text);
	}
	return v;
}

/* The fetch of a value for the pool's takers is over. */
static void
finish_fetch(struct job *j, struct verdict *v)
{
	long status = 0;

	curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!v->fault) {
		v->fault = status == 429 || status >= 500 ? "lost" : "broken";
		v->reason = xasprintf("%s answered a request for a new \"%s\" "
				      "with status %ld and without one",
		    j->host, j->pool->header, status);
	}
	pool_fetched(j->pool, v->fault, v->reason, j);
}

static void
finish_request(struct job *j, const struct verdict *v)
{
	if (!j->client)
		return;
	if (v->fault) {
		reply_fault(j->client, j->id, v, NULL);
		return;
	}
	net_server_reply(j->client, answer_head(j->id, j), j->out.p,
	    j->out.len);
}

static int
same_server(const char *a, const char *b)
{
	size_t n = strcspn(a, "/"), m;

	n = strncmp(a + n, "//", 2) == 0 ? n + 2 : n;
	m = n + strcspn(a + n, "/?#");
	return strncasecmp(a, b, m) == 0 && (!b[m] || strchr("/?#", b[m]));
}

/* Where the answer sends a request that may be followed; malloc'd, NULL. */
static char *
redirect_target(const struct job *j)
{
	const char *to = NULL;

	if (!j->follows || j->body_len ||
	    (strcmp(j->method, "GET") != 0 && strcmp(j->method, "HEAD") != 0))
		return NULL;
	curl_easy_getinfo(j->easy, CURLINFO_REDIRECT_URL, &to);
	return to ? xstrdup(to) : NULL;
}

/* To another server goes nothing that may be a credential. */
static jv
harmless_headers(jv headers)
{
	static const char *const names[] = {"accept", "accept-language",
	    "user-agent"};
	jv kept = doc_object();
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		kept = doc_set_str(kept, names[i], doc_str(headers, names[i]));
	return kept;
}

/* 1: queued again; 0: this answer is the last, or broken. */
static int
follow(struct job *j)
{
	char *url = redirect_target(j);

	if (!url)
		return 0;
	if (j->redirects == 0)
		j->broken = "it redirects too often";
	else if (url_check(url, j->plain, "a redirect", NULL))
		j->broken = "it redirects to a URL that is not allowed";
	if (j->broken) {
		free(url);
		return 0;
	}
	if (!same_server(j->url, url))
		doc_move(&j->request_headers,
		    harmless_headers(j->request_headers));
	free(j->url);
	j->url = url;
	j->redirects--;
	transfer_stop(j);
	if (origin_queue(j->sv, j) == 0)
		return 1;
	j->broken = "it redirects to a URL that cannot be used";
	return 0;
}

void
answer_finish(struct job *j, CURLcode rc)
{
	struct verdict v = {0};
	int known = origin_done(j, rc);

	if (j->pool && j->pool_value)
		pool_put(j->pool, j->pool_value);
	if (rc == CURLE_OK && follow(j))
		return;
	if (rc != CURLE_OK || j->broken)
		v = judge(j, rc, known);
	if (j->fetch)
		finish_fetch(j, &v);
	else
		finish_request(j, &v);
	free(v.reason);
	job_free(j);
}

void
answer_fault(struct net_client *c, uint64_t id, const char *fault,
    const char *reason, const struct job *j)
{
	struct verdict v = {.fault = fault, .timed_out = 0};

	v.reason = xstrdup(reason);
	reply_fault(c, id, &v, j);
	free(v.reason);
}

void
answer_broken(struct job *j, const char *why)
{
	if (j->fetch)
		pool_fetched(j->pool, "broken", why, NULL);
	else if (j->client)
		answer_fault(j->client, j->id, "broken", why, NULL);
	job_free(j);
}
