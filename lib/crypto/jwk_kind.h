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

/* Numbers of an RSA key, RFC 7518 6.3; NULL where there is none. All are made
 * by BN_secure_new. */
struct jwk_rsa {
	BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qi;
};
/* Fill in what is missing besides n, e and d, and check that all belong
 * together. 0, or -1 and badData. */
int jwk_rsa_complete(struct jwk_rsa *rsa, struct err *err);

#endif
