#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/doc.h"

static jv
json(const char *text)
{
	struct err err = {0};
	jv v = doc_parse(text, strlen(text), &err);

	if (doc_is(v, DOC_NONE))
		fail_msg("%s: %s", text, err_text(&err));
	return v;
}

/* Eats v. */
static void
check(jv v, const char *want)
{
	char *got = doc_text(v);

	assert_string_equal(got, want);
	free(got);
	doc_free(v);
}

static void
good(const char *text, const char *want)
{
	check(json(text), want);
}

static void
bad(const char *text, size_t len, const char *why)
{
	struct err err = {0};
	jv v = doc_parse(text, len, &err);

	if (!doc_is(v, DOC_NONE))
		fail_msg("'%.80s' was taken", text);
	assert_int_equal(err.name, ERR_badDocument);
	if (!strstr(err_text(&err), why))
		fail_msg("'%s' does not say '%s'", err_text(&err), why);
	err_clear(&err);
	assert_true(doc_is(doc_parse(text, len, NULL), DOC_NONE));
}

static void
test_good_texts(void **state)
{
	(void)state;
	good("\"\x7f\\u0007\"", "\"\\u007f\\u0007\"");
	good(" {} ", "{}");
	good("[ ]", "[]");
	good("12", "12");
	good("-0.5e+1", "-5");
	good("\"\"", "\"\"");
	good("true", "true");
	good("null", "null");
	good("{\"a\":{\"a\":1},\"b\":{\"a\":2}}",
	    "{\"a\":{\"a\":1},\"b\":{\"a\":2}}");
	good("[{\"a\":1},{\"a\":1}]", "[{\"a\":1},{\"a\":1}]");
	good("\"\\u00e9\\ud83d\\ude00\\u0000\\n\\/\"",
	    "\"\xc3\xa9\xf0\x9f\x98\x80\\u0000\\n/\"");
	good("\"\\ud800\\udc00\\udbff\\udfff\"",
	    "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"");
	good("[\r\n\t1 , 2]", "[1,2]");
	good("{\"z\":1,\"a\":2}", "{\"z\":1,\"a\":2}");
	good("{\"\":1,\"a\":\"\\u0000\"}", "{\"\":1,\"a\":\"\\u0000\"}");
}

static void
test_bad_texts(void **state)
{
	static const char *const rows[] = {"", " ", "{", "[", "[1", "[1,]",
	    "[,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
	    "{'a':1}", "[1 2]", "[1]]", "{} {}", "{}x", "nan", "NaN",
	    "Infinity", "-Infinity", "tru", "truee", "nul", "01", "-", "1.",
	    ".5", "1e", "1e+", "+1", "0x1", "\"", "\"a", "\"\\", "\"\\x\"",
	    "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"",
	    "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"\\ud800\\ue000\"",
	    "\"\n\"", "\"\x01\"", "// c\n1", "1 // c", "#\n1", "\xef\xbb\xbf{}",
	    "]", "}", "[}", "{\"a\":1]", ","};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		bad(rows[i], strlen(rows[i]), "at byte ");
	bad("\"\0\"", 3, "at byte 1");
	bad("1\0", 2, "at byte 1");
	bad("[true", 3, "at byte ");
}

static void
test_bad_utf8(void **state)
{
	static const char *const rows[] = {"\x80", "\xc0\x80", "\xc1\xbf",
	    "\xc3", "\xc3(", "\xe0\x80\x80", "\xe2\x82", "\xe2(\xa1",
	    "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x9f\x98",
	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff"};
	char text[16];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), "\"%s\"", rows[i]);
		bad(text, strlen(text), "UTF-8 at byte 1");
	}
	good("\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xe0\xa0\x80\"",
	    "\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xe0\xa0\x80\"");
}

static void
test_doubled_members(void **state)
{
	(void)state;
	bad("{\"a\":1,\"a\":1}", 13, "twice");
	bad("{\"a\":1,\"b\":2,\"\\u0061\":1}", 24, "twice");
	bad("[{\"x\":{\"\":1,\"\":2}}]", 20, "twice");
	bad("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", 27, "twice");
	bad("{\"a\\u0000\":1}", 13, "NUL");
}

/* n times open, a value, n times close. */
static char *
nested(const char *open, const char *close, size_t n)
{
	struct buf b;
	size_t i;

	buf_init(&b, DOC_MAX + 10);
	for (i = 0; i < n; i++)
		buf_adds(&b, open);
	buf_adds(&b, "1");
	for (i = 0; i < n; i++)
		buf_adds(&b, close);
	return buf_detach(&b);
}

