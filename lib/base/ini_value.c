/* ini_value.c - ConfigObj takes values apart by one backtracking pattern,
 *
 *	^ (?: ( (?: ITEM \s* , \s* )* ) ( LAST )? | (,) ) \s* (#.*)? $
 *	ITEM: ".*?" or '.*?' or [^'",#][^,#]*?
 *	LAST: ".*?" or '.*?' or [^'",#\s][^,]*? or nothing, not after a comma
 *
 * whose choices decide what odd values mean. Here the same choices are found
 * from right to left, each place looked at once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini_tree.h"

enum { NOWHERE = -1 };

/* The marks and the two quotes, as far as they lie right of a place. */
struct near {
	int32_t tail;	 /* where \s*(#.*)?$ matches */
	int32_t comma;	 /* a comma */
	int32_t stop;	 /* a comma or '#' */
	int32_t item[2]; /* where it goes on behind the nearest quote that
			  * ends an item, for " and ' */
	int last[2];	 /* is there a quote that ends the value? */
};

struct scan {
	const char *p, *end;
	int32_t n;
	char *tail;    /* does \s*(#.*)?$ match here? */
	char *match;   /* can the rest be matched from here? */
	int32_t *next; /* here: behind the item that begins here, NOWHERE if
			* none can; of a comma: where it goes on behind it */
};

static int
quote_index(char c)
{
	return c == '"' ? 0 : c == '\'' ? 1 : -1;
}

static int32_t
skip(const struct scan *s, int32_t i)
{
	return (int32_t)(ini_skip(s->p + i, s->end) - s->p);
}

/* Behind the comma at i the pattern takes all blanks, or gives some back. */
static int32_t
behind_comma(const struct scan *s, int32_t i)
{
	int32_t at = skip(s, i + 1);

	for (; at > i; at--) {
		if (s->match[at])
			return at;
	}
	return NOWHERE;
}

static int
last_matches(const struct scan *s, const struct near *near, int32_t i)
{
	int q = quote_index(s->p[i]);

	if (q >= 0)
		return near->last[q];
	if (s->p[i] == ',' || s->p[i] == '#' || ini_space(s->p + i, s->end))
		return s->tail[i];
	return near->tail <= near->comma;
}

static int32_t
item_at(const struct scan *s, const struct near *near, int32_t i)
{
	int q = quote_index(s->p[i]);

	if (q >= 0)
		return near->item[q];
	if (s->p[i] == ',' || s->p[i] == '#' || near->stop >= s->n ||
	    s->p[near->stop] != ',')
		return NOWHERE;
	return s->next[near->stop];
}

/* What the place i means to those left of it. */
static void
note(const struct scan *s, struct near *near, int32_t i)
{
	int q = quote_index(s->p[i]);
	int32_t j;

	if (s->tail[i])
		near->tail = i;
	if (s->p[i] == ',')
		near->comma = i;
	if (s->p[i] == ',' || s->p[i] == '#')
		near->stop = i;
	if (q < 0)
		return;
	if (s->tail[i + 1])
		near->last[q] = 1;
	j = skip(s, i + 1);
	if (j < s->n && s->p[j] == ',' && s->next[j] != NOWHERE)
		near->item[q] = s->next[j];
}

static void
scan_back(struct scan *s)
{
	struct near near = {.tail = s->n,
	    .comma = s->n,
	    .stop = s->n,
	    .item = {NOWHERE, NOWHERE}};
	size_t blank;
	int32_t i;

	s->tail[s->n] = s->match[s->n] = 1;
	s->next[s->n] = NOWHERE;
	for (i = s->n - 1; i >= 0; i--) {
		if (((unsigned char)s->p[i] & 0xc0) == 0x80)
			continue;
		blank = ini_space(s->p + i, s->end);
		s->tail[i] = s->p[i] == '#' ||
		    (blank && s->tail[i + (int32_t)blank]);
		s->next[i] = item_at(s, &near, i);
		s->match[i] = s->next[i] != NOWHERE ||
		    last_matches(s, &near, i);
		if (s->p[i] == ',')
			s->next[i] = behind_comma(s, i);
		note(s, &near, i);
	}
}

