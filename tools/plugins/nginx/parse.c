#include "parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lua.h"

/* What ended the words that were read. */
enum end { END_STATEMENT, END_BLOCK_START, END_BLOCK, END_FILE, END_ERROR };

struct parser {
	const char *p, *end, *bytes;
	size_t line;
	const char *path;
	struct tree *t;
	struct err *err;
	size_t first_word, n_words; /* of the directive being read */
	size_t first_line;
	size_t depth;
	int parent, last; /* the open block, and its last child so far */
};

static int
syntax_error(const struct parser *ps, size_t line, const char *what)
{
	return err_set(ps->err, ERR_misconfigured, "%s:%zu: %s", ps->path, line,
	    what);
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char
unescaped(char c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'n':
		return '\n';
	default:
		return c;
	}
}

/* The value of the raw bytes from..to: \" \' \\ lose the backslash, \t \r \n
 * become control bytes, every other pair stays. */
static char *
word_value(const char *from, const char *to, size_t *len)
{
	char *out = xmalloc((size_t)(to - from) + 1), *o = out;

	for (; from < to; from++) {
		if (*from == '\\' && from + 1 < to &&
		    strchr("\"'\\trn", from[1]) != NULL && from[1] != '\0')
			*o++ = unescaped(*++from);
		else
			*o++ = *from;
	}
	*o = '\0';
	*len = (size_t)(o - out);
	return out;
}

static void
add_word(struct parser *ps, const char *from, const char *to, int quoted)
{
	struct tree *t = ps->t;
	struct word *w;

	if (t->n_words == t->cap_words) {
		t->cap_words = t->cap_words == 0 ? 64 : 2 * t->cap_words;
		t->words = xrealloc(t->words, t->cap_words * sizeof(*w));
	}
	if (ps->n_words++ == 0)
		ps->first_word = t->n_words;
	w = &t->words[t->n_words++];
	w->start = (size_t)(from - ps->bytes) - (quoted ? 1 : 0);
	w->end = (size_t)(to - ps->bytes) + (quoted ? 1 : 0);
	w->text = word_value(from, to, &w->len);
}

/* The bytes of one word, from just behind an opening quote or at its first
 * byte. Leaves p behind the closing quote or at what ended the word. */
static int
read_word(struct parser *ps)
{
	char quote = *ps->p == '"' || *ps->p == '\'' ? *ps->p : '\0';
	size_t line = ps->line;
	const char *from = quote ? ++ps->p : ps->p;
	int variable = 0;

	for (; ps->p < ps->end; ps->p++) {
		char c = *ps->p;

		if (c == '\n')
			ps->line++;
		if (c == '{' && variable)
			continue;
		variable = 0;
		if (c == '\\') {
			if (++ps->p == ps->end)
				break;
			if (*ps->p == '\n')
				ps->line++;
		} else if (c == '$') {
			variable = 1;
		} else if (quote ? c == quote :
				   is_blank(c) || c == ';' || c == '{') {
			add_word(ps, from, ps->p, quote != '\0');
			if (quote)
				ps->p++;
			else if (c == '\n')
				ps->line--; /* it is read once more */
			return 0;
		}
	}
	return syntax_error(ps, line,
	    quote ?
		"this quoted text is not closed" :
		"the file ends inside a directive, a ';' or '}' is missing");
}

/* Behind a closing quote. */
static int
check_behind_quote(const struct parser *ps)
{
	if (ps->p == ps->end || is_blank(*ps->p) || *ps->p == ';' ||
	    *ps->p == '{' || *ps->p == ')')
		return 0;
	return syntax_error(ps, ps->line,
	    "a blank, ';', '{' or ')' must follow a closing quote");
}

static void
skip_comment(struct parser *ps)
{
	const char *lf = memchr(ps->p, '\n', (size_t)(ps->end - ps->p));

	ps->p = lf == NULL ? ps->end : lf;
}

static enum end
error_at(const struct parser *ps, const char *what)
{
	(void)syntax_error(ps, ps->line, what);
	return END_ERROR;
}

/* The byte at p begins no word: 1, and *end says what it is. */
static int
read_mark(struct parser *ps, enum end *end)
{
	switch (*ps->p) {
	case ';':
		*end = ps->n_words > 0 ? END_STATEMENT :
					 error_at(ps, "unexpected ';'");
		break;
	case '{':
		*end = ps->n_words > 0 ? END_BLOCK_START :
					 error_at(ps, "unexpected '{'");
		break;
	case '}':
		*end = ps->n_words == 0 ?
		    END_BLOCK :
		    error_at(ps, "unexpected '}', a ';' is missing before it");
		break;
	default:
		return 0;
	}
	ps->p++;
	return 1;
}

