#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/b64.h"

static void
check(const char *bytes, size_t n, const char *text)
{
	char *got = b64url_encode(bytes, n);
	unsigned char *back;
	size_t len = 99;

	assert_string_equal(got, text);
	back = b64url_decode(text, &len, NULL);
	assert_non_null(back);
	assert_int_equal(len, n);
	assert_memory_equal(back, bytes, n);
	free(back);
	free(got);
}

/* RFC 4648 10 and RFC 7515 C. */
static void
test_vectors(void **state)
{
	(void)state;
	check("", 0, "");
	check("f", 1, "Zg");
	check("fo", 2, "Zm8");
	check("foo", 3, "Zm9v");
	check("foob", 4, "Zm9vYg");
	check("fooba", 5, "Zm9vYmE");
	check("foobar", 6, "Zm9vYmFy");
	check("\x03\xec\xff\xe0\xc1", 5, "A-z_4ME");
	check("\0\0\0", 3, "AAAA");
}

static void
test_every_length(void **state)
{
	unsigned char bytes[300], *back;
	size_t i, n, len;
	char *text;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 151 + 7);
	for (n = 0; n < sizeof(bytes); n++) {
		text = b64url_encode(bytes, n);
		assert_null(strpbrk(text, "+/="));
		back = b64url_decode(text, &len, NULL);
		assert_non_null(back);
		assert_int_equal(len, n);
		assert_memory_equal(back, bytes, n);
		free(back);
		free(text);
	}
}

static void
test_strict(void **state)
{
	static const char *const wrong[] = {"Z", "Zg==", "Zg=", "Zm9vY", "Zm 9",
	    "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zh", "Zm9", "Zm9vYh", "Zm9vYmF",
	    "=", "Zm9v.", "\xc3\xa9"};
	struct err err = {0};
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		err_clear(&err);
		assert_null(b64url_decode(wrong[i], &len, &err));
		assert_int_equal(err.name, ERR_badData);
	}
	err_clear(&err);
}

static void
test_lenient(void **state)
{
	static const char *const same[] = {"A-z_4ME", "A+z/4ME",
	    "A-z_4ME=", "A-z_4ME==", " A-z_\n4ME\r\n", "A+z_4MF"};
	static const char *const wrong[] = {"A", "A-z_4", "A=z_", "A.z_",
	    "A-z_4ME==="};
	struct err err = {0};
	unsigned char *got;
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_LEN(same); i++) {
		got = b64url_decode_lenient(same[i], &len, NULL);
		assert_non_null(got);
		assert_int_equal(len, 5);
		assert_memory_equal(got, "\x03\xec\xff\xe0\xc1", 5);
		free(got);
	}
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		err_clear(&err);
		assert_null(b64url_decode_lenient(wrong[i], &len, &err));
		assert_int_equal(err.name, ERR_badData);
	}
	err_clear(&err);
}

static void
test_part(void **state)
{
	unsigned char *got;
	size_t len;

	(void)state;
	got = b64url_decode_n("Zm9v!!", 4, &len, NULL);
	assert_non_null(got);
	assert_int_equal(len, 3);
	free(got);
}

static void
test_token(void **state)
{
	(void)state;
	assert_true(b64url_token_ok("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr"
				    "-oA",
	    128));
	assert_true(b64url_token_ok("a", 1));
	assert_false(b64url_token_ok("", 128));
	assert_false(b64url_token_ok("ab", 1));
	assert_false(b64url_token_ok("../etc", 128));
	assert_false(b64url_token_ok("a/b", 128));
	assert_false(b64url_token_ok("a=", 128));
	assert_false(b64url_token_ok("$(id)", 128));
	assert_false(b64url_token_ok("a\n", 128));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_every_length),
	    cmocka_unit_test(test_strict),
	    cmocka_unit_test(test_lenient),
	    cmocka_unit_test(test_part),
	    cmocka_unit_test(test_token),
	};

	return cmocka_run_group_tests_name("b64", tests, NULL, NULL);
}
