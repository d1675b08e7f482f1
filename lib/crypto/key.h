/* key.h - private keys: RSA 2048/3072/4096 and P-256/384/521 made, and read in
 * every PEM form; always written as PKCS#8. */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include <openssl/evp.h>
#include "base/doc.h"
#include "base/safefile.h"

struct key_spec {
	int rsa_bits;	   /* RSA when > 0 */
	const char *curve; /* secp256r1, secp384r1, secp521r1 when rsa_bits 0 */
};

/* Words of the command line to a spec: type "rsa" or "ecdsa" (any case, also
 * "ed25519" is refused: notSupported), bits 0: 2048, curve NULL: secp256r1,
 * any case; P-256 style names are taken too. usage on error, with certbot's
 * texts of spec 5.5. The curve string in *spec is static. */
int key_spec_parse(const char *type, long bits, const char *curve,
    struct key_spec *spec, struct err *err);
/* From / to {"type":"rsa","size":2048} or {"type":"ecdsa","curve":"…"}. */
int key_spec_from_doc(jv key, struct key_spec *spec, struct err *err);
jv key_spec_to_doc(const struct key_spec *spec);

/* New key; free with EVP_PKEY_free. NULL and err. */
EVP_PKEY *key_new(const struct key_spec *spec, struct err *err);

/* PEM text: PKCS#8, "RSA PRIVATE KEY", "EC PRIVATE KEY" (also after "EC
 * PARAMETERS"). Encrypted keys: badData, said so. */
EVP_PKEY *key_read(const char *pem, size_t len, struct err *err);
/* The file at path, or a JWK file (JSON) when it begins with '{'. */
EVP_PKEY *key_load(const char *path, struct err *err);
/* PKCS#8 PEM into pem (to be wiped by buf_release); 0 or -1. */
int key_pem(EVP_PKEY *key, struct buf *pem, struct err *err);

/* What kind it is. *spec.rsa_bits is 0 for EC. notSupported otherwise. */
int key_describe(EVP_PKEY *key, struct key_spec *spec, struct err *err);
/* May a key of kind `has` be used where `want` is asked for? 0, or -1 and
 * keyReuse with certbot's text (spec 4.5, E2). */
int key_spec_allows(const struct key_spec *want, const struct key_spec *has,
    struct err *err);
/* "RSA" or "ECDSA" as certbot prints it; "unknown" otherwise. */
const char *key_type_name(EVP_PKEY *key);
/* Do both hold the same public key? */
int key_same(EVP_PKEY *a, EVP_PKEY *b);

#endif
