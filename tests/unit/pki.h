/* pki.h - keys and certificates that the unit tests make for themselves. */
#ifndef TESTS_PKI_H
#define TESTS_PKI_H

#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* What a certificate says; NULL members leave their part out. */
struct pki {
	const char *cn, *san, *aia, *eku;
	long serial;
	time_t from, to; /* 0: now, and a day later */
	int ca;
};

static inline EVP_PKEY *
pki_key(void)
{
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static inline void
pki_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	if (!value)
		return;
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	assert_true(X509_add_ext(cert, ext, -1));
	X509_EXTENSION_free(ext);
}

/* issuer NULL: signed by its own key. */
static inline X509 *
pki_cert(const struct pki *p, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	time_t now = time(NULL);

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set_int64(X509_get_serialNumber(cert),
	    p->serial ? p->serial : 0x1234);
	if (p->cn)
		assert_true(X509_NAME_add_entry_by_txt(name, "CN",
		    MBSTRING_UTF8, (const unsigned char *)p->cn, -1, -1, 0));
	X509_set_issuer_name(cert,
	    issuer ? X509_get_subject_name(issuer) :
		     X509_get_subject_name(cert));
	ASN1_TIME_set(X509_getm_notBefore(cert), p->from ? p->from : now);
	ASN1_TIME_set(X509_getm_notAfter(cert),
	    p->to ? p->to : now + 24 * 3600);
	X509_set_pubkey(cert, key);
	pki_ext(cert, issuer ? issuer : cert, NID_basic_constraints,
	    p->ca ? "critical,CA:TRUE" : NULL);
	pki_ext(cert, issuer ? issuer : cert, NID_subject_key_identifier,
	    "hash");
	pki_ext(cert, issuer ? issuer : cert, NID_authority_key_identifier,
	    issuer ? "keyid" : NULL);
	pki_ext(cert, issuer ? issuer : cert, NID_subject_alt_name, p->san);
	pki_ext(cert, issuer ? issuer : cert, NID_info_access, p->aia);
	pki_ext(cert, issuer ? issuer : cert, NID_ext_key_usage, p->eku);
	assert_true(X509_sign(cert, issuer ? issuer_key : key, EVP_sha256()));
	return cert;
}

/* PEM of certs (NULL-terminated); malloc'd. */
static inline char *
pki_pem(X509 *const *certs)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text, *p;
	long n;

	for (; *certs; certs++)
		PEM_write_bio_X509(bio, *certs);
	n = BIO_get_mem_data(bio, &p);
	text = calloc(1, (size_t)n + 1);
	memcpy(text, p, (size_t)n);
	BIO_free(bio);
	return text;
}

#endif
