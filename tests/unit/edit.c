#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/xattr.h>

#include <cmocka.h>

#include "base/edit.h"
#include "scratch.h"

static struct edit *
opened(const char *path)
{
	struct err err = {0};
	struct edit *e = edit_open(path, 1 << 20, &err);

	assert_non_null(e);
	return e;
}

static void
expect_text(const struct edit *e, const char *text)
{
	size_t len;
	const char *p = edit_bytes(e, &len);

	assert_int_equal(len, strlen(text));
	assert_memory_equal(p, text, len + 1);
}

static void
written(struct edit *e)
{
	struct err err = {0};

	assert_int_equal(edit_write(e, &err), 0);
}

static void
test_changes(void **state)
{
	struct edit *e;

	(void)state;
	scratch_put("f", "one two three\n");
	e = opened("f");
	assert_false(edit_changed(e));
	edit_insert(e, 8, "B", 1);
	edit_insert(e, 0, "A", 1);
	edit_insert(e, 8, "C", 1);
	edit_replace(e, 4, 3, "2", 1);
	edit_insert(e, 99, "end\n", 4);
	expect_text(e, "one two three\n");
	assert_true(edit_changed(e));
	edit_settle(e);
	expect_text(e, "Aone 2 BCthree\nend\n");
	edit_replace(e, 1, 3, NULL, 0);
	written(e);
	expect_text(e, "A 2 BCthree\nend\n");
	assert_false(edit_changed(e));
	assert_string_equal(scratch_text("f"), "A 2 BCthree\nend\n");
	edit_free(e);
}

static void
test_overlap(void **state)
{
	struct edit *e;

	(void)state;
	scratch_put("f", "0123456789");
	e = opened("f");
	edit_replace(e, 2, 4, "x", 1);
	edit_replace(e, 4, 4, "y", 1);
	edit_insert(e, 2, "z", 1);
	edit_settle(e);
	expect_text(e, "01xzy89");
	edit_free(e);
}

