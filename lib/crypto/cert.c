#include "crypto/cert.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "base/buf.h"
#include "crypto/ossl.h"

enum { CERTS_MAX = 32 };

char *
cert_root_issuer(const char *chain_pem)
{
	STACK_OF(X509) *certs = ossl_certs(chain_pem, strlen(chain_pem),
	    CERTS_MAX, NULL);
	char *cn = NULL, *text = NULL;
	const X509 *last;

	if (!certs)
		return NULL;
	last = sk_X509_value(certs, sk_X509_num(certs) - 1);
	if (ossl_cn(X509_get_issuer_name(last), &cn) == 0 && cn)
		text = xstrdup(cn);
	OPENSSL_free(cn);
	sk_X509_pop_free(certs, X509_free);
	return text;
}

/* Was cert issued by issuer: 0, or -1 and err. */
static int
issued_by(X509 *cert, X509 *issuer, struct err *err)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);

	if (!key)
		return ossl_fail(err, ERR_badData,
		    "the issuer's public key cannot be used");
	if (X509_verify(cert, key) != 1)
		return ossl_fail(err, ERR_badData,
		    "the signature cannot be verified");
	return 0;
}

static int
check_order(STACK_OF(X509) * certs, struct err *err)
{
	int i;

	for (i = 0; i + 1 < sk_X509_num(certs); i++) {
		X509 *cert = sk_X509_value(certs, i);
		X509 *next = sk_X509_value(certs, i + 1);

		if (X509_NAME_cmp(X509_get_issuer_name(cert),
			X509_get_subject_name(next)) != 0)
			return err_set(err, ERR_badData,
			    "certificate %d of the chain does not name "
			    "certificate %d as its issuer",
			    i + 1, i + 2);
		if (issued_by(cert, next, err) != 0)
			return err_prefix(err,
			    "certificate %d of the chain was not issued by "
			    "certificate %d",
			    i + 1, i + 2);
	}
	return 0;
}

static char *
pem_from(STACK_OF(X509) * certs, int from, int to)
{
	BIO *bio = ossl_bio_out();
	int i;

	for (i = from; i < to; i++)
		if (!PEM_write_bio_X509(bio, sk_X509_value(certs, i)))
			ossl_no_memory();
	return ossl_bio_text(bio);
}

int
cert_split(const char *pem, size_t len, char **cert, char **chain,
    struct err *err)
{
	STACK_OF(X509) *certs = ossl_certs(pem, len, CERTS_MAX, err);
	int n = certs ? sk_X509_num(certs) : 0, rc = -1;

	*cert = *chain = NULL;
	if (!certs) {
		err_prefix(err,
		    "failed to parse fullchain into cert and chain");
		goto out;
	}
	if (n < 2) {
		err_set(err, ERR_badData,
		    "failed to parse fullchain into cert and chain: "
		    "less than 2 certificates in chain");
		goto out;
	}
	if (check_order(certs, err) != 0)
		goto out;
	*cert = pem_from(certs, 0, 1);
	*chain = pem_from(certs, 1, n);
	rc = 0;
out:
	sk_X509_pop_free(certs, X509_free);
	return rc;
}

EVP_PKEY *
cert_public_key(const char *pem, struct err *err)
{
	X509 *cert = ossl_cert(pem, strlen(pem), err);
	EVP_PKEY *key = cert ? X509_get_pubkey(cert) : NULL;

	if (cert && !key)
		ossl_fail(err, ERR_badData,
		    "the certificate's public key cannot be used");
	X509_free(cert);
	return key;
}

int
cert_matches_key(const char *pem, EVP_PKEY *key)
{
	X509 *cert = ossl_cert(pem, strlen(pem), NULL);
	EVP_PKEY *own = cert ? X509_get0_pubkey(cert) : NULL;
	int same = own && EVP_PKEY_eq(own, key) == 1;

	X509_free(cert);
	ossl_start();
	return same;
}

int
cert_verify_issuer(const char *pem, const char *chain_pem, struct err *err)
{
	X509 *cert = ossl_cert(pem, strlen(pem), err), *issuer = NULL;
	int rc = -1;

	if (cert)
		issuer = ossl_cert(chain_pem, strlen(chain_pem), err);
	if (issuer)
		rc = issued_by(cert, issuer, err);
	else if (cert)
		err_prefix(err, "the chain");
	X509_free(issuer);
	X509_free(cert);
	return rc;
}

unsigned char *
cert_der(const char *bytes, size_t n, size_t *len, struct err *err)
{
	X509 *cert = ossl_cert(bytes, n, err);
	unsigned char *der = NULL, *p;
	int size;

	if (!cert)
		return NULL;
	size = i2d_X509(cert, NULL);
	if (size <= 0) {
		ossl_fail(err, ERR_badData,
		    "the certificate cannot be encoded");
	} else {
		p = der = xmalloc((size_t)size);
		i2d_X509(cert, &p);
		*len = (size_t)size;
	}
	X509_free(cert);
	return der;
}
