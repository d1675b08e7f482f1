/* Keys, certificates and requests in PEM and DER, JWKs, and OCSP answers: what
 * is read can be written and read again, and is the same then. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/cert.h"
#include "crypto/csr.h"
#include "crypto/jwk.h"
#include "crypto/key.h"
#include "crypto/ocsp.h"
#include "fuzz.h"

static const char ca[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBXTCCAQSgAwIBAgIBTTAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJDQTAgFw0y\n"
    "NjExMjQwMzA0MjlaGA8yMDgxMDgyNzAzMDQyOVowDTELMAkGA1UEAwwCQ0EwWTAT\n"
    "BgcqhkjOPQIBBggqhkjOPQMBBwNCAASeZ6mGN1DRsk5kOmYyS8rPlQSeHz18Sj1o\n"
    "p3QVLST6ndFIOHrkMsHoBR5skZ69J69q45S3l87KzJoQGb4iMnplo1MwUTAdBgNV\n"
    "HQ4EFgQUVwgAQo1qFQ0Q4J11DvA1lscnoIUwHwYDVR0jBBgwFoAUVwgAQo1qFQ0Q\n"
    "4J11DvA1lscnoIUwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBb\n"
    "Jvfj1+LjDhad/+usle9vNJ/5I8wrI71UPuvLGSYy4QIgAtKCufOuvKSN/380U3y3\n"
    "y7Ozj5Dt7MVEwRYLDxVqvmo=\n"
    "-----END CERTIFICATE-----\n";

static void
check_written(EVP_PKEY *key)
{
	struct buf pem;
	EVP_PKEY *again;

	buf_init(&pem, FILE_TEXT_MAX);
	if (key_pem(key, &pem, NULL) == 0) {
		again = key_read(pem.p, pem.len, NULL);
		if (!again || !key_same(key, again))
			abort();
		EVP_PKEY_free(again);
	}
	buf_release(&pem);
}

static void
check_jwk(EVP_PKEY *key)
{
	char *text = jwk_private_text(key, NULL);

	if (text)
		wipe_free(text, strlen(text));
	free(jwk_thumbprint(key, NULL));
	free(jwk_account_id(key, NULL));
}

static void
try_key(const char *text, size_t size)
{
	EVP_PKEY *key = key_read(text, size, NULL);

	if (!key)
		key = jwk_read_text(text, size, NULL);
	if (!key)
		return;
	check_written(key);
	check_jwk(key);
	EVP_PKEY_free(key);
}

static void
try_csr(const char *text, size_t size)
{
	jv names = doc_none(), again = doc_none();
	size_t len, n;
	unsigned char *der = csr_read(text, size, &len, &names, NULL), *copy;

	if (der) {
		copy = csr_read((char *)der, len, &n, &again, NULL);
		if (!copy || n != len || memcmp(copy, der, n) != 0 ||
		    !doc_equal(names, again))
			abort();
		free(copy);
		EVP_PKEY_free(csr_public_key(der, len, NULL));
	}
	doc_free(again);
	doc_free(names);
	free(der);
}

static void
try_split(const char *text, size_t size)
{
	char *cert, *chain, *cert2, *chain2, *full;

	if (cert_split(text, size, &cert, &chain, NULL) != 0)
		return;
	full = xasprintf("%s%s", cert, chain);
	if (cert_split(full, strlen(full), &cert2, &chain2, NULL) != 0 ||
	    strcmp(cert, cert2) != 0 || strcmp(chain, chain2) != 0)
		abort();
	free(full);
	free(cert2);
	free(chain2);
	free(cert);
	free(chain);
}

static void
try_cert(const char *text, size_t size)
{
	jv info = cert_info(text, size, NULL);
	size_t len;
	unsigned char *der = cert_der(text, size, &len, NULL);

	if (doc_is(info, DOC_OBJECT) && (!der || !doc_str(info, "serial")))
		abort();
	free(der);
	doc_free(info);
	free(cert_root_issuer(text));
	EVP_PKEY_free(cert_public_key(text, NULL));
	cert_verify_issuer(text, text, NULL);
	free(ocsp_request(text, ca, &len, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);
	struct ocsp_answer answer;

	memcpy(text, data, size);
	text[size] = '\0';
	try_key(text, size);
	try_csr(text, size);
	try_split(text, size);
	try_cert(text, size);
	ocsp_check(ca, ca, "x", text, size, 1800000000, &answer, NULL);
	free(text);
	return 0;
}
