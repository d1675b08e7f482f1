/* The marks of servers that have not read their files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/safefile.h"
#include "store/unread.h"
#include "store_dir.h"

static struct err err;

static jv
server(const char *plugin, const char *root)
{
	return unread_server(plugin, root, doc_object());
}

/* Plugin and server root of each mark, in the order of the list. */
static void
assert_marks(const char *want)
{
	jv marks = unread_list(store_dir);
	char *text = NULL;
	jv words = doc_array();

	for (size_t i = 0; i < doc_len(marks); i++) {
		jv mark = doc_at(marks, i);
		const char *root = doc_str(mark, "server");

		words = doc_push_str(words, doc_str(mark, "plugin"));
		words = doc_push_str(words, root == NULL ? "?" : root);
		doc_free(mark);
	}
	text = doc_join(words, " ");
	assert_string_equal(text, want);
	free(text);
	doc_free(words);
	doc_free(marks);
}

static void
mark(struct unread *u, const char *plugin, const char *root)
{
	jv which = server(plugin, root);

	assert_int_equal(unread_mark(u, store_dir, which, &err), 0);
	doc_free(which);
}

static void
mark_lineage(const char *plugin, const char *lineage, const char *root)
{
	jv which = server(plugin, root);

	assert_int_equal(unread_mark_lineage(store_dir, which, lineage, &err),
	    0);
	doc_free(which);
}

static size_t
take(struct unread *u, const char *plugin, const char *root, int all)
{
	jv which = server(plugin, root);
	size_t n = all ? unread_take_all(u, store_dir, which) :
			 unread_take(u, store_dir, which);

	doc_free(which);
	return n;
}

static void
test_own(void **state)
{
	struct unread a = {0}, b = {0};

	(void)state;
	assert_marks("");
	assert_false(unread_owed(&a));
	mark(&a, "nginx", "/1");
	mark(&a, "nginx", "/1");
	assert_marks("nginx /1");
	assert_true(unread_owed(&a));
	mark(&b, "nginx", "/1");
	assert_marks("nginx /1 nginx /1");
	unread_clear(&a);
	assert_marks("nginx /1");
	assert_false(unread_owed(&a));
	unread_clear(&a);
	assert_marks("nginx /1");
	unread_release(&b);
	assert_false(unread_owed(&b));
	assert_marks("nginx /1");
	assert_int_equal(take(&b, "nginx", "/1", 0), 1);
	unread_clear(&b);
	assert_marks("");
}

/* One that somebody else has removed is made again. */
static void
test_removed(void **state)
{
	struct unread a = {0}, b = {0};

	(void)state;
	mark(&a, "nginx", "/1");
	assert_int_equal(take(&b, "nginx", "/1", 0), 1);
	unread_clear(&b);
	mark(&a, "nginx", "/1");
	assert_marks("nginx /1");
	unread_clear(&a);
	assert_marks("");
}

static void
test_lineages(void **state)
{
	struct unread a = {0}, b = {0};

	(void)state;
	mark_lineage("nginx", "a", "/1");
	mark_lineage("nginx", "b", "/1");
	mark_lineage("nginx", "b", "/1");
	assert_marks("nginx /1 nginx /1");
	unread_move_lineage(store_dir, "nginx", "b", "b-0001");
	assert_marks("nginx /1 nginx /1");
	assert_int_equal(unread_take_lineage(&a, store_dir, "nginx", "b"), 0);
	assert_int_equal(unread_take_lineage(&a, store_dir, "nginx", "c"), 0);
	assert_int_equal(unread_take_lineage(&a, store_dir, "apache", "a"), 0);
	assert_int_equal(unread_take_lineage(&a, store_dir, "nginx", "a"), 1);
	unread_clear(&a);
	assert_marks("nginx /1");
	assert_int_equal(take(&b, "nginx", "/1", 0), 0);
	assert_int_equal(take(&b, "nginx", "/1", 1), 1);
	unread_clear(&b);
	assert_marks("");
}

static void
test_servers(void **state)
{
	struct unread a = {0}, b = {0}, c = {0}, d = {0};

	(void)state;
	mark_lineage("apache", "a", "/1");
	mark_lineage("nginx", "a", "/1");
	mark_lineage("nginx", "b", "/2");
	mark(&a, "nginx", "/2");
	unread_release(&a);
	assert_int_equal(take(&b, "nginx", "/1", 1), 1);
	unread_clear(&b);
	assert_int_equal(take(&c, "nginx", "/2", 1), 2);
	unread_clear(&c);
	assert_marks("apache /1");
	assert_int_equal(take(&d, "apache", "/1", 1), 1);
	unread_clear(&d);
}

/* Cut off, or of another version. */
static void
test_unclear(void **state)
{
	char *file = in_dir(".unread-nginx");
	struct unread a = {0};

	(void)state;
	assert_int_equal(safefile_write(file, "said", 4, 0600, 0, &err), 0);
	assert_marks("nginx ?");
	assert_int_equal(take(&a, "apache", "/1", 1), 0);
	assert_int_equal(take(&a, "nginx", "/1", 0), 1);
	unread_clear(&a);
	assert_marks("");
	free(file);
}

static void
test_no_directory(void **state)
{
	char *none = in_dir("none");
	jv which = server("nginx", "/1"), list = unread_list(none);
	struct unread a = {0};

	(void)state;
	assert_int_equal(doc_len(list), 0);
	assert_int_equal(unread_mark(&a, none, which, &err), -1);
	assert_non_null(strstr(err_text(&err), none));
	err_clear(&err);
	assert_false(unread_owed(&a));
	assert_int_equal(unread_mark_lineage(none, which, "a", &err), -1);
	err_clear(&err);
	unread_clear(&a);
	doc_free(list);
	doc_free(which);
	free(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_own),
	    cmocka_unit_test(test_removed),
	    cmocka_unit_test(test_lineages),
	    cmocka_unit_test(test_servers),
	    cmocka_unit_test(test_unclear),
	    cmocka_unit_test(test_no_directory),
	};

	return cmocka_run_group_tests(tests, store_dir_setup,
	    store_dir_teardown);
}
