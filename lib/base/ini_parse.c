/* ini_parse.c - lines to sections, keys and values, as ConfigObj takes them
 * (spec/core-behaviour.md 2.1). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/doc_check.h"
#include "base/ini_tree.h"
#include "base/safefile.h"

static const char utf8_bom[] = "\xef\xbb\xbf";

struct parser {
	struct ini *ini;
	struct ini_section *now;
	const char *next, *end;	   /* the lines to come */
	const char *line, *eol;	   /* this one, without its end */
	size_t number;		   /* of this line, from 1 */
	struct ini_lines comments; /* for the entry to come */
	int any;		   /* an entry was seen */
	struct err *err;
};

static int
fail(const struct parser *ps, const char *why)
{
	return err_set(ps->err, ERR_badData, "line %zu: %s", ps->number, why);
}

/* --- lines ------------------------------------------------------------------ */

/* What Python's decoder says of the bytes at p, which are not UTF-8. */
static int
fail_decode(const struct parser *ps, const char *p, const char *stop)
{
	const unsigned char *u = (const unsigned char *)p;
	const char *why = "invalid continuation byte";
	size_t at = (size_t)(p - ps->line), n = 1, want, room;
	unsigned char fill[4];

	room = (size_t)(stop - p);
	want = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	if (u[0] < 0xc2 || u[0] > 0xf4) {
		why = "invalid start byte";
	} else {
		/* Bytes that could still become a sequence count. */
		for (; n < want && n < room; n++) {
			memset(fill, 0x80, sizeof(fill));
			memcpy(fill, u, n + 1);
			if (!utf8_length(fill, sizeof(fill)))
				break;
		}
		if (n == room)
			why = "unexpected end of data";
	}
	if (n == 1)
		err_set(ps->err, ERR_badData,
		    "'utf-8' codec can't decode byte 0x%02x in position %zu: "
		    "%s",
		    u[0], at, why);
	else
		err_set(ps->err, ERR_badData,
		    "'utf-8' codec can't decode bytes in position %zu-%zu: %s",
		    at, at + n - 1, why);
	err_member(ps->err, "encoding", doc_bool(1));
	return err_member(ps->err, "line", doc_number((double)ps->number));
}

/* All of the text is looked at before any of it is parsed, as there. */
static int
check_bytes(struct parser *ps)
{
	const char *p = ps->next, *lf;
	size_t n;

	ps->number = 1;
	for (ps->line = p; p < ps->end; p += n) {
		n = utf8_length((const unsigned char *)p,
		    (size_t)(ps->end - p));
		if (!n) {
			lf = memchr(p, '\n', (size_t)(ps->end - p));
			return fail_decode(ps, p, lf ? lf + 1 : ps->end);
		}
		if (!*p)
			return fail(ps, "a NUL byte");
		if (*p == '\n') {
			ps->line = p + 1;
			ps->number++;
		}
	}
	ps->number = 0;
	return 0;
}

/* Is there a next line? */
static int
next_line(struct parser *ps)
{
	const char *lf;

	if (ps->next == ps->end)
		return 0;
	ps->line = ps->next;
	ps->number++;
	lf = memchr(ps->line, '\n', (size_t)(ps->end - ps->line));
	ps->next = lf ? lf + 1 : ps->end;
	ps->eol = ps->next;
	while (
	    ps->eol > ps->line && (ps->eol[-1] == '\n' || ps->eol[-1] == '\r'))
		ps->eol--;
	if (ps->number == 1 && ps->eol < ps->next)
		ps->ini->newline = ps->next[-1] == '\r'		    ? "\r" :
		    ps->next - ps->line > 1 && ps->next[-2] == '\r' ? "\r\n" :
								      "\n";
	return 1;
}

/* --- sections ---------------------------------------------------------------- */

static struct ini_span
unquote(struct ini_span s)
{
	if (s.end - s.p > 1 && (*s.p == '"' || *s.p == '\'') &&
	    s.end[-1] == *s.p) {
		s.p++;
		s.end--;
	}
	return s;
}

