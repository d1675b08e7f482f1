/* ini_write.c - the text as ConfigObj writes it (spec/core-behaviour.md 2.2,
 * 2.3). One thing differs: of the two triple quotes the one is taken that can
 * be read back; ConfigObj takes the other. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini_tree.h"

enum { TEXT_MAX = 64 << 20 };

struct writer {
	const struct ini *ini;
	struct buf out;
	int full; /* more than the ceiling was to be written */
	struct err *err;
};

static void
add(struct writer *w, const char *s)
{
	if (buf_adds(&w->out, s) != 0)
		w->full = 1;
}

static int
fail(const struct writer *w, const char *value)
{
	return err_set(w->err, ERR_badData,
	    "value \"%s\" cannot be safely quoted", value);
}

static void
put(struct writer *w, const char *quote, const char *value)
{
	add(w, quote);
	add(w, value);
	add(w, quote);
}

static int
put_triple(struct writer *w, const char *value)
{
	if (!strstr(value, "'''"))
		put(w, "'''", value);
	else if (!strstr(value, "\"\"\""))
		put(w, "\"\"\"", value);
	else
		return fail(w, value);
	return 0;
}

/* lines: may it take triple quotes? */
static int
put_quoted(struct writer *w, const char *value, int lines)
{
	static const char edge[] = " \r\n\v\t'\"";
	int both = strchr(value, '"') && strchr(value, '\'');
	int lf = strchr(value, '\n') != NULL;

	if (!*value) {
		put(w, "\"", value);
		return 0;
	}
	if (lines && (both || lf))
		return put_triple(w, value);
	if (lf)
		return fail(w, value);
	if (!strchr(edge, value[0]) &&
	    !strchr(edge, value[strlen(value) - 1]) && !strpbrk(value, ",#"))
		put(w, "", value);
	else if (both)
		return fail(w, value);
	else
		put(w, strchr(value, '"') ? "'" : "\"", value);
	return 0;
}

static int
put_value(struct writer *w, jv value)
{
	const char *text = doc_text_of(value);
	size_t i, n = doc_len(value);

	if (!doc_is(value, DOC_ARRAY))
		return text ? put_quoted(w, text, 1) :
			      fail(w, "(with a NUL byte)");
	if (!n)
		add(w, ",");
	for (i = 0; i < n; i++) {
		if (!(text = doc_str_at(value, i)))
			return fail(w, "(with a NUL byte)");
		if (i)
			add(w, ", ");
		if (put_quoted(w, text, 0) != 0)
			return -1;
	}
	if (n == 1)
		add(w, ",");
	return 0;
}

/* A line begins: ConfigObj joins lines, so that the first has nothing before
 * it. */
static void
begin_line(struct writer *w, int *first, size_t depth)
{
	if (!*first)
		add(w, w->ini->newline);
	*first = 0;
	while (depth-- && w->ini->indent)
		add(w, w->ini->indent);
}

static void
put_lines(struct writer *w, int *first, const struct ini_lines *lines,
    size_t depth, int strip)
{
	const char *p, *text, *end;
	size_t i;

	for (i = 0; i < lines->n; i++) {
		p = lines->list[i];
		end = p + strlen(p);
		text = ini_skip(p, end);
		begin_line(w, first, depth);
		if (text < end && *text != '#')
			add(w, "# ");
		add(w, strip ? text : p);
	}
}

static void
put_comment(struct writer *w, const struct ini_entry *e)
{
	if (!e->comment)
		return;
	if (w->ini->indent)
		add(w, w->ini->indent);
	add(w, e->comment);
}

static int
put_key(struct writer *w, const struct ini_entry *e)
{
	if (put_quoted(w, e->name, 0) != 0)
		return -1;
	add(w, " = ");
	if (put_value(w, e->value) != 0)
		return -1;
	put_comment(w, e);
	return 0;
}

static int
put_marker(struct writer *w, const struct ini_entry *e)
{
	size_t i;

	for (i = 0; i < e->sub->depth; i++)
		add(w, "[");
	if (put_quoted(w, e->name, 0) != 0)
		return -1;
	for (i = 0; i < e->sub->depth; i++)
		add(w, "]");
	put_comment(w, e);
	return 0;
}

static int
put_section(struct writer *w, int *first, const struct ini_section *s)
{
	const struct ini_entry *e;

	for (e = s->keys.first; e; e = e->next) {
		put_lines(w, first, &e->above, s->depth, 1);
		begin_line(w, first, s->depth);
		if (put_key(w, e) != 0)
			return -1;
	}
	for (e = s->sections.first; e; e = e->next) {
		put_lines(w, first, &e->above, s->depth, 1);
		begin_line(w, first, s->depth);
		if (put_marker(w, e) != 0 || put_section(w, first, e->sub) != 0)
			return -1;
	}
	return 0;
}

static int
ends_with(const struct buf *b, const char *s)
{
	size_t n = strlen(s);

	return b->len >= n && !memcmp(b->p + b->len - n, s, n);
}

char *
ini_text(const struct ini *ini, struct err *err)
{
	struct writer w = {.ini = ini, .err = err};
	int first = 1;

	buf_init(&w.out, TEXT_MAX);
	put_lines(&w, &first, &ini->initial, 0, 0);
	if (put_section(&w, &first, &ini->top) != 0)
		goto fail;
	put_lines(&w, &first, &ini->final, 0, 0);
	if (!ends_with(&w.out, ini->newline))
		add(&w, ini->newline);
	if (w.full) {
		err_set(err, ERR_badData, "the text would be over %d bytes",
		    (int)TEXT_MAX);
		goto fail;
	}
	if (ini->bom) {
		char *text = xasprintf("\xef\xbb\xbf%s", w.out.p);

		buf_release(&w.out);
		return text;
	}
	return buf_detach(&w.out);

fail:
	buf_release(&w.out);
	return NULL;
}
