#include "line.h"

#include <stdlib.h>
#include <string.h>

int
line_is_space(char c)
{
	return c == ' ' || c == '\t';
}

const char *
line_bytes(struct place p, size_t *len)
{
	return edit_bytes(p.file->edit, len);
}

size_t
line_start(const char *bytes, size_t at)
{
	while (at > 0 && bytes[at - 1] != '\n')
		at--;
	return at;
}

size_t
line_skip_spaces(const char *bytes, size_t len, size_t at)
{
	while (at < len && line_is_space(bytes[at]))
		at++;
	return at;
}

size_t
line_skip_eol(const char *bytes, size_t len, size_t at)
{
	if (at < len && bytes[at] == '\r')
		at++;
	return at < len && bytes[at] == '\n' ? at + 1 : at;
}

int
line_begins_at(const char *bytes, size_t at)
{
	size_t from = line_start(bytes, at);

	return line_skip_spaces(bytes, at, from) == at;
}

char *
line_indent(const char *bytes, size_t at)
{
	size_t from = line_start(bytes, at);

	return xstrndup(bytes + from, line_skip_spaces(bytes, at, from) - from);
}

const char *
line_eol(const char *bytes, size_t len)
{
	const char *lf = memchr(bytes, '\n', len);

	return lf != NULL && lf > bytes && lf[-1] == '\r' ? "\r\n" : "\n";
}

void
style_of(struct place block, struct style *s)
{
	size_t len;
	const char *bytes = line_bytes(block, &len);
	const struct tree *t = block.file->tree;
	const struct node *n = &t->nodes[block.node];

	*s = (struct style){.eol = line_eol(bytes, len)};
	s->outer = line_indent(bytes, n->start);
	for (int c = n->child; s->inner == NULL && c != -1;
	     c = t->nodes[c].next)
		if (line_begins_at(bytes, t->nodes[c].start))
			s->inner = line_indent(bytes, t->nodes[c].start);
	if (s->inner == NULL)
		s->inner = xasprintf("%s%s", s->outer,
		    strchr(s->outer, '\t') != NULL ? "\t" : "    ");
}

void
style_end(struct style *s)
{
	free(s->outer);
	free(s->inner);
}

/* What one level deeper adds. */
static const char *
unit(const struct style *s)
{
	size_t n = strlen(s->outer);

	if (strncmp(s->inner, s->outer, n) == 0 && s->inner[n] != '\0')
		return s->inner + n;
	return "    ";
}

void
style_lines(struct buf *b, const struct style *s, const char *lines)
{
	while (*lines != '\0') {
		size_t n = strcspn(lines, "\n");
		const char *l = lines;

		if (n > 0)
			(void)buf_adds(b, s->inner);
		for (; *l == '\t'; l++)
			(void)buf_adds(b, unit(s));
		(void)buf_add(b, l, n - (size_t)(l - lines));
		(void)buf_adds(b, s->eol);
		lines += n + (lines[n] == '\n');
	}
}

int
line_blank_before(const char *bytes, size_t body, size_t at)
{
	size_t lines = 0;

	while (at > body &&
	    (line_is_space(bytes[at - 1]) || bytes[at - 1] == '\r' ||
		bytes[at - 1] == '\n'))
		lines += bytes[--at] == '\n';
	return lines > 1 || at == body;
}

int
line_has_marker(const char *bytes, size_t len, size_t at)
{
	size_t n = strlen(MANAGED);

	return len - at >= n && memcmp(bytes + at, MANAGED, n) == 0;
}
