/* Checkpoints: what is registered comes back, in certbot's formats. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/xattr.h>

#include <cmocka.h>

#include "base/log.h"
#include "store/reverter.h"
#include "store/reverter_private.h"
#include "store_dir.h"

static struct reverter *r;
static struct err err;

static int
setup(void **state)
{
	if (store_dir_setup(state) < 0)
		return -1;
	r = reverter_open(store_dir, 0, &err);
	return r ? 0 : -1;
}

static int
teardown(void **state)
{
	reverter_free(r);
	err_clear(&err);
	return store_dir_teardown(state);
}

static jv
path_list(const char *name)
{
	char *path = in_dir(name);
	jv list = doc_push_str(doc_array(), path);

	free(path);
	return list;
}

static void
add(int temporary, const char *name, const char *notes)
{
	jv list = path_list(name);

	if (reverter_add(r, temporary, list, notes, &err) < 0)
		fail_msg("%s", err_text(&err));
	doc_free(list);
}

static void
created(int temporary, const char *name)
{
	jv list = path_list(name);

	assert_int_equal(reverter_created(r, temporary, list, &err), 0);
	doc_free(list);
}

static void
assert_text(const char *name, const char *want)
{
	char *text = read_in_dir(name);

	assert_string_equal(text, want);
	free(text);
}

static int
there(const char *name)
{
	char *path = in_dir(name);
	int yes = access(path, F_OK) == 0;

	free(path);
	return yes;
}

static void
recover_undoes_temporary_then_progress(void **state)
{
	(void)state;
	write_in_dir("conf", "old\n");
	add(0, "conf", "first\n");
	write_in_dir("conf", "middle\n");
	created(1, "challenge");
	write_in_dir("challenge", "x");
	created(0, "new");
	assert_true(reverter_unfinished(r));
	assert_int_equal(reverter_recover(r, &err), 0);
	assert_text("conf", "old\n");
	assert_false(there("challenge"));
	assert_false(reverter_unfinished(r));
}

static void
the_oldest_copy_wins(void **state)
{
	(void)state;
	write_in_dir("sub/conf", "1");
	write_in_dir("conf", "2");
	add(0, "sub/conf", "a\n");
	write_in_dir("sub/conf", "changed");
	add(0, "sub/conf", "b\n");
	add(0, "conf", "c\n");
	assert_text("IN_PROGRESS/conf_0", "1");
	assert_text("IN_PROGRESS/conf_1", "2");
	assert_text("IN_PROGRESS/CHANGES_SINCE", "a\nb\nc\n");
	assert_int_equal(reverter_recover(r, &err), 0);
	assert_text("sub/conf", "1");
}

static void
mode_times_and_links_stay(void **state)
{
	char *path = in_dir("real"), *link = in_dir("link");
	struct timespec times[2] = {{1000, 0}, {2000, 500}};
	struct stat st;

	(void)state;
	write_in_dir("real", "old");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_int_equal(symlink("real", link), 0);
	add(0, "link", "");
	write_in_dir("real", "new");
	assert_int_equal(reverter_recover(r, &err), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_mtim.tv_sec, 2000);
	assert_int_equal(st.st_mtim.tv_nsec, 500);
	assert_text("real", "old");
	free(path);
	free(link);
}

static void
attributes_come_back(void **state)
{
	char *path = in_dir("real"), *link = in_dir("link"), value[8];

	(void)state;
	write_in_dir("real", "old");
	assert_int_equal(symlink("real", link), 0);
	if (setxattr(path, "user.before", "kept", 4, 0) != 0)
		skip(); /* a file system without any */
	add(0, "link", "");
	write_in_dir("real", "new");
	assert_int_equal(setxattr(path, "user.after", "too", 3, 0), 0);
	assert_int_equal(reverter_recover(r, &err), 0);
	assert_text("real", "old");
	assert_int_equal(getxattr(path, "user.before", value, 8), 4);
	assert_memory_equal(value, "kept", 4);
	assert_int_equal(getxattr(path, "user.after", value, 8), 3);
	free(path);
	free(link);
}

