#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/doc.h"
#include "base/err.h"

#define ACME "urn:ietf:params:acme:error:"

static jv
json(const char *text)
{
	jv v = doc_parse(text, strlen(text), NULL);

	assert_false(doc_is(v, DOC_NONE));
	return v;
}

static void
check(jv v, const char *key, const char *want)
{
	const char *got = doc_str(v, key);

	assert_non_null(got);
	assert_string_equal(got, want);
}

static void
test_set(void **state)
{
	struct err e = {0};

	(void)state;
	assert_false(err_is_set(&e));
	assert_string_equal(err_text(&e), "");
	assert_int_equal(err_exit_status(&e), 0);
	assert_int_equal(err_set(&e, ERR_usage, "a %s", "b"), -1);
	assert_true(err_is_set(&e));
	assert_string_equal(err_text(&e), "a b");
	assert_int_equal(err_exit_status(&e), 64);
	err_set(&e, ERR_noInput, "no %s", err_text(&e)); /* of itself */
	assert_string_equal(err_text(&e), "no a b");
	err_prefix(&e, "%d", 1);
	assert_string_equal(err_text(&e), "1: no a b");
	assert_int_equal(e.name, ERR_noInput);
	err_set(&e, ERR_internal, "esc \033[2J \x9b \xff");
	assert_string_equal(err_text(&e), "esc \\x1b[2J \\x9b \\xff");
	err_clear(&e);
	assert_false(err_is_set(&e));
	err_prefix(&e, "nothing");
	assert_false(err_is_set(&e));
	assert_int_equal(err_set(NULL, ERR_usage, "x"), -1);
	assert_int_equal(err_sys(NULL, ERR_usage, 1, "x"), -1);
	assert_int_equal(err_problem(NULL, 1, doc_object()), -1);
	assert_int_equal(err_prefix(NULL, "x"), -1);
	assert_int_equal(err_member(NULL, "x", doc_object()), -1);
	assert_int_equal(err_retry_after(NULL, 1), -1);
	err_clear(NULL);
}

static void
test_sys(void **state)
{
	static const struct {
		int errnum;
		enum err_name name;
	} rows[] = {{ENOENT, ERR_noInput}, {EACCES, ERR_permission},
	    {EPERM, ERR_permission}, {EROFS, ERR_permission},
	    {ENOSPC, ERR_ioError}};
	struct err e = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(err_sys(&e, ERR_ioError, rows[i].errnum,
				     "cannot open %s", "x"),
		    -1);
		assert_int_equal(e.name, rows[i].name);
	}
	assert_string_equal(err_text(&e),
	    "cannot open x: No space left on device");
	err_clear(&e);
}

static void
test_to_and_from_doc(void **state)
{
	struct err e = {0}, back = {0};
	jv doc;

	(void)state;
	err_set(&e, ERR_expand, "more names: use --expand");
	err_member(&e, "option", doc_string("--expand"));
	err_retry_after(&e, 7);
	doc = err_to_doc(&e, "certstore");
	check(doc, "type", "urn:acme-tools:error:expand");
	check(doc, "title", "The certificate would get more names");
	check(doc, "detail", "more names: use --expand");
	check(doc, "option", "--expand");
	check(doc, "stage", "certstore");
	assert_int_equal(err_doc_exit_status(doc), 77);
	assert_int_equal(err_from_doc(&back, doc), -1);
	assert_int_equal(back.name, ERR_expand);
	assert_int_equal(back.retry_after, 7);
	assert_string_equal(err_text(&back), err_text(&e));
	assert_true(back.has_members);
	check(back.members, "option", "--expand");
	doc_free(doc);
	err_move(&e, &back);
	assert_false(err_is_set(&back));
	assert_int_equal(e.name, ERR_expand);
	err_move(&e, &e);
	assert_int_equal(e.name, ERR_expand);
	err_move(NULL, &e);
	assert_false(err_is_set(&e));
}

static void
test_problem(void **state)
{
	struct err e = {0}, back = {0};
	jv doc;

	(void)state;
	err_problem(&e, 429,
	    json("{\"type\":\"" ACME "rateLimited\",\"detail\":\"slow\\u001b\","
		 "\"subproblems\":[1],\"x\":2}"));
	assert_int_equal(e.name, ERR_acme);
	assert_string_equal(err_text(&e), "slow\\x1b");
	assert_int_equal(err_exit_status(&e), 75);
	err_prefix(&e, "newOrder");
	err_prefix(&e, "ca.example");
	assert_string_equal(err_text(&e), "ca.example: newOrder: slow\\x1b");
	doc = err_to_doc(&e, "acme-order");
	/* The server's members stay the server's. */
	check(doc, "detail", "slow\033");
	check(doc, "type", ACME "rateLimited");
	check(doc, "stage", "acme-order");
	assert_true(doc_has(doc, "subproblems"));
	assert_true(doc_has(doc, "x"));
	err_from_doc(&back, doc);
	assert_int_equal(back.name, ERR_acme);
	assert_string_equal(err_text(&back), err_text(&e));
	assert_int_equal(err_exit_status(&back), 75);
	doc_free(doc);
	err_clear(&back);
	err_clear(&e);
}

