#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "crypto/b64.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "crypto/key.h"
#include "rfc.h"

static EVP_PKEY *
key_of(const char *jwk)
{
	EVP_PKEY *key = jwk_read_text(jwk, strlen(jwk), NULL);

	assert_non_null(key);
	return key;
}

static void
test_deterministic(void **state)
{
	EVP_PKEY *key = key_of(RFC7515_A2_KEY);
	char *sig = jws_signature(key, RFC7515_A2_INPUT, NULL);

	(void)state;
	assert_string_equal(sig, RFC7515_A2_SIGNATURE);
	free(sig);
	EVP_PKEY_free(key);
	key = key_of(RFC8037_KEY);
	sig = jws_signature(key, RFC8037_A4_INPUT, NULL);
	assert_string_equal(sig, RFC8037_A4_SIGNATURE);
	free(sig);
	EVP_PKEY_free(key);
}

/* Does raw, r || s, sign input? By OpenSSL, which wants DER. */
static int
ecdsa_ok(EVP_PKEY *key, const EVP_MD *md, const unsigned char *raw, size_t n,
    const char *input)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	int half = (int)n / 2, len, ok;

	ECDSA_SIG_set0(sig, BN_bin2bn(raw, half, NULL),
	    BN_bin2bn(raw + half, half, NULL));
	len = i2d_ECDSA_SIG(sig, &der);
	ok = EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, der, (size_t)len,
		(const unsigned char *)input, strlen(input)) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(sig);
	return ok;
}

/* Many times, so that numbers with leading zeros come. */
static void
check_ecdsa(EVP_PKEY *key, const char *alg, const EVP_MD *md, size_t octets)
{
	int i;

	assert_string_equal(jws_alg(key), alg);
	for (i = 0; i < 300; i++) {
		char *input = xasprintf("a%d.b", i);
		char *sig = jws_signature(key, input, NULL);
		unsigned char *raw;
		size_t n;

		raw = b64url_decode(sig, &n, NULL);
		assert_int_equal(n, octets);
		assert_true(ecdsa_ok(key, md, raw, n, input));
		raw[n - 1] ^= 1;
		assert_false(ecdsa_ok(key, md, raw, n, input));
		free(raw);
		free(sig);
		free(input);
	}
}

static void
test_ecdsa(void **state)
{
	static const struct key_spec p384 = {0, "secp384r1"};
	EVP_PKEY *key = key_of(RFC7515_A3_KEY);

	(void)state;
	check_ecdsa(key, "ES256", EVP_sha256(), 64);
	EVP_PKEY_free(key);
	key = key_new(&p384, NULL);
	check_ecdsa(key, "ES384", EVP_sha384(), 96);
	EVP_PKEY_free(key);
	key = key_of(RFC7515_A4_KEY);
	check_ecdsa(key, "ES512", EVP_sha512(), 132);
	EVP_PKEY_free(key);
}

/* The decoded member of a JWS; malloc'd text. */
static char *
part(jv jws, const char *name)
{
	size_t n;

	return (char *)b64url_decode(doc_str(jws, name), &n, NULL);
}

static void
check_flattened(const char *text, EVP_PKEY *key, const char *header,
    const char *payload)
{
	jv jws = doc_parse(text, strlen(text), NULL), got;
	char *head = part(jws, "protected"), *body = part(jws, "payload");
	char *input = xasprintf("%s.%s", doc_str(jws, "protected"),
	    doc_str(jws, "payload"));
	char *sig = jws_signature(key, input, NULL), *sorted;

	assert_int_equal(doc_len(jws), 3);
	assert_string_equal(sig, doc_str(jws, "signature"));
	got = doc_parse(head, strlen(head), NULL);
	sorted = doc_text_sorted(got);
	assert_string_equal(sorted, header);
	assert_string_equal(body, payload);
	free(sorted);
	doc_free(got);
	free(sig);
	free(input);
	free(body);
	free(head);
	doc_free(jws);
}

