/* csr.h - PKCS#10 requests: with SAN and must-staple made, a user's read. */
#ifndef CRYPTO_CSR_H
#define CRYPTO_CSR_H

#include <openssl/evp.h>
#include "base/doc.h"

/* Empty subject, SAN "DNS:" in this order (an IP address text becomes "IP:"),
 * optional TLS feature extension (spec 5.5), SHA-256, version 0. names: array
 * of strings, borrowed. DER, malloc'd. */
unsigned char *csr_new(EVP_PKEY *key, jv names, int must_staple, size_t *len,
    struct err *err);

/* A user's request, DER tried first, then PEM. *names: CN first, then DNS
 * SANs without the CN (spec 5.5), then IPs; owned. DER copy malloc'd. badData
 * when it cannot be read or names nothing. */
unsigned char *csr_read(const char *bytes, size_t n, size_t *len, jv *names,
    struct err *err);
/* Public key of a DER request (for checking the certificate). */
EVP_PKEY *csr_public_key(const unsigned char *der, size_t len, struct err *err);

#endif
