#include "crypto/b64.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"

static void
swap_alphabet(char *s, const char *from, const char *to)
{
	for (; *s; s++) {
		if (*s == from[0])
			*s = to[0];
		else if (*s == from[1])
			*s = to[1];
	}
}

static int
in_alphabet(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_';
}

char *
b64url_encode(const void *p, size_t len)
{
	size_t size = 4 * ((len + 2) / 3);
	char *text = xmalloc(size + 1);

	text[0] = '\0';
	if (len > 0)
		EVP_EncodeBlock((unsigned char *)text, p, (int)len);
	text[strcspn(text, "=")] = '\0';
	swap_alphabet(text, "+/", "-_");
	return text;
}

/* Bits of the last character that belong to no byte. */
static int
stray_bits(const char *quad, size_t rest)
{
	char last[5] = "AAAA";
	unsigned char out[3];

	if (rest == 0)
		return 0;
	last[3] = quad[rest - 1];
	EVP_DecodeBlock(out, (const unsigned char *)last, 4);
	return out[2] & (rest == 2 ? 0x0f : 0x03);
}

/* text: n characters of the URL alphabet. */
static unsigned char *
decode(const char *text, size_t n, int strict, size_t *len, struct err *err)
{
	size_t rest = n % 4, size = (n + 3) / 4 * 4;
	char *std = xmalloc(size + 1);
	unsigned char *out = xmalloc(size / 4 * 3 + 1);

	memcpy(std, text, n);
	std[n] = '\0';
	swap_alphabet(std, "-_", "+/");
	if (rest == 1 || (strict && stray_bits(std + n - rest, rest))) {
		err_set(err, ERR_badData, "the base64url text is cut off");
		wipe_free(std, size);
		free(out);
		return NULL;
	}
	memset(std + n, '=', size - n);
	std[size] = '\0';
	if (size > 0)
		EVP_DecodeBlock(out, (unsigned char *)std, (int)size);
	*len = size / 4 * 3 - (size - n);
	out[*len] = '\0';
	wipe_free(std, size);
	return out;
}

static int
too_long(size_t n, struct err *err)
{
	if (n <= DOC_MAX)
		return 0;
	err_set(err, ERR_badData, "the base64url text is longer than %d bytes",
	    DOC_MAX);
	return 1;
}

unsigned char *
b64url_decode_n(const char *text, size_t n, size_t *len, struct err *err)
{
	size_t i;

	if (too_long(n, err))
		return NULL;
	for (i = 0; i < n && in_alphabet(text[i]); i++)
		;
	if (i < n) {
		err_set(err, ERR_badData,
		    "the base64url text has a wrong character at byte %zu",
		    i + 1);
		return NULL;
	}
	return decode(text, n, 1, len, err);
}

unsigned char *
b64url_decode(const char *text, size_t *len, struct err *err)
{
	return b64url_decode_n(text, strlen(text), len, err);
}

unsigned char *
b64url_decode_lenient(const char *text, size_t *len, struct err *err)
{
	size_t size = strlen(text), n = 0, end;
	unsigned char *out = NULL;
	char *clean;

	if (too_long(size, err))
		return NULL;
	clean = xmalloc(size + 1);
	for (const char *s = text; *s; s++)
		if (!strchr(" \t\r\n\v\f", *s))
			clean[n++] = *s;
	clean[n] = '\0';
	swap_alphabet(clean, "+/", "-_");
	for (end = n; end > 0 && n - end < 2 && clean[end - 1] == '='; end--)
		;
	for (n = 0; n < end && in_alphabet(clean[n]); n++)
		;
	if (n < end)
		err_set(err, ERR_badData,
		    "the base64url text has a wrong character");
	else
		out = decode(clean, n, 0, len, err);
	wipe_free(clean, size);
	return out;
}

int
b64url_token_ok(const char *text, size_t max)
{
	size_t n = 0;

	while (n <= max && in_alphabet(text[n]))
		n++;
	return n >= 1 && n <= max && text[n] == '\0';
}
