/* doc.c - jv_* is called in the files doc*.c alone. Most of those eat their
 * arguments and abort on a wrong kind: hence the copies and the checks. */
#include "base/doc.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/safefile.h"

static const double int_max = 9007199254740992.0; /* 2^53 */

jv
doc_read_file(const char *path, struct err *err)
{
	struct buf b;
	jv v = jv_invalid();

	buf_init(&b, DOC_MAX);
	if (safefile_read(path, &b, err) == 0) {
		v = doc_parse(b.p != NULL ? b.p : "", b.len, err);
		if (!jv_is_valid(v))
			err_prefix(err, "'%s'", path);
	}
	buf_release(&b);
	return v;
}

/* --- making ---------------------------------------------------------------- */

jv
doc_none(void)
{
	return jv_invalid();
}

jv
doc_null(void)
{
	return jv_null();
}

jv
doc_object(void)
{
	return jv_object();
}

jv
doc_array(void)
{
	return jv_array();
}

jv
doc_string(const char *s)
{
	return jv_string(s);
}

jv
doc_stringn(const char *s, size_t len)
{
	return jv_string_sized(s, (int)len);
}

jv
doc_number(double n)
{
	return jv_number(n);
}

jv
doc_bool(int b)
{
	return b ? jv_true() : jv_false();
}

jv
doc_list(const char *const *strings, size_t n)
{
	jv a = jv_array();

	for (size_t i = 0; i < n; i++)
		a = jv_array_append(a, jv_string(strings[i]));
	return a;
}

/* --- life ------------------------------------------------------------------ */

jv
doc_copy(jv v)
{
	return jv_copy(v);
}

void
doc_free(jv v)
{
	jv_free(v);
}

jv
doc_take(jv *slot)
{
	jv v = *slot;

	*slot = jv_invalid();
	return v;
}

void
doc_move(jv *slot, jv v)
{
	jv_free(*slot);
	*slot = v;
}

/* --- asking ---------------------------------------------------------------- */

enum doc_kind
doc_kind(jv v)
{
	switch (jv_get_kind(v)) {
	case JV_KIND_NULL:
		return DOC_NULL;
	case JV_KIND_TRUE:
	case JV_KIND_FALSE:
		return DOC_BOOL;
	case JV_KIND_NUMBER:
		return DOC_NUMBER;
	case JV_KIND_STRING:
		return DOC_STRING;
	case JV_KIND_ARRAY:
		return DOC_ARRAY;
	case JV_KIND_OBJECT:
		return DOC_OBJECT;
	default:
		return DOC_NONE;
	}
}

int
doc_is(jv v, enum doc_kind kind)
{
	return doc_kind(v) == kind;
}

int
doc_equal(jv a, jv b)
{
	if (!jv_is_valid(a) || !jv_is_valid(b))
		return !jv_is_valid(a) && !jv_is_valid(b);
	return jv_equal(jv_copy(a), jv_copy(b));
}

size_t
doc_len(jv v)
{
	if (doc_is(v, DOC_ARRAY))
		return (size_t)jv_array_length(jv_copy(v));
	if (doc_is(v, DOC_OBJECT))
		return (size_t)jv_object_length(jv_copy(v));
	return 0;
}

int
doc_has(jv obj, const char *key)
{
	return doc_is(obj, DOC_OBJECT) &&
	    jv_object_has(jv_copy(obj), jv_string(key));
}

jv
doc_get(jv obj, const char *key)
{
	if (!doc_is(obj, DOC_OBJECT))
		return jv_invalid();
	return jv_object_get(jv_copy(obj), jv_string(key));
}

jv
doc_get_kind(jv obj, const char *key, enum doc_kind kind)
{
	jv v = doc_get(obj, key);

	if (doc_is(v, kind))
		return v;
	jv_free(v);
	return jv_invalid();
}

static jv
find_list(jv obj, const char *key, va_list ap)
{
	jv v = doc_get(obj, key);

	while ((key = va_arg(ap, const char *)) != NULL) {
		jv next = doc_get(v, key);

		jv_free(v);
		v = next;
	}
	return v;
}

jv
doc_find(jv obj, const char *key, ...)
{
	va_list ap;
	jv v;

	va_start(ap, key);
	v = find_list(obj, key, ap);
	va_end(ap);
	return v;
}

jv
doc_at(jv array, size_t i)
{
	if (i >= doc_len(array) || !doc_is(array, DOC_ARRAY))
		return jv_invalid();
	return jv_array_get(jv_copy(array), (int)i);
}

