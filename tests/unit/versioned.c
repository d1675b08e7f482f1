#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scratch.h"
#include "store/versioned.h"

/* SHA-256 of "one\n", "two\n", "new\n". */
#define ONE "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806"
#define TWO "27dd8ed44a83ff94d557f9fd0412ed5a8cbca69ea04922d88c01184a07300a5a"
#define NEW "7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c"

static const char *const known[] = {ONE, TWO, NULL};

static int
install(void)
{
	struct err err = {0};
	int what = -1;

	if (versioned_install("dest", ".digest", "source", known, &what,
		&err) != 0)
		fail_msg("%s", err_text(&err));
	return what;
}

/* A fresh "source" with the new text; dest and digest as given or absent. */
static void
begin(const char *dest, const char *digest)
{
	(void)unlink("dest");
	(void)unlink(".digest");
	scratch_put("source", "new\n");
	if (dest != NULL)
		scratch_put("dest", dest);
	if (digest != NULL)
		scratch_put(".digest", digest);
}

static void
test_missing(void **state)
{
	struct stat st;

	(void)state;
	begin(NULL, NULL);
	umask(022);
	assert_int_equal(install(), VERSIONED_UPDATED);
	assert_string_equal(scratch_text("dest"), "new\n");
	assert_string_equal(scratch_text(".digest"), NEW);
	assert_int_equal(stat("dest", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(install(), VERSIONED_CURRENT);
}

static void
test_current_touches_nothing(void **state)
{
	(void)state;
	begin("new\n", NULL);
	assert_int_equal(install(), VERSIONED_CURRENT);
	assert_int_equal(access(".digest", F_OK), -1);
	begin("new\r\n", NULL);
	assert_int_equal(install(), VERSIONED_CURRENT);
	assert_string_equal(scratch_text("dest"), "new\r\n");
}

static void
test_older_is_updated(void **state)
{
	(void)state;
	begin("two\r\n", ONE);
	assert_int_equal(install(), VERSIONED_UPDATED);
	assert_string_equal(scratch_text("dest"), "new\n");
	assert_string_equal(scratch_text(".digest"), NEW);
}

static void
test_changed_is_kept(void **state)
{
	char *notice = versioned_notice("/d", "/s");

	(void)state;
	begin("mine\n", ONE);
	assert_int_equal(install(), VERSIONED_KEPT);
	assert_string_equal(scratch_text("dest"), "mine\n");
	assert_string_equal(scratch_text(".digest"), NEW);
	assert_int_equal(install(), VERSIONED_CURRENT);
	assert_string_equal(scratch_text("dest"), "mine\n");
	assert_string_equal(notice,
	    "/d has been manually modified; updated file saved to /s. We "
	    "recommend updating /d for security purposes.");
	free(notice);
}

static void
test_link_and_mode_stay(void **state)
{
	struct stat st;

	(void)state;
	begin(NULL, NULL);
	scratch_put("real", "one\n");
	assert_int_equal(chmod("real", 0600), 0);
	assert_int_equal(symlink("real", "dest"), 0);
	assert_int_equal(install(), VERSIONED_UPDATED);
	assert_int_equal(lstat("dest", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_string_equal(scratch_text("real"), "new\n");
	assert_int_equal(stat("real", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
test_errors(void **state)
{
	struct err err = {0};
	int what = -1;

	(void)state;
	begin(NULL, NULL);
	(void)unlink("source");
	assert_int_equal(
	    versioned_install("dest", ".digest", "source", known, &what, &err),
	    -1);
	assert_int_equal(err.name, ERR_noInput);
	assert_non_null(strstr(err_text(&err), "source"));
	begin(NULL, NULL);
	assert_int_equal(mkdir("dest", 0755), 0);
	assert_int_equal(
	    versioned_install("dest", ".digest", "source", known, &what, &err),
	    -1);
	assert_non_null(strstr(err_text(&err), "dest"));
	assert_int_equal(rmdir("dest"), 0);
	err_clear(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_current_touches_nothing),
	    cmocka_unit_test(test_older_is_updated),
	    cmocka_unit_test(test_changed_is_kept),
	    cmocka_unit_test(test_link_and_mode_stay),
	    cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("versioned", tests, scratch_make,
	    scratch_remove);
}
