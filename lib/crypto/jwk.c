#include "crypto/jwk.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include "base/buf.h"
#include "crypto/b64.h"
#include "crypto/jwk_kind.h"
#include "crypto/key.h"
#include "crypto/ossl.h"

enum { PRIVATE_TEXT_MAX = 64 << 10 };

static const struct jwk_curve curves[] = {
    {"P-256", "secp256r1", "prime256v1", NID_X9_62_prime256v1, 32},
    {"P-384", "secp384r1", "secp384r1", NID_secp384r1, 48},
    {"P-521", "secp521r1", "secp521r1", NID_secp521r1, 66},
};

const struct jwk_curve *
jwk_curve(const char *crv, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(curves); i++)
		if (strlen(curves[i].crv) == len &&
		    memcmp(curves[i].crv, crv, len) == 0)
			return &curves[i];
	return NULL;
}

static const struct jwk_curve *
curve_of(EVP_PKEY *key)
{
	struct key_spec spec;
	size_t i;

	if (key_describe(key, &spec, NULL) != 0 || !spec.curve)
		return NULL;
	for (i = 0; i < ARRAY_LEN(curves); i++)
		if (strcmp(curves[i].name, spec.curve) == 0)
			return &curves[i];
	return NULL;
}

/* base64url of the number param of key, in width octets (0: as few as needed);
 * NULL when key has none. */
static char *
number_text(EVP_PKEY *key, const char *param, size_t width)
{
	BIGNUM *n = BN_secure_new();
	unsigned char *octets = NULL;
	char *text = NULL;

	if (!n)
		ossl_no_memory();
	if (EVP_PKEY_get_bn_param(key, param, &n) == 1) {
		if (width == 0)
			width = (size_t)BN_num_bytes(n);
		octets = xmalloc(width);
		if (BN_bn2binpad(n, octets, (int)width) >= 0)
			text = b64url_encode(octets, width);
		wipe_free(octets, width);
	}
	BN_clear_free(n);
	return text;
}

static char *
raw_text(EVP_PKEY *key, int (*get)(const EVP_PKEY *, unsigned char *, size_t *))
{
	unsigned char raw[32];
	size_t n = sizeof(raw);
	char *text = NULL;

	if (get(key, raw, &n) == 1)
		text = b64url_encode(raw, n);
	OPENSSL_cleanse(raw, sizeof(raw));
	return text;
}

/* One member as text; NULL: the key does not have it. */
static char *
member_text(EVP_PKEY *key, const struct jwk_member *m,
    const struct jwk_curve *curve)
{
	if (m->param)
		return number_text(key, m->param, curve ? curve->octets : 0);
	if (strcmp(m->name, "kty") == 0)
		return xstrdup(EVP_PKEY_is_a(key, "RSA") ? "RSA" :
			curve				 ? "EC" :
							   "OKP");
	if (strcmp(m->name, "crv") == 0)
		return xstrdup(curve ? curve->crv : "Ed25519");
	return raw_text(key,
	    strcmp(m->name, "x") == 0 ? EVP_PKEY_get_raw_public_key :
					EVP_PKEY_get_raw_private_key);
}

/* Members in the order in which certbot writes them (spec 1.4). */
static const struct jwk_member rsa_members[] = {
    {"n", OSSL_PKEY_PARAM_RSA_N, 1},
    {"e", OSSL_PKEY_PARAM_RSA_E, 1},
    {"d", OSSL_PKEY_PARAM_RSA_D, 0},
    {"p", OSSL_PKEY_PARAM_RSA_FACTOR1, 0},
    {"q", OSSL_PKEY_PARAM_RSA_FACTOR2, 0},
    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1, 0},
    {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2, 0},
    {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1, 0},
    {"kty", NULL, 1},
    {NULL, NULL, 0},
};
static const struct jwk_member ec_members[] = {
    {"crv", NULL, 1},
    {"x", OSSL_PKEY_PARAM_EC_PUB_X, 1},
    {"y", OSSL_PKEY_PARAM_EC_PUB_Y, 1},
    {"d", OSSL_PKEY_PARAM_PRIV_KEY, 0},
    {"kty", NULL, 1},
    {NULL, NULL, 0},
};
static const struct jwk_member okp_members[] = {
    {"crv", NULL, 1},
    {"x", NULL, 1},
    {"d", NULL, 0},
    {"kty", NULL, 1},
    {NULL, NULL, 0},
};

