/* doc_check.c - a strict reader of JSON, in one pass; libjq keeps the values.
 * Member names are compared after their escapes are resolved. */
#include "base/doc_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/doc.h"

struct check {
	const char *text;
	size_t len, at;
	const char *why;
	int depth;
	int build;	   /* 0: in place of numbers and strings stands null */
	struct buf string; /* the bytes of the one that is read */
};

/* None where c->why says why not. */
static jv value(struct check *c);

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

size_t
utf8_plain(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (
	    i < n && p[i] >= ' ' && p[i] < 0x7f && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

static int
fail(struct check *c, const char *why)
{
	if (c->why == NULL)
		c->why = why;
	return -1;
}

/* Eats v. */
static jv
fail_in(struct check *c, jv v, const char *why)
{
	jv_free(v);
	fail(c, why);
	return jv_invalid();
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
		const unsigned char *p = (const unsigned char *)c->text + c->at;
		size_t n = utf8_plain(p, c->len - c->at);
		int ch = peek(c);

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
		if (n == 0)
			n = utf8_length(p, c->len - c->at);
		if (n == 0)
			return fail(c, "invalid UTF-8");
		if (out != NULL)
			buf_add(out, p, n);
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
number_check(struct check *c)
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

static jv
number(struct check *c)
{
	size_t start = c->at;

	if (number_check(c) != 0)
		return jv_invalid();
	if (!c->build)
		return jv_null();
	buf_reset(&c->string);
	buf_add(&c->string, c->text + start, c->at - start);
	return jv_number(strtod(c->string.p, NULL));
}

static jv
string_value(struct check *c)
{
	buf_reset(&c->string);
	if (string(c, &c->string) != 0)
		return jv_invalid();
	return jv_string_sized(c->string.p != NULL ? c->string.p : "",
	    (int)c->string.len);
}

static jv
word(struct check *c, const char *text, jv v)
{
	size_t n = strlen(text);

	if (c->len - c->at < n || memcmp(c->text + c->at, text, n) != 0)
		return fail_in(c, v, "no value");
	c->at += n;
	return v;
}

static jv
array(struct check *c)
{
	jv a = jv_array();

	blanks(c);
	if (peek(c) == ']') {
		c->at++;
		return a;
	}
	for (;;) {
		jv v = value(c);

		if (!jv_is_valid(v))
			return fail_in(c, a, NULL);
		a = jv_array_append(a, v);
		blanks(c);
		if (peek(c) == ']') {
			c->at++;
			return a;
		}
		if (peek(c) != ',')
			return fail_in(c, a, "a comma or ']' is missing");
		c->at++;
	}
}

static jv
member(struct check *c, jv obj TAKES)
{
	jv name, val;

	blanks(c);
	name = string_value(c);
	if (!jv_is_valid(name))
		return fail_in(c, obj, NULL);
	if (doc_text_of(name) == NULL)
		fail(c, "a NUL in a member's name");
	else if (jv_object_has(jv_copy(obj), jv_copy(name)))
		fail(c, "a member stands twice in an object");
	blanks(c);
	if (peek(c) == ':')
		c->at++;
	else
		fail(c, "a colon is missing");
	val = c->why == NULL ? value(c) : jv_invalid();
	if (jv_is_valid(val))
		return jv_object_set(obj, name, val);
	jv_free(name);
	return fail_in(c, obj, NULL);
}

static jv
object(struct check *c)
{
	jv obj = jv_object();

	blanks(c);
	if (peek(c) == '}') {
		c->at++;
		return obj;
	}
	for (int n = 0;; n++) {
		if (n == DOC_MEMBERS_MAX)
			return fail_in(c, obj, "too many members in an object");
		obj = member(c, obj);
		if (!jv_is_valid(obj))
			return obj;
		blanks(c);
		if (peek(c) == '}') {
			c->at++;
			return obj;
		}
		if (peek(c) != ',')
			return fail_in(c, obj, "a comma or '}' is missing");
		c->at++;
	}
}

static jv
nested(struct check *c, jv (*inner)(struct check *c))
{
	jv v;

	if (++c->depth > DOC_DEPTH_MAX)
		return fail_in(c, jv_null(), "nesting is too deep");
	c->at++;
	v = inner(c);
	c->depth--;
	return v;
}

static jv
value(struct check *c)
{
	blanks(c);
	switch (peek(c)) {
	case '{':
		return nested(c, object);
	case '[':
		return nested(c, array);
	case '"':
		if (c->build)
			return string_value(c);
		return string(c, NULL) == 0 ? jv_null() : jv_invalid();
	case 't':
		return word(c, "true", jv_true());
	case 'f':
		return word(c, "false", jv_false());
	case 'n':
		return word(c, "null", jv_null());
	default:
		return number(c);
	}
}

static jv
read_text(const char *text, size_t len, int build, struct err *err)
{
	struct check c = {.text = text, .len = len, .build = build};
	jv v;

	if (len > DOC_MAX) {
		err_set(err, ERR_badDocument,
		    "a JSON text of %zu bytes is over the limit of %d", len,
		    (int)DOC_MAX);
		return jv_invalid();
	}
	buf_init(&c.string, len);
	v = value(&c);
	if (jv_is_valid(v)) {
		blanks(&c);
		if (c.at < len)
			v = fail_in(&c, v, "more text after the value");
	}
	if (!jv_is_valid(v))
		err_set(err, ERR_badDocument, "this is no JSON: %s at byte %zu",
		    c.why, c.at);
	buf_release(&c.string);
	return v;
}

jv
doc_parse(const char *text, size_t len, struct err *err)
{
	return read_text(text, len, 1, err);
}

int
doc_check(const char *text, size_t len, struct err *err)
{
	jv v = read_text(text, len, 0, err);
	int valid = jv_is_valid(v);

	jv_free(v);
	return valid ? 0 : -1;
}
