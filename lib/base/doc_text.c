/* doc_text.c - values to text, for programs and for people. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/doc_check.h"

/* How a value is written. libjq's writer appends byte by byte, with a check each
 * time. */
struct style {
	const char *comma, *colon;
	int sorted; /* members by name */
	int ascii;  /* in strings nothing else */
};

static const struct style compact = {",", ":", 0, 0},
			  canonical = {",", ":", 1, 0},
			  python = {", ", ": ", 1, 1};

/* Escaped, in UTF-16 units. */
static void
write_escape(struct buf *b, unsigned long cp)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *q = cp > 0 && cp < 0x80 ? strchr(from, (int)cp) : NULL;

	if (q != NULL)
		buf_addf(b, "\\%c", to[q - from]);
	else if (cp < 0x10000)
		buf_addf(b, "\\u%04lx", cp);
	else
		buf_addf(b, "\\u%04lx\\u%04lx", 0xd800 + ((cp - 0x10000) >> 10),
		    0xdc00 + ((cp - 0x10000) & 0x3ff));
}

static void
write_string(struct buf *b, jv string, const struct style *s)
{
	const unsigned char *p = (const unsigned char *)jv_string_value(string);
	const unsigned char *end = p + jv_string_length_bytes(jv_copy(string));

	buf_addc(b, '"');
	while (p < end) {
		size_t n = utf8_plain(p, (size_t)(end - p));
		int as_is = n > 0;
		unsigned long cp;

		if (!as_is) {
			n = utf8_length(p, (size_t)(end - p));
			as_is = n > 1 && !s->ascii;
		}
		if (as_is) {
			buf_add(b, p, n);
			p += n;
			continue;
		}
		cp = n < 2 ? *p : *p & (0x7fu >> n);
		for (p++; n > 1; n--)
			cp = cp << 6 | (*p++ & 0x3fu);
		write_escape(b, cp);
	}
	buf_addc(b, '"');
}

static void write_value(struct buf *b, jv v, const struct style *s,
    const char *const *first);

static void
write_member(struct buf *b, jv name TAKES, jv val TAKES, const struct style *s)
{
	if (b->p[b->len - 1] != '{')
		buf_adds(b, s->comma);
	write_string(b, name, s);
	buf_adds(b, s->colon);
	write_value(b, val, s, NULL);
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
write_sorted(struct buf *b, jv v, const struct style *s,
    const char *const *first)
{
	jv all = doc_keys(v);

	for (const char *const *k = first; k != NULL && *k != NULL; k++)
		if (doc_has(v, *k))
			write_member(b, jv_string(*k), doc_get(v, *k), s);
	for (size_t i = 0; i < doc_len(all); i++) {
		jv name = doc_at(all, i);

		if (!is_one_of(jv_string_value(name), first))
			write_member(b, jv_copy(name),
			    jv_object_get(jv_copy(v), jv_copy(name)), s);
		jv_free(name);
	}
	jv_free(all);
}

static void
write_object(struct buf *b, jv v, const struct style *s,
    const char *const *first)
{
	buf_addc(b, '{');
	if (s->sorted)
		write_sorted(b, v, s, first);
	else
		for (int i = jv_object_iter(v); jv_object_iter_valid(v, i);
		     i = jv_object_iter_next(v, i))
			write_member(b, jv_object_iter_key(v, i),
			    jv_object_iter_value(v, i), s);
	buf_addc(b, '}');
}

static void
write_array(struct buf *b, jv v, const struct style *s)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < doc_len(v); i++) {
		jv e = doc_at(v, i);

		if (i > 0)
			buf_adds(b, s->comma);
		write_value(b, e, s, NULL);
		jv_free(e);
	}
	buf_addc(b, ']');
}

static void
write_value(struct buf *b, jv v, const struct style *s,
    const char *const *first)
{
	jv text;

	switch (jv_get_kind(v)) {
	case JV_KIND_OBJECT:
		write_object(b, v, s, first);
		break;
	case JV_KIND_ARRAY:
		write_array(b, v, s);
		break;
	case JV_KIND_STRING:
		write_string(b, v, s);
		break;
	case JV_KIND_INVALID:
		buf_adds(b, "null");
		break;
	default:
		text = jv_dump_string(jv_copy(v), 0);
		buf_adds(b, jv_string_value(text));
		jv_free(text);
	}
}

static char *
text_of(jv v, const struct style *s, const char *const *first)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	write_value(&b, v, s, first);
	return buf_detach(&b);
}

char *
doc_text(jv v)
{
	return text_of(v, &compact, NULL);
}

char *
doc_text_sorted(jv v)
{
	return text_of(v, &canonical, NULL);
}

char *
doc_text_python(jv v, const char *const *keys)
{
	return text_of(v, &python, keys);
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

/* Marks that make a terminal show what follows in another order: U+061C (in UTF-8
 * two bytes), U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069 (three). */
static int
turns_text(const unsigned char *p, size_t n)
{
	if (n == 2)
		return p[0] == 0xd8 && p[1] == 0x9c;
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
		size_t n = utf8_plain(p, len - i);
		int whole;

		if (n > 0) {
			buf_add(&b, p, n);
			i += n;
			continue;
		}
		n = utf8_length(p, len - i);
		whole = turns_text(p, n) ||
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