/* Of a run that was killed while it wrote or restored a file. */
static void
temporary_files_go(void **state)
{
	char *link = in_dir("on/conf");

	(void)state;
	write_in_dir("at/conf", "old");
	write_in_dir("on/other", "x");
	assert_int_equal(symlink("../at/conf", link), 0);
	add(0, "on/conf", "");
	created(0, "at/new");
	write_in_dir("at/conf", "new");
	write_in_dir("at/.conf.tmp-a1b2c3", "newer");
	write_in_dir("at/.new.tmp-d4e5f6", "half");
	write_in_dir("at/.theirs.tmp-a1b2c3", "another's");
	assert_int_equal(reverter_recover(r, &err), 0);
	assert_text("at/conf", "old");
	assert_false(there("at/.conf.tmp-a1b2c3"));
	assert_false(there("at/.new.tmp-d4e5f6"));
	assert_text("at/.theirs.tmp-a1b2c3", "another's");
	free(link);
}

static void
a_file_that_is_gone_comes_back(void **state)
{
	char *path = in_dir("conf");

	(void)state;
	write_in_dir("conf", "old");
	add(0, "conf", "");
	assert_int_equal(unlink(path), 0);
	free(path);
	assert_int_equal(reverter_recover(r, &err), 0);
	assert_text("conf", "old");
}

static void
finish_and_rollback(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		char text[2] = {(char)('0' + i), 0};

		write_in_dir("conf", text);
		add(0, "conf", "note\n");
		assert_int_equal(reverter_finish(r, "Title", &err), 0);
	}
	assert_false(reverter_unfinished(r));
	write_in_dir("conf", "3");
	assert_int_equal(reverter_rollback(r, 1, &err), 0);
	assert_text("conf", "2");
	assert_int_equal(reverter_rollback(r, 0, &err), 0);
	assert_text("conf", "2");
	assert_int_equal(reverter_rollback(r, 9, &err), 0);
	assert_text("conf", "0");
	assert_int_equal(reverter_rollback(r, 1, &err), 0);
	assert_int_equal(reverter_rollback(r, -1, &err), -1);
	assert_string_equal(err_text(&err), "Invalid Input");
}

static void
titles_stand_first(void **state)
{
	char *from = in_dir("backups");
	jv argv = doc_push_str(doc_array(), "true");

	(void)state;
	write_in_dir("backups/9999999999.5/CHANGES_SINCE", "");
	assert_int_equal(reverter_undo_command(r, 0, argv, &err), 0);
	doc_free(argv);
	assert_int_equal(reverter_finish(r, "T", &err), 0);
	/* The clock is behind: a second after the newest. */
	assert_text("backups/10000000000.5/CHANGES_SINCE",
	    "-- T --\nNo changes\n");
	free(from);
}

static void
nothing_in_progress_is_nothing_to_finish(void **state)
{
	(void)state;
	assert_int_equal(reverter_finish(r, "T", &err), 0);
	assert_int_equal(reverter_recover(r, &err), 0);
	assert_int_equal(reverter_revert_temporary(r, &err), 0);
}

static void
a_temporary_file_is_not_overwritten(void **state)
{
	jv list = path_list("conf");

	(void)state;
	write_in_dir("conf", "old");
	add(1, "conf", "");
	assert_int_equal(reverter_add(r, 0, list, "", &err), -1);
	assert_non_null(strstr(err_text(&err), "challenge file - /"));
	doc_free(list);
	assert_false(there("IN_PROGRESS"));
}

static void
what_cannot_be_copied_is_an_error(void **state)
{
	jv list = path_list("missing");

	(void)state;
	assert_int_equal(reverter_add(r, 0, list, "", &err), -1);
	assert_non_null(strstr(err_text(&err), "Unable to add file /"));
	doc_free(list);
	list = doc_push_str(doc_array(), "/etc/a\nb");
	assert_int_equal(reverter_created(r, 0, list, &err), -1);
	doc_free(list);
	list = doc_push_str(doc_array(), "relative");
	assert_int_equal(reverter_created(r, 0, list, &err), -1);
	doc_free(list);
	list = doc_array();
	assert_int_equal(reverter_created(r, 0, list, &err), -1);
	doc_free(list);
}

static void
what_cannot_be_restored_stays(void **state)
{
	char *copy = in_dir("IN_PROGRESS/conf_0");

	(void)state;
	write_in_dir("conf", "old");
	add(0, "conf", "");
	assert_int_equal(unlink(copy), 0);
	free(copy);
	assert_int_equal(reverter_recover(r, &err), -1);
	assert_non_null(
	    strstr(err_text(&err), "Incomplete or failed recovery"));
	assert_true(reverter_unfinished(r));
}

