/* jwk_kind.h - what the writer and the reader of JWKs share; for lib/crypto
 * alone. */
#ifndef CRYPTO_JWK_KIND_H
#define CRYPTO_JWK_KIND_H

#include <openssl/evp.h>
#include "base/err.h"

/* RFC 7518 6.2.1.1; octets of a coordinate. */
struct jwk_curve {
	const char *crv, *name, *group;
	int nid;
	size_t octets;
};

/* A member of a JWK, and OpenSSL's parameter for a number. */
struct jwk_member {
	const char *name, *param;
	int public; /* part of the public JWK */
};

/* The curve that len bytes of "crv" name; NULL: none. */
const struct jwk_curve *jwk_curve(const char *crv, size_t len);

/* The members that a reader looks at, borrowed from where they stand. */
enum {
	JWK_KTY,
	JWK_CRV,
	JWK_N,
	JWK_E,
	JWK_D,
	JWK_P,
	JWK_Q,
	JWK_DP,
	JWK_DQ,
	JWK_QI,
	JWK_X,
	JWK_Y,
	JWK_OTH,
	JWK_MEMBERS
};
extern const char *const jwk_names[JWK_MEMBERS];

struct jwk_span {
	const char *p; /* NULL: absent */
	size_t len;
};
struct jwk_members {
	struct jwk_span at[JWK_MEMBERS];
};

int jwk_span_is(struct jwk_span s, const char *text);
/* badData: member i, and why. Always -1. */
int jwk_no_member(int i, const char *why, struct err *err);
/* The private key; NULL and err. */
EVP_PKEY *jwk_key(const struct jwk_members *m, struct err *err);

/* Numbers of an RSA key, RFC 7518 6.3; NULL where there is none. All are made
 * by BN_secure_new. */
struct jwk_rsa {
	BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qi;
};
/* Fill in what is missing besides n, e and d, and check that all belong
 * together. 0, or -1 and badData. */
int jwk_rsa_complete(struct jwk_rsa *rsa, struct err *err);

#endif
