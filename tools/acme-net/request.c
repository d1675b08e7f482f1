#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "net/frame.h"
#include "service.h"

void
job_free(struct job *j)
{
	if (!j)
		return;
	transfer_stop(j);
	free(j->trust.ca);
	free(j->method);
	free(j->url);
	free(j->host);
	doc_free(j->request_headers);
	wipe_free(j->body, j->body_len);
	doc_free(j->headers);
	free(j->pool_value);
	buf_release(&j->out);
	free(j);
}

static enum net_plain
plain_of(const char *word)
{
	if (word && strcmp(word, "any") == 0)
		return NET_PLAIN_ANY;
	return word && strcmp(word, "loopback") == 0 ? NET_PLAIN_LOOPBACK :
						       NET_PLAIN_NEVER;
}

/* A number of the head within 1..max, dflt without it or out of bounds. */
static long
number_of(jv head, const char *key, long dflt, long max)
{
	long n;

	if (doc_int(head, key, &n) || n < 1)
		return dflt;
	return n > max ? max : n;
}

/* The members that requests and fetches share. */
static struct job *
job_new(struct service *sv, struct net_client *c, jv head, long id)
{
	struct job *j = xcalloc(1, sizeof(*j));
	const char *ca = doc_str(head, "ca");

	j->sv = sv;
	j->client = c;
	j->id = (uint64_t)id;
	j->trust.ca = ca ? xstrdup(ca) : NULL;
	j->trust.verify = doc_flag(head, "verify", 1);
	j->limit = number_of(head, "limit", HTTP_BODY_MAX, FRAME_BODY_MAX);
	j->timeout = number_of(head, "timeout", REQUEST_SECONDS, 24 * 3600);
	j->redirects = number_of(head, "redirects", 0, 20);
	j->follows = j->redirects > 0;
	j->plain = plain_of(doc_str(head, "plain"));
	j->headers = doc_object();
	j->request_headers = doc_get_kind(head, "headers", DOC_OBJECT);
	buf_init(&j->out, (size_t)j->limit);
	return j;
}

static const char *
method_fault(const char *method)
{
	size_t n = 0;

	while (method && isupper((unsigned char)method[n]))
		n++;
	return !n || n > 16 || method[n] ? "the request has no method" : NULL;
}

static const char *
headers_fault(jv headers)
{
	jv keys = doc_keys(headers);
	const char *why = NULL;
	size_t i;

	for (i = 0; i < doc_len(keys) && !why; i++) {
		const char *name = doc_str_at(keys, i);
		const char *value = name ? doc_str(headers, name) : NULL;
		const unsigned char *p;

		if (!value || !*name)
			why = "a header of the request is no text";
		for (p = (const unsigned char *)name; !why && *p; p++)
			if (!isalnum(*p) && !strchr("!#$%&'*+-.^_`|~", *p))
				why = "a header of the request has a bad name";
		for (p = (const unsigned char *)value; !why && *p; p++)
			if ((*p < ' ' && *p != '\t') || *p == 127)
				why = "a header of the request has a bad value";
	}
	doc_free(keys);
	return why;
}

static void
job_queue(struct job *j)
{
	const char *why = headers_fault(j->request_headers);
	struct err err = {0};

	if (why)
		answer_broken(j, why);
	else if (url_check(j->url, j->plain, "the URL", &err))
		answer_broken(j, err_text(&err));
	else if (origin_queue(j->sv, j))
		answer_broken(j, "the URL cannot be used");
	err_clear(&err);
}

static void
request_send(struct job *j, jv head, char *body TAKES, size_t len)
{
	const char *method = doc_str(head, "method");
	const char *url = doc_str(head, "url");
	jv pool = doc_get_kind(head, "pool", DOC_OBJECT);
	const char *why = method_fault(method);

	j->body = body;
	j->body_len = len;
	j->method = xstrdup(method ? method : "");
	j->url = xstrdup(url ? url : "");
	if (doc_str(pool, "header") && doc_str(pool, "of"))
		j->pool = pool_find(j->sv, doc_str(pool, "header"),
		    doc_str(pool, "of"), &j->trust);
	doc_free(pool);
	if (why)
		answer_broken(j, why);
	else
		job_queue(j);
}

static void
request_take(struct job *j, jv head)
{
	const char *header = doc_str(head, "header");
	const char *of = doc_str(head, "of");

	if (!header || !of) {
		answer_broken(j, "the message names no pool");
		return;
	}
	j->pool = pool_find(j->sv, header, of, &j->trust);
	if (!pool_take(j->pool, j->client, j->id)) {
		job_free(j);
		return;
	}
	j->fetch = 1;
	j->follows = 0;
	j->client = NULL;
	j->method = xstrdup("HEAD");
	j->url = xstrdup(of);
	job_queue(j);
}

void
request_message(struct service *sv, struct net_client *c, jv head TAKES,
    char *body TAKES, size_t len)
{
	const char *op = doc_str(head, "op");
	struct job *j;
	long id;

	if (doc_int(head, "id", &id) || id < 0) {
		/* Without a number there is nothing to answer. */
		wipe_free(body, len);
		doc_free(head);
		return;
	}
	j = job_new(sv, c, head, id);
	if (op && strcmp(op, "take") == 0) {
		wipe_free(body, len);
		request_take(j, head);
	} else if (op) {
		wipe_free(body, len);
		answer_broken(j, "acme-net does not know this operation");
	} else {
		request_send(j, head, body, len);
	}
	doc_free(head);
}
