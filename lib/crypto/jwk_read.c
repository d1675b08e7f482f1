#include "crypto/jwk.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "base/buf.h"
#include "base/doc_check.h"
#include "crypto/b64.h"
#include "crypto/jwk_kind.h"
#include "crypto/ossl.h"

/* The members that a reader looks at, borrowed from where they stand. */
enum { KTY, CRV, N, E, D, P, Q, DP, DQ, QI, X, Y, OTH, MEMBERS };
static const char *const names[MEMBERS] = {"kty", "crv", "n", "e", "d", "p",
    "q", "dp", "dq", "qi", "x", "y", "oth"};

struct span {
	const char *p; /* NULL: absent */
	size_t len;
};
struct members {
	struct span at[MEMBERS];
};

static int
is_text(struct span s, const char *text)
{
	return s.p && s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

static int
no_member(int i, const char *why, struct err *err)
{
	return err_set(err, ERR_badData, "the JWK's \"%s\" %s", names[i], why);
}

/* numbers */

static int
number(const struct members *m, int i, BIGNUM **n, struct err *err)
{
	struct span s = m->at[i];
	unsigned char *octets;
	size_t len;

	if (!s.p)
		return no_member(i, "is missing", err);
	if (!(octets = b64url_decode_n(s.p, s.len, &len, err)))
		return err_prefix(err, "the JWK's \"%s\"", names[i]);
	if (!(*n = BN_secure_new()) || !BN_bin2bn(octets, (int)len, *n))
		ossl_no_memory();
	wipe_free(octets, len);
	return 0;
}

/* Exactly len octets into out. */
static int
octets(const struct members *m, int i, unsigned char *out, size_t len,
    struct err *err)
{
	struct span s = m->at[i];
	unsigned char *p;
	size_t n;
	int rc = 0;

	if (!s.p)
		return no_member(i, "is missing", err);
	if (!(p = b64url_decode_n(s.p, s.len, &n, err)))
		return err_prefix(err, "the JWK's \"%s\"", names[i]);
	if (n == len)
		memcpy(out, p, len);
	else
		rc = no_member(i, "has the wrong length", err);
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
read_rsa_numbers(const struct members *m, struct jwk_rsa *rsa, struct err *err)
{
	static const int crt[] = {P, Q, DP, DQ, QI};
	BIGNUM **slots[] = {&rsa->p, &rsa->q, &rsa->dp, &rsa->dq, &rsa->qi};
	size_t i, there = 0;

	if (m->at[OTH].p)
		return err_set(err, ERR_notSupported,
		    "RSA keys of more than two primes cannot be used");
	if (number(m, N, &rsa->n, err) != 0 ||
	    number(m, E, &rsa->e, err) != 0 || number(m, D, &rsa->d, err) != 0)
		return -1;
	for (i = 0; i < ARRAY_LEN(crt); i++)
		there += m->at[crt[i]].p != NULL;
	for (i = 0; i < ARRAY_LEN(crt) && there > 0; i++)
		if (number(m, crt[i], slots[i], err) != 0)
			return -1;
	return jwk_rsa_complete(rsa, err);
}

static EVP_PKEY *
read_rsa(const struct members *m, struct err *err)
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
read_ec(const struct members *m, struct err *err)
{
	const struct jwk_curve *curve = m->at[CRV].p ?
	    jwk_curve(m->at[CRV].p, m->at[CRV].len) :
	    NULL;
	unsigned char point[2 * COORDINATE_MAX + 1] = {4};
	unsigned char secret[COORDINATE_MAX];
	EVP_PKEY *key = NULL;
	OSSL_PARAM_BLD *bld;
	BIGNUM *d;

	if (!curve) {
		no_member(CRV, "is none of P-256, P-384 and P-521", err);
		return NULL;
	}
	if (octets(m, X, point + 1, curve->octets, err) != 0 ||
	    octets(m, Y, point + 1 + curve->octets, curve->octets, err) != 0 ||
	    octets(m, D, secret, curve->octets, err) != 0)
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
read_okp(const struct members *m, struct err *err)
{
	unsigned char x[32], d[32], own[32];
	size_t n = sizeof(own);
	EVP_PKEY *key;

	if (!is_text(m->at[CRV], "Ed25519")) {
		no_member(CRV, "is not Ed25519", err);
		return NULL;
	}
	if (octets(m, X, x, sizeof(x), err) != 0 ||
	    octets(m, D, d, sizeof(d), err) != 0)
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

/* where the members come from */

static EVP_PKEY *
read_members(const struct members *m, struct err *err)
{
	ossl_start();
	if (is_text(m->at[KTY], "RSA"))
		return read_rsa(m, err);
	if (is_text(m->at[KTY], "EC"))
		return read_ec(m, err);
	if (is_text(m->at[KTY], "OKP"))
		return read_okp(m, err);
	no_member(KTY,
	    m->at[KTY].p ? "is none of RSA, EC and OKP" : "is missing", err);
	return NULL;
}

EVP_PKEY *
jwk_read(jv jwk, struct err *err)
{
	struct members m = {0};
	int i;

	if (!doc_is(jwk, DOC_OBJECT)) {
		err_set(err, ERR_badData, "the JWK is no JSON object");
		return NULL;
	}
	for (i = 0; i < MEMBERS; i++) {
		const char *s = doc_str(jwk, names[i]);

		if (s)
			m.at[i] = (struct span){s, strlen(s)};
		else if (doc_has(jwk, names[i])) {
			no_member(i, "is no text", err);
			return NULL;
		}
	}
	return read_members(&m, err);
}

static const char *
skip_space(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* From the opening quote to behind the closing one; *in is what they hold. */
static const char *
skip_string(const char *s, struct span *in)
{
	const char *from = ++s;

	while (*s != '"')
		s += *s == '\\' ? 2 : 1;
	*in = (struct span){from, (size_t)(s - from)};
	return s + 1;
}

/* Behind a value of any kind, in text that doc_check has passed. */
static const char *
skip_value(const char *s)
{
	struct span in;
	int depth = 0;

	do {
		if (*s == '"') {
			s = skip_string(s, &in);
			continue;
		}
		if (*s == '{' || *s == '[')
			depth++;
		else if (*s == '}' || *s == ']')
			depth--;
		s++;
	} while (depth > 0 || !strchr(",}]", *s));
	return s;
}

static int
take_member(struct members *m, struct span name, const char *value,
    struct err *err)
{
	struct span in = {0};
	int i;

	for (i = 0; i < MEMBERS; i++)
		if (is_text(name, names[i]))
			break;
	if (i == MEMBERS)
		return 0;
	if (*value != '"')
		return no_member(i, "is no text", err);
	skip_string(value, &in);
	m->at[i] = in;
	return 0;
}

EVP_PKEY *
jwk_read_text(const char *text, size_t len, struct err *err)
{
	struct members m = {0};
	struct span name;
	const char *s;

	if (doc_check(text, len, err) != 0) {
		err_prefix(err, "the JWK");
		return NULL;
	}
	s = skip_space(text);
	if (*s != '{') {
		err_set(err, ERR_badData, "the JWK is no JSON object");
		return NULL;
	}
	s = skip_space(s + 1);
	while (*s != '}') {
		s = skip_space(skip_string(s, &name));
		s = skip_space(s + 1);
		if (take_member(&m, name, s, err) != 0)
			return NULL;
		s = skip_space(skip_value(s));
		if (*s == ',')
			s = skip_space(s + 1);
	}
	return read_members(&m, err);
}
