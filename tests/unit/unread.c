/* The mark of a server that has not read its files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/unread.h"
#include "store_dir.h"

static struct err err;

static char *
plugins(void)
{
	jv list = unread_plugins(store_dir);
	char *text = doc_text(list);

	doc_free(list);
	return text;
}

static void
assert_plugins(const char *want)
{
	char *text = plugins();

	assert_string_equal(text, want);
	free(text);
}

static void
test_marks(void **state)
{
	(void)state;
	assert_false(unread_is(store_dir, "nginx"));
	assert_plugins("[]");
	assert_int_equal(unread_mark(store_dir, "nginx", &err), 0);
	assert_int_equal(unread_mark(store_dir, "nginx", &err), 0);
	assert_int_equal(unread_mark(store_dir, "apache", &err), 0);
	assert_true(unread_is(store_dir, "nginx"));
	assert_false(unread_is(store_dir, "ngin"));
	assert_plugins("[\"apache\",\"nginx\"]");
	unread_clear(store_dir, "nginx");
	unread_clear(store_dir, "nginx");
	assert_false(unread_is(store_dir, "nginx"));
	assert_plugins("[\"apache\"]");
	unread_clear(store_dir, "apache");
}

static void
test_no_directory(void **state)
{
	char *none = in_dir("none");
	jv list;

	(void)state;
	list = unread_plugins(none);
	assert_int_equal(doc_len(list), 0);
	doc_free(list);
	assert_int_equal(unread_mark(none, "nginx", &err), -1);
	assert_non_null(strstr(err_text(&err), none));
	err_clear(&err);
	unread_clear(none, "nginx");
	free(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_no_directory),
	};

	return cmocka_run_group_tests(tests, store_dir_setup,
	    store_dir_teardown);
}