static const struct jwk_member *
members_of(EVP_PKEY *key, const struct jwk_curve **curve, struct err *err)
{
	ossl_start();
	*curve = NULL;
	if (EVP_PKEY_is_a(key, "RSA"))
		return rsa_members;
	if (EVP_PKEY_is_a(key, "ED25519"))
		return okp_members;
	if ((*curve = curve_of(key)) != NULL)
		return ec_members;
	err_set(err, ERR_notSupported,
	    "a key of this kind has no JWK here; use RSA, ECDSA with P-256, "
	    "P-384 or P-521, or Ed25519");
	return NULL;
}

static int
lacks(const struct jwk_member *m, struct err *err)
{
	return err_set(err, ERR_badData, "the key has no \"%s\"%s", m->name,
	    m->public ? "" : ": it is no private key");
}

jv
jwk_public(EVP_PKEY *key, struct err *err)
{
	const struct jwk_curve *curve;
	const struct jwk_member *m = members_of(key, &curve, err);
	jv jwk = doc_object();
	char *text;

	for (; m && m->name; m++) {
		if (!m->public)
			continue;
		if (!(text = member_text(key, m, curve))) {
			lacks(m, err);
			break;
		}
		jwk = doc_set_str(jwk, m->name, text);
		free(text);
	}
	if (m && !m->name)
		return jwk;
	doc_free(jwk);
	return doc_none();
}

static void
add_member(struct buf *b, const char *name, const char *text)
{
	buf_adds(b, b->len == 0 ? "{\"" : ", \"");
	buf_adds(b, name);
	buf_adds(b, "\": \"");
	buf_adds(b, text);
	buf_addc(b, '"');
}

char *
jwk_private_text(EVP_PKEY *key, struct err *err)
{
	const struct jwk_curve *curve;
	const struct jwk_member *m = members_of(key, &curve, err);
	struct buf b;
	char *text;

	buf_init(&b, PRIVATE_TEXT_MAX);
	for (; m && m->name; m++) {
		if (!(text = member_text(key, m, curve))) {
			lacks(m, err);
			break;
		}
		add_member(&b, m->name, text);
		wipe_free(text, strlen(text));
	}
	if (m && !m->name && buf_addc(&b, '}') == 0)
		return buf_detach(&b);
	buf_release(&b);
	return NULL;
}

/* base64url of the SHA-256 of text. */
static char *
sha256_text(const char *text)
{
	unsigned char md[32];

	ossl_start();
	if (!EVP_Q_digest(NULL, "SHA256", NULL, text, strlen(text), md, NULL))
		ossl_no_memory();
	return b64url_encode(md, sizeof(md));
}

char *
jwk_thumbprint(EVP_PKEY *key, struct err *err)
{
	jv jwk = jwk_public(key, err);
	char *json, *thumbprint;

	if (doc_is(jwk, DOC_NONE))
		return NULL;
	json = doc_text_sorted(jwk);
	thumbprint = sha256_text(json);
	free(json);
	doc_free(jwk);
	return thumbprint;
}

char *
jwk_account_id(EVP_PKEY *key, struct err *err)
{
	unsigned char md[16];
	char *pem = NULL, *id = NULL;
	BIO *bio;
	size_t i;

	ossl_start();
	bio = ossl_bio_out();
	if (!PEM_write_bio_PUBKEY(bio, key)) {
		ossl_fail(err, ERR_badData, "the key has no public part");
		BIO_free(bio);
		return NULL;
	}
	pem = ossl_bio_text(bio);
	if (!EVP_Q_digest(NULL, "MD5", NULL, pem, strlen(pem), md, NULL)) {
		ossl_fail(err, ERR_notSupported,
		    "account directories are named by MD5, which OpenSSL "
		    "refuses here");
		goto out;
	}
	id = xmalloc(2 * sizeof(md) + 1);
	for (i = 0; i < sizeof(md); i++)
		snprintf(id + 2 * i, 3, "%02x", md[i]);
out:
	free(pem);
	return id;
}

char *
jwk_key_authorization(const char *token, EVP_PKEY *key, struct err *err)
{
	char *thumbprint = jwk_thumbprint(key, err), *text = NULL;

	if (thumbprint)
		text = xasprintf("%s.%s", token, thumbprint);
	free(thumbprint);
	return text;
}

char *
jwk_dns_value(const char *key_authorization)
{
	return sha256_text(key_authorization);
}
