#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/pem.h>

#include "crypto/jwk.h"
#include "crypto/key.h"
#include "rfc.h"

static void
spec_ok(const char *type, long bits, const char *curve, int want_bits,
    const char *want_curve)
{
	struct key_spec spec;

	assert_int_equal(key_spec_parse(type, bits, curve, &spec, NULL), 0);
	assert_int_equal(spec.rsa_bits, want_bits);
	if (want_curve)
		assert_string_equal(spec.curve, want_curve);
	else
		assert_null(spec.curve);
}

static void
spec_refused(const char *type, long bits, const char *curve, enum err_name name,
    const char *text)
{
	struct key_spec spec;
	struct err err = {0};

	assert_int_equal(key_spec_parse(type, bits, curve, &spec, &err), -1);
	assert_int_equal(err.name, name);
	assert_non_null(strstr(err_text(&err), text));
	err_clear(&err);
}

static void
test_spec(void **state)
{
	(void)state;
	spec_ok("rsa", 0, NULL, 2048, NULL);
	spec_ok("RSA", 3072, "nonsense", 3072, NULL);
	spec_ok("rsa", 4096, NULL, 4096, NULL);
	spec_ok("ecdsa", 0, NULL, 0, "secp256r1");
	spec_ok("ECDSA", 2048, "SECP384R1", 0, "secp384r1");
	spec_ok("ecdsa", 0, "P-521", 0, "secp521r1");
	spec_ok("ecdsa", 0, "prime256v1", 0, "secp256r1");
	spec_refused("rsa", 1023, NULL, ERR_usage,
	    "Unsupported RSA key length: 1023");
	spec_refused("rsa", -1, NULL, ERR_usage,
	    "Unsupported RSA key length: -1");
	spec_refused("rsa", 99999999, NULL, ERR_usage, "Unsupported RSA key");
	spec_refused("ecdsa", 0, "secp256k1", ERR_usage,
	    "Unsupported elliptic curve: secp256k1");
	spec_refused("dsa", 0, NULL, ERR_usage,
	    "Invalid key_type specified: dsa.  Use [rsa|ecdsa]");
	spec_refused("ed25519", 0, NULL, ERR_notSupported, "ed25519");
}

static void
spec_round(const char *json, const char *want)
{
	jv doc = doc_parse(json, strlen(json), NULL), back;
	struct key_spec spec;
	char *text;

	assert_int_equal(key_spec_from_doc(doc, &spec, NULL), 0);
	back = key_spec_to_doc(&spec);
	text = doc_text_sorted(back);
	assert_string_equal(text, want);
	free(text);
	doc_free(back);
	doc_free(doc);
}

static void
spec_bad(const char *json)
{
	jv doc = doc_parse(json, strlen(json), NULL);
	struct key_spec spec;
	struct err err = {0};

	assert_int_equal(key_spec_from_doc(doc, &spec, &err), -1);
	assert_true(err_is_set(&err));
	err_clear(&err);
	doc_free(doc);
}

static void
test_spec_doc(void **state)
{
	(void)state;
	spec_round("{\"type\":\"rsa\"}", "{\"size\":2048,\"type\":\"rsa\"}");
	spec_round("{\"type\":\"rsa\",\"size\":4096}",
	    "{\"size\":4096,\"type\":\"rsa\"}");
	spec_round("{\"type\":\"ecdsa\",\"curve\":\"secp384r1\"}",
	    "{\"curve\":\"secp384r1\",\"type\":\"ecdsa\"}");
	spec_bad("{}");
	spec_bad("[]");
	spec_bad("{\"type\":\"rsa\",\"size\":\"2048\"}");
	spec_bad("{\"type\":\"rsa\",\"size\":0}");
	spec_bad("{\"type\":\"rsa\",\"size\":2048.5}");
	spec_bad("{\"type\":\"ecdsa\",\"curve\":\"x\"}");
}

static void
check_new(const char *type, long bits, const char *curve, const char *name)
{
	struct key_spec spec, found;
	struct buf pem;
	EVP_PKEY *key, *back;

	buf_init(&pem, 1 << 16);
	assert_int_equal(key_spec_parse(type, bits, curve, &spec, NULL), 0);
	key = key_new(&spec, NULL);
	assert_non_null(key);
	assert_int_equal(key_describe(key, &found, NULL), 0);
	assert_int_equal(found.rsa_bits, spec.rsa_bits);
	if (spec.curve)
		assert_string_equal(found.curve, spec.curve);
	assert_string_equal(key_type_name(key), name);
	assert_int_equal(key_pem(key, &pem, NULL), 0);
	assert_memory_equal(pem.p, "-----BEGIN PRIVATE KEY-----\n", 28);
	back = key_read(pem.p, pem.len, NULL);
	assert_non_null(back);
	assert_true(key_same(key, back));
	EVP_PKEY_free(back);
	buf_release(&pem);
	EVP_PKEY_free(key);
}

static void
test_new(void **state)
{
	(void)state;
	check_new("rsa", 2048, NULL, "RSA");
	check_new("ecdsa", 0, "secp256r1", "ECDSA");
	check_new("ecdsa", 0, "secp384r1", "ECDSA");
	check_new("ecdsa", 0, "secp521r1", "ECDSA");
}

static EVP_PKEY *
jwk(const char *text)
{
	EVP_PKEY *key = jwk_read_text(text, strlen(text), NULL);

	assert_non_null(key);
	return key;
}

/* bio's text is read and is key. The bio is freed. */
static void
reads(BIO *bio, EVP_PKEY *key)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);
	EVP_PKEY *got = key_read(p, (size_t)n, NULL);

	assert_non_null(got);
	assert_true(key_same(got, key));
	EVP_PKEY_free(got);
	BIO_free(bio);
}

