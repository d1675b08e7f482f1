/* The reader of Apache's configuration: lines, trees, and that what is not
 * changed comes back byte for byte. The plugin's own sources are in this
 * program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scratch.h"

#include "../../tools/plugins/apache/change.c"
#include "../../tools/plugins/apache/cond.c"
#include "../../tools/plugins/apache/conf.c"
#include "../../tools/plugins/apache/lex.c"
#include "../../tools/plugins/apache/system.c"
#include "../../tools/plugins/apache/tree.c"
#include "../../tools/plugins/apache/include.c"
#include "../../tools/plugins/apache/vhost.c"
#include "../../tools/plugins/apache/walk.c"

static struct file *
file_of(const char *text)
{
	struct err err = {0};
	struct file *f = file_new("/x.conf", NULL);

	edit_insert(f->edit, 0, text, strlen(text));
	if (file_parse(f, &err) == -1)
		fail_msg("%s", err_text(&err));
	return f;
}

static void
text_is(const struct file *f, const char *want)
{
	size_t len;

	assert_string_equal(edit_bytes(f->edit, &len), want);
	assert_int_equal(len, strlen(want));
}

static void
fails(const char *text, size_t len, const char *why)
{
	struct err err = {0};
	struct file *f = file_new("/x.conf", NULL);

	edit_insert(f->edit, 0, text, len);
	assert_int_equal(file_parse(f, &err), -1);
	assert_string_equal(err_text(&err), why);
	err_clear(&err);
	file_free(f);
}

/* --- lines and words --------------------------------------------------------- */

static void
word_is(const char *text, const char *want, const char *rest)
{
	char *word = lex_word(&text);

	assert_string_equal(word, want);
	assert_string_equal(text, rest);
	free(word);
}

static void
test_words(void **state)
{
	(void)state;
	word_is("  a\tb", "a", "b");
	word_is("\"a b\" c", "a b", "c");
	word_is("'a \"b' c", "a \"b", "c");
	word_is("\"a \\\" \\\\ \\n\"", "a \" \\ \\n", "");
	word_is("\"never closed", "never closed", "");
	word_is("a\"b c", "a\"b", "c");
	word_is("a\\ b", "a\\", "b");
	word_is("a\\\\b", "a\\b", "");
	word_is("\"a\"b", "a", "b");
	word_is("", "", "");
}

static void
quote_is(const char *text, const char *want)
{
	char *quoted = lex_quote(text);
	const char *back = quoted;
	char *word;

	assert_string_equal(quoted, want);
	word = lex_word(&back);
	assert_string_equal(word, text);
	free(word);
	free(quoted);
}

static void
test_quote(void **state)
{
	(void)state;
	quote_is("/plain/path.pem", "/plain/path.pem");
	quote_is("/with blank", "\"/with blank\"");
	quote_is("a\"b\\c", "\"a\\\"b\\\\c\"");
	quote_is("", "\"\"");
}

static void
test_lines(void **state)
{
	static const char text[] =
	    "  one \\\r\n two\r\n# c \\\n more\nx\\\\\ny\nz\\";
	size_t at = 0;
	unsigned number = 1;
	struct lex_line line;
	static const char *const want[] = {"one  two", "# c  more", "x\\y",
	    "z\\"};
	static const unsigned numbers[] = {1, 3, 5, 7};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(
		    lex_next(text, sizeof(text) - 1, &at, &number, &line));
		assert_string_equal(line.text, want[i]);
		assert_int_equal(line.number, numbers[i]);
		free(line.text);
	}
	assert_false(lex_next(text, sizeof(text) - 1, &at, &number, &line));
}

/* --- trees --------------------------------------------------------------------- */

static void
test_tree(void **state)
{
	struct file *f = file_of(
	    "Listen 80\n<VirtualHost *:80> junk\n"
	    "  ServerName a\n<If \"%{X} =~ m#a>b#\">\n"
	    "</if>\n</VIRTUALHOST>\n<virtualhost>\n"
	    "</VirtualHost>\n<Perl>\n</If>\n<<<\n</Perl>\n");
	struct node *v = tree_vhost(f, 0);

	(void)state;
	assert_int_equal(f->root->n, 4);
	assert_string_equal(v->args, "*:80");
	assert_int_equal(v->line, 2);
	assert_int_equal(v->n, 2);
	assert_string_equal(v->child[1]->args, "\"%{X} =~ m#a>b#\"");
	assert_ptr_equal(tree_vhost(f, 1), f->root->child[2]);
	assert_null(tree_vhost(f, 2));
	assert_int_equal(f->root->child[3]->n, 0);
	file_free(f);
}

static void
test_tree_errors(void **state)
{
	(void)state;
	fails("<VirtualHost *:80>\n", 19,
	    "/x.conf:1: <VirtualHost> is never closed");
	fails("A b\n</X>\n", 9, "/x.conf:2: nothing is open for </X>");
	fails("<A>\n<B>\n</A>\n", 13,
	    "/x.conf:3: </A> does not close <B> of line 2");
	fails("<A \\\nb\n", 7, "/x.conf:1: no \">\" ends <A");
	fails("a\nb\0c\n", 6,
	    "/x.conf:2: a NUL byte; this is no configuration file");
}