static void
test_odd_problems(void **state)
{
	struct err e = {0};

	(void)state;
	err_problem(&e, 500, doc_none());
	assert_int_equal(err_exit_status(&e), 75);
	assert_non_null(strstr(err_text(&e), "500"));
	err_problem(&e, 403, doc_string("go away"));
	assert_string_equal(err_text(&e), "go away");
	assert_int_equal(err_exit_status(&e), 77);
	err_problem(&e, 0, json("{\"type\":\"" ACME "badCSR\"}"));
	assert_string_equal(err_text(&e),
	    "The CSR is unacceptable (e.g., due to a short key)");
	err_problem(&e, 0, json("{\"title\":\"T\",\"type\":7}"));
	assert_string_equal(err_text(&e), "T");
	/* Not for the server to say. */
	err_problem(&e, 400,
	    json("{\"detail\":\"d\",\"stage\":\"s\","
		 "\"context\":\"c\",\"retryAfter\":9}"));
	assert_string_equal(err_text(&e), "d");
	assert_false(doc_has(e.members, "stage"));
	assert_false(doc_has(e.members, "context"));
	assert_false(doc_has(e.members, "retryAfter"));
	assert_int_equal(e.retry_after, 0);
	err_clear(&e);
}

static int
status_of(const char *text)
{
	jv v = json(text);
	int status = err_doc_exit_status(v);

	doc_free(v);
	return status;
}

static void
test_exit_status(void **state)
{
	(void)state;
	assert_int_equal(status_of("{\"type\":\"" ACME "rateLimited\"}"), 75);
	assert_int_equal(status_of("{\"type\":\"" ACME "badNonce\"}"), 75);
	assert_int_equal(status_of("{\"type\":\"" ACME "dns\"}"), 68);
	assert_int_equal(status_of("{\"type\":\"" ACME "connection\"}"), 68);
	assert_int_equal(status_of("{\"type\":\"" ACME "caa\"}"), 77);
	assert_int_equal(status_of("{\"status\":429}"), 75);
	assert_int_equal(status_of("{\"status\":503}"), 75);
	assert_int_equal(status_of("{\"status\":404}"), 77);
	assert_int_equal(status_of("{\"status\":\"503\"}"), 77);
	assert_int_equal(status_of("[]"), 76);
	assert_int_equal(
	    status_of("{\"type\":\"urn:acme-tools:error:locked\"}"), 75);
	/* of a later version */
	assert_int_equal(status_of("{\"type\":\"urn:acme-tools:error:new\"}"),
	    70);
	assert_int_equal(status_of("{\"type\":\"urn:acme-tools:error:none\"}"),
	    70);
}

static void
test_rows(void **state)
{
#define ROW(name, status, title) {ERR_##name, status, #name},
	static const struct {
		enum err_name name;
		int status;
		const char *text;
	} rows[] = {ERR_LIST(ROW)};
#undef ROW
	struct err e = {0}, back = {0};
	size_t i;
	jv doc;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		err_set(&e, rows[i].name, "x");
		assert_int_equal(err_exit_status(&e), rows[i].status);
		doc = err_to_doc(&e, NULL);
		assert_false(doc_has(doc, "stage"));
		assert_string_equal(strrchr(doc_str(doc, "type"), ':') + 1,
		    rows[i].text);
		err_from_doc(&back, doc);
		assert_int_equal(back.name, rows[i].name);
		doc_free(doc);
	}
	err_clear(&e);
	err_clear(&back);
}

static void
test_descriptions(void **state)
{
	(void)state;
	assert_string_equal(err_acme_description(ACME "malformed"),
	    "The request message was malformed");
	assert_string_equal(err_acme_description("malformed"),
	    "The request message was malformed");
	assert_null(err_acme_description(ACME "none"));
	assert_null(err_acme_description(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_sys),
	    cmocka_unit_test(test_to_and_from_doc),
	    cmocka_unit_test(test_problem),
	    cmocka_unit_test(test_odd_problems),
	    cmocka_unit_test(test_exit_status),
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_descriptions),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