/* Back to what it was, or replaced by the same, is no change: no write. */
static void
test_no_change(void **state)
{
	struct stat before, after;
	struct edit *e;

	(void)state;
	scratch_put("f", "text");
	assert_int_equal(stat("f", &before), 0);
	e = opened("f");
	edit_replace(e, 1, 2, "ex", 2);
	assert_false(edit_changed(e));
	edit_insert(e, 4, "!", 1);
	edit_settle(e);
	edit_replace(e, 4, 1, "", 0);
	written(e);
	assert_int_equal(stat("f", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	edit_free(e);
}

static void
test_any_bytes(void **state)
{
	static const char bytes[] = "\xef\xbb\xbf\0\r\n\xff\xfe";
	struct edit *e;
	FILE *f = fopen("f", "we");
	size_t len;

	(void)state;
	assert_non_null(f);
	fwrite(bytes, 1, 8, f);
	fclose(f);
	e = opened("f");
	edit_insert(e, 8, "x", 1);
	written(e);
	edit_free(e);
	e = opened("f");
	assert_memory_equal(edit_bytes(e, &len), "\xef\xbb\xbf\0\r\n\xff\xfex",
	    9);
	assert_int_equal(len, 9);
	edit_free(e);
}

static void
test_what_is_kept(void **state)
{
	struct stat st;
	struct edit *e;
	char value[8] = "";

	(void)state;
	assert_int_equal(mkdir("real", 0755), 0);
	scratch_put("real/f", "text");
	assert_int_equal(chmod("real/f", 0640), 0);
	assert_int_equal(symlink("real/f", "link"), 0);
	if (geteuid() == 0)
		assert_int_equal(chown("real/f", 1234, 2345), 0);
	(void)setxattr("real/f", "user.note", "kept", 4, 0);
	e = opened("link");
	assert_string_equal(edit_path(e), "link");
	assert_non_null(strstr(edit_real_path(e), "/real/f"));
	edit_insert(e, 0, "a ", 2);
	written(e);
	edit_free(e);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat("real/f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	if (geteuid() == 0) {
		assert_int_equal(st.st_uid, 1234);
		assert_int_equal(st.st_gid, 2345);
	}
	if (getxattr("real/f", "user.note", value, 7) == -1)
		assert_true(errno == ENOTSUP);
	else
		assert_string_equal(value, "kept");
	assert_string_equal(scratch_text("real/f"), "a text");
}

static void
test_same_file(void **state)
{
	struct edit *a, *b, *c, *n;

	(void)state;
	scratch_put("a", "x");
	scratch_put("c", "x");
	assert_int_equal(link("a", "b"), 0);
	a = opened("a");
	b = opened("./b");
	c = opened("c");
	n = edit_new("a", 0644);
	assert_true(edit_same_file(a, b));
	assert_false(edit_same_file(a, c));
	assert_true(edit_same_file(a, n));
	edit_free(a);
	edit_free(b);
	edit_free(c);
	edit_free(n);
}

static void
test_new(void **state)
{
	struct err err = {0};
	struct edit *e = edit_new("new", 0640);
	struct stat st;
	mode_t mask = umask(077);

	(void)state;
	assert_true(edit_changed(e));
	edit_insert(e, 0, "made\n", 5);
	written(e);
	umask(mask);
	assert_int_equal(stat("new", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	edit_insert(e, 5, "more\n", 5);
	written(e);
	assert_string_equal(scratch_text("new"), "made\nmore\n");
	edit_free(e);
	e = edit_new("new", 0640);
	assert_int_equal(edit_write(e, &err), -1);
	assert_int_equal(err.name, ERR_cannotCreate);
	assert_string_equal(scratch_text("new"), "made\nmore\n");
	err_clear(&err);
	edit_free(e);
}

static void
test_new_like(void **state)
{
	struct edit *model, *e = edit_new("copy", 0644);
	struct stat st, want;

	(void)state;
	scratch_put("model", "x");
	assert_int_equal(chmod("model", 0464), 0);
	if (geteuid() == 0)
		assert_int_equal(chown("model", 1, 2), 0);
	model = opened("model");
	edit_like(e, model);
	edit_insert(e, 0, "made\n", 5);
	written(e);
	assert_int_equal(stat("model", &want), 0);
	assert_int_equal(stat("copy", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0464);
	assert_int_equal(st.st_uid, want.st_uid);
	assert_int_equal(st.st_gid, want.st_gid);
	edit_free(e);
	edit_free(model);
}

static void
test_changed_by_another(void **state)
{
	struct err err = {0};
	struct edit *e;

	(void)state;
	scratch_put("f", "ours");
	e = opened("f");
	edit_insert(e, 0, "x", 1);
	scratch_put("f", "theirs now");
	assert_int_equal(edit_write(e, &err), -1);
	assert_int_equal(err.name, ERR_ioError);
	assert_non_null(strstr(err_text(&err), "'f' was changed"));
	assert_string_equal(scratch_text("f"), "theirs now");
	err_clear(&err);
	edit_free(e);
}

static void
test_refused(void **state)
{
	struct err err = {0};

	(void)state;
	scratch_put("f", "12345");
	assert_null(edit_open("f", 4, &err));
	assert_int_equal(err.name, ERR_badData);
	err_clear(&err);
	assert_null(edit_open("missing", 4, &err));
	assert_int_equal(err.name, ERR_noInput);
	err_clear(&err);
	assert_null(edit_open(".", 4, &err));
	assert_int_equal(err.name, ERR_badData);
	err_clear(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_changes),
	    cmocka_unit_test(test_overlap),
	    cmocka_unit_test(test_no_change),
	    cmocka_unit_test(test_any_bytes),
	    cmocka_unit_test(test_what_is_kept),
	    cmocka_unit_test(test_same_file),
	    cmocka_unit_test(test_new),
	    cmocka_unit_test(test_new_like),
	    cmocka_unit_test(test_changed_by_another),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("edit", tests, scratch_make,
	    scratch_remove);
}
