#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/path.h"
#include "scratch.h"

static void
check(char *got, const char *want)
{
	assert_string_equal(got, want);
	free(got);
}

/* Rows as Python 3.11's os.path.abspath gives them. */
static void
test_absolute(void **state)
{
	char *want = NULL;

	(void)state;
	check(path_absolute("/a/./b//c/../d/"), "/a/b/d");
	check(path_absolute("/"), "/");
	check(path_absolute("/.."), "/");
	check(path_absolute("/../a"), "/a");
	check(path_absolute("/a/.."), "/");
	check(path_absolute("//a/b"), "//a/b");
	check(path_absolute("///a"), "/a");
	check(path_absolute("//"), "//");
	check(path_absolute("//a/../.."), "//");
	check(path_absolute("/a.b/..c/...d"), "/a.b/..c/...d");
	assert_true(asprintf(&want, "%s/x/y", scratch) > 0);
	check(path_absolute("x/./y"), want);
	free(want);
	check(path_absolute(""), scratch);
	check(path_absolute("."), scratch);
}

/* Rows as os.path.relpath(to, from) gives them. */
static void
test_relative(void **state)
{
	(void)state;
	check(path_relative("/a/b", "/a/b/c"), "c");
	check(path_relative("/a/b", "/a/c"), "../c");
	check(path_relative("/a/b", "/a/b"), ".");
	check(path_relative("/a/b", "/a/bc"), "../bc");
	check(path_relative("/a/bc", "/a/b"), "../b");
	check(path_relative("/", "/a/b"), "a/b");
	check(path_relative("/a/b", "/"), "../..");
	check(path_relative("/", "/"), ".");
	check(path_relative("/e/live/x", "/e/archive/x/cert1.pem"),
	    "../../archive/x/cert1.pem");
}

static void
test_join(void **state)
{
	(void)state;
	check(path_join("/a", "b"), "/a/b");
	check(path_join("/a/", "b"), "/a/b");
	check(path_join("/a", "/b"), "/b");
	check(path_join("", "b"), "b");
	check(path_join("/", "b"), "/b");
}

static void
test_parts(void **state)
{
	(void)state;
	check(path_dir("/a/b"), "/a");
	check(path_dir("/a/b/"), "/a");
	check(path_dir("/a"), "/");
	check(path_dir("/"), "/");
	check(path_dir("a"), ".");
	check(path_dir("a//b"), "a");
	check(path_dir(""), ".");
	assert_string_equal(path_base("/a/b"), "b");
	assert_string_equal(path_base("a"), "a");
	assert_string_equal(path_base("/a/b/"), "b/");
	assert_string_equal(path_base("/"), "");
}

static void
test_readlink(void **state)
{
	char *got, target[600];

	(void)state;
	memset(target, 'x', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	assert_int_equal(symlink(target, "long"), 0);
	got = path_readlink("long");
	assert_non_null(got);
	check(got, target);
	assert_null(path_readlink("not-there"));
	assert_int_equal(errno, ENOENT);
}

static void
test_expand(void **state)
{
	(void)state;
	setenv("HOME", "/home/x", 1);
	check(path_expand("~/a"), "/home/x/a");
	check(path_expand("~"), "/home/x");
	check(path_expand("~y/a"), "~y/a");
	check(path_expand("a/~/b"), "a/~/b");
	unsetenv("HOME");
	check(path_expand("~/a"), "~/a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_absolute),
	    cmocka_unit_test(test_relative),
	    cmocka_unit_test(test_join),
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_readlink),
	    cmocka_unit_test(test_expand),
	};

	return cmocka_run_group_tests_name("path", tests, scratch_make,
	    scratch_remove);
}
