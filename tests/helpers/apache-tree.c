/* apache-tree FILE...
 *
 * What the plugin apache reads in each file: "@FILE", then a line for each
 * directive and section: depth, "<" for a section, its name and its words, split
 * by tabs, with \xHH for bytes that are no printable ASCII; "!" and a text where
 * it cannot be read. Lines that are put into each section and taken out again
 * have to leave every byte as it was: else the exit status is 1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/plugins/apache/change.c"
#include "../../tools/plugins/apache/lex.c"
#include "../../tools/plugins/apache/tree.c"

#define MARK "OfTheTest"

static void
put_word(const char *s)
{
	putchar('\t');
	for (; *s != '\0'; s++)
		if (*s > ' ' && *s <= '~' && *s != '\\')
			putchar(*s);
		else
			printf("\\x%02x", (unsigned char)*s);
}

static void
show(const struct node *parent, int depth)
{
	for (size_t i = 0; i < parent->n; i++) {
		const struct node *n = parent->child[i];
		char *word;

		printf("%d\t%s%s", depth, n->section ? "<" : "", n->name);
		for (size_t k = 0; (word = node_arg(n->args, k)) != NULL; k++) {
			put_word(word);
			free(word);
		}
		putchar('\n');
		show(n, depth + 1);
	}
}

/* A line of ours at both ends of every section; or they go. */
static void
mark(struct node *parent, int put)
{
	for (size_t i = 0; i < parent->n; i++) {
		struct node *n = parent->child[i];

		if (!put && node_is(n, MARK))
			node_remove(n);
		else
			mark(n, put);
	}
	if (put && (parent->section || parent->name == NULL)) {
		node_prepend(parent, MARK " 1");
		node_append(parent, MARK " 2");
	}
}

/* Is every byte there again? A line end at the end of the file may be new. */
static int
comes_back(struct file *f)
{
	size_t len, now;
	const char *p = edit_bytes(f->edit, &len);
	char *before = xstrndup(p, len);
	int same;

	mark(f->root, 1);
	same = file_parse(f, NULL) == 0;
	if (same)
		mark(f->root, 0);
	same = same && file_parse(f, NULL) == 0;
	p = edit_bytes(f->edit, &now);
	same = same && now >= len && memcmp(p, before, len) == 0 &&
	    now - len <= 3 && strspn(p + len, " \r\n") >= now - len;
	free(before);
	return same;
}

int
main(int argc, char *argv[])
{
	int status = 0;

	for (int i = 1; i < argc; i++) {
		struct err err = {0};
		struct file *f = file_open(argv[i], &err);

		printf("@%s\n", argv[i]);
		if (f == NULL) {
			printf("!%s\n", err_text(&err));
		} else {
			show(f->root, 0);
			if (!comes_back(f)) {
				fprintf(stderr, "%s: not as before\n", argv[i]);
				status = 1;
			}
		}
		err_clear(&err);
		file_free(f);
	}
	return status;
}
