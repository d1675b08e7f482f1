#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/plugins/nginx/lua.c"
#include "../../tools/plugins/nginx/parse.c"

static struct tree *
parsed(const char *text, size_t len)
{
	struct err err = {0};
	struct tree *t = tree_parse(text, len, "f", &err);

	if (t == NULL)
		fail_msg("%s", err_text(&err));
	return t;
}

static void
show(const struct tree *t, int n, struct buf *b)
{
	for (; n != -1; n = t->nodes[n].next) {
		for (size_t i = 0; i < t->nodes[n].n_words; i++)
			(void)buf_addf(b, "%s[%s]", i > 0 ? " " : "",
			    tree_text(t, n, i));
		if (t->nodes[n].is_raw) {
			(void)buf_adds(b, "{code}");
		} else if (t->nodes[n].is_block) {
			(void)buf_addc(b, '{');
			show(t, t->nodes[n].child, b);
			(void)buf_addc(b, '}');
		} else {
			(void)buf_addc(b, ';');
		}
	}
}

/* Values, statements and blocks of a text as nginx reads it. */
static void
expect(const char *text, const char *want)
{
	struct tree *t = parsed(text, strlen(text));
	struct buf b;

	buf_init(&b, 1 << 20);
	show(t, t->first, &b);
	assert_string_equal(b.p == NULL ? "" : b.p, want);
	buf_release(&b);
	tree_free(t);
}

static void
expect_error(const char *text, const char *what)
{
	struct err err = {0};

	assert_null(tree_parse(text, strlen(text), "f", &err));
	assert_int_equal(err.name, ERR_misconfigured);
	if (strstr(err_text(&err), what) == NULL)
		fail_msg("%s: %s", text, err_text(&err));
	err_clear(&err);
}

static void
test_words(void **state)
{
	(void)state;
	expect("", "");
	expect(" \t\r\n", "");
	expect("a;", "[a];");
	expect("a b\tc\r\nd ;", "[a] [b] [c] [d];");
	expect("a{b;}c{}", "[a]{[b];}[c]{}");
	expect("server{}server{}", "[server]{}[server]{}");
	expect("a b}c;", "[a] [b}c];");
	expect("a\vb \xc2\xa0 x;", "[a\vb] [\xc2\xa0] [x];");
	expect("a \xff\xfe;", "[a] [\xff\xfe];");
}

static void
test_quotes(void **state)
{
	(void)state;
	expect("a \"b c\" 'd;{}#';", "[a] [b c] [d;{}#];");
	expect("a b\"c\"d;", "[a] [b\"c\"d];");
	expect("a \"\" '';", "[a] [] [];");
	expect("\"server\" { 'listen' 80; }", "[server]{[listen] [80];}");
	expect("if ($a = \"b\") { c; }", "[if] [($a] [=] [b] [)]{[c];}");
	expect("a \"x\ny\";", "[a] [x\ny];");
	expect("a \"it's\" 'say \"x\"';", "[a] [it's] [say \"x\"];");
	expect_error("a \"b\"c;", "f:1: a blank");
	expect_error("a \"b", "f:1: this quoted text is not closed");
}

static void
test_escapes(void **state)
{
	(void)state;
	expect("a \"\\\"b\\\"\" 'it\\'s' \\\\;", "[a] [\"b\"] [it's] [\\];");
	expect("a b\\ c \\{ \\; x\\\"y;", "[a] [b\\ c] [\\{] [\\;] [x\"y];");
	expect("a \\t\\n\\r\\d;", "[a] [\t\n\r\\d];");
	expect("a \"x{2}\" ~^\\d\\{2;", "[a] [x{2}] [~^\\d\\{2];");
	expect("\\ a;", "[\\ a];");
}

static void
test_variables(void **state)
{
	(void)state;
	expect("a ${b} x${c}y \"${d}\";", "[a] [${b}] [x${c}y] [${d}];");
	expect("a $b{c;}", "[a] [$b]{[c];}");
}

static void
test_comments(void **state)
{
	(void)state;
	expect("# { ; }\na; # x", "[a];");
	expect("a#b c;", "[a#b] [c];");
	expect("a # x ; {\n b;", "[a] [b];");
	expect("a #b\n c;", "[a] [c];");
	expect("server # {\n{ # }\n}", "[server]{}");
	expect("a;#", "[a];");
	expect("#", "");
}

