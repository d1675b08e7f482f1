#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/csr.h"
#include "crypto/key.h"
#include "pki.h"

static X509_REQ *
parse(const unsigned char *der, size_t len)
{
	const unsigned char *p = der;
	X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)len);

	assert_non_null(req);
	assert_ptr_equal(p, der + len);
	return req;
}

/* The extensions of req as openssl prints their values, ';' between. */
static char *
extensions(X509_REQ *req)
{
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(req);
	BIO *bio = BIO_new(BIO_s_mem());
	char *p, *text;
	long n;
	int i;

	for (i = 0; i < sk_X509_EXTENSION_num(exts); i++) {
		X509_EXTENSION *ext = sk_X509_EXTENSION_value(exts, i);

		assert_false(X509_EXTENSION_get_critical(ext));
		i2a_ASN1_OBJECT(bio, X509_EXTENSION_get_object(ext));
		BIO_puts(bio, "=");
		X509V3_EXT_print(bio, ext, 0, 0);
		BIO_puts(bio, ";");
	}
	n = BIO_get_mem_data(bio, &p);
	text = xstrndup(p, (size_t)n);
	BIO_free(bio);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return text;
}

static jv
list(const char *a, const char *b, const char *c)
{
	jv names = doc_push_str(doc_array(), a);

	if (b)
		names = doc_push_str(names, b);
	return c ? doc_push_str(names, c) : names;
}

static void
check_new(const char *type, const char *curve, int staple, const char *want)
{
	jv names = doc_push_str(list("b.example", "*.a.example", "2001:db8::1"),
	    "192.0.2.1");
	struct key_spec spec;
	unsigned char *der;
	EVP_PKEY *key, *own;
	X509_REQ *req;
	char *exts;
	size_t len;

	assert_int_equal(key_spec_parse(type, 2048, curve, &spec, NULL), 0);
	key = key_new(&spec, NULL);
	der = csr_new(key, names, staple, &len, NULL);
	assert_non_null(der);
	req = parse(der, len);
	assert_int_equal(X509_REQ_get_version(req), 0);
	assert_int_equal(X509_NAME_entry_count(X509_REQ_get_subject_name(req)),
	    0);
	assert_int_equal(X509_REQ_verify(req, key), 1);
	assert_int_equal(X509_REQ_get_signature_nid(req),
	    curve ? NID_ecdsa_with_SHA256 : NID_sha256WithRSAEncryption);
	exts = extensions(req);
	assert_string_equal(exts, want);
	own = csr_public_key(der, len, NULL);
	assert_true(key_same(own, key));
	EVP_PKEY_free(own);
	free(exts);
	X509_REQ_free(req);
	free(der);
	EVP_PKEY_free(key);
	doc_free(names);
}

#define SAN                                                                \
	"X509v3 Subject Alternative Name=DNS:b.example, DNS:*.a.example, " \
	"IP Address:2001:DB8:0:0:0:0:0:1, IP Address:192.0.2.1;"

static void
test_new(void **state)
{
	(void)state;
	check_new("rsa", NULL, 0, SAN);
	check_new("ecdsa", "secp256r1", 1, SAN "TLS Feature=status_request;");
	check_new("ecdsa", "secp384r1", 0, SAN);
}

static void
test_new_refused(void **state)
{
	static const char *const bad[] = {"", "a b", "\xc3\xbc.example", "a\n"};
	EVP_PKEY *key = pki_key();
	jv names = doc_array();
	struct err err = {0};
	size_t i, len;

	(void)state;
	assert_null(csr_new(key, names, 0, &len, &err));
	assert_int_equal(err.name, ERR_badData);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		doc_move(&names, list("a.example", bad[i], NULL));
		err_clear(&err);
		assert_null(csr_new(key, names, 0, &len, &err));
		assert_int_equal(err.name, ERR_badData);
	}
	doc_move(&names, doc_push(doc_array(), doc_number(1)));
	assert_null(csr_new(key, names, 0, &len, &err));
	err_clear(&err);
	doc_free(names);
	EVP_PKEY_free(key);
}

