#include "sign.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "encode.h"

char *
url_host(const char *url)
{
	const char *at = strstr(url, "://");

	at = at == NULL ? url : at + 3;
	return xstrndup(at, strcspn(at, "/?#"));
}

char *
url_target(const char *url)
{
	const char *at = strstr(url, "://");

	at = at == NULL ? url : at + 3;
	at += strcspn(at, "/?#");
	return *at == '/' ? xstrdup(at) : xasprintf("/%s", at);
}

char *
ovh_signature(const char *secret, const char *consumer, const char *method,
    const char *url, const char *body, int64_t when)
{
	char *text = xasprintf("%s+%s+%s+%s+%s+%lld", secret, consumer, method,
	    url, body, (long long)when);
	char *hex = hash_hex("SHA1", text, strlen(text));
	char *all = xasprintf("$1$%s", hex);

	wipe_free(text, strlen(text));
	free(hex);
	return all;
}

char *
exo2_signature(const char *secret, const char *method, const char *path,
    const char *body, const char *values, int64_t expires)
{
	char *text = xasprintf("%s %s\n%s\n%s\n\n%lld", method, path, body,
	    values, (long long)expires);
	char *b64 = hmac_base64("SHA256", secret, text);

	free(text);
	return b64;
}

char *
acs1_query(const char *method, jv parameters, const char *secret)
{
	char *query = form_encode(parameters);
	char *encoded = percent_encode(query, 0);
	char *text = xasprintf("%s&%%2F&%s", method, encoded);
	char *key = xasprintf("%s&", secret);
	char *b64 = hmac_base64("SHA1", key, text);
	char *signature = percent_encode(b64, 0);
	char *all = xasprintf("%s&Signature=%s", query, signature);

	free(query);
	free(encoded);
	free(text);
	wipe_free(key, strlen(key));
	free(b64);
	free(signature);
	return all;
}

char *
oci_string(const char *method, const char *url, const char *date,
    const char *type, const char *body, size_t body_n)
{
	unsigned char sum[HASH_MAX];
	char *host = url_host(url), *target = url_target(url), *b64, *all;
	char lower[16] = "";

	for (size_t i = 0; method[i] != '\0' && i < sizeof(lower) - 1; i++)
		lower[i] = (char)(method[i] | 0x20);
	if (body == NULL) {
		all = xasprintf("(request-target): %s %s\ndate: %s\nhost: %s",
		    lower, target, date, host);
	} else {
		b64 = base64_encode(sum, hash("SHA256", body, body_n, sum));
		all = xasprintf("(request-target): %s %s\ndate: %s\nhost: %s\n"
				"x-content-sha256: %s\ncontent-type: %s\n"
				"content-length: %zu",
		    lower, target, date, host, b64, type, body_n);
		free(b64);
	}
	free(host);
	free(target);
	return all;
}

char *
rsa_sha256(EVP_PKEY *key, const char *text, struct err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *sig = NULL;
	size_t n = 0;
	char *b64 = NULL;

	if (ctx != NULL &&
	    EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL) &&
	    EVP_DigestSign(ctx, NULL, &n, (const unsigned char *)text,
		strlen(text))) {
		sig = xmalloc(n);
		if (EVP_DigestSign(ctx, sig, &n, (const unsigned char *)text,
			strlen(text)))
			b64 = base64_encode(sig, n);
	}
	if (b64 == NULL)
		err_set(err, ERR_misconfigured,
		    "the private key cannot sign the request");
	free(sig);
	EVP_MD_CTX_free(ctx);
	return b64;
}
