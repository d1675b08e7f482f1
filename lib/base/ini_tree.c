#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini_tree.h"

enum { TABLE_FIRST = 64 };

/* --- white space ---------------------------------------------------------- */

size_t
ini_space(const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *)p;

	if (p == end)
		return 0;
	if (u[0] < 0x80)
		return (u[0] >= 0x09 && u[0] <= 0x0d) ||
		    (u[0] >= 0x1c && u[0] <= 0x20);
	if (u[0] == 0xc2)
		return end - p >= 2 && (u[1] == 0x85 || u[1] == 0xa0) ? 2 : 0;
	if (end - p < 3)
		return 0;
	if (u[0] == 0xe1)
		return u[1] == 0x9a && u[2] == 0x80 ? 3 : 0;
	if (u[0] == 0xe3)
		return u[1] == 0x80 && u[2] == 0x80 ? 3 : 0;
	if (u[0] != 0xe2)
		return 0;
	if (u[1] == 0x80)
		return u[2] <= 0x8a || u[2] == 0xa8 || u[2] == 0xa9 ||
			u[2] == 0xaf ?
		    3 :
		    0;
	return u[1] == 0x81 && u[2] == 0x9f ? 3 : 0;
}

const char *
ini_skip(const char *p, const char *end)
{
	size_t n;

	while ((n = ini_space(p, end)))
		p += n;
	return p;
}

const char *
ini_trim(const char *p, const char *end)
{
	const char *q = end;

	while (q > p) {
		if (ini_space(q - 1, end) == 1)
			q--;
		else if (q - p >= 2 && ini_space(q - 2, q) == 2)
			q -= 2;
		else if (q - p >= 3 && ini_space(q - 3, q) == 3)
			q -= 3;
		else
			break;
	}
	return q;
}

/* --- lines ------------------------------------------------------------------ */

void
ini_lines_add(struct ini_lines *lines, const char *p, size_t n)
{
	if (lines->n == lines->cap) {
		lines->cap = lines->cap ? lines->cap * 2 : 4;
		lines->list = xrealloc(lines->list,
		    lines->cap * sizeof(*lines->list));
	}
	lines->list[lines->n++] = xstrndup(p, n);
}

void
ini_lines_free(struct ini_lines *lines)
{
	static const struct ini_lines none;

	while (lines->n)
		free(lines->list[--lines->n]);
	free(lines->list);
	*lines = none;
}

/* --- entries ----------------------------------------------------------------- */

static size_t
bucket(const struct ini *ini, const struct ini_section *s, const char *name,
    size_t len)
{
	uint64_t h = 14695981039346656037U ^ (uintptr_t)s; /* FNV-1a */
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 1099511628211U;
	return (size_t)(h ^ h >> 32) & (ini->cap - 1);
}

struct ini_entry *
ini_entry_find(const struct ini *ini, const struct ini_section *s,
    const char *name, size_t len)
{
	struct ini_entry *e;

	if (!ini->cap)
		return NULL;
	for (e = ini->table[bucket(ini, s, name, len)]; e; e = e->chain) {
		if (e->in == s && !strncmp(e->name, name, len) && !e->name[len])
			return e;
	}
	return NULL;
}

static void
table_put(struct ini *ini, struct ini_entry *e)
{
	size_t b = bucket(ini, e->in, e->name, strlen(e->name));

	e->chain = ini->table[b];
	ini->table[b] = e;
}

static void
table_grow(struct ini *ini)
{
	struct ini_entry **old = ini->table, *e, *chain;
	size_t i, n = ini->cap;

	ini->cap = n ? n * 2 : TABLE_FIRST;
	ini->table = xcalloc(ini->cap, sizeof(struct ini_entry *));
	for (i = 0; i < n; i++) {
		for (e = old[i]; e; e = chain) {
			chain = e->chain;
			table_put(ini, e);
		}
	}
	free(old);
}

static void
table_drop(struct ini *ini, const struct ini_entry *e)
{
	struct ini_entry **at;

	at = &ini->table[bucket(ini, e->in, e->name, strlen(e->name))];
	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	ini->n--;
}

static struct ini_list *
list_of(const struct ini_entry *e)
{
	return e->sub ? &e->in->sections : &e->in->keys;
}

struct ini_entry *
ini_entry_add(struct ini *ini, struct ini_section *s, const char *name,
    size_t len, int is_section)
{
	struct ini_entry *e = xcalloc(1, sizeof(*e));
	struct ini_list *list;

	if (ini->n == ini->cap)
		table_grow(ini);
	e->in = s;
	e->name = xstrndup(name, len);
	e->value = doc_none();
	if (is_section) {
		e->sub = xcalloc(1, sizeof(*e->sub));
		e->sub->parent = s;
		e->sub->depth = s->depth + 1;
	}
	list = list_of(e);
	e->prev = list->last;
	if (list->last)
		list->last->next = e;
	else
		list->first = e;
	list->last = e;
	table_put(ini, e);
	ini->n++;
	return e;
}

void
ini_section_empty(struct ini *ini, struct ini_section *s)
{
	while (s->keys.first)
		ini_entry_remove(ini, s->keys.first);
	while (s->sections.first)
		ini_entry_remove(ini, s->sections.first);
}

void
ini_entry_remove(struct ini *ini, struct ini_entry *e)
{
	struct ini_list *list = list_of(e);

	if (e->sub)
		ini_section_empty(ini, e->sub);
	table_drop(ini, e);
	if (e->prev)
		e->prev->next = e->next;
	else
		list->first = e->next;
	if (e->next)
		e->next->prev = e->prev;
	else
		list->last = e->prev;
	ini_lines_free(&e->above);
	doc_free(e->value);
	free(e->comment);
	free(e->name);
	free(e->sub);
	free(e);
}
