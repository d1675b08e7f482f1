#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "pki.h"

/* A root, an intermediate and a leaf, and a stranger of the root's name. */
static struct {
	EVP_PKEY *root_key, *mid_key, *leaf_key, *other_key;
	X509 *root, *mid, *leaf, *other;
} ca;

static int
setup(void **state)
{
	static const struct pki root = {.cn = "Root X", .serial = 1, .ca = 1};
	static const struct pki mid = {.cn = "Mid Y", .serial = 2, .ca = 1};
	static const struct pki leaf = {
	    .cn = "b.example",
	    .san = "DNS:a.example,DNS:b.example,IP:192.0.2.7",
	    .aia = "OCSP;URI:http://ocsp.example/x,caIssuers;URI:http://i/",
	    .serial = 0xabcdef,
	    .from = 1700000000,
	    .to = 1710000000,
	};

	(void)state;
	ca.root_key = pki_key();
	ca.mid_key = pki_key();
	ca.leaf_key = pki_key();
	ca.other_key = pki_key();
	ca.root = pki_cert(&root, ca.root_key, NULL, NULL);
	ca.mid = pki_cert(&mid, ca.mid_key, ca.root, ca.root_key);
	ca.leaf = pki_cert(&leaf, ca.leaf_key, ca.mid, ca.mid_key);
	ca.other = pki_cert(&mid, ca.other_key, ca.root, ca.root_key);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	X509_free(ca.root);
	X509_free(ca.mid);
	X509_free(ca.leaf);
	X509_free(ca.other);
	EVP_PKEY_free(ca.root_key);
	EVP_PKEY_free(ca.mid_key);
	EVP_PKEY_free(ca.leaf_key);
	EVP_PKEY_free(ca.other_key);
	return 0;
}

static char *
pem_of(X509 *a, X509 *b, X509 *c)
{
	X509 *const certs[] = {a, b, c, NULL};

	return pki_pem(certs);
}

static void
number_is(jv info, const char *key, long want)
{
	long n = -1;

	assert_int_equal(doc_int(info, key, &n), 0);
	assert_int_equal(n, want);
}

static void
check_leaf(jv info)
{
	jv names = doc_get(info, "names");
	char *joined;

	assert_true(doc_is(info, DOC_OBJECT));
	joined = doc_join(names, " ");
	assert_string_equal(joined, "b.example a.example 192.0.2.7");
	free(joined);
	doc_free(names);
	assert_string_equal(doc_str(info, "serial"), "abcdef");
	assert_string_equal(doc_str(info, "notBefore"), "2023-11-14T22:13:20Z");
	assert_string_equal(doc_str(info, "notAfter"), "2024-03-09T16:00:00Z");
	number_is(info, "notBeforeUnix", 1700000000);
	number_is(info, "notAfterUnix", 1710000000);
	assert_string_equal(doc_str(info, "issuer"), "Mid Y");
	assert_string_equal(doc_str(info, "keyType"), "ecdsa");
	assert_string_equal(doc_str(info, "curve"), "secp256r1");
	assert_false(doc_has(info, "keySize"));
	assert_string_equal(doc_str(info, "ocsp"), "http://ocsp.example/x");
	assert_int_equal(strlen(doc_str(info, "aki")), 27);
	/* the serial's octets as in DER: 00 ab cd ef */
	assert_memory_equal(doc_str(info, "renewalId"), doc_str(info, "aki"),
	    27);
	assert_string_equal(doc_str(info, "renewalId") + 27, ".AKvN7w");
	doc_free(info);
}

static void
test_info(void **state)
{
	char *pem = pem_of(ca.leaf, ca.mid, NULL);
	char *text = xasprintf("0 s:CN = x\n%s", pem);
	unsigned char *der;
	size_t len;

	(void)state;
	check_leaf(cert_info(pem, strlen(pem), NULL));
	check_leaf(cert_info(text, strlen(text), NULL));
	der = cert_der(pem, strlen(pem), &len, NULL);
	assert_non_null(der);
	check_leaf(cert_info((char *)der, len, NULL));
	free(der);
	free(text);
	free(pem);
}

