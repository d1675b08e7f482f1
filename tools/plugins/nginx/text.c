#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* How the text of a block looks. */
struct style {
	const char *eol;
	char *outer, *inner; /* indentation of the block and of what is in it */
};

static int
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static const char *
bytes_of(struct place p, size_t *len)
{
	return edit_bytes(p.file->edit, len);
}

/* The first byte of the line that holds this one. */
static size_t
line_start(const char *bytes, size_t at)
{
	while (at > 0 && bytes[at - 1] != '\n')
		at--;
	return at;
}

/* Behind the blanks from at on. */
static size_t
skip_spaces(const char *bytes, size_t len, size_t at)
{
	while (at < len && is_space(bytes[at]))
		at++;
	return at;
}

/* Behind the line end at at; at itself when there is none. */
static size_t
skip_eol(const char *bytes, size_t len, size_t at)
{
	if (at < len && bytes[at] == '\r')
		at++;
	return at < len && bytes[at] == '\n' ? at + 1 : at;
}

/* Only blanks between the start of the line and at? */
static int
begins_line(const char *bytes, size_t at)
{
	size_t from = line_start(bytes, at);

	return skip_spaces(bytes, at, from) == at;
}

static char *
indent_at(const char *bytes, size_t at)
{
	size_t from = line_start(bytes, at);

	return xstrndup(bytes + from, skip_spaces(bytes, at, from) - from);
}

static const char *
eol_of(const char *bytes, size_t len)
{
	const char *lf = memchr(bytes, '\n', len);

	return lf != NULL && lf > bytes && lf[-1] == '\r' ? "\r\n" : "\n";
}

static void
style_of(struct place block, struct style *s)
{
	size_t len;
	const char *bytes = bytes_of(block, &len);
	const struct tree *t = block.file->tree;
	const struct node *n = &t->nodes[block.node];

	*s = (struct style){.eol = eol_of(bytes, len)};
	s->outer = indent_at(bytes, n->start);
	for (int c = n->child; s->inner == NULL && c != -1;
	     c = t->nodes[c].next)
		if (begins_line(bytes, t->nodes[c].start))
			s->inner = indent_at(bytes, t->nodes[c].start);
	if (s->inner == NULL)
		s->inner = xasprintf("%s%s", s->outer,
		    strchr(s->outer, '\t') != NULL ? "\t" : "    ");
}

static void
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

static void
add_lines(struct buf *b, const struct style *s, const char *lines)
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

/* Is there an empty line, or nothing at all, between what the block holds and
 * the line that begins at `at`? */
static int
blank_before(const char *bytes, size_t body, size_t at)
{
	size_t lines = 0;

	while (at > body &&
	    (is_space(bytes[at - 1]) || bytes[at - 1] == '\r' ||
		bytes[at - 1] == '\n'))
		lines += bytes[--at] == '\n';
	return lines > 1 || at == body;
}

void
block_append(struct place block, const char *lines, int blank)
{
	size_t len, at;
	const char *bytes = bytes_of(block, &len);
	const struct node *n = place_node(block);
	struct style s;
	struct buf b;

	style_of(block, &s);
	buf_init(&b, SIZE_MAX - 1);
	if (begins_line(bytes, n->body_end)) {
		at = line_start(bytes, n->body_end);
		if (blank && !blank_before(bytes, n->body, at))
			(void)buf_adds(&b, s.eol);
		add_lines(&b, &s, lines);
	} else {
		for (at = n->body_end; is_space(bytes[at - 1]);)
			at--;
		(void)buf_adds(&b, s.eol);
		add_lines(&b, &s, lines);
		(void)buf_adds(&b, s.outer);
	}
	edit_replace(block.file->edit, at,
	    begins_line(bytes, n->body_end) ? 0 : n->body_end - at, b.p, b.len);
	buf_release(&b);
	style_end(&s);
}

