/* jws.h - flattened JWS (RFC 7515 7.2.2) as RFC 8555 6.2 wants it. Knows keys
 * and bytes; no HTTP, no files. */
#ifndef CRYPTO_JWS_H
#define CRYPTO_JWS_H

#include <openssl/evp.h>
#include "base/doc.h"

struct jws_header {
	const char *url;
	const char *nonce; /* NULL: none (inner JWS of a key rollover) */
	const char *kid;   /* NULL: the public JWK is embedded */
};

/* alg by key: RS256, ES256, ES384, ES512, EdDSA. payload "" is POST-as-GET.
 * JSON text, malloc'd; NULL and err. */
char *jws_sign(EVP_PKEY *key, const struct jws_header *header,
    const char *payload, struct err *err);

/* base64url of the signature over input, text of the form "header.payload"
 * (RFC 7515 5.1; ECDSA as r and s, RFC 7518 3.4); malloc'd; NULL and err. */
char *jws_signature(EVP_PKEY *key, const char *input, struct err *err);

/* External account binding (RFC 8555 7.3.4): alg HS256, HS384 or HS512 over
 * the account's public JWK. An object, owned; none and err (usage: unknown
 * alg). */
jv jws_eab(EVP_PKEY *account_key, const char *alg, const char *kid,
    const unsigned char *mac_key, size_t mac_len, const char *url,
    struct err *err);

/* "RS256" … for this key, NULL when it is of no such kind. Static. */
const char *jws_alg(EVP_PKEY *key);

#endif