/* The words up to the next ';', '{' or '}'. */
static enum end
read_words(struct parser *ps)
{
	enum end end;

	ps->n_words = 0;
	while (ps->p < ps->end) {
		int quoted = *ps->p == '"' || *ps->p == '\'';

		if (is_blank(*ps->p)) {
			ps->line += *ps->p++ == '\n';
		} else if (*ps->p == '#') {
			skip_comment(ps);
		} else if (read_mark(ps, &end)) {
			return end;
		} else {
			if (ps->n_words == 0)
				ps->first_line = ps->line;
			if (read_word(ps) != 0 ||
			    (quoted && check_behind_quote(ps) != 0))
				return END_ERROR;
		}
	}
	if (ps->n_words > 0)
		return error_at(ps,
		    "the file ends inside a directive, a ';' or '}' is missing");
	return END_FILE;
}

/* The node of the words just read, as the next child of the open block. */
static int
add_node(struct parser *ps)
{
	struct tree *t = ps->t;
	struct node *n;
	int at = (int)t->n_nodes;

	if (t->n_nodes == t->cap_nodes) {
		t->cap_nodes = t->cap_nodes == 0 ? 32 : 2 * t->cap_nodes;
		t->nodes = xrealloc(t->nodes, t->cap_nodes * sizeof(*n));
	}
	n = &t->nodes[t->n_nodes++];
	*n = (struct node){.first_word = ps->first_word,
	    .n_words = ps->n_words,
	    .line = ps->first_line,
	    .start = t->words[ps->first_word].start,
	    .end = (size_t)(ps->p - ps->bytes),
	    .parent = ps->parent,
	    .child = -1,
	    .next = -1};
	if (ps->last != -1)
		t->nodes[ps->last].next = at;
	else if (ps->parent != -1)
		t->nodes[ps->parent].child = at;
	else
		t->first = at;
	ps->last = at;
	return at;
}

/* "content_by_lua_block", and whatever other language is embedded so. */
static int
is_code(const struct tree *t, int n)
{
	const char *name = tree_text(t, n, 0), *by = strstr(name, "_by_");
	size_t len = strlen(name);

	return by != NULL && len > 6 && strcmp(name + len - 6, "_block") == 0;
}

static int
open_block(struct parser *ps)
{
	int at = add_node(ps);
	struct node *n = &ps->t->nodes[at];
	const char *close;

	n->is_block = 1;
	n->body = n->end;
	if (!is_code(ps->t, at)) {
		if (ps->depth++ == PARSE_DEPTH_MAX)
			return syntax_error(ps, ps->line,
			    "blocks are nested too deep");
		ps->parent = at;
		ps->last = -1;
		return 0;
	}
	n->is_raw = 1;
	close = lua_block_end(ps->p, ps->end);
	if (close == NULL)
		return syntax_error(ps, n->line,
		    "this block of code is not closed by a '}'");
	for (; ps->p < close; ps->p++)
		ps->line += *ps->p == '\n';
	n->body_end = (size_t)(close - ps->bytes);
	n->end = n->body_end + 1;
	ps->p++;
	return 0;
}

static int
close_block(struct parser *ps)
{
	struct node *n;

	if (ps->parent == -1)
		return syntax_error(ps, ps->line,
		    "unexpected '}', no block is open");
	n = &ps->t->nodes[ps->parent];
	n->end = (size_t)(ps->p - ps->bytes);
	n->body_end = n->end - 1;
	ps->last = ps->parent;
	ps->parent = n->parent;
	ps->depth--;
	return 0;
}

static int
read_all(struct parser *ps)
{
	for (;;) {
		int rc = 0;

		switch (read_words(ps)) {
		case END_STATEMENT:
			(void)add_node(ps);
			break;
		case END_BLOCK_START:
			rc = open_block(ps);
			break;
		case END_BLOCK:
			rc = close_block(ps);
			break;
		case END_FILE:
			if (ps->parent == -1)
				return 0;
			return syntax_error(ps, ps->t->nodes[ps->parent].line,
			    "this block is not closed by a '}'");
		case END_ERROR:
			return -1;
		}
		if (rc != 0)
			return -1;
	}
}

struct tree *
tree_parse(const char *bytes, size_t len, const char *path, struct err *err)
{
	struct parser ps = {.p = bytes,
	    .end = bytes + len,
	    .bytes = bytes,
	    .line = 1,
	    .path = path,
	    .err = err,
	    .parent = -1,
	    .last = -1};

	ps.t = xcalloc(1, sizeof(*ps.t));
	ps.t->first = -1;
	if (read_all(&ps) == 0)
		return ps.t;
	tree_free(ps.t);
	return NULL;
}

void
tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n_words; i++)
		free(t->words[i].text);
	free(t->words);
	free(t->nodes);
	free(t);
}

const struct word *
tree_word(const struct tree *t, int n, size_t i)
{
	const struct node *node = &t->nodes[n];

	return i < node->n_words ? &t->words[node->first_word + i] : NULL;
}

const char *
tree_text(const struct tree *t, int n, size_t i)
{
	const struct word *w = tree_word(t, n, i);

	return w == NULL ? "" : w->text;
}

int
tree_is(const struct tree *t, int n, const char *name)
{
	return strcmp(tree_text(t, n, 0), name) == 0;
}

int
tree_child(const struct tree *t, int n)
{
	return n == -1 ? t->first : t->nodes[n].child;
}