/* --- changes ---------------------------------------------------------------------- */

static void
test_changes(void **state)
{
	struct file *f = file_of("<VirtualHost *:80>\r\n\tServerName a\r\n"
				 "</VirtualHost>\r\n# end");
	struct node *v = tree_vhost(f, 0);

	(void)state;
	node_prepend(v, "Include pre");
	node_append(v, "Include post");
	node_set_args(v, "*:443");
	node_set_args(v->child[0], "b");
	assert_int_equal(file_parse(f, NULL), 0);
	text_is(f,
	    "<VirtualHost *:443>\r\n\tInclude pre\r\n\tServerName b\r\n"
	    "\tInclude post\r\n</VirtualHost>\r\n# end");
	v = tree_vhost(f, 0);
	node_remove(v->child[0]);
	node_insert_before(v->child[1], "X 1");
	node_append(f->root, "Y 2");
	assert_int_equal(file_parse(f, NULL), 0);
	text_is(f,
	    "<VirtualHost *:443>\r\n\tX 1\r\n\tServerName b\r\n"
	    "\tInclude post\r\n</VirtualHost>\r\n# end\r\nY 2");
	file_free(f);
	f = file_of("A 1\n");
	node_append(f->root, "B 2");
	assert_int_equal(file_parse(f, NULL), 0);
	text_is(f, "A 1\nB 2\n");
	file_free(f);
	/* A backslash at the very end joins nothing. */
	f = file_of("A 1\n# path\\");
	node_append(f->root, "B 2");
	assert_int_equal(file_parse(f, NULL), 0);
	text_is(f, "A 1\n# path\\ \nB 2");
	assert_int_equal(f->root->n, 2);
	file_free(f);
}

static unsigned seed = 7;

