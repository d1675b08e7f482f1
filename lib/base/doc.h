/* doc.h - JSON documents over libjq's jv: the only module that calls jv_*.
 *
 * Reads borrow their jv, writes eat it and return the new value (jv is
 * immutable and reference-counted). Wrong kinds never abort: a getter on a
 * value of another kind answers "absent". "none" is the invalid jv. */
#ifndef BASE_DOC_H
#define BASE_DOC_H

#include <jv.h>
#include "base/base.h"
#include "base/err.h"

enum doc_kind {
	DOC_NONE,
	DOC_NULL,
	DOC_BOOL,
	DOC_NUMBER,
	DOC_STRING,
	DOC_ARRAY,
	DOC_OBJECT
};

/* --- text to value and back ------------------------------------------- */

/* One JSON value of any kind, read strictly: at most DOC_MAX bytes, depth at
 * most DOC_DEPTH_MAX, valid UTF-8, no NUL, RFC 8259 grammar (no nan, no
 * comments, no trailing text), no duplicate members, at most 10000 in an object,
 * no NUL (\u0000) in a member's name.
 * None, and err badDocument, otherwise (the text says at which byte). */
jv doc_parse(const char *text, size_t len, struct err *err);

/* The whole file at path as one JSON value. none and err on failure. */
jv doc_read_file(const char *path, struct err *err);

/* Compact JSON text, malloc'd. doc_text_python: as Python's json.dumps
 * writes it (", " and ": ", non-ASCII escaped), in member order of keys[]
 * first (NULL-terminated, may be NULL), then the rest sorted. Strings with
 * NUL are escaped. doc_text_sorted: members sorted by bytes, as RFC 7638 wants
 * them. Never NULL. */
char *doc_text(jv v);
char *doc_text_sorted(jv v);
char *doc_text_python(jv v, const char *const *keys);

/* --- making ------------------------------------------------------------ */
jv doc_none(void);
jv doc_null(void);
jv doc_object(void);
jv doc_array(void);
jv doc_string(const char *s);		   /* s must be UTF-8 */
jv doc_stringn(const char *s, size_t len); /* invalid UTF-8: U+FFFD */
jv doc_number(double n);
jv doc_bool(int b);
jv doc_list(const char *const *strings, size_t n); /* array of strings */

/* --- life ----------------------------------------------------------------- */
jv doc_copy(jv v);
void doc_free(jv v TAKES);
jv doc_take(jv *slot);		     /* moves out; *slot becomes none */
void doc_move(jv *slot, jv v TAKES); /* frees what *slot held, stores v */

/* --- asking (all borrow) ------------------------------------------------ */
enum doc_kind doc_kind(jv v);
int doc_is(jv v, enum doc_kind kind);
int doc_equal(jv a, jv b);
size_t doc_len(jv v); /* of array or object, else 0 */
int doc_has(jv obj, const char *key);
jv doc_get(jv obj, const char *key); /* owned; none if absent */
jv doc_get_kind(jv obj, const char *key, enum doc_kind kind); /* else none */
/* Follows members down: doc_find(d, "plan", "action", NULL). Owned. */
jv doc_find(jv obj, const char *key, ...) __attribute__((sentinel));
jv doc_at(jv array, size_t i); /* owned; none if out of range */
/* Text of a string value/member/element without NULs; NULL otherwise. Lives
 * as long as the container is neither freed nor eaten. */
const char *doc_text_of(jv string);
const char *doc_str(jv obj, const char *key);
const char *doc_str_at(jv array, size_t i);
const char *doc_str_find(jv obj, const char *key, ...)
    __attribute__((sentinel));
/* 0 and *out, or -1 unless an integer of magnitude at most 2^53. */
int doc_int(jv obj, const char *key, long *out);
/* 1, 0; dflt unless the member is a boolean. */
int doc_flag(jv obj, const char *key, int dflt);
jv doc_keys(jv obj);			   /* owned sorted array of strings */
int doc_list_has(jv array, const char *s); /* a string equal to s */

/* --- changing (all eat their jv arguments, return the new value) -------- */
jv doc_set(jv obj TAKES, const char *key, jv val TAKES);
jv doc_set_str(jv obj TAKES, const char *key, const char *s); /* NULL: no-op */
jv doc_set_int(jv obj TAKES, const char *key, long n);
jv doc_set_flag(jv obj TAKES, const char *key, int b);
jv doc_del(jv obj TAKES, const char *key);
jv doc_push(jv array TAKES, jv val TAKES);
jv doc_push_str(jv array TAKES, const char *s);
jv doc_put(jv array TAKES, size_t i, jv val TAKES); /* replaces element i */
/* Every member of more set in obj, later wins (shallow). */
jv doc_merge(jv obj TAKES, jv more TAKES);
/* Array of strings: sorted by bytes, each once. */
jv doc_sorted_set(jv array TAKES);

/* "a, b, c" of an array of strings; malloc'd. */
char *doc_join(jv array, const char *sep);

/* The UTF-8 text with control bytes (C0 but \n and \t kept if keep_layout,
 * DEL, C1) and the marks that turn the direction of text shown as \xNN, for
 * terminals and logs; malloc'd. */
char *text_printable(const char *s, int keep_layout);

#endif
