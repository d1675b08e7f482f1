#include "crypto/csr.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "base/buf.h"
#include "crypto/ossl.h"

static GENERAL_NAME *
general_name(const char *name)
{
	GENERAL_NAME *san = GENERAL_NAME_new();
	ASN1_STRING *value = NULL;
	unsigned char ip[16];
	int n = 0, ok;

	if (inet_pton(AF_INET, name, ip) == 1)
		n = 4;
	else if (inet_pton(AF_INET6, name, ip) == 1)
		n = 16;
	value = n ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
	ok = san && value &&
	    (n ? ASN1_STRING_set(value, ip, n) :
		 ASN1_STRING_set(value, name, (int)strlen(name)));
	if (!ok)
		ossl_no_memory();
	GENERAL_NAME_set0_value(san, n ? GEN_IPADD : GEN_DNS, value);
	return san;
}

static int
name_ok(const char *name)
{
	const char *s;

	for (s = name; s && *s > ' ' && *s < 0x7f; s++)
		;
	return s && s != name && !*s;
}

/* The subjectAltName extension; NULL and err. */
static X509_EXTENSION *
san_extension(jv names, struct err *err)
{
	GENERAL_NAMES *sans = GENERAL_NAMES_new();
	X509_EXTENSION *ext = NULL;
	size_t i, n = doc_len(names);

	if (!sans)
		ossl_no_memory();
	if (n == 0) {
		err_set(err, ERR_badData, "a request needs a name");
		goto out;
	}
	for (i = 0; i < n; i++) {
		const char *name = doc_str_at(names, i);

		if (!name_ok(name)) {
			err_set(err, ERR_badData,
			    "'%s' cannot stand in a request: names are of "
			    "printable ASCII",
			    name ? name : "");
			goto out;
		}
		if (!sk_GENERAL_NAME_push(sans, general_name(name)))
			ossl_no_memory();
	}
	ext = X509V3_EXT_i2d(NID_subject_alt_name, 0, sans);
	if (!ext)
		ossl_fail(err, ERR_internal, "subjectAltName");
out:
	GENERAL_NAMES_free(sans);
	return ext;
}

/* RFC 7633: status_request. */
static X509_EXTENSION *
staple_extension(void)
{
	static const unsigned char der[] = {0x30, 0x03, 0x02, 0x01, 0x05};
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	if (!value || !ASN1_OCTET_STRING_set(value, der, sizeof(der)) ||
	    !(ext = X509_EXTENSION_create_by_NID(NULL, NID_tlsfeature, 0,
		  value)))
		ossl_no_memory();
	ASN1_OCTET_STRING_free(value);
	return ext;
}

static int
add_extensions(X509_REQ *req, jv names, int must_staple, struct err *err)
{
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	X509_EXTENSION *san = san_extension(names, err);
	int rc = -1;

	if (!exts)
		ossl_no_memory();
	if (!san)
		goto out;
	if (!sk_X509_EXTENSION_push(exts, san) ||
	    (must_staple && !sk_X509_EXTENSION_push(exts, staple_extension())))
		ossl_no_memory();
	if (X509_REQ_add_extensions(req, exts))
		rc = 0;
	else
		ossl_fail(err, ERR_internal, "the request's extensions");
out:
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return rc;
}

static unsigned char *
req_der(X509_REQ *req, size_t *len)
{
	int n = i2d_X509_REQ(req, NULL);
	unsigned char *der, *p;

	if (n <= 0)
		ossl_no_memory();
	p = der = xmalloc((size_t)n);
	i2d_X509_REQ(req, &p);
	*len = (size_t)n;
	return der;
}

unsigned char *
csr_new(EVP_PKEY *key, jv names, int must_staple, size_t *len, struct err *err)
{
	unsigned char *der = NULL;
	const EVP_MD *md;
	X509_REQ *req;

	ossl_start();
	md = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
	if (!(req = X509_REQ_new()))
		ossl_no_memory();
	if (add_extensions(req, names, must_staple, err) != 0)
		goto out;
	if (!X509_REQ_set_version(req, X509_REQ_VERSION_1) ||
	    !X509_REQ_set_pubkey(req, key) || !X509_REQ_sign(req, key, md))
		ossl_fail(err, ERR_badData, "the request cannot be signed");
	else
		der = req_der(req, len);
out:
	X509_REQ_free(req);
	return der;
}

static X509_REQ *
read_der(const unsigned char *der, size_t n)
{
	const unsigned char *p = der;
	X509_REQ *req = NULL;

	if (n > 0 && n <= FILE_TEXT_MAX)
		req = d2i_X509_REQ(NULL, &p, (long)n);
	if (req && p != der + n) {
		X509_REQ_free(req);
		req = NULL;
	}
	return req;
}

static X509_REQ *
read_pem(const char *bytes, size_t n)
{
	BIO *bio = ossl_bio(bytes, n);
	struct ossl_pem block;
	X509_REQ *req = NULL;
	int mine = 0;

	while (!mine && ossl_pem_next(bio, &block) == 1) {
		mine = strcmp(block.name, PEM_STRING_X509_REQ) == 0 ||
		    strcmp(block.name, PEM_STRING_X509_REQ_OLD) == 0;
		if (mine)
			req = read_der(block.der, (size_t)block.len);
		ossl_pem_release(&block);
	}
	BIO_free(bio);
	return req;
}

static jv
names_of(X509_REQ *req, struct err *err)
{
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(req);
	int critical = -1;
	GENERAL_NAMES *sans = X509V3_get_d2i(exts, NID_subject_alt_name,
	    &critical, NULL);
	jv names = doc_none();

	if (!sans && critical != -1)
		err_set(err, ERR_badData, "subjectAltName cannot be read");
	else
		names = ossl_names(X509_REQ_get_subject_name(req), sans, err);
	GENERAL_NAMES_free(sans);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	if (doc_is(names, DOC_ARRAY) && doc_len(names) == 0) {
		doc_move(&names, doc_none());
		err_set(err, ERR_badData,
		    "it has no names; give it a subjectAltName for every "
		    "domain or IP address");
	}
	return names;
}

unsigned char *
csr_read(const char *bytes, size_t n, size_t *len, jv *names, struct err *err)
{
	unsigned char *der = NULL;
	X509_REQ *req;

	ossl_start();
	req = read_der((const unsigned char *)bytes, n);
	if (!req)
		req = read_pem(bytes, n);
	if (!req) {
		ossl_fail(err, ERR_badData,
		    "no certificate request, neither DER nor PEM");
		goto out;
	}
	*names = names_of(req, err);
	if (!doc_is(*names, DOC_NONE))
		der = req_der(req, len);
out:
	X509_REQ_free(req);
	return der;
}

EVP_PKEY *
csr_public_key(const unsigned char *der, size_t len, struct err *err)
{
	X509_REQ *req;
	EVP_PKEY *key;

	ossl_start();
	req = read_der(der, len);
	key = req ? X509_REQ_get_pubkey(req) : NULL;
	if (!key)
		ossl_fail(err, ERR_badData,
		    "the request's public key cannot be used");
	X509_REQ_free(req);
	return key;
}
