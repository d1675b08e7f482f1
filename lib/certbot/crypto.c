/* crypto.c - certificates, chains, digests. */
#include "certbot/crypto.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/safefile.h"
#include "certbot/files.h"
#include "certbot/base_private.h"
#include "crypto/cert.h"
#include "crypto/key.h"

static char *
copy_of(jv info, const char *key)
{
	const char *s = doc_str(info, key);

	return s != NULL ? xstrdup(s) : NULL;
}

static int64_t
number_of(jv info, const char *key)
{
	long n = 0;

	(void)doc_int(info, key, &n);
	return n;
}

/* The names of the extension; cert_info has looked at their bytes. */
static void
add_sans(struct certbot_list *sans, const char *bytes, size_t len,
    struct err *err)
{
	size_t n = 0;
	unsigned char *der = cert_der(bytes, len, &n, err);
	const unsigned char *at = der;
	X509 *x = der != NULL ? d2i_X509(NULL, &at, (long)n) : NULL;
	GENERAL_NAMES *all = x == NULL ?
	    NULL :
	    X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);
		char *text;

		if (one->type != GEN_DNS)
			continue;
		text = xstrndup(
		    (const char *)ASN1_STRING_get0_data(one->d.dNSName),
		    (size_t)ASN1_STRING_length(one->d.dNSName));
		certbot_list_add(sans, text);
		free(text);
	}
	GENERAL_NAMES_free(all);
	X509_free(x);
	free(der);
}

int
certbot_cert_read(const void *bytes, size_t len, struct certbot_cert *c,
    struct certbot_error *e)
{
	struct err err = {0};
	jv info = cert_info(bytes, len, &err), names;

	memset(c, 0, sizeof(*c));
	if (doc_is(info, DOC_NONE))
		return certbot__error(e, &err);
	c->serial = copy_of(info, "serial");
	c->issuer = copy_of(info, "issuer");
	c->key_type = copy_of(info, "keyType");
	c->ocsp = copy_of(info, "ocsp");
	c->not_before = number_of(info, "notBeforeUnix");
	c->not_after = number_of(info, "notAfterUnix");
	names = doc_get_kind(info, "names", DOC_ARRAY);
	certbot__append(&c->names, names);
	doc_free(names);
	add_sans(&c->sans, bytes, len, &err);
	doc_free(info);
	err_clear(&err);
	return 0;
}

int
certbot_cert_load(const char *path, struct certbot_cert *c,
    struct certbot_error *e)
{
	size_t len = 0;
	char *text = certbot_file_read(path, &len, e);
	int rc;

	if (text == NULL) {
		memset(c, 0, sizeof(*c));
		return -1;
	}
	rc = certbot_cert_read(text, len, c, e);
	free(text);
	return rc;
}

void
certbot_cert_release(struct certbot_cert *c)
{
	free(c->serial);
	free(c->issuer);
	free(c->key_type);
	free(c->ocsp);
	certbot_list_release(&c->names);
	certbot_list_release(&c->sans);
	memset(c, 0, sizeof(*c));
}

int
certbot_cert_matches_key(const char *cert_path, const char *key_path,
    struct certbot_error *e)
{
	struct err err = {0};
	char *cert = certbot_file_read(cert_path, NULL, e);
	EVP_PKEY *key = NULL;
	int rc = -1;

	if (cert == NULL)
		return -1;
	key = key_load(key_path, &err);
	if (key == NULL)
		certbot__error(e, &err);
	else if (cert_matches_key(cert, key))
		rc = 0;
	else
		certbot_fail(e, CERTBOT_BAD_DATA,
		    "the certificate '%s' and the private key '%s' do not "
		    "belong together",
		    cert_path, key_path);
	EVP_PKEY_free(key);
	free(cert);
	return rc;
}

int
certbot_cert_verify_issuer(const char *cert, const char *chain,
    struct certbot_error *e)
{
	struct err err = {0};

	return certbot__result(cert_verify_issuer(cert, chain, &err), e, &err);
}

int
certbot_cert_verify_payload(const char *cert, const char *digest,
    const void *signature, size_t signature_len, const void *payload,
    size_t payload_len, struct certbot_error *e)
{
	struct err err = {0};
	EVP_PKEY *key = cert_public_key(cert, &err);
	const EVP_MD *md = EVP_get_digestbyname(digest);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int good;

	if (key == NULL) {
		EVP_MD_CTX_free(ctx);
		return certbot__error(e, &err);
	}
	good = md != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, signature, signature_len, payload,
		payload_len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	if (good)
		return 0;
	return certbot_fail(e,
	    md == NULL ? CERTBOT_NOT_SUPPORTED : CERTBOT_BAD_DATA,
	    md == NULL ? "the digest '%s' is not known" :
			 "the signature with %s is not of this certificate",
	    digest);
}

int
certbot_chain_split(const char *fullchain, char **cert, char **chain,
    struct certbot_error *e)
{
	struct err err = {0};

	*cert = *chain = NULL;
	return certbot__result(
	    cert_split(fullchain, strlen(fullchain), cert, chain, &err), e,
	    &err);
}

char *
certbot_chain_join(const char *const *certs, struct certbot_error *e)
{
	struct certbot_cert c;
	struct buf all;
	char *text;

	buf_init(&all, FILE_TEXT_MAX);
	for (; *certs != NULL; certs++) {
		size_t n = strlen(*certs);
		int rc = certbot_cert_read(*certs, n, &c, e);

		certbot_cert_release(&c);
		if (rc == 0 &&
		    (buf_add(&all, *certs, n) != 0 ||
			(n > 0 && (*certs)[n - 1] != '\n' &&
			    buf_addc(&all, '\n') != 0)))
			rc = certbot_fail(e, CERTBOT_BAD_DATA,
			    "the chain is longer than 1 MiB");
		if (rc != 0) {
			buf_release(&all);
			return NULL;
		}
	}
	text = all.p != NULL ? buf_detach(&all) : xstrdup("");
	buf_release(&all);
	return text;
}

int
certbot_chain_verify(const char *cert, const char *chain, const char *fullchain,
    struct certbot_error *e)
{
	size_t n = strlen(cert);

	if (strncmp(fullchain, cert, n) == 0 &&
	    strcmp(fullchain + n, chain) == 0)
		return 0;
	return certbot_fail(e, CERTBOT_BAD_DATA,
	    "the full chain is not the certificate followed by its chain");
}

size_t
certbot_chain_choose(const char *const *fullchains, size_t n,
    const char *issuer)
{
	for (size_t i = 0; i < n; i++) {
		char *root = cert_root_issuer(fullchains[i]);
		int same = root != NULL && strcmp(root, issuer) == 0;

		free(root);
		if (same)
			return i;
	}
	return 0;
}

int
certbot_sha256_file(const char *path, char hex[65], struct certbot_error *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	size_t len = 0, to = 0;
	char *text = certbot_file_read(path, &len, e);
	int ok;

	if (text == NULL)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\r' || i + 1 == len || text[i + 1] != '\n')
			text[to++] = text[i];
	ok = EVP_Digest(text, to, md, &n, EVP_sha256(), NULL);
	free(text);
	if (!ok || n != 32)
		return certbot_fail(e, CERTBOT_NOT_SUPPORTED,
		    "SHA-256 is not available");
	for (unsigned i = 0; i < n; i++) {
		hex[2 * i] = digits[md[i] >> 4];
		hex[2 * i + 1] = digits[md[i] & 15];
	}
	hex[64] = '\0';
	return 0;
}