const char *
doc_text_of(jv string)
{
	const char *s;

	if (!doc_is(string, DOC_STRING))
		return NULL;
	s = jv_string_value(string);
	if (strlen(s) != (size_t)jv_string_length_bytes(jv_copy(string)))
		return NULL;
	return s;
}

/* The container holds a reference of its own, so the text outlives ours. */
static const char *
lent(jv v)
{
	const char *s = doc_text_of(v);

	jv_free(v);
	return s;
}

const char *
doc_str(jv obj, const char *key)
{
	return lent(doc_get(obj, key));
}

const char *
doc_str_at(jv array, size_t i)
{
	return lent(doc_at(array, i));
}

const char *
doc_str_find(jv obj, const char *key, ...)
{
	va_list ap;
	jv v;

	va_start(ap, key);
	v = find_list(obj, key, ap);
	va_end(ap);
	return lent(v);
}

int
doc_int(jv obj, const char *key, long *out)
{
	jv v = doc_get(obj, key);
	double n = doc_is(v, DOC_NUMBER) ? jv_number_value(v) : NAN;

	jv_free(v);
	if (!(n >= -int_max && n <= int_max) || n != floor(n))
		return -1;
	*out = (long)n;
	return 0;
}

int
doc_flag(jv obj, const char *key, int dflt)
{
	jv v = doc_get(obj, key);
	jv_kind k = jv_get_kind(v);

	jv_free(v);
	return k == JV_KIND_TRUE ? 1 : k == JV_KIND_FALSE ? 0 : dflt;
}

jv
doc_keys(jv obj)
{
	return doc_is(obj, DOC_OBJECT) ? jv_keys(jv_copy(obj)) : jv_array();
}

int
doc_list_has(jv array, const char *s)
{
	for (size_t i = 0; i < doc_len(array); i++) {
		const char *e = doc_str_at(array, i);

		if (e != NULL && strcmp(e, s) == 0)
			return 1;
	}
	return 0;
}

/* --- changing -------------------------------------------------------------- */

jv
doc_set(jv obj, const char *key, jv val)
{
	if (!doc_is(obj, DOC_OBJECT) || !jv_is_valid(val)) {
		jv_free(val);
		return obj;
	}
	return jv_object_set(obj, jv_string(key), val);
}

jv
doc_set_str(jv obj, const char *key, const char *s)
{
	return s == NULL ? obj : doc_set(obj, key, jv_string(s));
}

jv
doc_set_int(jv obj, const char *key, long n)
{
	return doc_set(obj, key, jv_number((double)n));
}

jv
doc_set_flag(jv obj, const char *key, int b)
{
	return doc_set(obj, key, doc_bool(b));
}

jv
doc_del(jv obj, const char *key)
{
	return doc_is(obj, DOC_OBJECT) ? jv_object_delete(obj, jv_string(key)) :
					 obj;
}

jv
doc_push(jv array, jv val)
{
	if (!doc_is(array, DOC_ARRAY) || !jv_is_valid(val)) {
		jv_free(val);
		return array;
	}
	return jv_array_append(array, val);
}

jv
doc_push_str(jv array, const char *s)
{
	return doc_push(array, jv_string(s));
}

jv
doc_put(jv array, size_t i, jv val)
{
	if (i >= doc_len(array) || !doc_is(array, DOC_ARRAY) ||
	    !jv_is_valid(val)) {
		jv_free(val);
		return array;
	}
	return jv_array_set(array, (int)i, val);
}

jv
doc_merge(jv obj, jv more)
{
	if (!doc_is(obj, DOC_OBJECT) || !doc_is(more, DOC_OBJECT)) {
		jv_free(more);
		return obj;
	}
	return jv_object_merge(obj, more);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

jv
doc_sorted_set(jv array)
{
	size_t n = doc_len(array), m = 0;
	const char **list = xcalloc(n, sizeof(*list));
	jv out = jv_array();

	for (size_t i = 0; i < n; i++)
		if (doc_str_at(array, i) != NULL)
			list[m++] = doc_str_at(array, i);
	qsort(list, m, sizeof(*list), by_text);
	for (size_t i = 0; i < m; i++)
		if (i == 0 || strcmp(list[i - 1], list[i]) != 0)
			out = doc_push_str(out, list[i]);
	free(list);
	jv_free(array);
	return out;
}
