/* http.c - lib/net for plugins: one request at a time, on one connection to
 * acme-net for the life of the process. */
#include "certbot/http.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/stage.h"
#include "certbot/base_private.h"
#include "net/client.h"

/* "Name: value" lines as the object that lib/net takes; none and e. */
static jv
headers_of(const char *const *lines, struct certbot_error *e)
{
	jv headers = doc_object();

	for (; lines != NULL && *lines != NULL; lines++) {
		const char *colon = strchr(*lines, ':');
		const char *value = colon != NULL ? colon + 1 : NULL;
		char *name;

		if (value == NULL || strpbrk(*lines, "\r\n") != NULL) {
			certbot_fail(e, CERTBOT_BAD_DATA,
			    "a header must be one line with a colon");
			doc_free(headers);
			return doc_none();
		}
		value += strspn(value, " \t");
		name = xstrndup(*lines, (size_t)(colon - *lines));
		headers = doc_set(headers, name,
		    doc_stringn(value, strlen(value)));
		free(name);
	}
	return headers;
}

static void
fill(struct certbot_http_answer *a, const struct net_answer *got)
{
	const char *type = net_header(got, "content-type");

	a->status = got->status;
	a->len = got->len;
	a->body = xcalloc(got->len + 1, 1);
	if (got->len > 0)
		memcpy(a->body, got->body, got->len);
	a->content_type = type != NULL ? xstrdup(type) : NULL;
	a->retry_after = net_retry_after(got);
}

int
certbot_http(const struct certbot_http_request *r,
    struct certbot_http_answer *a, struct certbot_error *e)
{
	static struct net *net;
	struct net_request req = {.method = r->method,
	    .url = r->url,
	    .body = r->body,
	    .len = r->len,
	    .timeout = r->timeout_s,
	    .ca = stage_trust(),
	    .plain = NET_PLAIN_LOOPBACK};
	struct net_answer got;
	struct err err = {0};
	int rc = -1;

	memset(a, 0, sizeof(*a));
	req.headers = headers_of(r->headers, e);
	if (doc_is(req.headers, DOC_NONE))
		return -1;
	if (url_check(r->url, NET_PLAIN_LOOPBACK, "the request's URL", &err) ==
		0 &&
	    (net != NULL || (net = net_open(&err)) != NULL) &&
	    net_exchange(net, &req, 1, &got, &err) == 0) {
		if (got.fault == NET_OK) {
			fill(a, &got);
			rc = 0;
		} else {
			net_fault_err(&got, &err);
		}
		net_answer_release(&got);
	}
	doc_free(req.headers);
	return certbot__result(rc, e, &err);
}

void
certbot_http_release(struct certbot_http_answer *a)
{
	free(a->body);
	free(a->content_type);
	memset(a, 0, sizeof(*a));
}