/* Gives the entry the comments above it and the one behind it. */
static void
take_comments(struct parser *ps, struct ini_entry *e, const char *comment)
{
	static const struct ini_lines none;

	e->above = ps->comments;
	ps->comments = none;
	if (comment)
		e->comment = xstrndup(comment, (size_t)(ps->eol - comment));
}

static void
note_indent(struct parser *ps, const char *stop)
{
	if (!ps->ini->indent && stop > ps->line)
		ps->ini->indent = xstrndup(ps->line, (size_t)(stop - ps->line));
}

static int
add_section(struct parser *ps, const struct ini_marker *m)
{
	struct ini_section *parent = ps->now;
	struct ini_span name = unquote(m->name);
	size_t len = (size_t)(name.end - name.p);
	struct ini_entry *e;

	if (m->open != m->close)
		return fail(ps, "the brackets of a section do not match");
	if (m->open > parent->depth + 1)
		return fail(ps, "the section is nested too deep");
	while (parent->depth >= m->open)
		parent = parent->parent;
	if (ini_entry_find(ps->ini, parent, name.p, len))
		return fail(ps, "a section with the name of an earlier entry");
	e = ini_entry_add(ps->ini, parent, name.p, len, 1);
	take_comments(ps, e, m->comment);
	ps->now = e->sub;
	return 0;
}

/* --- keys --------------------------------------------------------------------- */

/* The key from p on, without the blanks before its '='; where the value
 * begins. The pattern is (".*?"|'.*?'|[^'"=].*?)\s*=\s* */
static const char *
key_at(const char *p, const char *end, struct ini_span *key)
{
	const char *q = p, *eq;

	if (p == end || *p == '=')
		return NULL;
	key->p = p;
	if (*p == '"' || *p == '\'') {
		while ((q = memchr(q + 1, *p, (size_t)(end - q - 1)))) {
			eq = ini_skip(q + 1, end);
			if (eq < end && *eq == '=') {
				key->end = q + 1;
				return ini_skip(eq + 1, end);
			}
		}
		return NULL;
	}
	if (!(eq = memchr(p, '=', (size_t)(end - p))))
		return NULL;
	key->end = ini_trim(p, eq);
	if (key->end == p)
		key->end = p + ini_space(p, end);
	return ini_skip(eq + 1, end);
}

/* The last white space of the indentation: it may have to be the key's first
 * character. */
static const char *
last_blank(const char *p, const char *stop)
{
	const char *last = p;

	while (p < stop) {
		last = p;
		p += ini_space(p, stop);
	}
	return last;
}

/* The quotes' end at p: QUOTE \s* (#.*)? $, looked for from p on. NULL: none;
 * *comment is then unchanged. */
static const char *
triple_end(const char *p, const char *end, const char *quote,
    const char **comment)
{
	const char *q;

	for (; (p = memmem(p, (size_t)(end - p), quote, 3)); p++) {
		q = ini_skip(p + 3, end);
		if (q == end || *q == '#') {
			*comment = q < end ? q : NULL;
			return p;
		}
	}
	return NULL;
}

/* The value that begins with three quotes at v; it may go on over lines. */
static int
triple_value(struct parser *ps, const char *v, jv *value, const char **comment)
{
	char quote[4] = {*v, *v, *v, '\0'};
	const char *stop = triple_end(v + 3, ps->eol, quote, comment);
	struct buf b;
	int more;

	if (stop) {
		*value = doc_stringn(v + 3, (size_t)(stop - v) - 3);
		return 0;
	}
	if (memmem(v + 3, (size_t)(ps->eol - v) - 3, quote, 3))
		return fail(ps, "text behind the closing quotes");
	buf_init(&b, FILE_TEXT_MAX);
	buf_add(&b, v + 3, (size_t)(ps->eol - v) - 3);
	while ((more = next_line(ps))) {
		buf_addc(&b, '\n');
		if (memmem(ps->line, (size_t)(ps->eol - ps->line), quote, 3))
			break;
		buf_add(&b, ps->line, (size_t)(ps->eol - ps->line));
	}
	if (more && (stop = triple_end(ps->line, ps->eol, quote, comment))) {
		buf_add(&b, ps->line, (size_t)(stop - ps->line));
		*value = doc_stringn(b.p, b.len);
	} else if (more) {
		fail(ps, "text behind the closing quotes");
	} else {
		fail(ps, "the closing quotes are missing");
	}
	buf_release(&b);
	return doc_is(*value, DOC_STRING) ? 0 : -1;
}

