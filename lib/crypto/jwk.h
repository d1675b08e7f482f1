/* jwk.h - keys as JSON (RFC 7517, RFC 7518 6, RFC 8037). */
#ifndef CRYPTO_JWK_H
#define CRYPTO_JWK_H

#include <openssl/evp.h>
#include "base/doc.h"

/* Public JWK: only the members that the thumbprint needs. RSA, EC P-256/384/
 * 521, Ed25519. none and err notSupported. */
jv jwk_public(EVP_PKEY *key, struct err *err);
/* Private JWK text as certbot stores it (spec 1.4): one line, Python
 * separators, its member order. malloc'd, to be wiped (wipe_free). It is not
 * made as a jv, so that no copy of the key stays behind. */
char *jwk_private_text(EVP_PKEY *key, struct err *err);
/* A private key out of a JWK's text; RSA with n, e, d alone is completed. Any
 * member order, unknown members ignored. No jv sees it: no copy of the key stays
 * behind in memory that cannot be wiped. err badData. */
EVP_PKEY *jwk_read_text(const char *text, size_t len, struct err *err);
/* RFC 7638 SHA-256 thumbprint, base64url; malloc'd. */
char *jwk_thumbprint(EVP_PKEY *key, struct err *err);
/* certbot's account id: MD5 hex of the public key's PEM (spec 1.4). malloc'd. */
char *jwk_account_id(EVP_PKEY *key, struct err *err);
/* token "." thumbprint (RFC 8555 8.1), and base64url SHA-256 of it (8.4). */
char *jwk_key_authorization(const char *token, EVP_PKEY *key, struct err *err);
char *jwk_dns_value(const char *key_authorization);

#endif
