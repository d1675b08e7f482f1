/* net-tool.c - requests through lib/net from the shell.
 *
 *	net-tool [TRACE-FILE] <requests >answers
 *
 * Each line of standard input is a request, or an array of requests that go
 * out together; the next line waits for their answers. A request:
 * {"method","url","headers","body","limit","timeout","ca","verify",
 * "redirects","plain","pool":{"header","of"}}, or {"take":HEADER,"of":URL,...}.
 * Each answer is one line, in the order of the requests: {"status","headers",
 * "body","length"}, or {"fault","reason","error","exit"}. An error of the
 * connection itself is {"error","exit"}, and the exit status. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/client.h"

enum { VECTOR = 256 };

static enum net_plain
plain_of(const char *word)
{
	if (!word || strcmp(word, "never") == 0)
		return NET_PLAIN_NEVER;
	return strcmp(word, "any") == 0 ? NET_PLAIN_ANY : NET_PLAIN_LOOPBACK;
}

static void
request_fill(struct net_request *r, jv doc)
{
	long n;

	memset(r, 0, sizeof(*r));
	r->method = doc_str(doc, "method");
	if (!r->method)
		r->method = "GET";
	r->url = doc_str(doc, "url");
	if (!r->url)
		r->url = "";
	r->headers = doc_get_kind(doc, "headers", DOC_OBJECT);
	r->body = doc_str(doc, "body");
	r->len = r->body ? strlen(r->body) : 0;
	r->limit = doc_int(doc, "limit", &n) ? 0 : n;
	r->timeout = doc_int(doc, "timeout", &n) ? 0 : n;
	r->ca = doc_str(doc, "ca");
	r->no_verify = !doc_flag(doc, "verify", 1);
	r->redirects = doc_int(doc, "redirects", &n) ? 0 : (int)n;
	r->plain = plain_of(doc_str(doc, "plain"));
	r->pool_header = doc_str_find(doc, "pool", "header", NULL);
	r->pool_of = doc_str_find(doc, "pool", "of", NULL);
}

static int
send_one(struct net *net, jv doc, uint64_t *id, struct err *err)
{
	const char *header = doc_str(doc, "take");
	struct net_request r;
	int rc;

	request_fill(&r, doc);
	if (header)
		rc = net_take(net, header, doc_str(doc, "of"), &r, id, err);
	else
		rc = net_send(net, &r, id, err);
	doc_free(r.headers);
	return rc;
}

static void
print_doc(jv doc TAKES)
{
	char *text = doc_text(doc);

	puts(text);
	fflush(stdout);
	free(text);
	doc_free(doc);
}

static jv
error_doc(jv doc TAKES, struct err *err)
{
	jv problem = err_to_doc(err, NULL);

	doc = doc_set_str(doc, "error", doc_str(problem, "type"));
	doc = doc_set_str(doc, "text", err_text(err));
	doc_free(problem);
	doc = doc_set_int(doc, "exit", err_exit_status(err));
	err_clear(err);
	return doc;
}

static void
print_answer(struct net_answer *a)
{
	static const char *const words[] = {NULL, "refused", "unresolved",
	    "lost", "broken", "gone"};
	jv doc = doc_object();
	struct err err = {0};

	if (a->status)
		doc = doc_set_int(doc, "status", a->status);
	doc = doc_set(doc, "headers", doc_copy(a->headers));
	if (a->fault != NET_OK) {
		net_fault_err(a, &err);
		doc = doc_set_str(doc, "fault", words[a->fault]);
		doc = doc_set_str(doc, "reason", a->reason);
		doc = doc_set_int(doc, "retryAfter", err.retry_after);
		doc = error_doc(doc, &err);
	} else {
		doc = doc_set(doc, "body", doc_stringn(a->body, a->len));
		doc = doc_set_int(doc, "length", (long)a->len);
	}
	print_doc(doc);
}

static int
run_vector(struct net *net, jv vector, struct err *err)
{
	static struct net_answer got[VECTOR];
	uint64_t ids[VECTOR];
	struct net_answer a;
	size_t n = doc_len(vector), i, k;
	int rc = 0;

	for (i = 0; i < n && rc == 0; i++) {
		jv one = doc_at(vector, i);

		rc = send_one(net, one, &ids[i], err);
		doc_free(one);
	}
	for (k = 0; k < n && rc == 0; k++) {
		rc = net_next(net, &a, -1, err) == 1 ? 0 : -1;
		for (i = 0; rc == 0 && i < n; i++)
			if (ids[i] == a.id)
				got[i] = a;
	}
	for (i = 0; i < n; i++) {
		if (rc == 0)
			print_answer(&got[i]);
		net_answer_release(&got[i]);
	}
	return rc;
}

static int
run_line(struct net *net, const char *line, size_t len, struct err *err)
{
	jv doc = doc_parse(line, len, err);
	int rc = -1;

	if (doc_is(doc, DOC_OBJECT)) {
		jv vector = doc_push(doc_array(), doc_copy(doc));

		rc = run_vector(net, vector, err);
		doc_free(vector);
	} else if (doc_is(doc, DOC_ARRAY) && doc_len(doc) <= VECTOR) {
		rc = run_vector(net, doc, err);
	}
	doc_free(doc);
	return rc;
}

int
main(int argc, char *argv[])
{
	struct err err = {0};
	char *line = NULL;
	size_t size = 0;
	struct net *net;
	ssize_t n;
	int rc = 0, status;

	net = net_open(&err);
	if (net && argc > 1)
		net_trace(net,
		    open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			0600));
	while (net && rc == 0 && (n = getline(&line, &size, stdin)) > 0)
		rc = run_line(net, line, (size_t)n, &err);
	free(line);
	status = err_exit_status(&err);
	if (err_is_set(&err))
		print_doc(error_doc(doc_object(), &err));
	net_close(net);
	return status;
}
