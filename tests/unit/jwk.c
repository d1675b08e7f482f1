#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/jwk.h"
#include "crypto/key.h"
#include "rfc.h"

static EVP_PKEY *
read_ok(const char *text)
{
	struct err err = {0};
	EVP_PKEY *key = jwk_read_text(text, strlen(text), &err);

	if (!key)
		print_error("%s\n", err_text(&err));
	assert_non_null(key);
	assert_false(err_is_set(&err));
	return key;
}

/* Reading refuses text; the sentence has what. */
static void
refuse(const char *text, const char *what)
{
	struct err err = {0};

	assert_null(jwk_read_text(text, strlen(text), &err));
	if (!strstr(err_text(&err), what))
		print_error("%s\n", err_text(&err));
	assert_non_null(strstr(err_text(&err), what));
	err_clear(&err);
}

static void
thumbprint_is(const char *text, const char *want)
{
	EVP_PKEY *key = read_ok(text);
	char *got = jwk_thumbprint(key, NULL);

	assert_string_equal(got, want);
	free(got);
	EVP_PKEY_free(key);
}

static void
test_thumbprint(void **state)
{
	(void)state;
	thumbprint_is(RFC7638_KEY,
	    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	thumbprint_is(RFC8037_KEY,
	    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
	thumbprint_is(RFC8555_KEY,
	    "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI");
}

/* RFC 8555 8.1, 8.3 */
static void
test_key_authorization(void **state)
{
	EVP_PKEY *key = read_ok(RFC8555_KEY);
	char *got = jwk_key_authorization(
	    "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0", key, NULL);
	char *dns;

	(void)state;
	assert_string_equal(got,
	    "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
	    ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI");
	free(got);
	EVP_PKEY_free(key);
	/* FIPS 180-4's "abc" */
	dns = jwk_dns_value("abc");
	assert_string_equal(dns, "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
	free(dns);
}

static const char *const keys[] = {RFC7515_A2_KEY, RFC7515_A3_KEY,
    RFC7515_A4_KEY, RFC7517_A2_EC_KEY, RFC7638_KEY, RFC8555_KEY, RFC8037_KEY};

static void
test_text_and_back(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		EVP_PKEY *key = read_ok(keys[i]), *again;
		char *text = jwk_private_text(key, NULL);

		assert_non_null(text);
		again = read_ok(text);
		assert_true(key_same(key, again));
		EVP_PKEY_free(again);
		free(text);
		EVP_PKEY_free(key);
	}
}

/* Every member of the RFC's key comes out as it is printed there. */
static void
members_equal(const char *text, const char *const *names)
{
	jv want = doc_parse(text, strlen(text), NULL), got;
	EVP_PKEY *key = read_ok(text);
	char *mine = jwk_private_text(key, NULL);

	got = doc_parse(mine, strlen(mine), NULL);
	for (; *names; names++)
		assert_string_equal(doc_str(got, *names),
		    doc_str(want, *names));
	doc_free(got);
	doc_free(want);
	free(mine);
	EVP_PKEY_free(key);
}

static void
test_members(void **state)
{
	static const char *const rsa[] = {"n", "e", "d", "p", "q", "dp", "dq",
	    "qi", "kty", NULL};
	static const char *const ec[] = {"crv", "x", "y", "d", "kty", NULL};
	static const char *const okp[] = {"crv", "x", "d", "kty", NULL};

	(void)state;
	members_equal(RFC7515_A2_KEY, rsa);
	members_equal(RFC7515_A3_KEY, ec);
	members_equal(RFC7515_A4_KEY, ec);
	members_equal(RFC7517_A2_EC_KEY, ec);
	members_equal(RFC8037_KEY, okp);
}

/* The factors of RFC 7517 A.2, where the same key is printed with them. */
static void
check_completed(void)
{
	EVP_PKEY *key = read_ok(RFC7638_KEY);
	char *text = jwk_private_text(key, NULL);

	assert_non_null(strstr(text,
	    "\"p\": \"83i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnw"
	    "D20R-60eTDmD2ujnMt5PoqMrm8RfmNhVWDtjjMmCMjOpSXicFHj7XOuVIYQyqVWl"
	    "WEh6dN36GVZYk93N8Bc9vY41xy8B9RzzOGVQzXvNEvn7O0nVbfs\""));
	assert_non_null(strstr(text,
	    "\"dp\": \"G4sPXkc6Ya9y8oJW9_ILj4xuppu0lzi_H7VTkS8xj5SdX3coE0oimYw"
	    "xIi2emTAue0UOa5dpgFGyBJ4c8tQ2VF402XRugKDTP8akYhFo5tAA77Qe_NmtuYZc"
	    "3C3m3I24G2GvR5sSDxUyAN2zq8Lfn9EUms6rY3Ob8YeiKkTiBj0\""));
	free(text);
	EVP_PKEY_free(key);
}

/* Which of the factors is found first is chance. */
static void
test_completed(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 16; i++)
		check_completed();
}

static void
test_certbots_form(void **state)
{
	EVP_PKEY *key = read_ok(RFC7515_A3_KEY);
	char *text = jwk_private_text(key, NULL);

	(void)state;
	assert_string_equal(text,
	    "{\"crv\": \"P-256\", "
	    "\"x\": \"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\", "
	    "\"y\": \"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\", "
	    "\"d\": \"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\", "
	    "\"kty\": \"EC\"}");
	free(text);
	EVP_PKEY_free(key);
	key = read_ok(RFC7515_A2_KEY);
	text = jwk_private_text(key, NULL);
	assert_memory_equal(text, "{\"n\": \"ofgW", 11);
	assert_non_null(strstr(text, "\", \"e\": \"AQAB\", \"d\": \"Eq5x"));
	assert_string_equal(text + strlen(text) - 16, "\", \"kty\": \"RSA\"}");
	free(text);
	EVP_PKEY_free(key);
}

static void
test_public(void **state)
{
	EVP_PKEY *key = read_ok(RFC7515_A4_KEY);
	jv jwk = jwk_public(key, NULL);
	char *text = doc_text_sorted(jwk);

	(void)state;
	assert_string_equal(text,
	    "{\"crv\":\"P-521\",\"kty\":\"EC\","
	    "\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_N"
	    "jFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\","
	    "\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly"
	    "79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2\"}");
	free(text);
	doc_free(jwk);
	EVP_PKEY_free(key);
}

static void
test_any_form(void **state)
{
	EVP_PKEY *a = read_ok(RFC8037_KEY), *b;

	(void)state;
	b = read_ok(" \n{ \"more\" : [ {\"d\": \"]}\\\"\"}, -1e3, null ] ,\n"
		    "\t\"d\"\r: \"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\""
		    ", \"ext\":true, \"\":\"\\\\\", \"crv\":\"Ed25519\","
		    "\"kty\":\"OKP\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrw"
		    "IaaPcHURo\" }  ");
	assert_true(key_same(a, b));
	EVP_PKEY_free(b);
	EVP_PKEY_free(a);
}

/* A copy of text with the first from replaced by to; malloc'd. */
static char *
changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return xasprintf("%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
}

static void
refuse_changed(const char *text, const char *from, const char *to,
    const char *what)
{
	char *wrong = changed(text, from, to);

	refuse(wrong, what);
	free(wrong);
}

static void
test_refused(void **state)
{
	(void)state;
	refuse("", "the JWK");
	refuse("[]", "no JSON object");
	refuse("{}", "\"kty\" is missing");
	refuse("{\"kty\":3}", "\"kty\" is no text");
	refuse("{\"kty\":\"oct\",\"k\":\"AA\"}", "\"kty\" is none of");
	refuse("{\"kty\":\"RSA\"", "the JWK");
	refuse("{\"kty\":\"RSA\"}", "\"n\" is missing");
	refuse("{\"kty\":\"RSA\",\"kty\":\"EC\"}", "the JWK");
	refuse("{\"kty\":\"EC\"}", "\"crv\"");
	refuse_changed(RFC7515_A3_KEY, "P-256", "P-255", "\"crv\"");
	refuse_changed(RFC7515_A3_KEY, "P-256", "P-384", "wrong length");
	refuse_changed(RFC7515_A3_KEY, "\"d\":\"jps", "\"d\":\"kps",
	    "does not belong");
	refuse_changed(RFC7515_A3_KEY, "\"x\":\"f8", "\"x\":\"g8",
	    "does not belong");
	refuse_changed(RFC7515_A3_KEY,
	    ",\"d\":", ",\"D\":", "\"d\" is missing");
	refuse_changed(RFC8037_KEY, "\"d\":\"nW", "\"d\":\"mW",
	    "does not belong");
	refuse_changed(RFC8037_KEY, "Ed25519", "X25519", "\"crv\"");
	refuse_changed(RFC8037_KEY, "nWGx", "nW=x", "wrong character");
}

static void
test_rsa_refused(void **state)
{
	(void)state;
	/* one of five missing; one that is wrong; three that are no key */
	refuse_changed(RFC7515_A2_KEY, "\"qi\":", "\"qj\":", "\"qi\" is miss");
	refuse_changed(RFC7515_A2_KEY, "\"qi\":\"IY", "\"qi\":\"JY",
	    "do not belong together");
	refuse_changed(RFC7515_A2_KEY, "\"n\":\"of", "\"n\":\"pf",
	    "do not belong together");
	refuse_changed(RFC7515_A2_KEY, "\"p\":\"4B", "\"p\":\"5B",
	    "do not belong together");
	refuse_changed(RFC7515_A2_KEY, "\"d\":\"Eq", "\"d\":\"Fq",
	    "do not belong together");
	refuse_changed(RFC7638_KEY, "\"d\":\"X4", "\"d\":\"Y4",
	    "do not belong together");
	refuse_changed(RFC7638_KEY, "\"n\":\"0v", "\"n\":\"1v",
	    "do not belong together");
	refuse_changed(RFC7638_KEY, "AQAB", "AQ", "no such number");
	refuse_changed(RFC7638_KEY, "AQAB", "", "no such number");
	refuse("{\"kty\":\"RSA\",\"n\":\"Iw\",\"e\":\"Aw\",\"d\":\"Cw\"}",
	    "no such number");
	refuse_changed(RFC7515_A2_KEY,
	    "\"qi\":", "\"oth\":\"x\",\"qi\":", "two primes");
}

static void
test_account_id(void **state)
{
	/* md5sum of openssl pkey -pubout */
	EVP_PKEY *key = read_ok(RFC7515_A3_KEY);
	char *id = jwk_account_id(key, NULL);

	(void)state;
	assert_string_equal(id, "b69acad1073b2bf71a4fb9294dc47990");
	free(id);
	EVP_PKEY_free(key);
}

static void
test_not_supported(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
	struct err err = {0};

	(void)state;
	assert_true(doc_is(jwk_public(key, &err), DOC_NONE));
	assert_int_equal(err.name, ERR_notSupported);
	err_clear(&err);
	assert_null(jwk_private_text(key, &err));
	assert_int_equal(err.name, ERR_notSupported);
	err_clear(&err);
	EVP_PKEY_free(key);
}

/* A public key alone gives no private text. */
static void
test_public_only(void **state)
{
	EVP_PKEY *key = read_ok(RFC8037_KEY), *public;
	unsigned char raw[32];
	size_t n = sizeof(raw);
	struct err err = {0};

	(void)state;
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &n), 1);
	public = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, raw, n);
	assert_null(jwk_private_text(public, &err));
	assert_non_null(strstr(err_text(&err), "no private key"));
	err_clear(&err);
	EVP_PKEY_free(public);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_thumbprint),
	    cmocka_unit_test(test_key_authorization),
	    cmocka_unit_test(test_text_and_back),
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_completed),
	    cmocka_unit_test(test_certbots_form),
	    cmocka_unit_test(test_public),
	    cmocka_unit_test(test_any_form),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_rsa_refused),
	    cmocka_unit_test(test_account_id),
	    cmocka_unit_test(test_not_supported),
	    cmocka_unit_test(test_public_only),
	};

	return cmocka_run_group_tests_name("jwk", tests, NULL, NULL);
}
