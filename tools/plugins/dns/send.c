/* Requests, as they go to acme-net, and what comes back. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns.h"
#include "encode.h"
#include "sign.h"
#include "xml.h"

static void
http_release(struct http *h)
{
	free(h->method);
	if (h->url != NULL)
		wipe_free(h->url, strlen(h->url));
	doc_free(h->headers);
	buf_release(&h->body);
}

static char *
url_of(struct dns *d, jv request, struct err *err)
{
	const char *url = doc_str(request, "url");
	const char *path = doc_str(request, "path");
	jv query = values_fill(d, doc_get(request, "query"), err);
	char *base, *all, *q = NULL;

	if (url == NULL && (d->base == NULL || d->base[0] == '\0')) {
		err_set(err, ERR_badData,
		    "the provider file names no URL for a request");
		doc_free(query);
		return NULL;
	}
	base = url != NULL ?
	    xstrdup(url) :
	    xasprintf("%s%s", d->base, path == NULL ? "" : path);
	if (doc_text_of(query) != NULL)
		q = xstrdup(doc_text_of(query)); /* the whole query string */
	else if (doc_len(query) > 0)
		q = form_encode(query);
	all = q == NULL ?
	    xstrdup(base) :
	    xasprintf("%s%c%s", base, strchr(base, '?') == NULL ? '?' : '&', q);
	if (q != NULL)
		wipe_free(q, strlen(q));
	free(base);
	doc_free(query);
	return all;
}

static int
has_header(jv headers, const char *name)
{
	jv keys = doc_keys(headers);
	int has = 0;

	for (size_t i = 0; i < doc_len(keys); i++)
		has |= strcasecmp(doc_str_at(keys, i), name) == 0;
	doc_free(keys);
	return has;
}

static void
default_header(struct http *h, const char *name, const char *value)
{
	if (!has_header(h->headers, name))
		h->headers = doc_set_str(h->headers, name, value);
}

static void
body_of(struct dns *d, jv request, struct http *h, struct err *err)
{
	static const struct {
		const char *key, *type;
	} kinds[] = {{"json", "application/json"},
	    {"form", "application/x-www-form-urlencoded"},
	    {"text", "text/plain"}};

	buf_init(&h->body, 4 << 20);
	for (size_t i = 0; i < ARRAY_LEN(kinds) && !err_is_set(err); i++) {
		jv v = doc_get(request, kinds[i].key);
		char *text;

		if (doc_is(v, DOC_NONE) || (i > 0 && doc_is(v, DOC_NULL))) {
			doc_free(v);
			continue;
		}
		v = values_fill(d, v, err);
		text = i == 0		   ? doc_text(v) :
		    i == 1		   ? form_encode(v) :
		    doc_text_of(v) != NULL ? xstrdup(doc_text_of(v)) :
					     doc_text(v);
		if (buf_adds(&h->body, text) == -1)
			err_set(err, ERR_pluginFailed,
			    "the request would be larger than 4 MiB");
		default_header(h, "Content-Type", kinds[i].type);
		wipe_free(text, strlen(text));
		doc_free(v);
		return;
	}
}

static jv
headers_of(struct dns *d, jv request, struct err *err)
{
	jv given = values_fill(d, doc_get_kind(request, "headers", DOC_OBJECT),
	    err);
	jv keys, all = doc_object();

	if (!doc_is(given, DOC_OBJECT)) {
		doc_free(given);
		return all;
	}
	keys = doc_keys(given);
	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);
		if (key != NULL && doc_str(given, key) != NULL)
			all = doc_set(all, key, doc_get(given, key));
	}
	doc_free(keys);
	doc_free(given);
	return all;
}

/* From a "request" of the provider file (borrowed) everything as it is sent,
 * signed. */
static int
http_make(struct dns *d, jv request, struct http *h, struct err *err)
{
	const char *method = doc_str(request, "method");

	memset(h, 0, sizeof(*h));
	h->method = xstrdup(method == NULL ? "GET" : method);
	h->headers = headers_of(d, request, err);
	default_header(h, "Accept", "application/json, */*;q=0.1");
	default_header(h, "User-Agent",
	    "acme-tools/" ACME_TOOLS_VERSION " (dns-01)");
	body_of(d, request, h, err);
	if (!err_is_set(err))
		h->url = url_of(d, request, err);
	if (!err_is_set(err) && doc_flag(request, "auth", 1))
		(void)sign_request(d, request, h, err);
	return err_is_set(err) ? -1 : 0;
}

/* Trust as the stages have it (design 1, acme-net). */
static const char *
trusted(struct dns *d)
{
	static const char *const names[] = {"REQUESTS_CA_BUNDLE",
	    "CURL_CA_BUNDLE", "SSL_CERT_FILE"};
	const char *own = doc_str(d->cred, "ca_file");

	for (size_t i = 0; own == NULL && i < ARRAY_LEN(names); i++) {
		own = getenv(names[i]);
		if (own != NULL && *own == '\0')
			own = NULL;
	}
	return own;
}

static enum net_plain
plain_of(const struct dns *d, jv request)
{
	if (doc_flag(request, "plain", 0) || doc_flag(d->spec, "plain", 0))
		return NET_PLAIN_ANY;
	return NET_PLAIN_LOOPBACK;
}

int
task_send(struct dns *d, struct task *t, struct err *err)
{
	struct net_request req = {0};
	struct http h;
	long seconds = 0;
	int rc = -1;

	if (http_make(d, t->request, &h, err) == -1)
		goto out;
	if (d->net == NULL && (d->net = net_open(err)) == NULL)
		goto out;
	(void)doc_int(t->request, "timeout", &seconds);
	req.method = h.method;
	req.url = h.url;
	req.headers = h.headers;
	req.body = h.body.len > 0 ? h.body.p : NULL;
	req.len = h.body.len;
	req.limit = ANSWER_MAX;
	req.timeout = seconds > 0 ? seconds : 30;
	req.ca = trusted(d);
	req.plain = plain_of(d, t->request);
	rc = url_check(h.url, req.plain, "the provider's API", err);
	if (rc == 0)
		rc = net_send(d->net, &req, &t->id, err);
	if (rc == 0) {
		size_t n = strcspn(h.url, "?");
		char *log = xasprintf("%s %.*s", h.method, (int)n, h.url);
		t->request = doc_set_str(t->request, "log", log);
		free(log);
		t->st = TASK_NET;
		t->session_no = d->session_no;
		if (t->rec != NULL && t->rec->state == REC_NEW &&
		    strcmp(t->op, "add") == 0)
			t->rec->state = REC_TRIED;
	}
out:
	http_release(&h);
	return rc;
}

/* As JSON unless the request or the answer says otherwise. */
jv
http_body(jv request, const struct net_answer *a, struct err *err)
{
	const char *as = doc_str(request, "as");
	jv v;

	if (as != NULL && strcmp(as, "text") == 0)
		return doc_stringn(a->body == NULL ? "" : a->body, a->len);
	if (a->len == 0 || strspn(a->body, " \r\n\t") == a->len)
		return doc_null();
	if (as != NULL && strcmp(as, "xml") == 0)
		return xml_parse(a->body, a->len, err);
	v = doc_parse(a->body, a->len, err);
	if (doc_is(v, DOC_NONE)) {
		char *why = xstrdup(err_text(err));
		err_set(err, ERR_pluginFailed,
		    "the provider's answer cannot be read: %s", why);
		free(why);
	}
	return v;
}
