/* Secrets put into what a provider file has made. */
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/jws.h"
#include "crypto/key.h"
#include "dns.h"
#include "encode.h"

char *
value_of(struct dns *d, const char *key)
{
	int of_session = strncmp(key, "session.", 8) == 0;
	jv v = doc_get(of_session ? d->session : d->cred,
	    of_session ? key + 8 : key);
	char *text = NULL;

	if (doc_text_of(v) != NULL)
		text = xstrdup(doc_text_of(v));
	else if (doc_is(v, DOC_NUMBER))
		text = doc_text(v);
	doc_free(v);
	return text;
}

char *
template_fill(struct dns *d, const char *text, struct err *err)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_adds(&b, "");
	while (*text != '\0') {
		const char *end = *text == '{' ? strchr(text, '}') : NULL;
		char *key, *value;

		if (end == NULL) {
			buf_addc(&b, *text++);
			continue;
		}
		key = xstrndup(text + 1, (size_t)(end - text - 1));
		value = value_of(d, key);
		if (value == NULL) {
			err_set(err, ERR_misconfigured,
			    "the credential %s is missing", key);
			free(key);
			buf_release(&b);
			return NULL;
		}
		buf_adds(&b, value);
		wipe_free(value, strlen(value));
		free(key);
		text = end + 1;
	}
	return buf_detach(&b);
}

/* A token that a certificate proves (RFC 7523): the header names it, and no
 * token is sent twice. */
static void
by_certificate(const char *pem, jv *header, jv *claims, struct err *err)
{
	unsigned char sum[HASH_MAX], random[16];
	size_t n = 0;
	unsigned char *der = cert_der(pem, strlen(pem), &n, err);
	char *text;

	if (der == NULL)
		return;
	if (RAND_bytes(random, sizeof(random)) != 1)
		err_set(err, ERR_internal, "there are no random numbers");
	text = b64url_encode(sum, hash("SHA1", der, n, sum));
	*header = doc_set_str(*header, "x5t", text);
	free(text);
	text = hex_encode(random, sizeof(random));
	*claims = doc_set_str(*claims, "jti", text);
	free(text);
	free(der);
}

/* A compact JWS (RFC 7515 3.1). */
static char *
jwt(struct dns *d, jv spec, struct err *err)
{
	const char *name = doc_str(spec, "key");
	char *pem = value_of(d, name == NULL ? "private_key" : name);
	jv header = doc_get_kind(spec, "header", DOC_OBJECT);
	jv claims = doc_get_kind(spec, "claims", DOC_OBJECT);
	EVP_PKEY *key = NULL;
	char *h, *c, *input, *sig, *text = NULL;

	if (doc_flag(spec, "certificate", 0) && pem != NULL)
		by_certificate(pem, &header, &claims, err);

	if (pem == NULL)
		err_set(err, ERR_misconfigured, "the private key is missing");
	else if (!err_is_set(err))
		key = key_read(pem, strlen(pem), err);
	if (key != NULL) {
		char *ht = doc_text(header), *ct = doc_text(claims);
		h = b64url_encode(ht, strlen(ht));
		c = b64url_encode(ct, strlen(ct));
		input = xasprintf("%s.%s", h, c);
		sig = jws_signature(key, input, err);
		if (sig != NULL)
			text = xasprintf("%s.%s", input, sig);
		free(ht);
		free(ct);
		free(h);
		free(c);
		free(input);
		free(sig);
	}
	EVP_PKEY_free(key);
	if (pem != NULL)
		wipe_free(pem, strlen(pem));
	doc_free(header);
	doc_free(claims);
	return text;
}

static char *
joined(struct dns *d, jv parts, struct err *err)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_adds(&b, "");
	for (size_t i = 0; i < doc_len(parts) && !err_is_set(err); i++) {
		jv one = values_fill(d, doc_at(parts, i), err);
		if (doc_text_of(one) != NULL)
			buf_adds(&b, doc_text_of(one));
		doc_free(one);
	}
	return buf_detach(&b);
}

/* The text for one of our objects; NULL with *is 0 when it is none. */
static char *
special(struct dns *d, jv v, int *is, struct err *err)
{
	static const char *const names[] = {"$secret", "$totp", "$jwt", "$join",
	    "$base64"};
	char *text = NULL, *value;
	size_t k = 0;
	jv arg;

	*is = 0;
	if (doc_len(v) != 1)
		return NULL;
	while (k < ARRAY_LEN(names) && !doc_has(v, names[k]))
		k++;
	if (k == ARRAY_LEN(names))
		return NULL;
	*is = 1;
	arg = doc_get(v, names[k]);
	if (k == 2) {
		text = jwt(d, arg, err);
	} else if (k == 3 || k == 4) {
		text = joined(d, arg, err);
		if (k == 4) {
			value = text;
			text = base64_encode(value, strlen(value));
			wipe_free(value, strlen(value));
		}
	} else if (doc_text_of(arg) != NULL) {
		text = value_of(d, doc_text_of(arg));
		if (k == 1 && text != NULL) {
			value = text;
			text = totp(value, time(NULL));
			wipe_free(value, strlen(value));
		}
		if (text == NULL)
			err_set(err, ERR_misconfigured,
			    "the credential %s is missing or cannot be used",
			    doc_text_of(arg));
	}
	if (text != NULL)
		secret_add(d, text);
	else if (!err_is_set(err))
		err_set(err, ERR_badData, "the provider file uses %s wrongly",
		    names[k]);
	doc_free(arg);
	return text;
}

jv
values_fill(struct dns *d, jv v TAKES, struct err *err)
{
	jv keys;
	int is = 0;
	char *text;

	if (doc_is(v, DOC_ARRAY)) {
		for (size_t i = 0; i < doc_len(v) && !err_is_set(err); i++)
			v = doc_put(v, i, values_fill(d, doc_at(v, i), err));
		return v;
	}
	if (!doc_is(v, DOC_OBJECT))
		return v;
	text = special(d, v, &is, err);
	if (is) {
		doc_free(v);
		v = text == NULL ? doc_null() : doc_string(text);
		if (text != NULL)
			wipe_free(text, strlen(text));
		return v;
	}
	keys = doc_keys(v);
	for (size_t i = 0; i < doc_len(keys) && !err_is_set(err); i++) {
		const char *key = doc_str_at(keys, i);
		if (key != NULL)
			v = doc_set(v, key,
			    values_fill(d, doc_get(v, key), err));
	}
	doc_free(keys);
	return v;
}
