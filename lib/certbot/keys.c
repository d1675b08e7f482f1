/* keys.c - private keys, and requests. */
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "certbot/crypto.h"
#include "certbot/files.h"
#include "certbot/base_private.h"
#include "crypto/csr.h"
#include "crypto/key.h"

static char *
pem_of(EVP_PKEY *key, struct err *err)
{
	struct buf pem;
	char *text = NULL;

	buf_init(&pem, FILE_TEXT_MAX);
	if (key_pem(key, &pem, err) == 0)
		text = buf_detach(&pem);
	buf_release(&pem);
	return text;
}

char *
certbot_key_new(const char *type, long bits, const char *curve,
    struct certbot_error *e)
{
	struct err err = {0};
	struct key_spec spec;
	EVP_PKEY *key = NULL;
	char *text = NULL;

	if (key_spec_parse(type, bits, curve, &spec, &err) == 0)
		key = key_new(&spec, &err);
	if (key != NULL)
		text = pem_of(key, &err);
	EVP_PKEY_free(key);
	if (text == NULL)
		certbot__error(e, &err);
	err_clear(&err);
	return text;
}

/* Saves text under the first free numbered name; the path. */
static char *
save(const char *dir, const char *name, mode_t dir_mode, mode_t mode,
    int strict, const char *text, struct certbot_error *e)
{
	char *wanted, *path = NULL;
	int fd;

	if (certbot_dir_make(dir, dir_mode, strict, e) != 0)
		return NULL;
	wanted = path_join(dir, name);
	fd = certbot_file_unique(wanted, mode, &path, e);
	free(wanted);
	if (fd == -1)
		return NULL;
	if (fd_write_all(fd, text, strlen(text)) == 0 && fsync(fd) == 0 &&
	    close(fd) == 0)
		return path;
	certbot_fail(e, CERTBOT_IO, "cannot write '%s'", path);
	(void)close(fd);
	(void)unlink(path);
	free(path);
	return NULL;
}

char *
certbot_key_save(const char *dir, const char *name, int strict, const char *key,
    struct certbot_error *e)
{
	return save(dir, name, 0700, 0600, strict, key, e);
}

int
certbot_key_valid(const char *key)
{
	struct err err = {0};
	EVP_PKEY *k = key_read(key, strlen(key), &err);
	EVP_PKEY_CTX *ctx = k != NULL ? EVP_PKEY_CTX_new(k, NULL) : NULL;
	int good = ctx != NULL && EVP_PKEY_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(k);
	err_clear(&err);
	return good;
}

char *
certbot_key_type(const char *key, struct certbot_error *e)
{
	struct err err = {0};
	struct key_spec spec;
	EVP_PKEY *k = key_read(key, strlen(key), &err);
	int rc = k != NULL ? key_describe(k, &spec, &err) : -1;

	EVP_PKEY_free(k);
	if (rc == 0)
		return xstrdup(spec.rsa_bits > 0 ? "rsa" : "ecdsa");
	certbot__error(e, &err);
	return NULL;
}

static X509_REQ *
request(const void *bytes, size_t len, jv *names, struct err *err)
{
	size_t n = 0;
	unsigned char *der = csr_read(bytes, len, &n, names, err);
	const unsigned char *at = der;
	X509_REQ *req = der != NULL ? d2i_X509_REQ(NULL, &at, (long)n) : NULL;

	free(der);
	return req;
}

static char *
request_pem(X509_REQ *req)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL, *text = NULL;
	long n;

	if (bio != NULL && PEM_write_bio_X509_REQ(bio, req) == 1) {
		n = BIO_get_mem_data(bio, &p);
		text = xstrndup(p, (size_t)n);
	}
	BIO_free(bio);
	return text;
}

char *
certbot_csr_new(const char *key, const char *const *names, int must_staple,
    struct certbot_error *e)
{
	struct err err = {0};
	EVP_PKEY *k = key_read(key, strlen(key), &err);
	jv list = certbot__array(names), got = doc_none();
	unsigned char *der = NULL;
	X509_REQ *req = NULL;
	char *text = NULL;
	size_t n = 0;

	if (k != NULL)
		der = csr_new(k, list, must_staple, &n, &err);
	if (der != NULL)
		req = request(der, n, &got, &err);
	if (req != NULL)
		text = request_pem(req);
	if (text == NULL)
		certbot__error(e, &err);
	err_clear(&err);
	X509_REQ_free(req);
	EVP_PKEY_free(k);
	free(der);
	doc_free(got);
	doc_free(list);
	return text;
}

char *
certbot_csr_save(const char *dir, const char *name, int strict, const char *csr,
    struct certbot_error *e)
{
	return save(dir, name, 0755, 0644, strict, csr, e);
}

int
certbot_csr_read(const void *bytes, size_t len, char **pem,
    struct certbot_list *names, struct certbot_error *e)
{
	struct err err = {0};
	jv list = doc_none();
	X509_REQ *req = request(bytes, len, &list, &err);
	int rc = req != NULL ? 0 : -1;

	if (pem != NULL)
		*pem = req != NULL ? request_pem(req) : NULL;
	if (rc == 0 && names != NULL)
		certbot__append(names, list);
	X509_REQ_free(req);
	doc_free(list);
	return certbot__result(rc, e, &err);
}

int
certbot_csr_valid(const void *bytes, size_t len)
{
	struct err err = {0};
	jv list = doc_none();
	X509_REQ *req = request(bytes, len, &list, &err);
	int good = req != NULL &&
	    X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) == 1;

	X509_REQ_free(req);
	doc_free(list);
	err_clear(&err);
	return good;
}

int
certbot_csr_matches_key(const void *bytes, size_t len, const char *key)
{
	struct err err = {0};
	jv list = doc_none();
	X509_REQ *req = request(bytes, len, &list, &err);
	EVP_PKEY *k = key_read(key, strlen(key), NULL);
	int same = req != NULL && k != NULL &&
	    key_same(X509_REQ_get0_pubkey(req), k);

	EVP_PKEY_free(k);
	X509_REQ_free(req);
	doc_free(list);
	err_clear(&err);
	return same;
}
