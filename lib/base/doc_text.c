/* doc_text.c - values to text, for programs and for people. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/doc_check.h"

static char *
dump(jv v, int flags)
{
	jv s;
	char *text;

	if (!jv_is_valid(v))
		return xstrdup("null");
	s = jv_dump_string(jv_copy(v), flags);
	text = xstrdup(jv_string_value(s));
	jv_free(s);
	return text;
}

char *
doc_text(jv v)
{
	return dump(v, 0);
}

char *
doc_text_sorted(jv v)
{
	return dump(v, JV_PRINT_SORTED);
}

/* Python's json.dumps escapes all that is not ASCII, in UTF-16 units. */
static void
python_char(struct buf *b, unsigned long cp)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *q = cp > 0 && cp < 0x80 ? strchr(from, (int)cp) : NULL;

	if (q != NULL)
		buf_addf(b, "\\%c", to[q - from]);
	else if (cp >= 0x20 && cp < 0x80)
		buf_addc(b, (char)cp);
	else if (cp < 0x10000)
		buf_addf(b, "\\u%04lx", cp);
	else
		buf_addf(b, "\\u%04lx\\u%04lx", 0xd800 + ((cp - 0x10000) >> 10),
		    0xdc00 + ((cp - 0x10000) & 0x3ff));
}

static void
python_string(struct buf *b, jv string)
{
	const unsigned char *p = (const unsigned char *)jv_string_value(string);
	const unsigned char *end = p + jv_string_length_bytes(jv_copy(string));

	buf_addc(b, '"');
	while (p < end) {
		size_t n = utf8_length(p, (size_t)(end - p));
		unsigned long cp = n < 2 ? *p : *p & (0x7fu >> n);

		for (p++; n > 1; n--)
			cp = cp << 6 | (*p++ & 0x3fu);
		python_char(b, cp);
	}
	buf_addc(b, '"');
}

static void python_value(struct buf *b, jv v, const char *const *keys);

static void
python_member(struct buf *b, jv obj, const char *key)
{
	jv name = jv_string(key), val = doc_get(obj, key);

	if (b->p[b->len - 1] != '{')
		buf_adds(b, ", ");
	python_string(b, name);
	buf_adds(b, ": ");
	python_value(b, val, NULL);
	jv_free(name);
	jv_free(val);
}

static int
is_one_of(const char *key, const char *const *keys)
{
	for (; keys != NULL && *keys != NULL; keys++)
		if (strcmp(*keys, key) == 0)
			return 1;
	return 0;
}

static void
python_object(struct buf *b, jv v, const char *const *keys)
{
	jv all = doc_keys(v);

	buf_addc(b, '{');
	for (const char *const *k = keys; k != NULL && *k != NULL; k++)
		if (doc_has(v, *k))
			python_member(b, v, *k);
	for (size_t i = 0; i < doc_len(all); i++)
		if (!is_one_of(doc_str_at(all, i), keys))
			python_member(b, v, doc_str_at(all, i));
	buf_addc(b, '}');
	jv_free(all);
}

static void
python_value(struct buf *b, jv v, const char *const *keys)
{
	char *text;

	switch (jv_get_kind(v)) {
	case JV_KIND_OBJECT:
		python_object(b, v, keys);
		break;
	case JV_KIND_ARRAY:
		buf_addc(b, '[');
		for (size_t i = 0; i < doc_len(v); i++) {
			jv e = doc_at(v, i);

			if (i > 0)
				buf_adds(b, ", ");
			python_value(b, e, NULL);
			jv_free(e);
		}
		buf_addc(b, ']');
		break;
	case JV_KIND_STRING:
		python_string(b, v);
		break;
	default:
		text = doc_text(v);
		buf_adds(b, text);
		free(text);
	}
}

char *
doc_text_python(jv v, const char *const *keys)
{
	struct buf b;

	buf_init(&b, (size_t)DOC_MAX * 8);
	python_value(&b, v, keys);
	return buf_detach(&b);
}

char *
doc_join(jv array, const char *sep)
{
	struct buf b;

	buf_init(&b, (size_t)DOC_MAX * 2);
	for (size_t i = 0; i < doc_len(array); i++) {
		const char *s = doc_str_at(array, i);

		if (i > 0)
			buf_adds(&b, sep);
		buf_adds(&b, s != NULL ? s : "");
	}
	return buf_detach(&b);
}

/* Marks that make a terminal show what follows in another order: U+200E, U+200F,
 * U+202A to U+202E, U+2066 to U+2069 (in UTF-8 three bytes). */
static int
turns_text(const unsigned char *p, size_t n)
{
	if (n != 3 || p[0] != 0xe2)
		return 0;
	if (p[1] == 0x80)
		return p[2] == 0x8e || p[2] == 0x8f ||
		    (p[2] >= 0xaa && p[2] <= 0xae);
	return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;
}

char *
text_printable(const char *s, int keep_layout)
{
	struct buf b;
	size_t len = strlen(s);

	buf_init(&b, len * 4 + 1);
	for (size_t i = 0; i < len;) {
		const unsigned char *p = (const unsigned char *)s + i;
		size_t n = utf8_length(p, len - i);
		int whole = turns_text(p, n) ||
		    (n == 2 && p[0] == 0xc2 && p[1] < 0xa0); /* C1 */

		if (n == 0 || whole ||
		    (n == 1 && (*p < 0x20 || *p == 0x7f) &&
			!(keep_layout && (*p == '\n' || *p == '\t')))) {
			n = whole ? n : 1;
			for (size_t k = 0; k < n; k++)
				buf_addf(&b, "\\x%02x", p[k]);
		} else {
			buf_add(&b, p, n);
		}
		i += n;
	}
	return buf_detach(&b);
}
