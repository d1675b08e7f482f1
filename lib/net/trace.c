#include "net/trace.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of a request; all others may hold a credential. */
static const char *const harmless[] = {"accept", "accept-language",
    "content-type", "if-none-match", "if-modified-since", "user-agent"};
/* Of an answer: values that can be used once, or open a session. */
static const char *const withheld[] = {"set-cookie", "replay-nonce",
    "authorization", "proxy-authenticate", "www-authenticate"};

/* Of an answer to a request that held a credential, only these are shown. */
static const char *const shown_anyway[] = {"content-type", "content-length",
    "date", "retry-after"};

static int
listed(const char *const *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcasecmp(names[i], name) == 0)
			return 1;
	return 0;
}

static void
add_printable(struct buf *b, const char *text)
{
	char *p = text_printable(text, 1);

	buf_adds(b, p);
	free(p);
}

static void
add_header(struct buf *b, char mark, const char *name, const char *value)
{
	buf_addf(b, "%c ", mark);
	add_printable(b, name);
	buf_adds(b, ": ");
	add_printable(b, value ? value : "");
	buf_addc(b, '\n');
}

static void
add_signed_body(struct buf *b, const struct net_request *req)
{
	jv doc = doc_parse(req->body, req->len, NULL);
	char *text;

	if (doc_has(doc, "signature"))
		doc = doc_set_str(doc, "signature", "***");
	if (!doc_is(doc, DOC_OBJECT)) {
		doc_free(doc);
		return;
	}
	text = doc_text(doc);
	buf_adds(b, "> ");
	add_printable(b, text);
	buf_addc(b, '\n');
	free(text);
	doc_free(doc);
}

static void
write_out(int fd, struct buf *b)
{
	if (b->p)
		(void)fd_write_all(fd, b->p, b->len);
	buf_release(b);
}

int
trace_request(int fd, uint64_t id, const struct net_request *req)
{
	size_t shown = strcspn(req->url, "?"), i, n;
	int whole = 1, jose = 0;
	struct buf b;
	jv keys = doc_keys(req->headers);

	buf_init(&b, 4 << 20);
	for (i = 0, n = doc_len(keys); i < n; i++) {
		const char *key = doc_str_at(keys, i);
		const char *value = doc_str(req->headers, key);

		if (!listed(harmless, ARRAY_LEN(harmless), key)) {
			whole = 0;
			continue;
		}
		if (value && strcasecmp(key, "content-type") == 0)
			jose = strcmp(value, "application/jose+json") == 0;
	}
	whole = whole && !req->url[shown] && (jose || !req->len);
	buf_addf(&b, "> %llu %s ", (unsigned long long)id, req->method);
	buf_add(&b, req->url, shown);
	buf_adds(&b, req->url[shown] ? "?***\n" : "\n");
	for (i = 0; i < n; i++) {
		const char *key = doc_str_at(keys, i);

		if (listed(harmless, ARRAY_LEN(harmless), key))
			add_header(&b, '>', key, doc_str(req->headers, key));
		else
			add_header(&b, '>', key, "***");
	}
	if (jose && req->len)
		add_signed_body(&b, req);
	else if (req->len)
		buf_addf(&b, "> (%zu bytes)\n", req->len);
	doc_free(keys);
	write_out(fd, &b);
	return whole;
}

static void
add_answer_headers(struct buf *b, jv headers, int whole)
{
	jv keys = doc_keys(headers), value;
	size_t i, k;

	for (i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);

		if (listed(withheld, ARRAY_LEN(withheld), key) ||
		    (!whole &&
			!listed(shown_anyway, ARRAY_LEN(shown_anyway), key)))
			continue;
		value = doc_get(headers, key);
		if (doc_is(value, DOC_STRING))
			add_header(b, '<', key, doc_text_of(value));
		for (k = 0; k < doc_len(value); k++)
			add_header(b, '<', key, doc_str_at(value, k));
		doc_free(value);
	}
	doc_free(keys);
}

void
trace_answer(int fd, const struct net_answer *a, int whole)
{
	struct buf b;

	buf_init(&b, 32 << 20);
	if (a->fault != NET_OK) {
		buf_addf(&b, "< %llu failed: ", (unsigned long long)a->id);
		add_printable(&b, a->reason ? a->reason : "");
		buf_addc(&b, '\n');
	} else {
		buf_addf(&b, "< %llu %d\n", (unsigned long long)a->id,
		    a->status);
		add_answer_headers(&b, a->headers, whole);
		if (a->len && whole && a->body) {
			add_printable(&b, a->body);
			buf_addc(&b, '\n');
		} else if (a->len) {
			buf_addf(&b, "< (%zu bytes)\n", a->len);
		}
	}
	write_out(fd, &b);
}