void
block_prepend(struct place block, const char *lines)
{
	size_t len, at;
	const char *bytes = bytes_of(block, &len);
	const struct node *n = place_node(block);
	struct style s;
	struct buf b;

	style_of(block, &s);
	buf_init(&b, SIZE_MAX - 1);
	at = skip_spaces(bytes, len, n->body);
	if (bytes[at] == '#')
		while (at < len && bytes[at] != '\n')
			at++;
	if (skip_eol(bytes, len, at) > at) {
		at = skip_eol(bytes, len, at);
		add_lines(&b, &s, lines);
	} else {
		at = n->body;
		(void)buf_adds(&b, s.eol);
		add_lines(&b, &s, lines);
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
	add_lines(&b, &s, lines);
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
	size_t to = skip_spaces(bytes, len, at);

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
	const char *bytes = bytes_of(block, &n);
	const char *eol = eol_of(bytes, n);
	char *outer = indent_at(bytes, place_node(block)->start);
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	at = behind_comment(bytes, n, place_node(block)->end);
	(void)buf_adds(&b, eol);
	(void)buf_adds(&b, eol);
	(void)buf_adds(&b, outer);
	(void)buf_add(&b, text, len);
	/* Another statement on the same line must not be in our comment. */
	if (skip_spaces(bytes, n, at) < n && bytes[at] != '\n' &&
	    bytes[at] != '\r')
		(void)buf_adds(&b, eol);
	edit_insert(block.file->edit, at, b.p, b.len);
	buf_release(&b);
	free(outer);
}

static int
marker_at(const char *bytes, size_t len, size_t at)
{
	size_t n = strlen(MANAGED);

	return len - at >= n && memcmp(bytes + at, MANAGED, n) == 0;
}

int
is_managed(struct place p)
{
	size_t len;
	const char *bytes = bytes_of(p, &len);

	return marker_at(bytes, len, place_node(p)->end);
}

/* What goes when the directive goes. */
static void
removal(struct place p, size_t *from, size_t *to)
{
	size_t len, end;
	const char *bytes = bytes_of(p, &len);
	const struct node *n = place_node(p);

	*from = n->start;
	*to = n->end;
	if (marker_at(bytes, len, *to))
		*to += strlen(MANAGED);
	end = skip_spaces(bytes, len, *to);
	if (!begins_line(bytes, n->start)) {
		while (*from > 0 && is_space(bytes[*from - 1]))
			(*from)--;
	} else if (end == len || skip_eol(bytes, len, end) > end) {
		*from = line_start(bytes, n->start);
		*to = skip_eol(bytes, len, end);
	} else {
		*to = end;
	}
}

void
directive_remove(struct place p)
{
	size_t from, to;

	removal(p, &from, &to);
	edit_replace(p.file->edit, from, to - from, NULL, 0);
}

/* The marker behind p, unless it is there; what follows on the line goes to
 * one of its own. */
static void
mark(struct place p)
{
	size_t len, at = place_node(p)->end, next;
	const char *bytes = bytes_of(p, &len);
	char *indent, *text;

	if (marker_at(bytes, len, at))
		return;
	next = skip_spaces(bytes, len, at);
	if (next == len || bytes[next] == '#' ||
	    skip_eol(bytes, len, next) > next) {
		edit_insert(p.file->edit, at, MANAGED, strlen(MANAGED));
		return;
	}
	indent = indent_at(bytes, place_node(p)->start);
	text = xasprintf("%s%s%s", MANAGED, eol_of(bytes, len), indent);
	edit_replace(p.file->edit, at, next - at, text, strlen(text));
	free(text);
	free(indent);
}

static const struct word *
last_word(struct place p)
{
	return tree_word(p.file->tree, p.node, place_words(p) - 1);
}

/* The bytes of all arguments. */
static void
arguments_span(struct place p, size_t *from, size_t *to)
{
	const struct word *first = tree_word(p.file->tree, p.node, 1);

	*from = first != NULL ? first->start : last_word(p)->end;
	*to = last_word(p)->end;
}

void
directive_set(struct place p, const char *arguments)
{
	size_t from, to;

	arguments_span(p, &from, &to);
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

char *
directive_words(struct place p)
{
	size_t len;
	const char *bytes = bytes_of(p, &len);
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
	const char *bytes = bytes_of(p, &len);
	char *indent = indent_at(bytes, n->start);
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	for (size_t i = 0; i < inc->n; i++) {
		if (b.len > 0)
			(void)buf_adds(&b, indent);
		add_indented(&b, inc->list[i], indent);
	}
	/* What follows on the line must be no part of a comment at its end. */
	next = skip_spaces(bytes, len, n->end);
	if (b.len > 0 && skip_eol(bytes, len, next) > next)
		b.len--;
	edit_replace(p.file->edit, n->start, n->end - n->start, b.p, b.len);
	buf_release(&b);
	free(indent);
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
	(void)buf_addc(&b, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			(void)buf_addc(&b, '\\');
		(void)buf_addc(&b, *value);
	}
	(void)buf_addc(&b, '"');
	return buf_detach(&b);
}

/* --- copies ------------------------------------------------------------------ */

void
copy_begin(struct copy *c, struct place block)
{
	size_t len;
	const char *bytes = bytes_of(block, &len);
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

	removal(p, &from, &to);
	edit_replace(c->edit, from - base, to - from, NULL, 0);
}

void
copy_set(struct copy *c, struct place p, const char *arguments)
{
	size_t from, to, base = place_node(c->block)->start;

	arguments_span(p, &from, &to);
	edit_replace(c->edit, from - base, to - from, arguments,
	    strlen(arguments));
}

void
copy_add(struct copy *c, const char *lines, int at_end)
{
	const struct node *n = place_node(c->block);
	size_t len, at;
	const char *bytes = bytes_of(c->block, &len);
	struct style s;
	struct buf b;

	style_of(c->block, &s);
	buf_init(&b, SIZE_MAX - 1);
	at = at_end ? n->body_end : n->body;
	if (at_end && begins_line(bytes, at)) {
		at = line_start(bytes, at);
		if (!blank_before(bytes, n->body, at))
			(void)buf_adds(&b, s.eol);
		add_lines(&b, &s, lines);
	} else {
		(void)buf_adds(&b, s.eol);
		add_lines(&b, &s, lines);
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
