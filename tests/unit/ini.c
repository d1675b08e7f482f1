#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/ini.h"

static struct ini *
parse(const char *text)
{
	struct err err = {0};
	struct ini *ini = ini_parse(text, strlen(text), &err);

	if (!ini)
		fail_msg("%s", err_text(&err));
	return ini;
}

static void
check_text(const struct ini *ini, const char *want)
{
	char *got = ini_text(ini, NULL);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void
check_json(jv v, const char *want)
{
	char *got = doc_text(v);

	assert_string_equal(got, want);
	free(got);
	doc_free(v);
}

/* As certbot 2.1 writes it for a new lineage (spec 2.4). */
static const char sample[] =
    "# renew_before_expiry = 30 days\n"
    "version = 2.1.0\n"
    "archive_dir = /etc/letsencrypt/archive/w.example.com\n"
    "\n"
    "# Options used in the renewal process\n"
    "[renewalparams]\n"
    "pref_challs = http-01,\n"
    "post_hook = \"echo a, b\"\n"
    "renew_hook = 'echo \"hi, #1\"'\n"
    "must_staple = True\n"
    "installer = None\n"
    "rsa_key_size = 4096\n"
    "webroot_path = /srv/w1, /srv/w2\n"
    "[[webroot_map]]\n"
    "w.example.com = /srv/w1\n"
    "x.w.example.com = /srv/w2\n";

static void
test_new_file(void **state)
{
	static const char *const hook = "echo \"hi, #1\"";
	struct ini *ini = ini_new();
	const char *const paths[] = {"/srv/w1", "/srv/w2"};

	(void)state;
	ini_set(ini, "", "version", doc_string("2.1.0"));
	ini_set(ini, NULL, "archive_dir",
	    doc_string("/etc/letsencrypt/archive/w.example.com"));
	ini_set_initial_comment(ini, "# renew_before_expiry = 30 days");
	ini_add_section(ini, "renewalparams");
	ini_set_section_comment(ini, "renewalparams",
	    "\n# Options used in the renewal process");
	ini_set(ini, "renewalparams\nwebroot_map", "w.example.com",
	    doc_string("/srv/w1"));
	ini_set(ini, "renewalparams", "pref_challs",
	    doc_push_str(doc_array(), "http-01"));
	ini_set(ini, "renewalparams", "post_hook", doc_string("echo a, b"));
	ini_set(ini, "renewalparams", "renew_hook", doc_string(hook));
	ini_set(ini, "renewalparams", "must_staple", doc_bool(1));
	ini_set(ini, "renewalparams", "installer", doc_null());
	ini_set(ini, "renewalparams", "rsa_key_size", doc_number(4096));
	ini_set(ini, "renewalparams", "webroot_path", doc_list(paths, 2));
	ini_set(ini, "renewalparams\nwebroot_map", "x.w.example.com",
	    doc_string("/srv/w2"));
	check_text(ini, sample);
	ini_free(ini);
}

static void
test_asking(void **state)
{
	struct ini *ini = parse(sample);
	char *text;

	(void)state;
	check_text(ini, sample);
	assert_true(ini_has_section(ini, NULL));
	assert_true(ini_has_section(ini, ""));
	assert_true(ini_has_section(ini, "renewalparams\nwebroot_map"));
	assert_false(ini_has_section(ini, "webroot_map"));
	assert_false(ini_has_section(ini, "version"));
	assert_false(ini_has_section(ini, "version\nx"));
	check_json(ini_get(ini, "renewalparams", "pref_challs"),
	    "[\"http-01\"]");
	check_json(ini_get(ini, "", "version"), "\"2.1.0\"");
	check_json(ini_keys(ini, ""), "[\"version\",\"archive_dir\"]");
	check_json(ini_subsections(ini, ""), "[\"renewalparams\"]");
	check_json(ini_subsections(ini, "renewalparams"), "[\"webroot_map\"]");
	check_json(ini_section(ini, "renewalparams\nwebroot_map"),
	    "{\"w.example.com\":\"/srv/w1\",\"x.w.example.com\":\"/srv/w2\"}");
	check_json(ini_section(ini, "none"), "{}");
	check_json(ini_keys(ini, "none"), "[]");
	assert_true(doc_is(ini_get(ini, "", "renewalparams"), DOC_NONE));
	assert_true(doc_is(ini_get(ini, "none", "x"), DOC_NONE));
	assert_null(ini_get_text(ini, "", "none"));
	text = ini_get_text(ini, "renewalparams", "webroot_path");
	assert_string_equal(text, "/srv/w1, /srv/w2");
	free(text);
	text = ini_get_text(ini, "renewalparams", "renew_hook");
	assert_string_equal(text, "echo \"hi, #1\"");
	free(text);
	ini_free(ini);
}

static void
test_changing(void **state)
{
	struct ini *ini = parse("# top\na = 1 # in\n#b\nb = 2\n[s]\nx = 1\n"
				"[t]\n[[u]]\ny = 1\n# end\n");

	(void)state;
	ini_set(ini, "", "a", doc_string("3"));
	ini_set(ini, "", "c", doc_string("4"));
	ini_del(ini, "", "b");
	ini_del(ini, "", "s"); /* is no key */
	ini_del(ini, "none", "s");
	ini_del_section(ini, "a"); /* is no section */
	ini_del_section(ini, "t\nu");
	check_text(ini, "# top\na = 3# in\nc = 4\n[s]\nx = 1\n[t]\n# end\n");
	ini_set(ini, "", "s", doc_string("key"));
	ini_set(ini, "c", "z", doc_string("in a section"));
	check_text(ini,
	    "# top\na = 3# in\ns = key\n[t]\n[c]\n"
	    "z = in a section\n# end\n");
	ini_set(ini, "", "o", doc_object()); /* has no text */
	assert_true(doc_is(ini_get(ini, "", "o"), DOC_NONE));
	ini_set_initial_comment(ini, NULL);
	ini_set_section_comment(ini, "t", "no hash\n");
	check_text(ini,
	    "a = 3# in\ns = key\n# no hash\n\n[t]\n[c]\n"
	    "z = in a section\n# end\n");
	ini_free(ini);
}

static void
check_error(const char *text, size_t len, const char *want)
{
	struct err err = {0};
	struct ini *ini = ini_parse(text, len, &err);

	assert_null(ini);
	assert_int_equal(err.name, ERR_badData);
	if (!strstr(err_text(&err), want))
		fail_msg("'%s' does not say '%s'", err_text(&err), want);
	err_clear(&err);
	assert_null(ini_parse(text, len, NULL));
}

static void
test_errors(void **state)
{
	(void)state;
	check_error("a = 1\nb\n", 8, "line 2: neither");
	check_error("a = 1\na = 2", 11, "line 2: a key");
	check_error("a = 1\n[a]", 9, "line 2: a section");
	check_error("[[a]]", 5, "line 1: the section is nested");
	check_error("[[a]", 4, "line 1: the brackets");
	check_error("\n\na = 'b", 8, "line 3: the value");
	check_error("a = '''x\nb", 10, "the closing quotes are missing");
	check_error("a = '''x''' y", 13, "line 1: text behind");
	check_error("a = '''x\n''' y", 14, "line 2: text behind");
	check_error("a = 1\n\0", 7, "line 2: a NUL byte");
	check_error("a = 1\n \xff", 8,
	    "'utf-8' codec can't decode byte 0xff in "
	    "position 1: invalid start byte");
}

/* What a '#' and a ']' mean depends on what is around them. */
static void
test_marks(void **state)
{
	static const char text[] = "a = x # y, z\nb = \"x # y\", z\n"
				   "[c] d = 1\n[e]f]\ng = 1\n";
	struct ini *ini = parse(text);

	(void)state;
	check_json(ini_get(ini, "", "a"), "\"x\"");
	check_json(ini_get(ini, "", "b"), "[\"x # y\",\"z\"]");
	check_json(ini_keys(ini, ""), "[\"a\",\"b\",\"[c] d\"]");
	check_json(ini_subsections(ini, ""), "[\"e]f\"]");
	ini_free(ini);
	ini = ini_new();
	ini_set(ini, "", "k", doc_string("echo #1"));
	ini_set(ini, "", "l", doc_push_str(doc_array(), "a#b"));
	check_text(ini, "k = \"echo #1\"\nl = \"a#b\",\n");
	ini_free(ini);
	check_error("[a] b", 5, "line 1: neither");
}

static void
test_unquotable(void **state)
{
	static const char *const bad[] = {"'\"'\"", "a\nb"};
	struct err err = {0};
	struct ini *ini;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		ini = ini_new();
		ini_set(ini, "", "k", doc_list(bad + i, 1));
		assert_null(ini_text(ini, &err));
		assert_int_equal(err.name, ERR_badData);
		err_clear(&err);
		ini_free(ini);
	}
	ini = ini_new();
	ini_set(ini, "", "k", doc_string("'''\"\"\""));
	assert_null(ini_text(ini, NULL));
	ini_set(ini, "", "k", doc_string("\"'''"));
	check_text(ini, "k = \"\"\"\"'''\"\"\"\n");
	ini_free(ini);
}

