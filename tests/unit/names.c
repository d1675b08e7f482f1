#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/names.h"

static void
good(const char *name, const char *want)
{
	struct err err = {0};
	char *got = name_normalise(name, &err);

	if (!got)
		fail_msg("%s: %s", name, err_text(&err));
	assert_string_equal(got, want);
	free(got);
}

static void
bad(const char *name, const char *why)
{
	struct err err = {0};
	char *got = name_normalise(name, &err);

	if (got)
		fail_msg("'%s' was taken as '%s'", name, got);
	assert_int_equal(err.name, ERR_badData);
	if (!strstr(err_text(&err), why))
		fail_msg("'%s' does not say '%s'", err_text(&err), why);
	err_clear(&err);
}

static void
test_good_names(void **state)
{
	(void)state;
	good("example.com", "example.com");
	good("EXAMPLE.Com.", "example.com");
	good("*.Example.com", "*.example.com");
	good("*.com", "*.com");
	good("a--b.c-d.e1", "a--b.c-d.e1");
	good("xn--bcher-kva.example", "xn--bcher-kva.example");
	good("1.2.3.4.example", "1.2.3.4.example");
	good("1.2.3.4a", "1.2.3.4a");
}

static void
test_international_names(void **state)
{
	(void)state;
	good("B\xc3\xbc"
	     "cher.example",
	    "xn--bcher-kva.example");
	good("*.b\xc3\xbc"
	     "cher.example.",
	    "*.xn--bcher-kva.example");
	/* UTS 46 non-transitional: sharp s stays itself. */
	good("stra\xc3\x9f"
	     "e.de",
	    "xn--strae-oqa.de");
	/* the ideographic full stop is a dot */
	good("b\xc3\xbc"
	     "cher\xe3\x80\x82"
	     "example",
	    "xn--bcher-kva.example");
	bad("b\xff.example", "can be no DNS name");
	bad("\xef\xbc\x8a.example", "'*' can stand only");
	bad("\xef\xbc\x91.\xef\xbc\x92.\xef\xbc\x93.\xef\xbc\x94",
	    "IP address");
}

static void
test_bad_names(void **state)
{
	(void)state;
	bad("", "empty");
	bad(".", "empty");
	bad("example.com..", "empty");
	bad("a..b", "empty");
	bad(".a.b", "empty");
	bad("*.", "whole first label");
	bad("*", "whole first label");
	bad("a.*.b", "whole first label");
	bad("*.*.b", "whole first label");
	bad("x*.b.c", "whole first label");
	bad("a b.example", "blank");
	bad("a/b.example", "character");
	bad("a\nb.example", "character");
	bad("https://example.com", "URL");
	bad("192.0.2.1", "IP address");
	bad("192.0.2.1.", "IP address");
	bad("2001:db8::1", "IP address");
	bad("[2001:db8::1]", "IP address");
	bad("example.123", "number");
}

/* Names that a private CA may have, but no public one. */
static void private(const char *name, const char *why)
{
	struct err err = {0};

	good(name, name);
	assert_null(name_public(name, &err));
	if (!strstr(err_text(&err), why))
		fail_msg("'%s' does not say '%s'", err_text(&err), why);
	err_clear(&err);
}

static void
test_private_names(void **state)
{
	char *name;

	(void)state;
	private("localhost", "only one label");
	private("a_b.example", "'_'");
	private("_", "'_'");
	private("-a.example", "'-'");
	private("a-.example", "'-'");
	private("b.a-", "'-'");
	name = name_public("*.A.Example.", NULL);
	assert_string_equal(name, "*.a.example");
	free(name);
	name = name_public("*.com", NULL);
	assert_string_equal(name, "*.com");
	free(name);
	assert_null(name_public("a..b", NULL));
}

static void
test_lengths(void **state)
{
	char name[400], want[254];
	size_t i;

	(void)state;
	memset(name, 'a', sizeof(name));
	memcpy(name + 63, ".b", 3);
	good(name, name);
	memset(name, 'a', sizeof(name));
	memcpy(name + 64, ".b", 3);
	bad(name, "63");
	memset(name, 'a', sizeof(name));
	for (i = 1; i < sizeof(name); i += 2)
		name[i] = '.';
	name[253] = '\0';
	good(name, name);
	name[253] = '.';
	name[254] = 'a';
	name[255] = '\0';
	bad(name, "253");
	name[254] = '\0'; /* a final dot does not count */
	memcpy(want, name, 253);
	want[253] = '\0';
	good(name, want);
}

