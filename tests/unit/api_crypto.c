/* lib/certbot: keys, requests, certificates, chains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "certbot/crypto.h"
#include "certbot/files.h"
#include "certbot/lineage.h"
#include "pki.h"
#include "scratch.h"
#include "store/lineage.h"

static struct {
	EVP_PKEY *root_key, *mid_key, *leaf_key;
	X509 *root, *mid, *leaf;
	char *leaf_pem, *mid_pem, *full_pem;
} ca;

static int
setup(void **state)
{
	static const struct pki root = {.cn = "Root X", .serial = 1, .ca = 1};
	static const struct pki mid = {.cn = "Mid Y", .serial = 2, .ca = 1};
	static const struct pki leaf = {
	    .cn = "b.example",
	    .san = "DNS:a.example,DNS:b.example,IP:192.0.2.7",
	    .aia = "OCSP;URI:http://ocsp.example/x",
	    .serial = 0xabcdef,
	    .from = 1700000000,
	    .to = 1710000000,
	};

	ca.root_key = pki_key();
	ca.mid_key = pki_key();
	ca.leaf_key = pki_key();
	ca.root = pki_cert(&root, ca.root_key, NULL, NULL);
	ca.mid = pki_cert(&mid, ca.mid_key, ca.root, ca.root_key);
	ca.leaf = pki_cert(&leaf, ca.leaf_key, ca.mid, ca.mid_key);
	ca.leaf_pem = pki_pem((X509 *[]){ca.leaf, NULL});
	ca.mid_pem = pki_pem((X509 *[]){ca.mid, NULL});
	ca.full_pem = pki_pem((X509 *[]){ca.leaf, ca.mid, NULL});
	return scratch_make(state);
}

static int
teardown(void **state)
{
	X509_free(ca.root);
	X509_free(ca.mid);
	X509_free(ca.leaf);
	EVP_PKEY_free(ca.root_key);
	EVP_PKEY_free(ca.mid_key);
	EVP_PKEY_free(ca.leaf_key);
	free(ca.leaf_pem);
	free(ca.mid_pem);
	free(ca.full_pem);
	return scratch_remove(state);
}

static char *
key_text(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p, *text;
	long n;

	assert_true(
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
	n = BIO_get_mem_data(bio, &p);
	text = strndup(p, (size_t)n);
	BIO_free(bio);
	return text;
}

static void
test_keys(void **state)
{
	struct certbot_error e = {0};
	char *key, *type, *path;

	(void)state;
	key = certbot_key_new("ecdsa", 0, "secp384r1", &e);
	assert_non_null(strstr(key, "BEGIN PRIVATE KEY"));
	assert_true(certbot_key_valid(key));
	type = certbot_key_type(key, &e);
	assert_string_equal(type, "ecdsa");
	free(type);
	path = certbot_key_save("keys", "key-certbot.pem", 1, key, &e);
	assert_string_equal(path, "keys/0000_key-certbot.pem");
	assert_true(certbot_file_check("keys", 0700, 1));
	assert_true(certbot_file_check(path, 0600, 1));
	free(path);
	path = certbot_key_save("keys", "key-certbot.pem", 1, key, &e);
	assert_string_equal(path, "keys/0001_key-certbot.pem");
	free(path);
	assert_int_equal(chmod("keys", 0755), 0);
	assert_null(certbot_key_save("keys", "key-certbot.pem", 1, key, &e));
	certbot_free_secret(key);
	key = certbot_key_new("rsa", 0, NULL, &e);
	type = certbot_key_type(key, &e);
	assert_string_equal(type, "rsa");
	free(type);
	certbot_free_secret(key);
	assert_null(certbot_key_new("rsa", 512, NULL, &e));
	assert_null(certbot_key_new("dsa", 0, NULL, &e));
	assert_false(certbot_key_valid("no key"));
	assert_null(certbot_key_type("no key", &e));
	assert_int_equal(e.type, CERTBOT_BAD_DATA);
}

static void
test_requests(void **state)
{
	static const char *const names[] = {"a.example", "*.b.example", NULL};
	struct certbot_error e = {0};
	struct certbot_list got = {0};
	char *key = key_text(ca.leaf_key), *other = key_text(ca.mid_key);
	char *csr, *pem = NULL, *path, *broken;

	(void)state;
	csr = certbot_csr_new(key, names, 1, &e);
	assert_non_null(strstr(csr, "BEGIN CERTIFICATE REQUEST"));
	assert_true(certbot_csr_valid(csr, strlen(csr)));
	assert_true(certbot_csr_matches_key(csr, strlen(csr), key));
	assert_false(certbot_csr_matches_key(csr, strlen(csr), other));
	assert_false(certbot_csr_matches_key(csr, strlen(csr), "no key"));
	assert_int_equal(certbot_csr_read(csr, strlen(csr), &pem, &got, &e), 0);
	assert_string_equal(pem, csr);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.v[1], "*.b.example");
	certbot_list_release(&got);
	free(pem);
	path = certbot_csr_save("csr", "csr-certbot.pem", 1, csr, &e);
	assert_string_equal(path, "csr/0000_csr-certbot.pem");
	assert_true(certbot_file_check(path, 0644, 1));
	free(path);
	/* A byte of the signature. */
	broken = strdup(csr);
	pem = strstr(broken, "-----END") - 12;
	*pem = *pem == 'A' ? 'B' : 'A';
	assert_false(certbot_csr_valid(broken, strlen(broken)));
	free(broken);
	assert_false(certbot_csr_valid("x", 1));
	assert_int_equal(certbot_csr_read("x", 1, NULL, NULL, &e), -1);
	assert_null(certbot_csr_new("no key", names, 0, &e));
	free(csr);
	free(key);
	free(other);
}