static void
test_read(void **state)
{
	char path[] = "/tmp/acme-tools-ini-XXXXXX";
	struct err err = {0};
	int fd = mkstemp(path);
	struct ini *ini;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, "a = b\n", 6), 0);
	ini = ini_read(path, &err);
	assert_non_null(ini);
	check_text(ini, "a = b\n");
	ini_free(ini);
	assert_int_equal(fd_write_all(fd, "x\n", 2), 0);
	close(fd);
	assert_null(ini_read(path, &err));
	assert_non_null(strstr(err_text(&err), path));
	assert_non_null(strstr(err_text(&err), "line 2: "));
	unlink(path);
	assert_null(ini_read(path, &err));
	assert_int_equal(err.name, ERR_noInput);
	err_clear(&err);
}

/* A large file of what is worst for each part takes no seconds. */
static void
test_linear(void **state)
{
	static const char *const pieces[] = {"a, ", "\"a\", '", "]", "' ", "# ",
	    "\" \"", "[", "'''", "  ", "\"a\",", "'a' 'b, "};
	clock_t start = clock();
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(pieces); i++) {
		buf_init(&b, FILE_TEXT_MAX);
		buf_adds(&b, i & 1 ? "k = " : "[");
		while (buf_adds(&b, pieces[i]) == 0)
			continue;
		ini_free(ini_parse(b.p, b.len, NULL));
		b.p[0] = 'k';
		b.p[1] = '=';
		ini_free(ini_parse(b.p, b.len, NULL));
		buf_release(&b);
	}
	buf_init(&b, FILE_TEXT_MAX);
	for (i = 0; buf_addf(&b, "k%zu=\n", i) == 0; i++)
		continue;
	ini_free(ini_parse(b.p, b.len, NULL));
	buf_release(&b);
	assert_true((clock() - start) / CLOCKS_PER_SEC < 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_new_file),
	    cmocka_unit_test(test_asking),
	    cmocka_unit_test(test_changing),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_unquotable),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests_name("ini", tests, NULL, NULL);
}
