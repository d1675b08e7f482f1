/* sign.h - how requests prove who sends them. Each scheme's recipe is a pure
 * function over texts; sign_request picks the scheme that the descriptor names
 * and the credentials allow. */
#ifndef DNS_SIGN_H
#define DNS_SIGN_H

#include <openssl/evp.h>
#include "base/doc.h"

struct dns;
struct http;

/* Add authorization to h (its URL, headers and body are otherwise as they are
 * sent). 0, or -1 and err. */
int sign_request(struct dns *d, jv request, struct http *h, struct err *err);

/* OVH: "$1$..." ; malloc'd. */
char *ovh_signature(const char *secret, const char *consumer,
    const char *method, const char *url, const char *body, int64_t when);
/* Exoscale EXO2: base64; values are those of the signed query arguments. */
char *exo2_signature(const char *secret, const char *method, const char *path,
    const char *body, const char *values, int64_t expires);
/* Alibaba RPC: the whole query string with its Signature. */
char *acs1_query(const char *method, jv parameters, const char *secret);

/* AWS SigV4 and Tencent TC3. */
struct aws {
	int tc3;
	const char *key, *secret, *region, *service;
	const char *method, *url;
	jv headers; /* those that are signed, lower-case names; borrowed */
	const char *body;
	size_t body_n;
	int64_t when;
};
/* The Authorization header; malloc'd. canonical_hash (may be NULL) gets the hex
 * hash of the canonical request. */
char *aws_authorization(const struct aws *a, char **canonical_hash);

/* Oracle: string to sign and its RSA-SHA256 signature in base64; NULL and err. */
char *oci_string(const char *method, const char *url, const char *date,
    const char *type, const char *body, size_t body_n);
char *rsa_sha256(EVP_PKEY *key, const char *text, struct err *err);

/* Parts of an absolute URL: host with port, and path with query; malloc'd. */
char *url_host(const char *url);
char *url_target(const char *url);

#endif
