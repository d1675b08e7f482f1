/* certbot/crypto.h - keys, requests and certificates, as PEM texts and files.
 * Keys are RSA of 2048, 3072 or 4096 bits, or ECDSA on secp256r1, secp384r1 or
 * secp521r1; they are read in every unencrypted PEM form and written as
 * PKCS#8. Texts that hold a private key: certbot_free_secret. */
#ifndef CERTBOT_CRYPTO_H
#define CERTBOT_CRYPTO_H

#include <stdint.h>

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- keys -------------------------------------------------------------------- */

/* A new key: type "rsa" (bits, 0: 2048) or "ecdsa" (curve, NULL: secp256r1).
 * PEM, malloc'd. */
char *certbot_key_new(const char *type, long bits, const char *curve,
    struct certbot_error *e);
/* Saves the key's text 0600 as DIR/0000_NAME, or the next number that is free;
 * DIR is made 0700. strict: a DIR that is there must be the user's own and 0700.
 * The path, malloc'd. */
char *certbot_key_save(const char *dir, const char *name, int strict,
    const char *key, struct certbot_error *e);
/* Is the text a private key that can be used? 1 or 0. */
int certbot_key_valid(const char *key);
/* "rsa" or "ecdsa"; malloc'd. */
char *certbot_key_type(const char *key, struct certbot_error *e);

/* --- requests ------------------------------------------------------------------ */

/* A request for these names (NULL-ended), signed by key; must_staple: with the
 * TLS feature "OCSP must staple". PEM, malloc'd. */
char *certbot_csr_new(const char *key, const char *const *names,
    int must_staple, struct certbot_error *e);
/* As certbot_key_save, 0644 in a directory of 0755. */
char *certbot_csr_save(const char *dir, const char *name, int strict,
    const char *csr, struct certbot_error *e);
/* A request's len bytes, PEM or DER: its text in PEM (malloc'd, may be NULL when
 * not wanted) and the names that it asks for, the common name first (appended,
 * may be NULL). */
int certbot_csr_read(const void *bytes, size_t len, char **pem,
    struct certbot_list *names, struct certbot_error *e);
/* Can it be read, and is it signed by its own key? 1 or 0. */
int certbot_csr_valid(const void *bytes, size_t len);
/* Is it for this private key? 1 or 0. */
int certbot_csr_matches_key(const void *bytes, size_t len, const char *key);

/* --- certificates ---------------------------------------------------------------- */

struct certbot_cert {
	char *serial;	    /* lower-case hexadecimal */
	char *issuer;	    /* the issuer's common name */
	char *key_type;	    /* "rsa", "ecdsa", "unknown" */
	char *ocsp;	    /* its responder's URL; NULL */
	int64_t not_before; /* seconds since 1970 */
	int64_t not_after;
	struct certbot_list names; /* the common name first, then SANs */
	struct certbot_list sans;  /* DNS names of the extension alone */
};

/* The first certificate of len bytes of PEM or DER / of a file. *c must be
 * released in any case. */
int certbot_cert_read(const void *bytes, size_t len, struct certbot_cert *c,
    struct certbot_error *e);
int certbot_cert_load(const char *path, struct certbot_cert *c,
    struct certbot_error *e);
void certbot_cert_release(struct certbot_cert *c);

/* Do the certificate and the private key in these files belong together? */
int certbot_cert_matches_key(const char *cert_path, const char *key_path,
    struct certbot_error *e);
/* Is the first certificate of cert signed by the first of chain? */
int certbot_cert_verify_issuer(const char *cert, const char *chain,
    struct certbot_error *e);
/* Is this the signature of payload by the public key of cert (PEM), with the
 * digest "sha256", "sha384" or "sha512"? */
int certbot_cert_verify_payload(const char *cert, const char *digest,
    const void *signature, size_t signature_len, const void *payload,
    size_t payload_len, struct certbot_error *e);

/* --- chains ------------------------------------------------------------------------ */

/* The first certificate, and the others; PEM, malloc'd. */
int certbot_chain_split(const char *fullchain, char **cert, char **chain,
    struct certbot_error *e);
/* These certificates (PEM, NULL-ended) as one text; malloc'd. */
char *certbot_chain_join(const char *const *certs, struct certbot_error *e);
/* Is fullchain cert followed by chain? */
int certbot_chain_verify(const char *cert, const char *chain,
    const char *fullchain, struct certbot_error *e);
/* Which of the n full chains is the first whose topmost certificate was issued
 * by this common name? 0 when none was: the CA's first. */
size_t certbot_chain_choose(const char *const *fullchains, size_t n,
    const char *issuer);

/* --- digests ----------------------------------------------------------------------- */

/* SHA-256 of a file in lower-case hexadecimal, with CR LF read as LF. */
int certbot_sha256_file(const char *path, char hex[65],
    struct certbot_error *e);

#ifdef __cplusplus
}
#endif

#endif
