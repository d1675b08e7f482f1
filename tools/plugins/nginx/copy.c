/* copy.c - a copy of a block, to be changed before it is put somewhere (text.h). */
#include <string.h>

#include "line.h"

void
copy_begin(struct copy *c, struct place block)
{
	size_t len;
	const char *bytes = line_bytes(block, &len);
	const struct node *n = place_node(block);

	c->block = block;
	c->edit = edit_new("copy", 0644);
	edit_insert(c->edit, 0, bytes + n->start, n->end - n->start);
	edit_settle(c->edit);
}

void
copy_remove(struct copy *c, struct place p)
{
	size_t from, to, base = place_node(c->block)->start;

	directive_removal(p, &from, &to);
	edit_replace(c->edit, from - base, to - from, NULL, 0);
}

void
copy_set(struct copy *c, struct place p, const char *arguments)
{
	size_t from, to, base = place_node(c->block)->start;

	directive_arguments(p, &from, &to);
	edit_replace(c->edit, from - base, to - from, arguments,
	    strlen(arguments));
}

void
copy_add(struct copy *c, const char *lines, int at_end)
{
	const struct node *n = place_node(c->block);
	size_t len, at;
	const char *bytes = line_bytes(c->block, &len);
	struct style s;
	struct buf b;

	style_of(c->block, &s);
	buf_init(&b, SIZE_MAX - 1);
	at = at_end ? n->body_end : n->body;
	if (at_end && line_begins_at(bytes, at)) {
		at = line_start(bytes, at);
		if (!line_blank_before(bytes, n->body, at))
			(void)buf_adds(&b, s.eol);
		style_lines(&b, &s, lines);
	} else {
		(void)buf_adds(&b, s.eol);
		style_lines(&b, &s, lines);
		if (at_end)
			(void)buf_adds(&b, s.outer);
		else if (b.len >= strlen(s.eol) &&
		    (bytes[at] == '\n' || bytes[at] == '\r'))
			b.len -= strlen(s.eol); /* the one that is there */
		else
			(void)buf_adds(&b, s.inner);
	}
	edit_insert(c->edit, at - n->start, b.p, b.len);
	buf_release(&b);
	style_end(&s);
}

const char *
copy_text(struct copy *c, size_t *len)
{
	edit_settle(c->edit);
	return edit_bytes(c->edit, len);
}

void
copy_end(struct copy *c)
{
	edit_free(c->edit);
	c->edit = NULL;
}