static void
test_certificates(void **state)
{
	struct certbot_error e = {0};
	struct certbot_cert c;

	(void)state;
	assert_int_equal(
	    certbot_cert_read(ca.full_pem, strlen(ca.full_pem), &c, &e), 0);
	assert_string_equal(c.serial, "abcdef");
	assert_string_equal(c.issuer, "Mid Y");
	assert_string_equal(c.key_type, "ecdsa");
	assert_string_equal(c.ocsp, "http://ocsp.example/x");
	assert_int_equal(c.not_before, 1700000000);
	assert_int_equal(c.not_after, 1710000000);
	assert_int_equal(c.names.n, 3);
	assert_string_equal(c.names.v[0], "b.example");
	assert_int_equal(c.sans.n, 2);
	assert_string_equal(c.sans.v[0], "a.example");
	assert_string_equal(c.sans.v[1], "b.example");
	certbot_cert_release(&c);
	assert_int_equal(certbot_cert_read("x", 1, &c, &e), -1);
	assert_int_equal(e.type, CERTBOT_BAD_DATA);
	certbot_cert_release(&c);
	scratch_put("leaf.pem", ca.leaf_pem);
	assert_int_equal(certbot_cert_load("leaf.pem", &c, &e), 0);
	assert_string_equal(c.serial, "abcdef");
	certbot_cert_release(&c);
	assert_int_equal(certbot_cert_load("none.pem", &c, &e), -1);
	assert_int_equal(e.type, CERTBOT_NOT_FOUND);
}

static void
test_matches(void **state)
{
	struct certbot_error e = {0};
	char *key = key_text(ca.leaf_key), *other = key_text(ca.mid_key);

	(void)state;
	scratch_put("leaf.pem", ca.leaf_pem);
	scratch_put("leaf.key", key);
	scratch_put("other.key", other);
	assert_int_equal(certbot_cert_matches_key("leaf.pem", "leaf.key", &e),
	    0);
	assert_int_equal(certbot_cert_matches_key("leaf.pem", "other.key", &e),
	    -1);
	assert_non_null(strstr(e.text, "other.key"));
	assert_int_equal(certbot_cert_matches_key("leaf.pem", "none", &e), -1);
	assert_int_equal(certbot_cert_matches_key("none", "leaf.key", &e), -1);
	assert_int_equal(
	    certbot_cert_verify_issuer(ca.leaf_pem, ca.mid_pem, &e), 0);
	assert_int_equal(
	    certbot_cert_verify_issuer(ca.leaf_pem, ca.leaf_pem, &e), -1);
	free(key);
	free(other);
}

static void
test_payload(void **state)
{
	struct certbot_error e = {0};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[256];
	size_t n = sizeof(sig);

	(void)state;
	assert_int_equal(
	    EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, ca.leaf_key), 1);
	assert_int_equal(
	    EVP_DigestSign(ctx, sig, &n, (const unsigned char *)"text", 4), 1);
	EVP_MD_CTX_free(ctx);
	assert_int_equal(certbot_cert_verify_payload(ca.leaf_pem, "sha384", sig,
			     n, "text", 4, &e),
	    0);
	assert_int_equal(certbot_cert_verify_payload(ca.leaf_pem, "sha384", sig,
			     n, "tex?", 4, &e),
	    -1);
	assert_int_equal(e.type, CERTBOT_BAD_DATA);
	assert_int_equal(certbot_cert_verify_payload(ca.mid_pem, "sha384", sig,
			     n, "text", 4, &e),
	    -1);
	assert_int_equal(certbot_cert_verify_payload(ca.leaf_pem, "sha0", sig,
			     n, "text", 4, &e),
	    -1);
	assert_int_equal(e.type, CERTBOT_NOT_SUPPORTED);
}

