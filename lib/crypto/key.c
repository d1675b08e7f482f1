#include "crypto/key.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "crypto/jwk.h"
#include "crypto/ossl.h"

EVP_PKEY *
key_new(const struct key_spec *spec, struct err *err)
{
	EVP_PKEY *key;

	ossl_start();
	key = spec->rsa_bits > 0 ?
	    EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)spec->rsa_bits) :
	    EVP_PKEY_Q_keygen(NULL, NULL, "EC",
		strcmp(spec->curve, "secp256r1") == 0 ? "prime256v1" :
							spec->curve);
	if (!key)
		ossl_fail(err, ERR_internal, "no key can be made");
	return key;
}

static int
is_encrypted(const struct ossl_pem *block)
{
	return strcmp(block->name, PEM_STRING_PKCS8) == 0 ||
	    strstr(block->header, "ENCRYPTED") != NULL;
}

static EVP_PKEY *
key_of_pkcs8(const struct ossl_pem *block)
{
	const unsigned char *p = block->der;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p,
	    block->len);
	EVP_PKEY *key = info ? EVP_PKCS82PKEY(info) : NULL;

	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

/* 1: block was a private key, readable (*key) or not; 0: something else. */
static int
key_of_block(const struct ossl_pem *block, EVP_PKEY **key, struct err *err)
{
	const unsigned char *p = block->der;

	if (is_encrypted(block)) {
		err_set(err, ERR_badData,
		    "the private key is encrypted; decrypt it first, for "
		    "instance with openssl pkey");
		return 1;
	}
	if (strcmp(block->name, PEM_STRING_PKCS8INF) == 0)
		*key = key_of_pkcs8(block);
	else if (strcmp(block->name, PEM_STRING_RSA) == 0)
		*key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, block->len);
	else if (strcmp(block->name, PEM_STRING_ECPRIVATEKEY) == 0)
		*key = d2i_PrivateKey(EVP_PKEY_EC, NULL, &p, block->len);
	else
		return 0;
	if (!*key)
		ossl_fail(err, ERR_badData, "the private key cannot be read");
	return 1;
}

EVP_PKEY *
key_read(const char *pem, size_t len, struct err *err)
{
	struct ossl_pem block;
	EVP_PKEY *key = NULL;
	int got, mine = 0;
	BIO *bio;

	ossl_start();
	bio = ossl_bio(pem, len);
	while (!mine && (got = ossl_pem_next(bio, &block)) == 1) {
		mine = key_of_block(&block, &key, err);
		ossl_pem_release(&block);
	}
	if (!mine && got == 0)
		err_set(err, ERR_badData, "there is no private key in PEM");
	else if (!mine)
		ossl_fail(err, ERR_badData, "the PEM text cannot be read");
	BIO_free(bio);
	return key;
}

static int
looks_like_json(const struct buf *b)
{
	size_t at = b->len > 0 ? strspn(b->p, " \t\r\n") : 0;

	return at < b->len && b->p[at] == '{';
}

EVP_PKEY *
key_load(const char *path, struct err *err)
{
	struct buf b;
	EVP_PKEY *key = NULL;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, err) != 0)
		goto out;
	if (looks_like_json(&b))
		key = jwk_read_text(b.p, b.len, err);
	else
		key = key_read(b.p, b.len, err);
	if (!key)
		err_prefix(err, "'%s'", path);
out:
	buf_release(&b);
	return key;
}

int
key_pem(EVP_PKEY *key, struct buf *pem, struct err *err)
{
	BIO *bio;
	char *p;
	long n;
	int rc = -1;

	ossl_start();
	bio = ossl_bio_out();
	if (!PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		ossl_fail(err, ERR_internal, "the key cannot be written");
	else if ((n = BIO_get_mem_data(bio, &p)) <= 0 ||
	    buf_add(pem, p, (size_t)n) != 0)
		err_sys(err, ERR_internal, errno, "the key cannot be written");
	else
		rc = 0;
	BIO_free(bio);
	return rc;
}