static unsigned
roll(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

/* Texts of random pieces: whatever parses keeps every byte but the lines that
 * are put in, wherever that is. */
static void
test_round_trip(void **state)
{
	static const char *const pieces[] = {"<VirtualHost *:80>\n",
	    "</VirtualHost>\n", "ServerName a \\\n b\n", "\r\n", "# <x> \\\n",
	    "  <IfModule !x.c>  \n", "\t</ifmodule>\n", "Foo \"bar \\\" baz\n",
	    "Caf\xe9 \xff\n", "   \n", "X", "<Location ~ \"/a>\n",
	    "</Location>", "\n", "\f\v\n", "\\\n", "A 'b\n"};
	struct buf b;
	size_t parsed = 0;

	(void)state;
	buf_init(&b, 1 << 16);
	for (int round = 0; round < 20000; round++) {
		struct file *f = file_new("/x.conf", NULL);
		struct err err = {0};
		struct node *v;

		buf_reset(&b);
		for (unsigned n = roll(12); n > 0; n--)
			(void)buf_adds(&b, pieces[roll(ARRAY_LEN(pieces))]);
		(void)buf_adds(&b, "");
		edit_insert(f->edit, 0, b.p, b.len);
		if (file_parse(f, &err) == 0) {
			size_t len, gone = 0;
			const char *p;

			parsed++;
			for (size_t i = 0; (v = tree_vhost(f, i)) != NULL;
			     i++) {
				node_append(v, "@@@1");
				node_prepend(v, "@@@2");
				gone += 2;
			}
			assert_int_equal(file_parse(f, &err), 0);
			/* Taken out again, line by line. */
			p = edit_bytes(f->edit, &len);
			for (; gone > 0; gone--) {
				const char *at = strstr(p, "@@@");
				const char *from = at;
				assert_non_null(at);
				while (from > p && from[-1] != '\n')
					from--;
				edit_replace(f->edit, (size_t)(from - p),
				    (size_t)(strchr(at, '\n') + 1 - from), NULL,
				    0);
				edit_settle(f->edit);
				p = edit_bytes(f->edit, &len);
			}
			assert_int_equal(len, b.len);
			assert_memory_equal(p, b.p == NULL ? "" : b.p, len);
		}
		err_clear(&err);
		file_free(f);
	}
	assert_true(parsed > 1000);
	buf_release(&b);
}

/* --- the whole configuration ---------------------------------------------------- */

static void
conf_begin(struct conf *c)
{
	*c = (struct conf){.server_root = xstrdup(scratch),
	    .https_port = "443",
	    .version = {2, 4, 57}};
	c->root_file = xasprintf("%s/apache2.conf", scratch);
	c->initial = doc_object();
	c->statics = doc_object();
	c->environment = doc_set_str(doc_object(), "ENV", "from-env");
}

static void
test_walk(void **state)
{
	struct conf c;
	struct err err = {0};

	(void)state;
	scratch_put("apache2.conf",
	    "Define X one\nInclude \"sub/*.conf\"\nIncludeOptional none/*\n"
	    "<Macro M $n>\n<VirtualHost *:80>\nServerName $n.${X}\n"
	    "</VirtualHost>\n</Macro>\nUse M m\nUnDefine X\n"
	    "<VirtualHost ${ENV}:80>\nServerName ${X}\n</VirtualHost>\n");
	assert_int_equal(mkdir("sub", 0755), 0);
	scratch_put("sub/b.conf",
	    "<VirtualHost [::1]:443>\n"
	    "ServerName ${X}.b\nServerAlias c d\n"
	    "</VirtualHost>\nDefine X two\n");
	scratch_put("sub/a-b.conf",
	    "<VirtualHost *>\nServerName ${X}.a\n"
	    "</VirtualHost>\n");
	conf_begin(&c);
	if (conf_read(&c, &err) == -1)
		fail_msg("%s", err_text(&err));
	assert_int_equal(c.n_vhosts, 4);
	assert_string_equal(c.vhosts[0]->name, "one.a");
	assert_string_equal(c.vhosts[1]->name, "one.b");
	assert_string_equal(c.vhosts[1]->addrs[0].host, "[::1]");
	assert_int_equal(c.vhosts[1]->ssl, 1);
	assert_int_equal(c.vhosts[1]->n_aliases, 2);
	assert_string_equal(c.vhosts[2]->name, "m.two");
	assert_int_equal(c.vhosts[2]->macro, 1);
	assert_string_equal(c.vhosts[3]->addrs[0].host, "from-env");
	assert_string_equal(c.vhosts[3]->name, "${X}");
	assert_true(doc_has(c.unknown, "X"));
	conf_free(&c);
}

static void
walk_fails(const char *text, const char *why)
{
	struct conf c;
	struct err err = {0};

	scratch_put("apache2.conf", text);
	conf_begin(&c);
	assert_int_equal(conf_read(&c, &err), -1);
	if (strstr(err_text(&err), why) == NULL)
		fail_msg("%s", err_text(&err));
	err_clear(&err);
	conf_free(&c);
}

static void
test_walk_errors(void **state)
{
	char *big = xmalloc(TREE_FILE_MAX + 2);

	(void)state;
	walk_fails("A\nInclude loop.conf\n", "apache2.conf:2: cannot read");
	scratch_put("loop.conf", "\nInclude apache2.conf\n");
	walk_fails("A\nInclude loop.conf\n",
	    "loop.conf:2: the file includes itself");
	scratch_put("loop.conf", "<A>\n");
	walk_fails("A\nInclude loop.conf\n",
	    "loop.conf:1: <A> is never closed");
	memset(big, '\n', TREE_FILE_MAX + 1);
	big[TREE_FILE_MAX + 1] = '\0';
	scratch_put("big.conf", big);
	walk_fails("Include big.conf\n", "big.conf");
	walk_fails("<Macro M>\nUse M\n</Macro>\nUse M\n", "in a circle");
	free(big);
}

/* --- systems ----------------------------------------------------------------------- */

static void
system_is(const char *id, const char *files, int debian)
{
	jv ids = doc_push_str(doc_array(), id);
	const struct system *s = system_find(ids);

	assert_string_equal(s->files, files);
	assert_int_equal(s->debian, debian);
	doc_free(ids);
}

static void
test_systems(void **state)
{
	static const char *const unknown_like[] = {"nobody", "ubuntu",
	    "debian"};
	static const char *const rocky[] = {"rocky", "rhel", "centos",
	    "fedora"};
	jv ids = doc_list(unknown_like, 3), vars = doc_object();
	jv like = doc_list(rocky, 4);

	(void)state;
	system_is("debian", "/etc/apache2/sites-available", 1);
	system_is("ubuntu", "/etc/apache2/sites-available", 1);
	system_is("fedora", "/etc/httpd/conf.d", 0);
	system_is("rhel", "/etc/httpd/conf.d", 0);
	system_is("gentoo", "/etc/apache2/vhosts.d", 0);
	system_is("opensuse-leap", "/etc/apache2/vhosts.d", 0);
	system_is("arch", "/etc/httpd/conf", 0);
	system_is("darwin", "/etc/apache2/other", 0);
	system_is("void", "/etc/apache/extra", 0);
	system_is("alpine", "/etc/apache2/conf.d", 0);
	system_is("nobody", "/etc/apache2/sites-available", 0);
	assert_true(system_find(ids)->debian);
	assert_true(system_find(like)->first_start);
	doc_free(like);
	system_defines_text("\"-D ONE -DTWO -X -DTHREE=3 -D FOUR=a b\"", &vars);
	assert_int_equal(doc_len(vars), 4);
	assert_string_equal(doc_str(vars, "ONE"), "");
	assert_string_equal(doc_str(vars, "THREE"), "3");
	assert_string_equal(doc_str(vars, "FOUR"), "a");
	doc_free(ids);
	doc_free(vars);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_quote),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_tree),
	    cmocka_unit_test(test_tree_errors),
	    cmocka_unit_test(test_changes),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_walk_errors),
	    cmocka_unit_test(test_systems),
	};

	return cmocka_run_group_tests_name("apache", tests, scratch_make,
	    scratch_remove);
}
