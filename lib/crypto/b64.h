/* b64.h - base64url without padding (RFC 4648 5, RFC 7515 2), by OpenSSL's
 * codec plus an alphabet swap. */
#ifndef CRYPTO_B64_H
#define CRYPTO_B64_H

#include "base/buf.h"
#include "base/err.h"

/* malloc'd text. */
char *b64url_encode(const void *p, size_t len);
/* Strict: alphabet only, no padding, no stray bits; at most DOC_MAX characters.
 * malloc'd bytes and *len; NULL and err badData. "" gives a zero-length result. */
unsigned char *b64url_decode(const char *text, size_t *len, struct err *err);
/* The same of n characters that no 0 ends. */
unsigned char *b64url_decode_n(const char *text, size_t n, size_t *len,
    struct err *err);
/* As providers hand out EAB keys: padding, '+', '/' and white space are taken
 * too (spec 5.3). */
unsigned char *b64url_decode_lenient(const char *text, size_t *len,
    struct err *err);
/* Is every byte of text in the base64url alphabet, and 1 <= length <= max?
 * (tokens, RFC 8555 8.1) */
int b64url_token_ok(const char *text, size_t max);

#endif