static void
commands_run_without_a_shell(void **state)
{
	static const char *const a[] = {"touch", "a b,c\"d$(x)"};
	static const char *const b[] = {"false"};
	char *path = in_dir(a[1]);
	jv argv = doc_push_str(doc_push_str(doc_array(), a[0]), path);

	(void)state;
	assert_int_equal(reverter_undo_command(r, 1, argv, &err), 0);
	doc_free(argv);
	argv = doc_list(b, 1);
	assert_int_equal(reverter_undo_command(r, 1, argv, &err), 0);
	doc_free(argv);
	assert_int_equal(reverter_revert_temporary(r, &err), 0);
	assert_true(there(a[1]));
	free(path);
}

/* Each undoes what came after the one before it. */
static void
commands_run_last_first(void **state)
{
	char *path = in_dir("order");
	char *script = xasprintf("printf %%s \"$1\" >>'%s'", path);

	(void)state;
	for (int i = 0; i < 3; i++) {
		const char *const words[] = {"sh", "-c", script, "sh",
		    (const char *const[]){"a", "b", "c"}[i]};
		jv argv = doc_list(words, ARRAY_LEN(words));

		assert_int_equal(reverter_undo_command(r, 1, argv, &err), 0);
		doc_free(argv);
	}
	assert_int_equal(reverter_revert_temporary(r, &err), 0);
	assert_text("order", "cba");
	free(script);
	free(path);
}

static void
csv_as_python_writes_it(void **state)
{
	static const char *const row[] = {"a", "", "b c", "d,e", "f\"g",
	    "h\ni"};
	static const char text[] = "a,,b c,\"d,e\",\"f\"\"g\",\"h\ni\"\r\n";
	jv argv = doc_list(row, ARRAY_LEN(row)), rows, back;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(reverter_csv_row(&b, argv), 0);
	assert_string_equal(b.p, text);
	rows = reverter_csv_parse(b.p, b.len);
	assert_int_equal(doc_len(rows), 1);
	back = doc_at(rows, 0);
	assert_true(doc_equal(back, argv));
	doc_free(back);
	doc_free(rows);
	doc_free(argv);
	buf_release(&b);
	rows = reverter_csv_parse("a,\nb\r\n\r\n\"\"\r\nc", 13);
	assert_int_equal(doc_len(rows), 4);
	doc_free(rows);
}

static void
strict_permissions_are_checked(void **state)
{
	char *path = in_dir("backups");

	(void)state;
	assert_int_equal(chmod(path, 0777), 0);
	free(path);
	assert_null(reverter_open(store_dir, 1, &err));
	assert_non_null(strstr(err_text(&err), "permissions 0o755"));
}

static void
drop_log(void *ctx, jv entry TAKES)
{
	(void)ctx;
	doc_free(entry);
}

static int
is_copy(const char *a, const char *b)
{
	char *first = in_dir(a), *second = in_dir(b);
	int is = reverter_is_copy(first, second);

	free(second);
	free(first);
	return is;
}

static void
copies_are_told_from_others(void **state)
{
	char *path = in_dir("e");

	(void)state;
	write_in_dir("a", "text");
	write_in_dir("b", "text");
	write_in_dir("c", "tex\n");
	write_in_dir("d", "text.");
	write_in_dir("e", "text");
	assert_int_equal(chmod(path, 0600), 0);
	free(path);
	assert_true(is_copy("a", "b"));
	assert_false(is_copy("a", "c"));
	assert_false(is_copy("a", "d"));
	assert_false(is_copy("d", "a"));
	assert_false(is_copy("a", "e"));
	assert_false(is_copy("a", "none"));
	assert_false(is_copy(".", "."));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(recover_undoes_temporary_then_progress),
	    T(the_oldest_copy_wins),
	    T(mode_times_and_links_stay),
	    T(attributes_come_back),
	    T(temporary_files_go),
	    T(a_file_that_is_gone_comes_back),
	    T(finish_and_rollback),
	    T(titles_stand_first),
	    T(nothing_in_progress_is_nothing_to_finish),
	    T(a_temporary_file_is_not_overwritten),
	    T(what_cannot_be_copied_is_an_error),
	    T(what_cannot_be_restored_stays),
	    T(commands_run_without_a_shell),
	    T(commands_run_last_first),
	    T(csv_as_python_writes_it),
	    T(strict_permissions_are_checked),
	    T(copies_are_told_from_others),
	};

	log_set_sink(drop_log, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
