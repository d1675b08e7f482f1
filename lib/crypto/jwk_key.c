#include "crypto/jwk_kind.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "base/buf.h"
#include "crypto/b64.h"
#include "crypto/ossl.h"

const char *const jwk_names[JWK_MEMBERS] = {"kty", "crv", "n", "e", "d", "p",
    "q", "dp", "dq", "qi", "x", "y", "oth"};

int
jwk_span_is(struct jwk_span s, const char *text)
{
	return s.p && s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

int
jwk_no_member(int i, const char *why, struct err *err)
{
	return err_set(err, ERR_badData, "the JWK's \"%s\" %s", jwk_names[i],
	    why);
}

static int
number(const struct jwk_members *m, int i, BIGNUM **n, struct err *err)
{
	struct jwk_span s = m->at[i];
	unsigned char *bytes;
	size_t len;

	if (!s.p)
		return jwk_no_member(i, "is missing", err);
	if (!(bytes = b64url_decode_n(s.p, s.len, &len, err)))
		return err_prefix(err, "the JWK's \"%s\"", jwk_names[i]);
	if (!(*n = BN_secure_new()) || !BN_bin2bn(bytes, (int)len, *n))
		ossl_no_memory();
	wipe_free(bytes, len);
	return 0;
}

/* Exactly len octets into out. */
static int
octets(const struct jwk_members *m, int i, unsigned char *out, size_t len,
    struct err *err)
{
	struct jwk_span s = m->at[i];
	unsigned char *p;
	size_t n;
	int rc = 0;

	if (!s.p)
		return jwk_no_member(i, "is missing", err);
	if (!(p = b64url_decode_n(s.p, s.len, &n, err)))
		return err_prefix(err, "the JWK's \"%s\"", jwk_names[i]);
	if (n == len)
		memcpy(out, p, len);
	else
		rc = jwk_no_member(i, "has the wrong length", err);
	wipe_free(p, n);
	return rc;
}

/* A key of type with these parameters, which are freed. */
static EVP_PKEY *
key_of(const char *type, OSSL_PARAM_BLD *bld, struct err *err)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!params || !ctx)
		ossl_no_memory();
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		ossl_fail(err, ERR_badData, "the JWK is no private key");
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

static OSSL_PARAM_BLD *
builder(void)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();

	if (!bld)
		ossl_no_memory();
	return bld;
}

/* RSA (RFC 7518 6.3) */

static int
read_rsa_numbers(const struct jwk_members *m, struct jwk_rsa *rsa,
    struct err *err)
{
	static const int crt[] = {JWK_P, JWK_Q, JWK_DP, JWK_DQ, JWK_QI};
	BIGNUM **slots[] = {&rsa->p, &rsa->q, &rsa->dp, &rsa->dq, &rsa->qi};
	size_t i, there = 0;

	if (m->at[JWK_OTH].p)
		return err_set(err, ERR_notSupported,
		    "RSA keys of more than two primes cannot be used");
	if (number(m, JWK_N, &rsa->n, err) != 0 ||
	    number(m, JWK_E, &rsa->e, err) != 0 ||
	    number(m, JWK_D, &rsa->d, err) != 0)
		return -1;
	for (i = 0; i < ARRAY_LEN(crt); i++)
		there += m->at[crt[i]].p != NULL;
	for (i = 0; i < ARRAY_LEN(crt) && there > 0; i++)
		if (number(m, crt[i], slots[i], err) != 0)
			return -1;
	return jwk_rsa_complete(rsa, err);
}

static EVP_PKEY *
read_rsa(const struct jwk_members *m, struct err *err)
{
	struct jwk_rsa rsa = {0};
	BIGNUM **slots[] = {&rsa.n, &rsa.e, &rsa.d, &rsa.p, &rsa.q, &rsa.dp,
	    &rsa.dq, &rsa.qi};
	static const char *const params[] = {OSSL_PKEY_PARAM_RSA_N,
	    OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
	    OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
	    OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	    OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	EVP_PKEY *key = NULL;
	OSSL_PARAM_BLD *bld;
	size_t i;

	if (read_rsa_numbers(m, &rsa, err) == 0) {
		bld = builder();
		for (i = 0; i < ARRAY_LEN(slots); i++)
			if (!OSSL_PARAM_BLD_push_BN(bld, params[i], *slots[i]))
				ossl_no_memory();
		key = key_of("RSA", bld, err);
	}
	for (i = 0; i < ARRAY_LEN(slots); i++)
		BN_clear_free(*slots[i]);
	return key;
}

/* EC (RFC 7518 6.2) */

enum { COORDINATE_MAX = 66 };

/* Is point, 04 || x || y, the public part of d? */
static int
is_public_of(const struct jwk_curve *curve, const BIGNUM *d,
    const unsigned char *point)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
	EC_POINT *want = group ? EC_POINT_new(group) : NULL;
	EC_POINT *given = group ? EC_POINT_new(group) : NULL;
	int ok;

	if (!want || !given)
		ossl_no_memory();
	ok = !BN_is_zero(d) && BN_cmp(d, EC_GROUP_get0_order(group)) < 0 &&
	    EC_POINT_oct2point(group, given, point, 2 * curve->octets + 1,
		NULL) == 1 &&
	    EC_POINT_mul(group, want, d, NULL, NULL, NULL) == 1 &&
	    EC_POINT_cmp(group, want, given, NULL) == 0;
	EC_POINT_free(given);
	EC_POINT_free(want);
	EC_GROUP_free(group);
	return ok;
}

