/* doc_check.c - a strict recogniser; values are libjq's business. Member names
 * are compared after their escapes are resolved. */
#include "base/doc_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct check {
	const char *text;
	size_t len, at;
	const char *why;
	int depth;
};

static int value(struct check *c);

size_t
utf8_length(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char mask, lead;
		size_t len;
		uint32_t min;
	} forms[] = {{0x80, 0x00, 1, 0}, {0xe0, 0xc0, 2, 0x80},
	    {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000}};

	for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
		uint32_t cp;

		if ((p[0] & forms[f].mask) != forms[f].lead)
			continue;
		if (forms[f].len > n)
			return 0;
		cp = (uint32_t)(p[0] & (unsigned char)~forms[f].mask);
		for (size_t i = 1; i < forms[f].len; i++) {
			if ((p[i] & 0xc0) != 0x80)
				return 0;
			cp = cp << 6 | (p[i] & 0x3fu);
		}
		return cp < forms[f].min || cp > 0x10ffff ||
			(cp >= 0xd800 && cp <= 0xdfff) ?
		    0 :
		    forms[f].len;
	}
	return 0;
}

static int
fail(struct check *c, const char *why)
{
	if (c->why == NULL)
		c->why = why;
	return -1;
}

static int
peek(const struct check *c)
{
	return c->at < c->len ? (unsigned char)c->text[c->at] : -1;
}

static void
blanks(struct check *c)
{
	while (c->at < c->len && memchr(" \t\r\n", c->text[c->at], 4) != NULL)
		c->at++;
}

static int
hex4(struct check *c, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, c->at++) {
		int ch = peek(c);
		int digit = ch >= '0' && ch <= '9' ? ch - '0' :
		    ch >= 'a' && ch <= 'f'	   ? ch - 'a' + 10 :
		    ch >= 'A' && ch <= 'F'	   ? ch - 'A' + 10 :
						     -1;

		if (digit < 0)
			return fail(c, "a \\u escape without four hex digits");
		*out = *out << 4 | (uint32_t)digit;
	}
	return 0;
}

static void
add_utf8(struct buf *out, uint32_t cp)
{
	char b[4];
	size_t n;

	if (cp < 0x80) {
		b[0] = (char)cp;
		n = 1;
	} else if (cp < 0x800) {
		b[0] = (char)(0xc0 | cp >> 6);
		b[1] = (char)(0x80 | (cp & 0x3f));
		n = 2;
	} else if (cp < 0x10000) {
		b[0] = (char)(0xe0 | cp >> 12);
		b[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		b[2] = (char)(0x80 | (cp & 0x3f));
		n = 3;
	} else {
		b[0] = (char)(0xf0 | cp >> 18);
		b[1] = (char)(0x80 | (cp >> 12 & 0x3f));
		b[2] = (char)(0x80 | (cp >> 6 & 0x3f));
		b[3] = (char)(0x80 | (cp & 0x3f));
		n = 4;
	}
	buf_add(out, b, n);
}

/* After the backslash and 'u'. */
static int
unicode_escape(struct check *c, struct buf *out)
{
	uint32_t hi, lo;

	if (hex4(c, &hi) != 0)
		return -1;
	if (hi >= 0xdc00 && hi <= 0xdfff)
		return fail(c, "a lone surrogate");
	if (hi >= 0xd800 && hi <= 0xdbff) {
		if (c->at + 1 >= c->len || c->text[c->at] != '\\' ||
		    c->text[c->at + 1] != 'u')
			return fail(c, "a lone surrogate");
		c->at += 2;
		if (hex4(c, &lo) != 0)
			return -1;
		if (lo < 0xdc00 || lo > 0xdfff)
			return fail(c, "a lone surrogate");
		hi = 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00);
	}
	if (out != NULL)
		add_utf8(out, hi);
	return 0;
}

static int
escape(struct check *c, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int ch = peek(c);
	const char *p;

	c->at++;
	if (ch == 'u')
		return unicode_escape(c, out);
	p = ch > 0 ? strchr(from, ch) : NULL;
	if (p == NULL)
		return fail(c, "an unknown escape in a string");
	if (out != NULL)
		buf_addc(out, to[p - from]);
	return 0;
}

/* A string; out (may be NULL) gets its bytes. */
static int
string(struct check *c, struct buf *out)
{
	if (peek(c) != '"')
		return fail(c, "a string is missing");
	c->at++;
	for (;;) {
		int ch = peek(c);
		size_t n;

		if (ch == -1)
			return fail(c, "a string without end");
		if (ch == '"') {
			c->at++;
			return 0;
		}
		if (ch < 0x20)
			return fail(c, "a control byte in a string");
		if (ch == '\\') {
			c->at++;
			if (escape(c, out) != 0)
				return -1;
			continue;
		}
		n = utf8_length((const unsigned char *)c->text + c->at,
		    c->len - c->at);
		if (n == 0)
			return fail(c, "invalid UTF-8");
		if (out != NULL)
			buf_add(out, c->text + c->at, n);
		c->at += n;
	}
}

