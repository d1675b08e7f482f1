#include "crypto/jws.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/ec.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "crypto/b64.h"
#include "crypto/jwk.h"
#include "crypto/key.h"
#include "crypto/ossl.h"

static const struct alg {
	const char *name, *curve, *md;
	size_t half; /* octets of r and of s, RFC 7518 3.4 */
} algs[] = {
    {"ES256", "secp256r1", "SHA256", 32},
    {"ES384", "secp384r1", "SHA384", 48},
    {"ES512", "secp521r1", "SHA512", 66},
    {"RS256", NULL, "SHA256", 0},
    {"EdDSA", NULL, NULL, 0},
};

static const struct alg *
alg_for(EVP_PKEY *key)
{
	struct key_spec spec;
	size_t i;

	if (EVP_PKEY_is_a(key, "RSA"))
		return &algs[3];
	if (EVP_PKEY_is_a(key, "ED25519"))
		return &algs[4];
	if (key_describe(key, &spec, NULL) == 0 && spec.curve)
		for (i = 0; i < 3; i++)
			if (strcmp(spec.curve, algs[i].curve) == 0)
				return &algs[i];
	return NULL;
}

const char *
jws_alg(EVP_PKEY *key)
{
	const struct alg *alg = alg_for(key);

	return alg ? alg->name : NULL;
}

/* DER's SEQUENCE of r and s to r||s, each of half octets. */
static unsigned char *
raw_ecdsa(const unsigned char *der, size_t n, size_t half)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
	unsigned char *raw = xmalloc(2 * half);

	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)half) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, (int)half) < 0) {
		free(raw);
		raw = NULL;
	}
	ECDSA_SIG_free(sig);
	return raw;
}

static char *
signature_of(EVP_PKEY *key, const struct alg *alg, const char *input,
    struct err *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *sig = NULL, *raw = NULL;
	char *text = NULL;
	size_t n = 0;

	if (!ctx)
		ossl_no_memory();
	if (EVP_DigestSignInit_ex(ctx, NULL, alg->md, NULL, NULL, key, NULL) !=
		1 ||
	    EVP_DigestSign(ctx, NULL, &n, (const unsigned char *)input,
		strlen(input)) != 1)
		goto out;
	sig = xmalloc(n);
	if (EVP_DigestSign(ctx, sig, &n, (const unsigned char *)input,
		strlen(input)) != 1)
		goto out;
	if (alg->half == 0)
		text = b64url_encode(sig, n);
	else if ((raw = raw_ecdsa(sig, n, alg->half)))
		text = b64url_encode(raw, 2 * alg->half);
out:
	if (!text)
		ossl_fail(err, ERR_badData, "the key cannot sign");
	free(raw);
	free(sig);
	EVP_MD_CTX_free(ctx);
	return text;
}

static const struct alg *
alg_or_err(EVP_PKEY *key, struct err *err)
{
	const struct alg *alg = alg_for(key);

	if (!alg)
		err_set(err, ERR_notSupported,
		    "a key of this kind cannot sign requests; use RSA, ECDSA "
		    "with P-256, P-384 or P-521, or Ed25519");
	return alg;
}

char *
jws_signature(EVP_PKEY *key, const char *input, struct err *err)
{
	const struct alg *alg;

	ossl_start();
	if (!(alg = alg_or_err(key, err)))
		return NULL;
	return signature_of(key, alg, input, err);
}

/* base64url of the JSON text of header, which is eaten. */
static char *
encode_header(jv header TAKES)
{
	char *json = doc_text(header),
	     *text = b64url_encode(json, strlen(json));

	free(json);
	doc_free(header);
	return text;
}

static jv
flattened(const char *protected, const char *payload, const char *signature)
{
	jv jws = doc_object();

	jws = doc_set_str(jws, "protected", protected);
	jws = doc_set_str(jws, "payload", payload);
	return doc_set_str(jws, "signature", signature);
}

/* The protected header as a document; none and err. */
static jv
header_of(EVP_PKEY *key, const struct alg *alg, const struct jws_header *h,
    struct err *err)
{
	jv doc = doc_set_str(doc_object(), "alg", alg->name), jwk;

	doc = doc_set_str(doc, "nonce", h->nonce);
	doc = doc_set_str(doc, "url", h->url);
	if (h->kid)
		return doc_set_str(doc, "kid", h->kid);
	jwk = jwk_public(key, err);
	if (doc_is(jwk, DOC_NONE)) {
		doc_free(doc);
		return doc_none();
	}
	return doc_set(doc, "jwk", jwk);
}

char *
jws_sign(EVP_PKEY *key, const struct jws_header *header, const char *payload,
    struct err *err)
{
	const struct alg *alg;
	char *head, *body, *input, *sig, *text = NULL;
	jv doc;

	ossl_start();
	if (!(alg = alg_or_err(key, err)))
		return NULL;
	doc = header_of(key, alg, header, err);
	if (doc_is(doc, DOC_NONE))
		return NULL;
	head = encode_header(doc);
	body = b64url_encode(payload, strlen(payload));
	input = xasprintf("%s.%s", head, body);
	sig = signature_of(key, alg, input, err);
	if (sig) {
		doc = flattened(head, body, sig);
		text = doc_text(doc);
		doc_free(doc);
	}
	free(sig);
	free(input);
	free(body);
	free(head);
	return text;
}

static const EVP_MD *
hmac_md(const char *alg)
{
	if (strcmp(alg, "HS256") == 0)
		return EVP_sha256();
	if (strcmp(alg, "HS384") == 0)
		return EVP_sha384();
	return strcmp(alg, "HS512") == 0 ? EVP_sha512() : NULL;
}

/* base64url of the HMAC; NULL and err. */
static char *
mac_of(const EVP_MD *md, const unsigned char *key, size_t len,
    const char *input, struct err *err)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (len == 0 || len > DOC_MAX) {
		err_set(err, ERR_badData,
		    "the key of the external account is empty or too long");
		return NULL;
	}
	if (!HMAC(md, key, (int)len, (const unsigned char *)input,
		strlen(input), mac, &n)) {
		ossl_fail(err, ERR_internal, "HMAC");
		return NULL;
	}
	return b64url_encode(mac, n);
}

jv
jws_eab(EVP_PKEY *account_key, const char *alg, const char *kid,
    const unsigned char *mac_key, size_t mac_len, const char *url,
    struct err *err)
{
	char *json, *head, *body, *input, *sig;
	jv jwk, doc, jws = doc_none();
	const EVP_MD *md;

	ossl_start();
	if (!(md = hmac_md(alg))) {
		err_set(err, ERR_usage,
		    "Invalid value for hmac_alg: %s. Expected one of: HS256, "
		    "HS384, HS512.",
		    alg);
		return jws;
	}
	jwk = jwk_public(account_key, err);
	if (doc_is(jwk, DOC_NONE))
		return jws;
	doc = doc_set_str(doc_object(), "alg", alg);
	doc = doc_set_str(doc, "kid", kid);
	doc = doc_set_str(doc, "url", url);
	head = encode_header(doc);
	json = doc_text(jwk);
	body = b64url_encode(json, strlen(json));
	input = xasprintf("%s.%s", head, body);
	sig = mac_of(md, mac_key, mac_len, input, err);
	if (sig)
		jws = flattened(head, body, sig);
	free(sig);
	free(input);
	free(body);
	free(json);
	free(head);
	doc_free(jwk);
	return jws;
}