static void
test_pem_forms(void **state)
{
	static const unsigned char params[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
	    0xce, 0x3d, 0x03, 0x01, 0x07};
	EVP_PKEY *rsa = jwk(RFC7515_A2_KEY), *ec = jwk(RFC7515_A3_KEY);
	BIO *bio = BIO_new(BIO_s_mem());

	(void)state;
	PEM_write_bio_PrivateKey_traditional(bio, rsa, NULL, NULL, 0, NULL,
	    NULL);
	reads(bio, rsa);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey_traditional(bio, ec, NULL, NULL, 0, NULL,
	    NULL);
	reads(bio, ec);
	bio = BIO_new(BIO_s_mem());
	BIO_puts(bio, "some text\n");
	PEM_write_bio(bio, "EC PARAMETERS", "", params, sizeof(params));
	PEM_write_bio_PrivateKey_traditional(bio, ec, NULL, NULL, 0, NULL,
	    NULL);
	reads(bio, ec);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
}

static void
refused(const char *pem, size_t n, const char *text)
{
	struct err err = {0};

	assert_null(key_read(pem, n, &err));
	assert_int_equal(err.name, ERR_badData);
	if (!strstr(err_text(&err), text))
		print_error("%s\n", err_text(&err));
	assert_non_null(strstr(err_text(&err), text));
	err_clear(&err);
}

static void
refused_bio(BIO *bio, const char *text)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	refused(p, (size_t)n, text);
	BIO_free(bio);
}

/* A pass phrase is not even asked for. */
static void
test_encrypted(void **state)
{
	EVP_PKEY *rsa = jwk(RFC7515_A2_KEY);
	unsigned char pass[] = "secret";
	BIO *bio = BIO_new(BIO_s_mem());

	(void)state;
	PEM_write_bio_PKCS8PrivateKey(bio, rsa, EVP_aes_128_cbc(), (char *)pass,
	    6, NULL, NULL);
	refused_bio(bio, "encrypted");
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey_traditional(bio, rsa, EVP_aes_128_cbc(), pass,
	    6, NULL, NULL);
	refused_bio(bio, "encrypted");
	EVP_PKEY_free(rsa);
}

static void
test_refused(void **state)
{
	static const char cut[] = "-----BEGIN PRIVATE KEY-----\nMIIB\n";
	static const char bad[] = "-----BEGIN PRIVATE KEY-----\nMAA=\n"
				  "-----END PRIVATE KEY-----\n";

	(void)state;
	refused("", 0, "no private key");
	refused("x", 1, "no private key");
	refused(cut, sizeof(cut) - 1, "cannot be read");
	refused(bad, sizeof(bad) - 1, "cannot be read");
}

static char *
temporary(const char *text)
{
	static char path[] = "/tmp/acme-tools-key-XXXXXX";
	int fd;

	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return path;
}

static void
test_load(void **state)
{
	EVP_PKEY *want = jwk(RFC8555_KEY), *got;
	struct err err = {0};
	char *path = temporary("  \n" RFC8555_KEY "\n");

	(void)state;
	got = key_load(path, NULL);
	assert_non_null(got);
	assert_true(key_same(want, got));
	EVP_PKEY_free(got);
	EVP_PKEY_free(want);
	unlink(path);
	path = temporary("nothing");
	assert_null(key_load(path, &err));
	assert_non_null(strstr(err_text(&err), path));
	assert_int_equal(err.name, ERR_badData);
	unlink(path);
	assert_null(key_load(path, &err));
	assert_int_equal(err.name, ERR_noInput);
	err_clear(&err);
}

static void
test_describe(void **state)
{
	EVP_PKEY *ed = jwk(RFC8037_KEY), *rsa = jwk(RFC7515_A2_KEY);
	EVP_PKEY *k1 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
	struct key_spec spec;
	struct err err = {0};

	(void)state;
	assert_string_equal(key_type_name(ed), "unknown");
	assert_int_equal(key_describe(ed, &spec, &err), -1);
	assert_int_equal(err.name, ERR_notSupported);
	assert_int_equal(key_describe(k1, &spec, &err), -1);
	assert_false(key_same(ed, rsa));
	assert_int_equal(key_describe(rsa, &spec, NULL), 0);
	assert_int_equal(spec.rsa_bits, 2048);
	err_clear(&err);
	EVP_PKEY_free(k1);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ed);
}

/* A key that is kept must be what is wanted, neither more nor less. */
static void
test_allows(void **state)
{
	const struct key_spec small = {.rsa_bits = 2048};
	const struct key_spec large = {.rsa_bits = 3072};
	const struct key_spec p256 = {.curve = "secp256r1"};
	const struct key_spec p384 = {.curve = "secp384r1"};
	struct err err = {0};

	(void)state;
	assert_int_equal(key_spec_allows(&small, &small, &err), 0);
	assert_int_equal(key_spec_allows(&p256, &p256, &err), 0);
	assert_int_equal(key_spec_allows(&large, &small, &err), -1);
	assert_non_null(strstr(err_text(&err), "--rsa-key-size"));
	assert_int_equal(key_spec_allows(&small, &large, &err), -1);
	assert_int_equal(key_spec_allows(&p384, &p256, &err), -1);
	assert_non_null(strstr(err_text(&err), "--elliptic-curve"));
	assert_int_equal(key_spec_allows(&p256, &small, &err), -1);
	assert_non_null(strstr(err_text(&err), "--key-type"));
	err_clear(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_allows),
	    cmocka_unit_test(test_spec),
	    cmocka_unit_test(test_spec_doc),
	    cmocka_unit_test(test_new),
	    cmocka_unit_test(test_pem_forms),
	    cmocka_unit_test(test_encrypted),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_load),
	    cmocka_unit_test(test_describe),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