static jv
unquoted(const char *p, const char *end)
{
	if (end > p && quote_index(*p) >= 0 && end[-1] == *p)
		return end - p < 2 ? doc_string("") :
				     doc_stringn(p + 1, (size_t)(end - p) - 2);
	return doc_stringn(p, (size_t)(end - p));
}

/* Behind the quote that ends an item before a comma, and the comma; NULL. */
static const char *
quoted_member(const char *p, const char *end, const char **comma)
{
	const char *q = p;

	while ((q = memchr(q + 1, *p, (size_t)(end - q - 1)))) {
		*comma = ini_skip(q + 1, end);
		if (*comma < end && **comma == ',')
			return q + 1;
	}
	return NULL;
}

/* The members in p..end, which ends with a comma and blanks. They are found by
 * another pattern than the one above: (".*?"|'.*?'|[^'",#]?.*?)\s*,\s*  */
static int
members(const char *p, const char *end, jv *list)
{
	const char *comma, *stop;
	int none[2] = {0, 0}, q;

	for (; p < end; p = ini_skip(comma + 1, end)) {
		q = quote_index(*p);
		stop = NULL;
		if (q >= 0 && !none[q]) {
			stop = quoted_member(p, end, &comma);
			none[q] = !stop;
		}
		if (!stop) {
			comma = memchr(p, ',', (size_t)(end - p));
			if (!comma)
				return 0;
			stop = ini_trim(p, comma);
			if (stop == p && comma > p)
				stop = p + ini_space(p, end);
		}
		if (stop == p)
			return -1;
		*list = doc_push(*list, unquoted(p, stop));
	}
	return 0;
}

/* The last member or single value that begins at i; *tail is behind it.
 * none: nothing behind a comma. */
static jv
last_value(const struct scan *s, int32_t i, int32_t *tail)
{
	int32_t e = i;

	if (s->tail[i]) {
		*tail = i;
		return i ? doc_none() : doc_string("");
	}
	if (quote_index(s->p[i]) >= 0) {
		for (e++; s->p[e] != s->p[i] || !s->tail[e + 1];)
			e++;
		e++;
	} else {
		do
			e++;
		while (!s->tail[e]);
	}
	*tail = e;
	return unquoted(s->p + i, s->p + e);
}

static int
scan_value(const struct scan *s, jv *value, const char **comment)
{
	int32_t i = 0, tail;
	jv last;

	*comment = NULL;
	if (s->match[0]) {
		while (s->p + i < s->end && s->p[i] != ',' &&
		    s->next[i] != NOWHERE)
			i = s->next[i];
		last = last_value(s, i, &tail);
		if (!i) {
			*value = last;
		} else {
			*value = doc_array();
			if (members(s->p, s->p + i, value) != 0) {
				doc_free(last);
				doc_move(value, doc_none());
				return -1;
			}
			*value = doc_push(*value, last);
		}
	} else if (s->n && *s->p == ',' && s->tail[1]) {
		*value = doc_array();
		tail = 1;
	} else {
		return -1;
	}
	tail = skip(s, tail);
	if (tail < s->n)
		*comment = s->p + tail;
	return 0;
}

int
ini_value_parse(const char *p, const char *end, jv *value, const char **comment)
{
	struct scan s = {.p = p, .end = end, .n = (int32_t)(end - p)};
	size_t size = (size_t)(end - p) + 1;
	const char *c;
	int r;

	*value = doc_none();
	for (c = p; c < end && !strchr(",\"'#", *c);)
		c++;
	if (c == end) {
		*comment = NULL;
		*value = doc_stringn(p, (size_t)(ini_trim(p, end) - p));
		return 0;
	}
	s.tail = xcalloc(size, 1);
	s.match = xcalloc(size, 1);
	s.next = xcalloc(size, sizeof(*s.next));
	scan_back(&s);
	r = scan_value(&s, value, comment);
	free(s.tail);
	free(s.match);
	free(s.next);
	return r;
}
