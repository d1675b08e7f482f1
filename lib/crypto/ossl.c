#include "crypto/ossl.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/buf.h"

void
ossl_start(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	ERR_clear_error();
}

const char *
ossl_reason(void)
{
	const char *s = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return s ? s : "unknown reason";
}

int
ossl_fail(struct err *err, enum err_name name, const char *what)
{
	return err_set(err, name, "%s: %s", what, ossl_reason());
}

void
ossl_no_memory(void)
{
	fputs("out of memory\n", stderr);
	_exit(70);
}

BIO *
ossl_bio_out(void)
{
	BIO *bio = BIO_new(BIO_s_secmem());

	if (!bio)
		ossl_no_memory();
	return bio;
}

BIO *
ossl_bio(const void *p, size_t n)
{
	BIO *bio = NULL;

	if (n <= INT_MAX)
		bio = BIO_new_mem_buf(n > 0 ? p : "", (int)n);
	if (!bio)
		ossl_no_memory();
	return bio;
}

char *
ossl_bio_text(BIO *bio)
{
	char *p, *text;
	long n = BIO_get_mem_data(bio, &p);

	text = xmalloc((size_t)n + 1);
	if (n > 0)
		memcpy(text, p, (size_t)n);
	text[n] = '\0';
	BIO_free(bio);
	return text;
}

int
ossl_pem_next(BIO *bio, struct ossl_pem *block)
{
	unsigned long e;

	*block = (struct ossl_pem){0};
	if (PEM_read_bio_ex(bio, &block->name, &block->header, &block->der,
		&block->len, PEM_FLAG_SECURE))
		return 1;
	e = ERR_peek_last_error();
	if (ERR_GET_LIB(e) == ERR_LIB_PEM &&
	    ERR_GET_REASON(e) == PEM_R_NO_START_LINE) {
		ERR_clear_error();
		return 0;
	}
	return -1;
}

void
ossl_pem_release(struct ossl_pem *block)
{
	OPENSSL_secure_free(block->name);
	OPENSSL_secure_free(block->header);
	OPENSSL_secure_clear_free(block->der, (size_t)block->len);
	*block = (struct ossl_pem){0};
}