static void
test_code(void **state)
{
	(void)state;
	expect("content_by_lua_block { x = '}' -- }\n }a;",
	    "[content_by_lua_block]{code}[a];");
	expect(
	    "set_by_lua_block $x { if a then { b } end [[ } ]] --[=[ } ]=] }",
	    "[set_by_lua_block] [$x]{code}");
	expect("x_by_lua_block{\"\\\"}\"}", "[x_by_lua_block]{code}");
	expect("access_by_lua_block { a[b[1]] = c[=[ ]] } ]=] }",
	    "[access_by_lua_block]{code}");
	expect_error("a;\nx_by_lua_block {", "f:2: this block of code");
	expect_error("x_by_lua_block { [[ }", "f:1: this block of code");
}

static void
test_errors(void **state)
{
	char deep[2 * PARSE_DEPTH_MAX + 8] = "";

	(void)state;
	expect_error("a", "f:1: the file ends inside a directive");
	expect_error("a;\n\nb c", "f:3: the file ends");
	expect_error(";", "f:1: unexpected ';'");
	expect_error("a{};", "f:1: unexpected ';'");
	expect_error("{}", "f:1: unexpected '{'");
	expect_error("\n}", "f:2: unexpected '}', no block is open");
	expect_error("a{b}", "f:1: the file ends inside");
	expect_error("a{\nb \n}", "f:3: unexpected '}', a ';' is missing");
	expect_error("a;\nb {\n c;\n", "f:2: this block is not closed");
	expect_error("a \\", "f:1: the file ends");
	for (size_t i = 0; i < PARSE_DEPTH_MAX + 1; i++)
		strcat(deep, "a{");
	expect_error(deep, "nested too deep");
}

static void
test_lines(void **state)
{
	static const char text[] =
	    "a;\n\"x\ny\" b\n;\nl_by_lua_block {\n\n}\n\nc d#\n {e;\nf;}\n";
	static const size_t lines[] = {1, 2, 5, 9, 10, 11};
	struct tree *t = parsed(text, strlen(text));

	(void)state;
	assert_int_equal(t->n_nodes, ARRAY_LEN(lines));
	for (size_t i = 0; i < t->n_nodes; i++)
		assert_int_equal(t->nodes[i].line, lines[i]);
	tree_free(t);
}

/* Between the words of a node, or of a file, is nothing but blanks, comments
 * and marks: whatever is made of these words and gaps is the same bytes. */
static void
check_gap(const char *text, size_t from, size_t to)
{
	while (from < to) {
		if (text[from] == '#')
			while (from < to && text[from] != '\n')
				from++;
		else
			assert_non_null(strchr(" \t\r\n;{}", text[from++]));
	}
}

static void
check_places(const char *text, size_t len)
{
	struct tree *t = tree_parse(text, len, "f", NULL);
	size_t at = 0;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n_words; i++) {
		const struct word *w = &t->words[i];
		size_t n;
		int quoted = text[w->start] == '"' || text[w->start] == '\'';
		char *value = word_value(text + w->start + quoted,
		    text + w->end - quoted, &n);

		assert_true(at <= w->start && w->start < w->end);
		assert_int_equal(n, w->len);
		assert_memory_equal(value, w->text, n);
		free(value);
		at = w->end;
	}
	at = 0;
	for (size_t i = 0; i < t->n_nodes; i++) {
		const struct node *n = &t->nodes[i];
		const struct word *last = tree_word(t, (int)i, n->n_words - 1);

		assert_true(n->start >= at && n->end <= len);
		check_gap(text, at, n->start);
		assert_true(text[n->end - 1] == (n->is_block ? '}' : ';'));
		check_gap(text, last->end, n->is_block ? n->body : n->end);
		at = n->is_block && !n->is_raw ? n->body : n->end;
	}
	check_gap(text, at, len);
	tree_free(t);
}

/* Random texts of the pieces that make a configuration. */
static void
test_places(void **state)
{
	static const char *const pieces[] = {"a", "server", " ", "\n", "\r\n",
	    "\t", ";", "{", "}", "\"", "'", "\\", "$", "${x}", "#", "# c\n",
	    "x_by_lua_block {", "--", "[[", "]]", "(", ")", "\xff", "a b;",
	    "listen 80;", "server {", "};", "}\n"};
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[256] = "";
		int n = 1 + round % 24;

		while (n-- > 0) {
			seed = seed * 1103515245 + 12345;
			strcat(text, pieces[(seed >> 16) % ARRAY_LEN(pieces)]);
		}
		check_places(text, strlen(text));
	}
	check_places("a \0b;", 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_quotes),
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_variables),
	    cmocka_unit_test(test_comments),
	    cmocka_unit_test(test_code),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests_name("nginx_parse", tests, NULL, NULL);
}
