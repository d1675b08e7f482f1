/* line.h - lines, indentation and line ends of a configuration's text, for the
 * files that change it. */
#ifndef NGINX_LINE_H
#define NGINX_LINE_H

#include "text.h"

/* How the text of a block looks. */
struct style {
	const char *eol;
	char *outer, *inner; /* indentation of the block and of what is in it */
};
void style_of(struct place block, struct style *s);
void style_end(struct style *s);
/* Lines as in text.h, written like those of the block. */
void style_lines(struct buf *b, const struct style *s, const char *lines);

/* The bytes of the file that p is in; borrowed. */
const char *line_bytes(struct place p, size_t *len);
int line_is_space(char c);
/* The first byte of the line that holds this one. */
size_t line_start(const char *bytes, size_t at);
/* Behind the blanks from at on. */
size_t line_skip_spaces(const char *bytes, size_t len, size_t at);
/* Behind the line end at at; at itself when there is none. */
size_t line_skip_eol(const char *bytes, size_t len, size_t at);
/* Only blanks between the start of the line and at? */
int line_begins_at(const char *bytes, size_t at);
/* What the line begins with; malloc'd. */
char *line_indent(const char *bytes, size_t at);
/* The line end of this text. */
const char *line_eol(const char *bytes, size_t len);
/* Is there an empty line, or nothing at all, between what the block holds (from
 * body on) and the line that begins at at? */
int line_blank_before(const char *bytes, size_t body, size_t at);
/* Does our marker stand at at? */
int line_has_marker(const char *bytes, size_t len, size_t at);

/* directive.c: the bytes that go when the directive goes; those of all its
 * arguments. */
void directive_removal(struct place p, size_t *from, size_t *to);
void directive_arguments(struct place p, size_t *from, size_t *to);

#endif