/* RFC 8555 6.2: alg, nonce, url and either jwk or kid. */
static void
test_header(void **state)
{
	EVP_PKEY *key = key_of(RFC8037_KEY);
	struct jws_header h = {"https://example.com/acme/new-account",
	    "6S8IqOGY7eL2lsGoTZYifg", NULL};
	char *text = jws_sign(key, &h, "{\"a\":1}", NULL);

	(void)state;
	check_flattened(text, key,
	    "{\"alg\":\"EdDSA\",\"jwk\":{\"crv\":\"Ed25519\",\"kty\":\"OKP\","
	    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
	    "\"nonce\":\"6S8IqOGY7eL2lsGoTZYifg\","
	    "\"url\":\"https://example.com/acme/new-account\"}",
	    "{\"a\":1}");
	free(text);
	h.kid = "https://example.com/acme/acct/evOfKhNU60wg";
	text = jws_sign(key, &h, "", NULL);
	check_flattened(text, key,
	    "{\"alg\":\"EdDSA\","
	    "\"kid\":\"https://example.com/acme/acct/evOfKhNU60wg\","
	    "\"nonce\":\"6S8IqOGY7eL2lsGoTZYifg\","
	    "\"url\":\"https://example.com/acme/new-account\"}",
	    "");
	free(text);
	h.kid = NULL;
	h.nonce = NULL;
	text = jws_sign(key, &h, "x", NULL);
	check_flattened(text, key,
	    "{\"alg\":\"EdDSA\",\"jwk\":{\"crv\":\"Ed25519\",\"kty\":\"OKP\","
	    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
	    "\"url\":\"https://example.com/acme/new-account\"}",
	    "x");
	free(text);
	EVP_PKEY_free(key);
}

static void
check_eab(EVP_PKEY *key, const char *alg, const EVP_MD *md)
{
	static const unsigned char mac_key[] =
	    "a key of thirty-two octets......";
	unsigned char mac[EVP_MAX_MD_SIZE], *got;
	unsigned int len = 0;
	size_t n;
	char *input, *head, *want, *body;
	jv jws = jws_eab(key, alg, "kid-1", mac_key, 32,
	    "https://example.com/acme/new-account", NULL);

	assert_true(doc_is(jws, DOC_OBJECT));
	input = xasprintf("%s.%s", doc_str(jws, "protected"),
	    doc_str(jws, "payload"));
	HMAC(md, mac_key, 32, (unsigned char *)input, strlen(input), mac, &len);
	got = b64url_decode(doc_str(jws, "signature"), &n, NULL);
	assert_int_equal(n, len);
	assert_memory_equal(got, mac, n);
	head = part(jws, "protected");
	want = xasprintf("{\"alg\":\"%s\",\"kid\":\"kid-1\","
			 "\"url\":\"https://example.com/acme/new-account\"}",
	    alg);
	assert_string_equal(head, want);
	body = part(jws, "payload");
	assert_non_null(strstr(body, "\"kty\":\"EC\""));
	assert_null(strstr(body, "\"d\""));
	free(body);
	free(want);
	free(head);
	free(got);
	free(input);
	doc_free(jws);
}

static void
test_eab(void **state)
{
	EVP_PKEY *key = key_of(RFC7515_A3_KEY);
	struct err err = {0};

	(void)state;
	check_eab(key, "HS256", EVP_sha256());
	check_eab(key, "HS384", EVP_sha384());
	check_eab(key, "HS512", EVP_sha512());
	assert_true(doc_is(
	    jws_eab(key, "HS1", "k", (const unsigned char *)"k", 1, "u", &err),
	    DOC_NONE));
	assert_int_equal(err.name, ERR_usage);
	assert_string_equal(err_text(&err),
	    "Invalid value for hmac_alg: HS1. Expected one of: HS256, HS384, "
	    "HS512.");
	assert_true(doc_is(
	    jws_eab(key, "HS256", "k", (const unsigned char *)"", 0, "u", &err),
	    DOC_NONE));
	assert_int_equal(err.name, ERR_badData);
	err_clear(&err);
	EVP_PKEY_free(key);
}

static void
test_alg(void **state)
{
	EVP_PKEY *key = key_of(RFC7515_A2_KEY);
	struct jws_header h = {"u", "n", NULL};
	struct err err = {0};

	(void)state;
	assert_string_equal(jws_alg(key), "RS256");
	EVP_PKEY_free(key);
	key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
	assert_null(jws_alg(key));
	assert_null(jws_sign(key, &h, "", &err));
	assert_int_equal(err.name, ERR_notSupported);
	err_clear(&err);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_deterministic),
	    cmocka_unit_test(test_ecdsa),
	    cmocka_unit_test(test_header),
	    cmocka_unit_test(test_eab),
	    cmocka_unit_test(test_alg),
	};

	return cmocka_run_group_tests_name("jws", tests, NULL, NULL);
}
