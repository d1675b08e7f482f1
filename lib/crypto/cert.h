/* cert.h - certificates and chains as PEM text. */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include <openssl/evp.h>
#include "base/doc.h"

/* What the first certificate of pem (or DER bytes) says: {"serial": lower hex
 * without leading zeros, "notBefore", "notAfter": RFC 3339, "notBeforeUnix",
 * "notAfterUnix": seconds, "names": CN first, then DNS SANs without it, then
 * IPs, "issuer": issuer's CN or its one-line name, "keyType": "rsa"/"ecdsa",
 * "keySize" or "curve", "ocsp": responder URL if any, "aki": base64url key id
 * if any, and then "renewalId": RFC 9773 4.1}. Other kinds of key have
 * "keyType" "unknown". Owned; none and err badData. */
jv cert_info(const char *pem, size_t len, struct err *err);
/* The same without the key's members, in a tenth of the time. */
jv cert_info_brief(const char *pem, size_t len, struct err *err);
/* Issuer CN of the last certificate of a chain (--preferred-chain); malloc'd,
 * NULL when it has none. */
char *cert_root_issuer(const char *chain_pem);

/* Split a CA's answer (spec 1.6): every certificate re-encoded (64 columns),
 * text between dropped. *cert first, *chain the others; malloc'd; at most 32
 * certificates. badData when fewer than two or one does not parse, or when
 * the order is wrong (each must be issued by the next: names and signature). */
int cert_split(const char *pem, size_t len, char **cert, char **chain,
    struct err *err);
/* The public key of the first certificate. */
EVP_PKEY *cert_public_key(const char *pem, struct err *err);
/* Does key belong to the first certificate? 1 or 0. */
int cert_matches_key(const char *pem, EVP_PKEY *key);
/* The first certificate's signature by the first of chain_pem: 0, or -1 and
 * err with OpenSSL's reason. */
int cert_verify_issuer(const char *pem, const char *chain_pem, struct err *err);
/* DER of the first certificate, of PEM or DER bytes; malloc'd. */
unsigned char *cert_der(const char *bytes, size_t n, size_t *len,
    struct err *err);

#endif
