/* ossl.h - what lib/crypto's modules share of OpenSSL; for lib/crypto alone. */
#ifndef CRYPTO_OSSL_H
#define CRYPTO_OSSL_H

#include <openssl/bio.h>
#include <openssl/x509v3.h>
#include "base/doc.h"

/* Called by everything that begins work with OpenSSL: no openssl.cnf is read
 * then (time, and what a file could load), and errors of earlier calls are
 * forgotten. */
void ossl_start(void);

/* OpenSSL's sentence for its newest error, "unknown reason" if there is none;
 * the queue is empty afterwards. Static. */
const char *ossl_reason(void);
/* err_set with what, ": " and ossl_reason(). Always -1. */
int ossl_fail(struct err *err, enum err_name name, const char *what);

/* As xmalloc does when memory is out. */
void ossl_no_memory(void) NORETURN;
/* A memory BIO over n bytes that stay the caller's, and one to write into that
 * wipes what it held. Never NULL. */
BIO *ossl_bio(const void *p, size_t n);
BIO *ossl_bio_out(void);
/* The bytes of a BIO, malloc'd and 0-terminated; the BIO is freed. */
char *ossl_bio_text(BIO *bio);

/* The next PEM block that bio has. 1 and the block; 0 when there is no more;
 * -1 when what begins is no PEM. Free with ossl_pem_release (wipes). */
struct ossl_pem {
	char *name, *header;
	unsigned char *der;
	long len;
};
int ossl_pem_next(BIO *bio, struct ossl_pem *block);
void ossl_pem_release(struct ossl_pem *block);

/* The names that a certificate or request is for: the subject's first CN, then
 * DNS SANs, then IP SANs, each once (spec 5.5). sans may be NULL. An owned
 * array; none and badData when a name has bytes that no name has. */
jv ossl_names(const X509_NAME *subject, const GENERAL_NAMES *sans,
    struct err *err);
/* The first CN as UTF-8, OPENSSL_malloc'd; *len 0 and NULL when there is none;
 * -1 when it has control bytes. */
int ossl_cn(const X509_NAME *name, char **cn);

/* Certificates out of bytes: DER, or the CERTIFICATE blocks of PEM, at most
 * max. The stack is owned; NULL and badData when there is none, too many, or
 * one that does not parse. */
STACK_OF(X509) *
    ossl_certs(const void *bytes, size_t n, int max, struct err *err);
/* The first of them; all others are left unread. The last three are remembered, so
 * that the same bytes cost nothing: not to be changed. */
X509 *ossl_cert(const void *bytes, size_t n, struct err *err);
/* The same, whose public key is not decoded (X509_get0_pubkey gives NULL):
 * d2i_X509 spends nine tenths of its time on that. */
X509 *ossl_cert_keyless(const void *bytes, size_t n, struct err *err);

#endif