static void
test_info_of_others(void **state)
{
	static const struct pki bare = {.san = "DNS:a", .serial = -0x7f};
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	X509 *cert = pki_cert(&bare, key, NULL, NULL);
	char *pem = pem_of(cert, NULL, NULL);
	jv info = cert_info(pem, strlen(pem), NULL);

	(void)state;
	assert_true(doc_is(info, DOC_OBJECT));
	assert_string_equal(doc_str(info, "serial"), "-7f");
	assert_string_equal(doc_str(info, "keyType"), "rsa");
	number_is(info, "keySize", 2048);
	assert_string_equal(doc_str(info, "issuer"), "");
	assert_false(doc_has(info, "aki"));
	assert_false(doc_has(info, "renewalId"));
	assert_false(doc_has(info, "ocsp"));
	doc_free(info);
	free(pem);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void
test_serial(void **state)
{
	char *pem = pem_of(ca.mid, NULL, NULL);
	jv info = cert_info(pem, strlen(pem), NULL);

	(void)state;
	assert_string_equal(doc_str(info, "serial"), "2");
	doc_free(info);
	free(pem);
}

static void
info_refused(const char *text, size_t n)
{
	struct err err = {0};

	assert_true(doc_is(cert_info(text, n, &err), DOC_NONE));
	assert_int_equal(err.name, ERR_badData);
	err_clear(&err);
}

static void
test_info_refused(void **state)
{
	char *pem = pem_of(ca.leaf, NULL, NULL), *at;
	size_t len;
	unsigned char *der;

	(void)state;
	info_refused("", 0);
	info_refused("text", 4);
	info_refused(pem, strlen(pem) - 10);
	der = cert_der(pem, strlen(pem), &len, NULL);
	info_refused((char *)der, len - 1);
	at = memmem(der, len, "a.example", 9);
	assert_non_null(at);
	*at = '\0';
	info_refused((char *)der, len);
	*at = '\x1b';
	info_refused((char *)der, len);
	free(der);
	pem[100] = '!';
	info_refused(pem, strlen(pem));
	free(pem);
}

static void
test_split(void **state)
{
	char *a = pem_of(ca.leaf, NULL, NULL), *b = pem_of(ca.mid, NULL, NULL);
	char *c = pem_of(ca.root, NULL, NULL), *cert, *chain, *want;
	char *full = xasprintf("issuer text\r\n%s\r\nsubject\n%s\n\n%s\nend", a,
	    b, c);

	(void)state;
	want = xasprintf("%s%s", b, c);
	assert_int_equal(cert_split(full, strlen(full), &cert, &chain, NULL),
	    0);
	assert_string_equal(cert, a);
	assert_string_equal(chain, want);
	free(cert);
	free(chain);
	free(want);
	free(full);
	free(a);
	free(b);
	free(c);
}

static void
split_refused(char *pem, const char *why)
{
	struct err err = {0};
	char *cert, *chain;

	assert_int_equal(cert_split(pem, strlen(pem), &cert, &chain, &err), -1);
	assert_int_equal(err.name, ERR_badData);
	if (!strstr(err_text(&err), why))
		print_error("%s\n", err_text(&err));
	assert_non_null(strstr(err_text(&err), why));
	assert_null(cert);
	assert_null(chain);
	err_clear(&err);
	free(pem);
}

static void
test_split_refused(void **state)
{
	char *pem = pem_of(ca.leaf, ca.mid, NULL);

	(void)state;
	split_refused(xstrdup(""), "there is no certificate");
	split_refused(xstrdup("<html>"), "there is no certificate");
	split_refused(pem_of(ca.leaf, NULL, NULL),
	    "less than 2 certificates in chain");
	split_refused(pem_of(ca.leaf, ca.root, NULL),
	    "does not name certificate 2");
	split_refused(pem_of(ca.mid, ca.leaf, NULL),
	    "does not name certificate 2");
	split_refused(pem_of(ca.leaf, ca.mid, ca.leaf),
	    "certificate 2 of the chain does not name certificate 3");
	split_refused(pem_of(ca.leaf, ca.other, NULL),
	    "certificate 1 of the chain was not issued by certificate 2");
	pem[strlen(pem) - 40] = '!';
	split_refused(pem, "certificate 2 cannot be read");
}

static void
test_split_long(void **state)
{
	char *one = pem_of(ca.root, NULL, NULL), *pem = xstrdup(""), *more;
	char *cert, *chain;
	int i;

	(void)state;
	for (i = 0; i < 33; i++) {
		more = xasprintf("%s%s", pem, one);
		free(pem);
		pem = more;
		if (i == 31) {
			assert_int_equal(
			    cert_split(pem, strlen(pem), &cert, &chain, NULL),
			    0);
			free(cert);
			free(chain);
		}
	}
	free(one);
	split_refused(pem, "more than 32");
}

/* A chain whose signatures nobody here can verify is refused. */
static void
test_split_unknown_algorithm(void **state)
{
	unsigned char *der = NULL, *p;
	int n = i2d_X509(ca.leaf, &der);
	static const unsigned char oid[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04,
	    0x03, 0x02};
	const unsigned char *q;
	X509 *odd;

	(void)state;
	p = der;
	while ((p = memmem(p, (size_t)(der + n - p), oid, sizeof(oid))))
		p[7] = 0x77;
	q = der;
	odd = d2i_X509(NULL, &q, n);
	assert_non_null(odd);
	split_refused(pem_of(odd, ca.mid, NULL), "was not issued by");
	X509_free(odd);
	OPENSSL_free(der);
}

static void
test_keys(void **state)
{
	char *leaf = pem_of(ca.leaf, NULL, NULL);
	char *mid = pem_of(ca.mid, NULL, NULL);
	char *other = pem_of(ca.other, NULL, NULL);
	EVP_PKEY *key = cert_public_key(leaf, NULL);
	struct err err = {0};

	(void)state;
	assert_true(key_same(key, ca.leaf_key));
	EVP_PKEY_free(key);
	assert_true(cert_matches_key(leaf, ca.leaf_key));
	assert_false(cert_matches_key(leaf, ca.mid_key));
	assert_false(cert_matches_key("", ca.leaf_key));
	assert_int_equal(cert_verify_issuer(leaf, mid, NULL), 0);
	assert_int_equal(cert_verify_issuer(leaf, other, &err), -1);
	assert_non_null(strstr(err_text(&err), "cannot be verified: "));
	assert_int_equal(cert_verify_issuer(leaf, "", &err), -1);
	assert_non_null(strstr(err_text(&err), "the chain"));
	assert_null(cert_public_key("", &err));
	err_clear(&err);
	free(leaf);
	free(mid);
	free(other);
}

static void
test_root_issuer(void **state)
{
	static const struct pki none = {.san = "DNS:a.example"};
	EVP_PKEY *key = pki_key();
	X509 *nameless = pki_cert(&none, key, NULL, NULL);
	char *pem = pem_of(ca.leaf, ca.mid, NULL);
	char *cn = cert_root_issuer(pem);

	(void)state;
	assert_string_equal(cn, "Root X");
	free(cn);
	assert_null(cert_root_issuer("nothing"));
	free(pem);
	/* an issuer that has no common name has none here */
	pem = pem_of(nameless, NULL, NULL);
	assert_null(cert_root_issuer(pem));
	free(pem);
	X509_free(nameless);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_info),
	    cmocka_unit_test(test_info_of_others),
	    cmocka_unit_test(test_serial),
	    cmocka_unit_test(test_info_refused),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_split_refused),
	    cmocka_unit_test(test_split_long),
	    cmocka_unit_test(test_split_unknown_algorithm),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_root_issuer),
	};

	return cmocka_run_group_tests_name("cert", tests, setup, teardown);
}