static void
test_error_is_printable(void **state)
{
	struct err err = {0};

	(void)state;
	assert_null(name_normalise("a\033[2J.example", &err));
	assert_null(strchr(err_text(&err), '\033'));
	err_clear(&err);
	assert_null(name_normalise("a b", NULL));
}

static void
test_matches(void **state)
{
	(void)state;
	assert_true(name_matches("*", "a.example"));
	assert_true(name_matches("A.example.", "a.EXAMPLE"));
	assert_false(name_matches("a.example", "b.example"));
	assert_false(name_matches("a.example", "x.a.example"));
	assert_false(name_matches("a.example", "*.a.example"));
	assert_true(name_matches("*.example", "a.example"));
	assert_true(name_matches("*.example", "a.b.example"));
	assert_true(name_matches("*.example", "*.example"));
	assert_true(name_matches("*.example", "*.b.example"));
	assert_false(name_matches("*.example", "example"));
	assert_false(name_matches("*.example", "badexample"));
	assert_false(name_matches("a*.example", "ab.example"));
	assert_false(name_matches("*.", "a."));
}

static void
test_base(void **state)
{
	(void)state;
	assert_string_equal(name_base("*.a.b"), "a.b");
	assert_string_equal(name_base("a.b"), "a.b");
	assert_string_equal(name_base("*"), "*");
}

static jv
list(const char *text)
{
	return doc_parse(text, strlen(text), NULL);
}

static int
compare(int (*fn)(jv, jv), const char *a, const char *b)
{
	jv va = list(a), vb = list(b);
	int r = fn(va, vb);

	doc_free(va);
	doc_free(vb);
	return r;
}

static void
test_sets(void **state)
{
	jv a = list("[\"c\",\"A\",\"b\"]"), b = list("[\"a\",\"x\"]"), m;
	char *text;

	(void)state;
	assert_true(compare(names_equal, "[]", "[]"));
	assert_true(compare(names_equal, "[\"a\",\"B.\"]", "[\"b\",\"a\"]"));
	assert_true(compare(names_equal, "[\"a\",\"a\"]", "[\"a\"]"));
	assert_false(compare(names_equal, "[\"a\"]", "[\"a\",\"b\"]"));
	assert_false(compare(names_equal, "[\"a\",\"c\"]", "[\"a\",\"b\"]"));
	assert_true(compare(names_subset, "[]", "[\"a\"]"));
	assert_true(compare(names_subset, "[\"a\"]", "[\"b\",\"a\"]"));
	assert_true(compare(names_subset, "[\"a\"]", "[\"a\"]"));
	assert_false(compare(names_subset, "[\"a\",\"b\"]", "[\"a\"]"));
	assert_false(compare(names_subset, "[\"a\"]", "{}"));
	m = names_minus(a, b);
	text = doc_text(m);
	assert_string_equal(text, "[\"c\",\"b\"]");
	free(text);
	doc_free(m);
	doc_free(a);
	doc_free(b);
}

static void
check_short(const char *names, const char *want)
{
	jv v = list(names);
	char *got = names_short(v);

	assert_string_equal(got, want);
	free(got);
	doc_free(v);
}

static void
test_cover(void **state)
{
	jv names = doc_push_str(doc_push_str(doc_array(), "*.a.example"),
	    "B.example");

	(void)state;
	assert_true(names_cover(names, "b.example"));
	assert_true(names_cover(names, "B.EXAMPLE."));
	assert_true(names_cover(names, "x.a.example"));
	assert_true(names_cover(names, "*.a.example"));
	assert_false(names_cover(names, "a.example"));
	assert_false(names_cover(names, "x.y.a.example"));
	assert_false(names_cover(names, "*.x.a.example"));
	assert_false(names_cover(names, "*.b.example"));
	assert_false(names_cover(names, "x.b.example"));
	assert_false(names_cover(names, "example"));
	doc_free(names);
}

static void
test_short(void **state)
{
	(void)state;
	check_short("[]", "");
	check_short("[\"a\"]", "a");
	check_short("[\"a\",\"b\"]", "a and b");
	check_short("[\"a\",\"b\",\"c\"]", "a and 2 more domains");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_names),
	    cmocka_unit_test(test_international_names),
	    cmocka_unit_test(test_bad_names),
	    cmocka_unit_test(test_private_names),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_error_is_printable),
	    cmocka_unit_test(test_matches),
	    cmocka_unit_test(test_base),
	    cmocka_unit_test(test_sets),
	    cmocka_unit_test(test_cover),
	    cmocka_unit_test(test_short),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