static void
test_depth(void **state)
{
	char *text;

	(void)state;
	text = nested("[", "]", 64); /* acme-document(5) */
	doc_free(json(text));
	free(text);
	text = nested("{\"a\":", "}", 65);
	bad(text, strlen(text), "deep");
	free(text);
	text = nested("[", "]", 1000000);
	bad(text, strlen(text), "deep");
	free(text);
}

static void
test_size(void **state)
{
	char *text = xmalloc(DOC_MAX + 1);

	(void)state;
	assert_int_equal(DOC_MAX, 4194304); /* acme-document(5) */
	memset(text, ' ', DOC_MAX + 1);
	text[0] = '1';
	doc_free(doc_parse(text, DOC_MAX, NULL));
	bad(text, DOC_MAX + 1, "limit");
	text[0] = '"';
	memset(text + 1, 'a', DOC_MAX - 2);
	text[DOC_MAX - 1] = '"';
	doc_free(doc_parse(text, DOC_MAX, NULL));
	free(text);
}

/* Names whose hashes could be made equal must not cost seconds. */
static void
test_many_members(void **state)
{
	clock_t start = clock();
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, DOC_MAX);
	buf_addc(&b, '{');
	for (i = 0; i < 10000; i++)
		buf_addf(&b, "%s\"k%d\":1", i ? "," : "", i);
	buf_addc(&b, '}');
	doc_free(json(b.p));
	b.p[b.len - 1] = ',';
	buf_adds(&b, "\"x\":1}");
	bad(b.p, b.len, "members");
	buf_release(&b);
	assert_true((clock() - start) / CLOCKS_PER_SEC < 10);
}

static void
test_read_file(void **state)
{
	char path[] = "/tmp/acme-tools-doc-XXXXXX";
	struct err err = {0};
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, "{\"a\":1}\n", 8), 0);
	check(doc_read_file(path, &err), "{\"a\":1}");
	assert_int_equal(fd_write_all(fd, "x", 1), 0);
	close(fd);
	assert_true(doc_is(doc_read_file(path, &err), DOC_NONE));
	assert_int_equal(err.name, ERR_badDocument);
	assert_non_null(strstr(err_text(&err), path));
	unlink(path);
	assert_true(doc_is(doc_read_file(path, &err), DOC_NONE));
	assert_int_equal(err.name, ERR_noInput);
	assert_true(doc_is(doc_read_file("/", &err), DOC_NONE));
	err_clear(&err);
}

static void
check_python(const char *text, const char *const *keys, const char *want)
{
	jv v = json(text);
	char *got = doc_text_python(v, keys);

	assert_string_equal(got, want);
	free(got);
	doc_free(v);
}

static void
test_python(void **state)
{
	static const char *const keys[] = {"n", "e", "none", NULL};

	(void)state;
	check_python("{\"b\":[1,true,null],\"a\":{}}", NULL,
	    "{\"a\": {}, \"b\": [1, true, null]}");
	check_python("{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"x\"}", keys,
	    "{\"n\": \"x\", \"e\": \"AQAB\", \"kty\": \"RSA\"}");
	check_python(
	    "[\"\\u00e9\\ud83d\\ude00\\u0000\\u001f\\u007f/\\\\\\\"\"]", NULL,
	    "[\"\\u00e9\\ud83d\\ude00\\u0000\\u001f\\u007f/\\\\\\\"\"]");
	check_python("[\"\\b\\f\\n\\r\\t\"]", NULL, "[\"\\b\\f\\n\\r\\t\"]");
	check_python("[[],{},12345678901,-7]", NULL,
	    "[[], {}, 12345678901, -7]");
}