static EVP_PKEY *
read_ec(const struct jwk_members *m, struct err *err)
{
	const struct jwk_curve *curve = m->at[JWK_CRV].p ?
	    jwk_curve(m->at[JWK_CRV].p, m->at[JWK_CRV].len) :
	    NULL;
	unsigned char point[2 * COORDINATE_MAX + 1] = {4};
	unsigned char secret[COORDINATE_MAX];
	EVP_PKEY *key = NULL;
	OSSL_PARAM_BLD *bld;
	BIGNUM *d;

	if (!curve) {
		jwk_no_member(JWK_CRV,
		    "is none of JWK_P-256, JWK_P-384 and JWK_P-521", err);
		return NULL;
	}
	if (octets(m, JWK_X, point + 1, curve->octets, err) != 0 ||
	    octets(m, JWK_Y, point + 1 + curve->octets, curve->octets, err) !=
		0 ||
	    octets(m, JWK_D, secret, curve->octets, err) != 0)
		return NULL;
	if (!(d = BN_secure_new()) || !BN_bin2bn(secret, (int)curve->octets, d))
		ossl_no_memory();
	OPENSSL_cleanse(secret, sizeof(secret));
	BN_set_flags(d, BN_FLG_CONSTTIME);
	if (!is_public_of(curve, d, point)) {
		err_set(err, ERR_badData,
		    "the JWK's \"d\" does not belong to its \"x\" and \"y\"");
		goto out;
	}
	bld = builder();
	if (!OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
		curve->group, 0) ||
	    !OSSL_PARAM_BLD_push_BN_pad(bld, OSSL_PKEY_PARAM_PRIV_KEY, d,
		curve->octets) ||
	    !OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY,
		point, 2 * curve->octets + 1))
		ossl_no_memory();
	key = key_of("EC", bld, err);
out:
	BN_clear_free(d);
	return key;
}

/* Ed25519 (RFC 8037) */

static EVP_PKEY *
read_okp(const struct jwk_members *m, struct err *err)
{
	unsigned char x[32], d[32], own[32];
	size_t n = sizeof(own);
	EVP_PKEY *key;

	if (!jwk_span_is(m->at[JWK_CRV], "Ed25519")) {
		jwk_no_member(JWK_CRV, "is not Ed25519", err);
		return NULL;
	}
	if (octets(m, JWK_X, x, sizeof(x), err) != 0 ||
	    octets(m, JWK_D, d, sizeof(d), err) != 0)
		return NULL;
	key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, d,
	    sizeof(d));
	OPENSSL_cleanse(d, sizeof(d));
	if (!key)
		ossl_no_memory();
	if (EVP_PKEY_get_raw_public_key(key, own, &n) == 1 &&
	    memcmp(own, x, sizeof(x)) == 0)
		return key;
	EVP_PKEY_free(key);
	err_set(err, ERR_badData,
	    "the JWK's \"d\" does not belong to its \"x\"");
	return NULL;
}

EVP_PKEY *
jwk_key(const struct jwk_members *m, struct err *err)
{
	ossl_start();
	if (jwk_span_is(m->at[JWK_KTY], "RSA"))
		return read_rsa(m, err);
	if (jwk_span_is(m->at[JWK_KTY], "EC"))
		return read_ec(m, err);
	if (jwk_span_is(m->at[JWK_KTY], "OKP"))
		return read_okp(m, err);
	jwk_no_member(JWK_KTY,
	    m->at[JWK_KTY].p ? "is none of RSA, EC and OKP" : "is missing",
	    err);
	return NULL;
}