static void
test_chains(void **state)
{
	const char *const both[] = {ca.leaf_pem, ca.mid_pem, NULL};
	const char *const bad[] = {ca.leaf_pem, "x", NULL};
	struct certbot_error e = {0};
	char *cert, *chain, *joined;

	(void)state;
	assert_int_equal(certbot_chain_split(ca.full_pem, &cert, &chain, &e),
	    0);
	assert_string_equal(cert, ca.leaf_pem);
	assert_string_equal(chain, ca.mid_pem);
	assert_int_equal(certbot_chain_verify(cert, chain, ca.full_pem, &e), 0);
	assert_int_equal(certbot_chain_verify(cert, chain, cert, &e), -1);
	joined = xasprintf("%s%s", ca.full_pem, ca.mid_pem);
	assert_int_equal(certbot_chain_verify(cert, chain, joined, &e), -1);
	free(joined);
	joined = xasprintf("%s%s", ca.leaf_pem, ca.leaf_pem);
	assert_int_equal(certbot_chain_verify(cert, chain, joined, &e), -1);
	free(joined);
	assert_int_equal(certbot_chain_verify(chain, cert, ca.full_pem, &e),
	    -1);
	free(cert);
	free(chain);
	assert_int_equal(certbot_chain_split(ca.leaf_pem, &cert, &chain, &e),
	    -1);
	joined = certbot_chain_join(both, &e);
	assert_string_equal(joined, ca.full_pem);
	free(joined);
	assert_null(certbot_chain_join(bad, &e));
	assert_int_equal(
	    certbot_chain_choose((const char *[]){ca.leaf_pem, ca.full_pem}, 2,
		"Root X"),
	    1);
	assert_int_equal(
	    certbot_chain_choose((const char *[]){ca.leaf_pem, ca.full_pem}, 2,
		"Root Z"),
	    0);
}

static void
test_sha256(void **state)
{
	struct certbot_error e = {0};
	char hex[65];

	(void)state;
	scratch_put("abc", "abc");
	assert_int_equal(certbot_sha256_file("abc", hex, &e), 0);
	/* FIPS 180-2, B.1 */
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	scratch_put("crlf", "a\r\nb\rc\n");
	scratch_put("lf", "a\nb\rc\n");
	assert_int_equal(certbot_sha256_file("crlf", hex, &e), 0);
	{
		char plain[65];

		assert_int_equal(certbot_sha256_file("lf", plain, &e), 0);
		assert_string_equal(hex, plain);
	}
	assert_int_equal(certbot_sha256_file("none", hex, &e), -1);
}

static void
test_no_lineage(void **state)
{
	struct certbot_error e = {0};
	struct certbot_lineage l;

	(void)state;
	assert_int_equal(certbot_lineage_open(&l, ".", "none", &e), -1);
	assert_int_equal(e.type, CERTBOT_NO_LINEAGE);
	certbot_lineage_release(&l);
	assert_int_equal(certbot_lineage_verify(".", "none", &e), -1);
	assert_int_equal(e.type, CERTBOT_NO_LINEAGE);
}

/* A lineage of the leaf with this key; what certbot_lineage_verify says. */
static int
verified(EVP_PKEY *key, const char *name, struct certbot_error *e)
{
	struct lineage_files f = {ca.leaf_pem, ca.mid_pem, key};
	jv params = doc_set_str(doc_object(), "server", "https://ca.example/");
	struct lineage l;

	assert_int_equal(
	    lineage_new(&l, scratch, name, &f, params, doc_none(), NULL), 0);
	lineage_release(&l);
	doc_free(params);
	return certbot_lineage_verify(scratch, name, e);
}

static void
test_lineage(void **state)
{
	struct certbot_error e = {0};
	struct certbot_lineage l;

	(void)state;
	assert_int_equal(verified(ca.leaf_key, "good", &e), 0);
	assert_int_equal(verified(ca.mid_key, "bad", &e), -1);
	assert_int_equal(e.type, CERTBOT_BROKEN_LINEAGE);
	assert_int_equal(certbot_lineage_open(&l, scratch, "good", &e), 0);
	assert_string_equal(l.name, "good");
	assert_int_equal(l.version, 1);
	assert_true(certbot_list_has(&l.names, "a.example"));
	assert_non_null(strstr(l.key, "/live/good/privkey.pem"));
	certbot_lineage_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_requests),
	    cmocka_unit_test(test_certificates),
	    cmocka_unit_test(test_matches),
	    cmocka_unit_test(test_payload),
	    cmocka_unit_test(test_chains),
	    cmocka_unit_test(test_sha256),
	    cmocka_unit_test(test_no_lineage),
	    cmocka_unit_test(test_lineage),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