/* A request with this subject and SAN (as openssl's configuration has it). */
static X509_REQ *
request(EVP_PKEY *key, const char *cn, const char *cn2, const char *san)
{
	X509_REQ *req = X509_REQ_new();
	X509_NAME *name = X509_REQ_get_subject_name(req);
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();

	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
	    (const unsigned char *)"org.example", -1, -1, 0);
	if (cn)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		    (const unsigned char *)cn, -1, -1, 0);
	if (cn2)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		    (const unsigned char *)cn2, -1, -1, 0);
	if (san) {
		sk_X509_EXTENSION_push(exts,
		    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san));
		X509_REQ_add_extensions(req, exts);
	}
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	X509_REQ_set_pubkey(req, key);
	assert_true(X509_REQ_sign(req, key, EVP_sha256()));
	return req;
}

/* The names that are read, joined; malloc'd. NULL if it is refused. */
static char *
names_of(const char *bytes, size_t n, struct err *err)
{
	jv names = doc_none();
	size_t len;
	unsigned char *der = csr_read(bytes, n, &len, &names, err);
	char *text = der ? doc_join(names, " ") : NULL;

	doc_free(names);
	free(der);
	return text;
}

static void
check_names(const char *cn, const char *cn2, const char *san, const char *want)
{
	EVP_PKEY *key = pki_key();
	X509_REQ *req = request(key, cn, cn2, san);
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);
	BIO *bio = BIO_new(BIO_s_mem());
	struct err err = {0};
	char *got, *pem;
	long len;

	got = names_of((char *)der, (size_t)n, &err);
	if (want) {
		assert_string_equal(got, want);
		free(got);
		BIO_puts(bio, "text before\n");
		PEM_write_bio_X509_REQ_NEW(bio, req);
		len = BIO_get_mem_data(bio, &pem);
		got = names_of(pem, (size_t)len, NULL);
		assert_string_equal(got, want);
	} else {
		assert_null(got);
		assert_int_equal(err.name, ERR_badData);
	}
	err_clear(&err);
	free(got);
	BIO_free(bio);
	OPENSSL_free(der);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
}

static void
test_names(void **state)
{
	(void)state;
	check_names(NULL, NULL, "DNS:b,DNS:a", "b a");
	check_names("a", NULL, "DNS:b,DNS:a", "a b");
	check_names("c", "d", "DNS:b", "c b");
	check_names("c", NULL, NULL, "c");
	check_names("c", NULL, "email:x@example.com", "c");
	check_names(NULL, NULL, "IP:192.0.2.1,DNS:b,IP:2001:db8::1,DNS:b",
	    "b 192.0.2.1 2001:db8::1");
	check_names("192.0.2.1", NULL, "IP:192.0.2.1", "192.0.2.1");
	check_names(NULL, NULL, "email:x@example.com", NULL);
	check_names(NULL, NULL, NULL, NULL);
	check_names(NULL, NULL, "DNS:a b", NULL);
	check_names("a\x1b[2J", NULL, NULL, NULL);
}

static void
test_nul_in_name(void **state)
{
	EVP_PKEY *key = pki_key();
	X509_REQ *req = request(key, NULL, NULL, "DNS:good.example.bad");
	unsigned char *der = NULL, *at;
	int n = i2d_X509_REQ(req, &der);

	(void)state;
	at = memmem(der, (size_t)n, ".bad", 4);
	assert_non_null(at);
	*at = '\0';
	assert_null(names_of((char *)der, (size_t)n, NULL));
	OPENSSL_free(der);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
}

static void
test_read_refused(void **state)
{
	EVP_PKEY *key = pki_key();
	X509_REQ *req = request(key, "a", NULL, NULL);
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);
	struct err err = {0};
	char *longer;

	(void)state;
	assert_null(names_of("", 0, &err));
	assert_non_null(strstr(err_text(&err), "neither DER nor PEM"));
	assert_null(names_of("text", 4, &err));
	assert_null(names_of((char *)der, (size_t)n - 1, &err));
	longer = xcalloc(1, (size_t)n + 1);
	memcpy(longer, der, (size_t)n);
	assert_null(names_of(longer, (size_t)n + 1, &err));
	assert_null(csr_public_key((unsigned char *)"x", 1, &err));
	err_clear(&err);
	free(longer);
	OPENSSL_free(der);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_new),
	    cmocka_unit_test(test_new_refused),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_nul_in_name),
	    cmocka_unit_test(test_read_refused),
	};

	return cmocka_run_group_tests_name("csr", tests, NULL, NULL);
}