static void
test_asking(void **state)
{
	jv d = json(
	    "{\"s\":\"t\",\"n\":3,\"f\":false,\"z\":null,\"nul\":\"a\\u0000b\","
	    "\"a\":[\"x\",1],\"o\":{\"p\":{\"q\":\"deep\"}}}");
	jv a = doc_get(d, "a"), v;

	(void)state;
	assert_string_equal(doc_str(d, "s"), "t");
	assert_null(doc_str(d, "n"));
	assert_null(doc_str(d, "none"));
	assert_null(doc_str(d, "nul"));
	assert_null(doc_str(a, "s"));
	assert_true(doc_has(d, "z"));
	assert_false(doc_has(d, "none"));
	assert_false(doc_has(a, "s"));
	assert_int_equal(doc_len(d), 7);
	assert_int_equal(doc_len(a), 2);
	assert_int_equal(doc_flag(d, "f", 1), 0);
	assert_int_equal(doc_flag(d, "s", 1), 1);
	assert_int_equal(doc_flag(d, "none", 0), 0);
	assert_string_equal(doc_str_at(a, 0), "x");
	assert_null(doc_str_at(a, 1));
	assert_null(doc_str_at(a, 2));
	assert_null(doc_str_at(d, 0));
	assert_true(doc_is(doc_at(a, 2), DOC_NONE));
	assert_true(doc_is(doc_at(a, SIZE_MAX), DOC_NONE));
	assert_string_equal(doc_str_find(d, "o", "p", "q", NULL), "deep");
	assert_null(doc_str_find(d, "o", "s", "q", NULL));
	assert_null(doc_str_find(d, "s", "q", NULL));
	check(doc_find(d, "o", "p", NULL), "{\"q\":\"deep\"}");
	assert_true(doc_list_has(a, "x"));
	assert_false(doc_list_has(a, "1"));
	assert_false(doc_list_has(d, "x"));
	assert_true(doc_is(doc_get_kind(d, "n", DOC_STRING), DOC_NONE));
	v = doc_get_kind(d, "n", DOC_NUMBER);
	assert_true(doc_is(v, DOC_NUMBER));
	check(doc_keys(d), "[\"a\",\"f\",\"n\",\"nul\",\"o\",\"s\",\"z\"]");
	check(doc_keys(a), "[]");
	assert_int_equal(doc_kind(doc_null()), DOC_NULL);
	assert_int_equal(doc_kind(doc_bool(0)), DOC_BOOL);
	assert_int_equal(doc_kind(doc_none()), DOC_NONE);
	doc_free(a);
	doc_free(d);
}

static void
test_equal(void **state)
{
	static const char *const rows[] = {"1", "\"1\"", "true", "false",
	    "null", "[]", "{}", "[1]", "{\"a\":1,\"b\":2}"};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		for (k = 0; k < ARRAY_LEN(rows); k++) {
			jv a = json(rows[i]), b = json(rows[k]);

			assert_int_equal(doc_equal(a, b), i == k);
			doc_free(a);
			doc_free(b);
		}
	}
	assert_true(doc_equal(doc_none(), doc_none()));
	assert_false(doc_equal(doc_none(), doc_null()));
}

static int
int_of(const char *number, long *out)
{
	char *text = xasprintf("{\"n\":%s}", number);
	jv d = json(text);
	int r = doc_int(d, "n", out);

	free(text);
	doc_free(d);
	return r;
}