static size_t
digits(struct check *c)
{
	size_t start = c->at;

	while (peek(c) >= '0' && peek(c) <= '9')
		c->at++;
	return c->at - start;
}

static int
number(struct check *c)
{
	if (peek(c) == '-')
		c->at++;
	if (peek(c) == '0')
		c->at++;
	else if (digits(c) == 0)
		return fail(c, "no value");
	if (peek(c) == '.') {
		c->at++;
		if (digits(c) == 0)
			return fail(c,
			    "a number without digits after the point");
	}
	if (peek(c) == 'e' || peek(c) == 'E') {
		c->at++;
		if (peek(c) == '+' || peek(c) == '-')
			c->at++;
		if (digits(c) == 0)
			return fail(c,
			    "a number without digits in its exponent");
	}
	return 0;
}

static int
word(struct check *c, const char *text)
{
	size_t n = strlen(text);

	if (c->len - c->at < n || memcmp(c->text + c->at, text, n) != 0)
		return fail(c, "no value");
	c->at += n;
	return 0;
}

static int
array(struct check *c)
{
	c->at++;
	blanks(c);
	if (peek(c) == ']') {
		c->at++;
		return 0;
	}
	for (;;) {
		if (value(c) != 0)
			return -1;
		blanks(c);
		if (peek(c) == ']') {
			c->at++;
			return 0;
		}
		if (peek(c) != ',')
			return fail(c, "a comma or ']' is missing");
		c->at++;
	}
}

/* Names of one object, in one buffer: offsets and lengths. */
struct names {
	struct buf bytes;
	struct name {
		size_t at, len;
		const char *p;
	} * list;
	size_t n, cap;
};

static int
by_bytes(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int r = n > 0 ? memcmp(x->p, y->p, n) : 0;

	return r != 0 ? r : x->len < y->len ? -1 : x->len > y->len;
}

static int
any_twice(struct names *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->list[i].p = s->bytes.p != NULL ? s->bytes.p + s->list[i].at :
						    "";
	if (s->n > 1)
		qsort(s->list, s->n, sizeof(*s->list), by_bytes);
	for (size_t i = 1; i < s->n; i++)
		if (by_bytes(&s->list[i - 1], &s->list[i]) == 0)
			return 1;
	return 0;
}

static int
member(struct check *c, struct names *s)
{
	struct name name = {s->bytes.len, 0, NULL};

	if (s->n == DOC_MEMBERS_MAX)
		return fail(c, "too many members in an object");
	blanks(c);
	if (string(c, &s->bytes) != 0)
		return -1;
	name.len = s->bytes.len - name.at;
	if (name.len > 0 &&
	    memchr(s->bytes.p + name.at, '\0', name.len) != NULL)
		return fail(c, "a NUL in a member's name");
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 16 : s->cap * 2;
		s->list = xrealloc(s->list, s->cap * sizeof(*s->list));
	}
	s->list[s->n++] = name;
	blanks(c);
	if (peek(c) != ':')
		return fail(c, "a colon is missing");
	c->at++;
	return value(c);
}

static int
members(struct check *c, struct names *s)
{
	blanks(c);
	if (peek(c) == '}') {
		c->at++;
		return 0;
	}
	for (;;) {
		if (member(c, s) != 0)
			return -1;
		blanks(c);
		if (peek(c) == '}') {
			c->at++;
			return any_twice(s) ?
			    fail(c, "a member stands twice in an object") :
			    0;
		}
		if (peek(c) != ',')
			return fail(c, "a comma or '}' is missing");
		c->at++;
	}
}

static int
object(struct check *c)
{
	struct names s = {.list = NULL};
	int rc;

	buf_init(&s.bytes, c->len);
	c->at++;
	rc = members(c, &s);
	buf_release(&s.bytes);
	free(s.list);
	return rc;
}

static int
value(struct check *c)
{
	int rc;

	blanks(c);
	switch (peek(c)) {
	case '{':
	case '[':
		if (++c->depth > DOC_DEPTH_MAX)
			return fail(c, "nesting is too deep");
		rc = peek(c) == '{' ? object(c) : array(c);
		c->depth--;
		return rc;
	case '"':
		return string(c, NULL);
	case 't':
		return word(c, "true");
	case 'f':
		return word(c, "false");
	case 'n':
		return word(c, "null");
	default:
		return number(c);
	}
}

int
doc_check(const char *text, size_t len, struct err *err)
{
	struct check c = {text, len, 0, NULL, 0};

	if (len > DOC_MAX)
		return err_set(err, ERR_badDocument,
		    "a JSON text of %zu bytes is over the limit of %d", len,
		    (int)DOC_MAX);
	if (value(&c) == 0) {
		blanks(&c);
		if (c.at == len)
			return 0;
		fail(&c, "more text after the value");
	}
	return err_set(err, ERR_badDocument, "this is no JSON: %s at byte %zu",
	    c.why, c.at);
}
