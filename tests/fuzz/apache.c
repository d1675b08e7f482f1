#include <stdlib.h>
#include <string.h>

#include "../../tools/plugins/apache/change.c"
#include "../../tools/plugins/apache/lex.c"
#include "../../tools/plugins/apache/tree.c"
#include "fuzz.h"

#define MARK "OfTheFuzzer"

/* Between the lines of nodes there are blanks and comments only, which a
 * backslash carries on; of code that is not ours to read nothing is known. */
static void
check_gap(const char *text, size_t len, size_t from, size_t to)
{
	struct lex_line line;
	unsigned number = 1;

	must(from <= to && to <= len);
	while (from < to) {
		must(lex_next(text, to, &from, &number, &line));
		must(line.text[0] == '\0' || line.text[0] == '#');
		free(line.text);
	}
}

static int
is_code(const struct node *n)
{
	return n->section && n->n == 0;
}

static void
check(const struct node *parent, const char *text, size_t len, size_t at,
    size_t end)
{
	for (size_t i = 0; i < parent->n; i++) {
		const struct node *n = parent->child[i];
		char *word;

		must(n->parent == parent && n->start < n->end);
		check_gap(text, len, at, n->start);
		for (size_t k = 0; (word = node_arg(n->args, k)) != NULL; k++) {
			char *quoted = lex_quote(word);
			char *back = node_arg(quoted, 0);

			must(back != NULL && strcmp(back, word) == 0);
			free(back);
			free(quoted);
			free(word);
		}
		at = n->end;
		if (n->section) {
			must(n->end <= n->close_start &&
			    n->close_start < n->close_end);
			if (!is_code(n))
				check(n, text, len, n->end, n->close_start);
			at = n->close_end;
		}
	}
	check_gap(text, len, at, end);
}

/* A line of ours at both ends of every section; or they go. */
static void
mark(struct node *parent, int put)
{
	for (size_t i = 0; i < parent->n; i++) {
		struct node *n = parent->child[i];

		if (!put && node_is(n, MARK))
			node_remove(n);
		else if (n->section && !is_code(n))
			mark(n, put);
	}
	if (put) {
		node_prepend(parent, MARK " 1");
		node_append(parent, MARK " 2");
	}
}

static void
comes_back(struct file *f, const char *text, size_t len)
{
	struct err err = {0};
	size_t now;
	const char *p;

	mark(f->root, 1);
	if (file_parse(f, &err) == 0) {
		mark(f->root, 0);
		must(file_parse(f, &err) == 0);
		p = edit_bytes(f->edit, &now);
		must(now >= len && now - len <= 3 &&
		    (len == 0 || memcmp(p, text, len) == 0));
	}
	err_clear(&err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct file *f = file_new("/f", NULL);
	char *text = xmalloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	edit_insert(f->edit, 0, text, size);
	if (file_parse(f, &err) == 0) {
		check(f->root, text, size, 0, size);
		if (strcasestr(text, MARK) == NULL)
			comes_back(f, text, size);
	} else {
		must(err_is_set(&err));
	}
	err_clear(&err);
	file_free(f);
	free(text);
	return 0;
}
