#include "encode.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"

static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
				 "tuvwxyz0123456789-._~";

char *
percent_encode(const char *text, int slash)
{
	struct buf b;

	buf_init(&b, 16 << 20);
	buf_adds(&b, "");
	for (const char *p = text; *p != '\0'; p++) {
		if (strchr(unreserved, *p) != NULL || (slash && *p == '/'))
			buf_addc(&b, *p);
		else
			buf_addf(&b, "%%%02X", (unsigned)(unsigned char)*p);
	}
	return buf_detach(&b);
}

static char *
value_text(jv v)
{
	if (doc_is(v, DOC_NULL) || doc_is(v, DOC_NONE))
		return xstrdup("");
	return doc_text_of(v) != NULL ? xstrdup(doc_text_of(v)) : doc_text(v);
}

static char *
pair(const char *name, jv value)
{
	char *text = value_text(value);
	char *n = percent_encode(name, 0), *v = percent_encode(text, 0);
	char *all = xasprintf("%s=%s", n, v);

	free(n);
	wipe_free(v, strlen(v));
	wipe_free(text, strlen(text));
	return all;
}

char *
form_encode(jv fields)
{
	jv all = doc_array(), keys = doc_none();
	size_t n = doc_len(fields);
	char *text;

	if (doc_is(fields, DOC_OBJECT))
		doc_move(&keys, doc_keys(fields));
	for (size_t i = 0; i < n; i++) {
		jv row = doc_at(fields, i), value;
		const char *name = doc_is(keys, DOC_ARRAY) ?
		    doc_str_at(keys, i) :
		    doc_str_at(row, 0);

		value = doc_is(keys, DOC_ARRAY) && name != NULL ?
		    doc_get(fields, name) :
		    doc_at(row, 1);
		if (name != NULL) {
			char *one = pair(name, value);
			all = doc_push_str(all, one);
			wipe_free(one, strlen(one));
		}
		doc_free(value);
		doc_free(row);
	}
	text = doc_join(all, "&");
	doc_free(keys);
	doc_free(all);
	return text;
}

char *
base64_encode(const void *p, size_t n)
{
	char *text = xmalloc(4 * ((n + 2) / 3) + 1);

	EVP_EncodeBlock((unsigned char *)text, p, (int)n);
	return text;
}

unsigned char *
base64_decode(const char *text, size_t *n)
{
	size_t len = strlen(text), pad = 0;
	unsigned char *out = xmalloc(len + 4);
	int got = len == 0 || len % 4 != 0 ?
	    -1 :
	    EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);

	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	if (got < 0) {
		free(out);
		return NULL;
	}
	*n = (size_t)got - pad;
	return out;
}

char *
hex_encode(const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *text = xmalloc(2 * n + 1);

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	text[2 * n] = '\0';
	return text;
}

size_t
hash(const char *digest, const void *p, size_t n, unsigned char out[HASH_MAX])
{
	size_t len = 0;

	if (!EVP_Q_digest(NULL, digest, NULL, p, n, out, &len))
		return 0;
	return len;
}

size_t
hmac(const char *digest, const void *key, size_t key_n, const void *p, size_t n,
    unsigned char out[HASH_MAX])
{
	size_t len = 0;

	if (EVP_Q_mac(NULL, "HMAC", NULL, digest, NULL, key_n == 0 ? "" : key,
		key_n, p, n, out, HASH_MAX, &len) == NULL)
		return 0;
	return len;
}

char *
hash_hex(const char *digest, const void *p, size_t n)
{
	unsigned char out[HASH_MAX];

	return hex_encode(out, hash(digest, p, n, out));
}

char *
hmac_hex(const char *digest, const char *key, const char *text)
{
	unsigned char out[HASH_MAX];

	return hex_encode(out,
	    hmac(digest, key, strlen(key), text, strlen(text), out));
}

char *
hmac_base64(const char *digest, const char *key, const char *text)
{
	unsigned char out[HASH_MAX];

	return base64_encode(out,
	    hmac(digest, key, strlen(key), text, strlen(text), out));
}

/* RFC 4648 6 without padding, any case, blanks ignored. */
static size_t
base32_decode(const char *text, unsigned char *out, size_t max)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned bits = 0, n_bits = 0;
	size_t n = 0;

	for (; *text != '\0' && *text != '='; text++) {
		char c = *text >= 'a' && *text <= 'z' ?
		    (char)(*text - 'a' + 'A') :
		    *text;
		const char *at;

		if (c == ' ' || c == '-')
			continue;
		at = strchr(alphabet, c);
		if (at == NULL || n == max)
			return 0;
		bits = (bits << 5 | (unsigned)(at - alphabet)) & 0xfff;
		n_bits += 5;
		if (n_bits >= 8) {
			n_bits -= 8;
			out[n++] = (unsigned char)(bits >> n_bits);
		}
	}
	return n;
}

char *
totp(const char *secret, int64_t when)
{
	unsigned char key[128], mac[HASH_MAX], counter[8];
	size_t n = base32_decode(secret, key, sizeof(key)), len;
	uint64_t step = (uint64_t)when / 30;
	unsigned code;

	if (n == 0)
		return NULL;
	for (int i = 7; i >= 0; i--, step >>= 8)
		counter[i] = (unsigned char)step;
	len = hmac("SHA1", key, n, counter, sizeof(counter), mac);
	explicit_bzero(key, sizeof(key));
	if (len != 20)
		return NULL;
	n = mac[19] & 15;
	code = ((unsigned)(mac[n] & 0x7f) << 24 | (unsigned)mac[n + 1] << 16 |
	    (unsigned)mac[n + 2] << 8 | mac[n + 3]);
	return xasprintf("%06u", code % 1000000);
}

char *
utc(int64_t when, enum utc_form form)
{
	time_t t = (time_t)when;
	struct tm tm;
	char text[128] = "";

	gmtime_r(&t, &tm);
	switch (form) {
	case UTC_BASIC:
		(void)strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &tm);
		break;
	case UTC_EXTENDED:
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		break;
	case UTC_DATE_BASIC:
		(void)strftime(text, sizeof(text), "%Y%m%d", &tm);
		break;
	case UTC_DATE:
		(void)strftime(text, sizeof(text), "%Y-%m-%d", &tm);
		break;
	case UTC_HTTP:
		(void)strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT",
		    &tm);
		break;
	}
	return xstrdup(text);
}
