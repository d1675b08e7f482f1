#include <stdlib.h>
#include <string.h>

#include "../../tools/plugins/nginx/lua.c"
#include "../../tools/plugins/nginx/parse.c"
#include "fuzz.h"

static void
check_gap(const char *text, size_t from, size_t to)
{
	while (from < to) {
		if (text[from] == '#')
			while (from < to && text[from] != '\n')
				from++;
		else
			must(text[from] != '\0' &&
			    strchr(" \t\r\n;{}", text[from]) != NULL &&
			    ++from > 0);
	}
}

/* Every byte is in a word, in code, or between them: nothing is lost. */
static void
check(const struct tree *t, const char *text, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < t->n_nodes; i++) {
		const struct node *n = &t->nodes[i];
		const struct word *last = tree_word(t, (int)i, n->n_words - 1);

		must(n->start >= at && n->end <= len && n->n_words > 0);
		check_gap(text, at, n->start);
		for (size_t k = 1; k < n->n_words; k++)
			check_gap(text, tree_word(t, (int)i, k - 1)->end,
			    tree_word(t, (int)i, k)->start);
		check_gap(text, last->end, n->is_block ? n->body : n->end);
		if (n->parent != -1)
			must(t->nodes[n->parent].body <= n->start &&
			    n->end <= t->nodes[n->parent].body_end);
		at = n->is_block && !n->is_raw ? n->body : n->end;
	}
	check_gap(text, at, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	char *text = xmalloc(size + 1);
	struct tree *t;

	memcpy(text, data, size);
	text[size] = '\0';
	t = tree_parse(text, size, "f", &err);
	must((t == NULL) == err_is_set(&err));
	if (t != NULL)
		check(t, text, size);
	tree_free(t);
	err_clear(&err);
	free(text);
	return 0;
}
