/* encode.h - texts as HTTP APIs want them, and keyed hashes. */
#ifndef DNS_ENCODE_H
#define DNS_ENCODE_H

#include "base/doc.h"

/* RFC 3986 percent-encoding of all but A-Z a-z 0-9 - . _ ~ (and '/' with
 * slash); malloc'd. */
char *percent_encode(const char *text, int slash);
/* "a=1&b=2" of an object or of an array of [name, value], encoded; sorted by
 * name for an object. Borrows fields; malloc'd. */
char *form_encode(jv fields);
/* Standard base64 with padding; malloc'd. */
char *base64_encode(const void *p, size_t n);
/* malloc'd bytes; NULL when it is none. */
unsigned char *base64_decode(const char *text, size_t *n);
char *hex_encode(const unsigned char *p, size_t n);

enum { HASH_MAX = 64 };
/* digest: an OpenSSL name ("SHA256"). Bytes written to out. */
size_t hash(const char *digest, const void *p, size_t n,
    unsigned char out[HASH_MAX]);
size_t hmac(const char *digest, const void *key, size_t key_n, const void *p,
    size_t n, unsigned char out[HASH_MAX]);
char *hash_hex(const char *digest, const void *p, size_t n);
char *hmac_hex(const char *digest, const char *key, const char *text);
char *hmac_base64(const char *digest, const char *key, const char *text);

/* RFC 6238, SHA-1, 6 digits, 30 s, of a base32 secret; NULL when it is none. */
char *totp(const char *secret, int64_t when);
/* Times in UTC; malloc'd. */
enum utc_form {
	UTC_HTTP,	/* Tue, 14 Nov 2023 22:13:20 GMT */
	UTC_BASIC,	/* 20231114T221320Z */
	UTC_EXTENDED,	/* 2023-11-14T22:13:20Z */
	UTC_DATE_BASIC, /* 20231114 */
	UTC_DATE	/* 2023-11-14 */
};
char *utc(int64_t when, enum utc_form form);

#endif
