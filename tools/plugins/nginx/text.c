#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "line.h"

void
block_append(struct place block, const char *lines, int blank)
{
	size_t len, at;
	const char *bytes = line_bytes(block, &len);
	const struct node *n = place_node(block);
	struct style s;
	struct buf b;

	style_of(block, &s);
	buf_init(&b, SIZE_MAX - 1);
	if (line_begins_at(bytes, n->body_end)) {
		at = line_start(bytes, n->body_end);
		if (blank && !line_blank_before(bytes, n->body, at))
			(void)buf_adds(&b, s.eol);
		style_lines(&b, &s, lines);
	} else {
		for (at = n->body_end; line_is_space(bytes[at - 1]);)
			at--;
		(void)buf_adds(&b, s.eol);
		style_lines(&b, &s, lines);
		(void)buf_adds(&b, s.outer);
	}
	edit_replace(block.file->edit, at,
	    line_begins_at(bytes, n->body_end) ? 0 : n->body_end - at, b.p,
	    b.len);
	buf_release(&b);
	style_end(&s);
}

void
block_prepend(struct place block, const char *lines)
{
	size_t len, at;
	const char *bytes = line_bytes(block, &len);
	const struct node *n = place_node(block);
	struct style s;
	struct buf b;

	style_of(block, &s);
	buf_init(&b, SIZE_MAX - 1);
	at = line_skip_spaces(bytes, len, n->body);
	if (bytes[at] == '#')
		while (at < len && bytes[at] != '\n')
			at++;
	if (line_skip_eol(bytes, len, at) > at) {
		at = line_skip_eol(bytes, len, at);
		style_lines(&b, &s, lines);
	} else {
		at = n->body;
		(void)buf_adds(&b, s.eol);
		style_lines(&b, &s, lines);
		(void)buf_adds(&b, s.inner);
	}
	edit_insert(block.file->edit, at, b.p, b.len);
	buf_release(&b);
	style_end(&s);
}

void
block_replace(struct place block, const char *lines)
{
	const struct node *n = place_node(block);
	struct style s;
	struct buf b;

	style_of(block, &s);
	buf_init(&b, SIZE_MAX - 1);
	(void)buf_adds(&b, s.eol);
	style_lines(&b, &s, lines);
	(void)buf_adds(&b, s.outer);
	edit_replace(block.file->edit, n->body, n->body_end - n->body, b.p,
	    b.len);
	buf_release(&b);
	style_end(&s);
}

/* Behind the directive, our marker or a comment of the same line. */
static size_t
behind_comment(const char *bytes, size_t len, size_t at)
{
	size_t to = line_skip_spaces(bytes, len, at);

	if (to == len || bytes[to] != '#')
		return at;
	while (to < len && bytes[to] != '\n' && bytes[to] != '\r')
		to++;
	return to;
}

void
block_follow(struct place block, const char *text, size_t len)
{
	size_t n, at;
	const char *bytes = line_bytes(block, &n);
	const char *eol = line_eol(bytes, n);
	char *outer = line_indent(bytes, place_node(block)->start);
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	at = behind_comment(bytes, n, place_node(block)->end);
	(void)buf_adds(&b, eol);
	(void)buf_adds(&b, eol);
	(void)buf_adds(&b, outer);
	(void)buf_add(&b, text, len);
	/* Another statement on the same line must not be in our comment. */
	if (line_skip_spaces(bytes, n, at) < n && bytes[at] != '\n' &&
	    bytes[at] != '\r')
		(void)buf_adds(&b, eol);
	edit_insert(block.file->edit, at, b.p, b.len);
	buf_release(&b);
	free(outer);
}

char *
text_word(const char *value, struct err *err)
{
	struct buf b;

	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '$' || (unsigned char)*p < ' ') {
			(void)err_set(err, ERR_misconfigured,
			    "nginx cannot be told of the path '%s': it holds a '$' or a control character",
			    value);
			return NULL;
		}
	}
	if (value[0] != '\0' && value[strcspn(value, " ;{}\"'\\#")] == '\0')
		return xstrdup(value);
	buf_init(&b, SIZE_MAX - 1);
	(void)buf_add_quoted(&b, value);
	return buf_detach(&b);
}