static void
test_int(void **state)
{
	long n = 5;

	(void)state;
	assert_int_equal(int_of("9007199254740992", &n), 0);
	assert_int_equal(n, 9007199254740992);
	assert_int_equal(int_of("-9007199254740992", &n), 0);
	assert_int_equal(n, -9007199254740992);
	assert_int_equal(int_of("3.0", &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(int_of("9007199254740994", &n), -1);
	assert_int_equal(int_of("1.5", &n), -1);
	assert_int_equal(int_of("1e999", &n), -1);
	assert_int_equal(int_of("-1e999", &n), -1);
	assert_int_equal(int_of("\"3\"", &n), -1);
	assert_int_equal(int_of("null", &n), -1);
	assert_int_equal(n, 3);
}

static void
test_changing(void **state)
{
	jv d = doc_set_str(doc_object(), "a", "x"), old;

	(void)state;
	d = doc_set_str(d, "b", NULL);
	d = doc_set_int(d, "c", 7);
	d = doc_set_flag(d, "d", 2);
	d = doc_set(d, "e", doc_none());
	old = doc_copy(d);
	d = doc_del(doc_set_str(d, "a", "y"), "c");
	check(old, "{\"a\":\"x\",\"c\":7,\"d\":true}");
	d = doc_merge(d, json("{\"d\":1,\"z\":[]}"));
	d = doc_merge(d, doc_array());
	d = doc_del(d, "none");
	check(d, "{\"a\":\"y\",\"d\":1,\"z\":[]}");
	d = doc_push_str(doc_push(doc_array(), doc_number(1)), "b");
	d = doc_put(doc_push(d, doc_none()), 0, doc_string("a"));
	d = doc_put(d, 2, doc_string("out"));
	d = doc_put(d, SIZE_MAX, doc_string("out"));
	check(d, "[\"a\",\"b\"]");
	check(doc_sorted_set(json("[\"b\",\"a\",\"b\",\"\"]")),
	    "[\"\",\"a\",\"b\"]");
	check(doc_sorted_set(json("[]")), "[]");
}

/* Wrong kinds never abort. */
static void
test_wrong_kinds(void **state)
{
	static const char *const rows[] = {"1", "\"s\"", "true", "null", "[]",
	    "{}"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		doc_free(doc_set(json(rows[i]), "a", doc_null()));
		doc_free(doc_del(json(rows[i]), "a"));
		doc_free(doc_push(json(rows[i]), doc_null()));
		doc_free(doc_put(json(rows[i]), 0, doc_null()));
		doc_free(doc_merge(json(rows[i]), json("{\"a\":1}")));
		doc_free(doc_merge(json("{\"a\":1}"), json(rows[i])));
		doc_free(doc_sorted_set(json(rows[i])));
		{
			jv v = json(rows[i]);

			free(doc_join(v, ","));
			doc_free(doc_keys(v));
			assert_true(doc_is(doc_at(v, 0), DOC_NONE));
			doc_free(v);
		}
	}
	doc_free(doc_set(doc_none(), "a", doc_null()));
	doc_free(doc_push(doc_none(), doc_null()));
	check(doc_none(), "null");
}

static void
test_life(void **state)
{
	jv a = doc_string("x"), b;

	(void)state;
	b = doc_take(&a);
	assert_true(doc_is(a, DOC_NONE));
	doc_move(&a, b);
	doc_move(&a, doc_string("y"));
	assert_string_equal(doc_text_of(a), "y");
	doc_free(a);
	check(doc_stringn("a\0b", 3), "\"a\\u0000b\"");
	check(doc_stringn("a\xff", 2), "\"a\xef\xbf\xbd\"");
}

static void
test_join(void **state)
{
	jv v = json("[\"a\",\"b\",\"c\"]");
	char *s = doc_join(v, ", ");

	(void)state;
	assert_string_equal(s, "a, b, c");
	free(s);
	doc_free(v);
}

static void
check_printable(const char *text, int keep, const char *want)
{
	char *got = text_printable(text, keep);

	assert_string_equal(got, want);
	free(got);
}

static void
test_printable(void **state)
{
	(void)state;
	check_printable("", 0, "");
	check_printable("a\033[31m\x7f", 0, "a\\x1b[31m\\x7f");
	check_printable("a\nb\tc\r", 1, "a\nb\tc\\x0d");
	check_printable("a\nb\tc", 0, "a\\x0ab\\x09c");
	check_printable("\xc3\xa9\xe2\x82\xac", 0, "\xc3\xa9\xe2\x82\xac");
	check_printable("\x9b\xff", 0, "\\x9b\\xff");
	check_printable("\xc2\x9b"
			"31m",
	    0,
	    "\\xc2\\x9b"
	    "31m");
}

/* No server's text can turn round what a person reads. */
static void
test_printable_direction(void **state)
{
	static const unsigned char last[][2] = {{0x80, 0x8e}, {0x80, 0x8f},
	    {0x80, 0xaa}, {0x80, 0xab}, {0x80, 0xac}, {0x80, 0xad},
	    {0x80, 0xae}, {0x81, 0xa6}, {0x81, 0xa7}, {0x81, 0xa8},
	    {0x81, 0xa9}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(last); i++) {
		char text[] = {'a', (char)0xe2, (char)last[i][0],
		    (char)last[i][1], 'b', '\0'};
		char want[16];

		snprintf(want, sizeof(want), "a\\xe2\\x%02x\\x%02xb",
		    last[i][0], last[i][1]);
		check_printable(text, 1, want);
	}
	check_printable("a\xd8\x9c"
			"b",
	    1, "a\\xd8\\x9cb");
	/* their neighbours are letters and signs like any other */
	check_printable("\xd8\x9b", 0, "\xd8\x9b");
	check_printable("\xe2\x80\x8d\xe2\x80\x90\xe2\x80\xaf", 0,
	    "\xe2\x80\x8d\xe2\x80\x90\xe2\x80\xaf");
	check_printable("\xe2\x81\xa5\xe2\x81\xaa\xe2\x82\xac", 0,
	    "\xe2\x81\xa5\xe2\x81\xaa\xe2\x82\xac");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_texts),
	    cmocka_unit_test(test_bad_texts),
	    cmocka_unit_test(test_bad_utf8),
	    cmocka_unit_test(test_printable_direction),
	    cmocka_unit_test(test_doubled_members),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_many_members),
	    cmocka_unit_test(test_read_file),
	    cmocka_unit_test(test_python),
	    cmocka_unit_test(test_asking),
	    cmocka_unit_test(test_equal),
	    cmocka_unit_test(test_int),
	    cmocka_unit_test(test_changing),
	    cmocka_unit_test(test_wrong_kinds),
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_join),
	    cmocka_unit_test(test_printable),
	};

	return cmocka_run_group_tests_name("doc", tests, NULL, NULL);
}
