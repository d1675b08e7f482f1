/* parse.h - nginx's own grammar (spec installers B5): one file's bytes as
 * directives and blocks that say where they stand. The bytes stay where they
 * are (base/edit.h); every word and directive knows its place in them. */
#ifndef NGINX_PARSE_H
#define NGINX_PARSE_H

#include "base/base.h"
#include "base/err.h"

enum { PARSE_DEPTH_MAX = 64 }; /* nesting of blocks in one file */

struct word {
	size_t start, end; /* the raw spelling, with its quotes */
	char *text;	   /* the value: without quotes and escapes; may hold
			    * any byte, has a 0 behind it that is not counted */
	size_t len;
};

struct node {
	size_t start, end;     /* from its first word to behind ';' or '}' */
	size_t body, body_end; /* of a block: behind '{', and of its '}' */
	size_t first_word, n_words; /* in the tree's words */
	size_t line;		    /* of its first word, from 1 */
	int is_block;
	int is_raw; /* a block of code (Lua), which has no children */
	int parent, child, next; /* in the tree's nodes; -1: none */
};

struct tree {
	struct node *nodes; /* in the order of the file */
	size_t n_nodes, cap_nodes;
	struct word *words;
	size_t n_words, cap_words;
	int first; /* of the nodes at the top, -1 when there is none */
};

/* path is for the errors alone: misconfigured, with path, line and what is
 * wrong there. NULL on failure. */
struct tree *tree_parse(const char *bytes, size_t len, const char *path,
    struct err *err);
void tree_free(struct tree *t); /* NULL is fine */

/* Word i of node n; NULL beyond the last. */
const struct word *tree_word(const struct tree *t, int n, size_t i);
/* Its value; "" beyond the last. */
const char *tree_text(const struct tree *t, int n, size_t i);
/* Is the directive's name this one? */
int tree_is(const struct tree *t, int n, const char *name);
/* The first child of a block, of -1 the first at the top. */
int tree_child(const struct tree *t, int n);

#endif
