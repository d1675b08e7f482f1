/* directive.c - one directive of a configuration changed (text.h). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "line.h"

int
is_managed(struct place p)
{
	size_t len;
	const char *bytes = line_bytes(p, &len);

	return line_has_marker(bytes, len, place_node(p)->end);
}

void
directive_removal(struct place p, size_t *from, size_t *to)
{
	size_t len, end;
	const char *bytes = line_bytes(p, &len);
	const struct node *n = place_node(p);

	*from = n->start;
	*to = n->end;
	if (line_has_marker(bytes, len, *to))
		*to += strlen(MANAGED);
	end = line_skip_spaces(bytes, len, *to);
	if (!line_begins_at(bytes, n->start)) {
		while (*from > 0 && line_is_space(bytes[*from - 1]))
			(*from)--;
	} else if (end == len || line_skip_eol(bytes, len, end) > end) {
		*from = line_start(bytes, n->start);
		*to = line_skip_eol(bytes, len, end);
	} else {
		*to = end;
	}
}

void
directive_remove(struct place p)
{
	size_t from, to;

	directive_removal(p, &from, &to);
	edit_replace(p.file->edit, from, to - from, NULL, 0);
}

/* The marker behind p, unless it is there; what follows on the line goes to
 * one of its own. */
static void
mark(struct place p)
{
	size_t len, at = place_node(p)->end, next;
	const char *bytes = line_bytes(p, &len);
	char *indent, *text;

	if (line_has_marker(bytes, len, at))
		return;
	next = line_skip_spaces(bytes, len, at);
	if (next == len || bytes[next] == '#' ||
	    line_skip_eol(bytes, len, next) > next) {
		edit_insert(p.file->edit, at, MANAGED, strlen(MANAGED));
		return;
	}
	indent = line_indent(bytes, place_node(p)->start);
	text = xasprintf("%s%s%s", MANAGED, line_eol(bytes, len), indent);
	edit_replace(p.file->edit, at, next - at, text, strlen(text));
	free(text);
	free(indent);
}

static const struct word *
last_word(struct place p)
{
	return tree_word(p.file->tree, p.node, place_words(p) - 1);
}

void
directive_arguments(struct place p, size_t *from, size_t *to)
{
	const struct word *first = tree_word(p.file->tree, p.node, 1);

	*from = first != NULL ? first->start : last_word(p)->end;
	*to = last_word(p)->end;
}

void
directive_set(struct place p, const char *arguments)
{
	size_t from, to;

	directive_arguments(p, &from, &to);
	edit_replace(p.file->edit, from, to - from, arguments,
	    strlen(arguments));
	mark(p);
}

void
directive_extend(struct place p, const char *words)
{
	char *text = xasprintf(" %s", words);

	edit_insert(p.file->edit, last_word(p)->end, text, strlen(text));
	mark(p);
	free(text);
}

/* Where the bytes begin that go with a word: the blanks before it are part of
 * them, but for those that end a comment. */
static size_t
word_removal(struct place p, size_t i)
{
	size_t len, before = tree_word(p.file->tree, p.node, i - 1)->end;
	const char *bytes = line_bytes(p, &len);
	size_t start = tree_word(p.file->tree, p.node, i)->start, from = start;

	while (from > before &&
	    (line_is_space(bytes[from - 1]) || bytes[from - 1] == '\r' ||
		bytes[from - 1] == '\n'))
		from--;
	return from == before ? from : start;
}

void
directive_drop(struct place p, const char *word)
{
	size_t left = 0;

	for (size_t i = 1; i < place_words(p); i++)
		left += strcasecmp(place_text(p, i), word) != 0;
	if (left == 0) {
		directive_remove(p);
		return;
	}
	for (size_t i = 1; i < place_words(p); i++) {
		size_t from = word_removal(p, i);

		if (strcasecmp(place_text(p, i), word) == 0)
			edit_replace(p.file->edit, from,
			    tree_word(p.file->tree, p.node, i)->end - from,
			    NULL, 0);
	}
	mark(p);
}

char *
directive_words(struct place p)
{
	size_t len;
	const char *bytes = line_bytes(p, &len);
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	for (size_t i = 0; i < place_words(p); i++) {
		const struct word *w = tree_word(p.file->tree, p.node, i);

		if (i > 0)
			(void)buf_addc(&b, ' ');
		(void)buf_add(&b, bytes + w->start, w->end - w->start);
	}
	return buf_detach(&b);
}

/* The bytes of an included file, its directives indented like the include. */
static void
add_indented(struct buf *b, const struct conf_file *f, const char *indent)
{
	size_t len, done = 0;
	const char *bytes = edit_bytes(f->edit, &len);
	const struct tree *t = f->tree;

	for (int c = t->first; c != -1; c = t->nodes[c].next) {
		size_t at = t->nodes[c].start;

		if (at == 0 || bytes[at - 1] != '\n')
			continue;
		(void)buf_add(b, bytes + done, at - done);
		(void)buf_adds(b, indent);
		done = at;
	}
	(void)buf_add(b, bytes + done, len - done);
	if (len > 0 && bytes[len - 1] != '\n')
		(void)buf_addc(b, '\n');
}

void
include_inline(struct place p)
{
	const struct included *inc = conf_included(p);
	const struct node *n = place_node(p);
	size_t len, next;
	const char *bytes = line_bytes(p, &len);
	char *indent = line_indent(bytes, n->start);
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	for (size_t i = 0; i < inc->n; i++) {
		if (b.len > 0)
			(void)buf_adds(&b, indent);
		add_indented(&b, inc->list[i], indent);
	}
	/* What follows on the line must be no part of a comment at its end. */
	next = line_skip_spaces(bytes, len, n->end);
	if (b.len > 0 && line_skip_eol(bytes, len, next) > next)
		b.len--;
	edit_replace(p.file->edit, n->start, n->end - n->start, b.p, b.len);
	buf_release(&b);
	free(indent);
}