static int
add_key(struct parser *ps)
{
	const char *start = ini_skip(ps->line, ps->eol), *v, *comment = NULL;
	size_t number = ps->number;
	jv value = doc_none();
	struct ini_entry *e;
	struct ini_span key;

	if (!(v = key_at(start, ps->eol, &key)) && start > ps->line) {
		start = last_blank(ps->line, start);
		v = key_at(start, ps->eol, &key);
	}
	if (!v)
		return fail(ps, "neither a section nor KEY = VALUE");
	note_indent(ps, start);
	key = unquote(key);
	if (ini_entry_find(ps->ini, ps->now, key.p, (size_t)(key.end - key.p)))
		return fail(ps, "a key with the name of an earlier entry");
	if (ps->eol - v >= 3 && (*v == '"' || *v == '\'') && v[1] == *v &&
	    v[2] == *v) {
		if (triple_value(ps, v, &value, &comment) != 0)
			return -1;
	} else if (ini_value_parse(v, ps->eol, &value, &comment) != 0) {
		ps->number = number;
		return fail(ps,
		    "the value is badly quoted, or a list with "
		    "nothing between two commas");
	}
	e = ini_entry_add(ps->ini, ps->now, key.p, (size_t)(key.end - key.p),
	    0);
	e->value = value;
	take_comments(ps, e, comment);
	return 0;
}

/* --- all of it ---------------------------------------------------------------- */

static int
parse_line(struct parser *ps)
{
	static const struct ini_lines none;
	const char *p = ini_skip(ps->line, ps->eol);
	struct ini_marker m;

	if (p == ps->eol || *p == '#') {
		ini_lines_add(&ps->comments, ps->line,
		    (size_t)(ps->eol - ps->line));
		return 0;
	}
	if (!ps->any) {
		ps->ini->initial = ps->comments;
		ps->comments = none;
		ps->any = 1;
	}
	if (*p == '[' && ini_is_marker(&m, p, ps->eol)) {
		note_indent(ps, p);
		return add_section(ps, &m);
	}
	return add_key(ps);
}

struct ini *
ini_parse(const char *text, size_t len, struct err *err)
{
	struct parser ps = {.next = text, .end = text + len, .err = err};
	int r;

	if (len > FILE_TEXT_MAX) {
		err_set(err, ERR_badData,
		    "%zu bytes are more than the %d "
		    "allowed",
		    len, (int)FILE_TEXT_MAX);
		return NULL;
	}
	ps.ini = ini_new();
	ps.now = &ps.ini->top;
	if (len >= 3 && !memcmp(text, utf8_bom, 3)) {
		ps.ini->bom = 1;
		ps.next += 3;
	}
	r = check_bytes(&ps);
	while (r == 0 && next_line(&ps))
		r = parse_line(&ps);
	if (r != 0) {
		ini_lines_free(&ps.comments);
		ini_free(ps.ini);
		return NULL;
	}
	if (ps.any)
		ps.ini->final = ps.comments;
	else
		ps.ini->initial = ps.comments;
	return ps.ini;
}

struct ini *
ini_read(const char *path, struct err *err)
{
	struct ini *ini = NULL;
	struct buf b;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, err) == 0 &&
	    !(ini = ini_parse(b.p ? b.p : "", b.len, err)))
		err_prefix(err, "%s", path);
	buf_release(&b);
	return ini;
}
