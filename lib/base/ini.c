#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini_tree.h"

struct ini *
ini_new(void)
{
	struct ini *ini = xcalloc(1, sizeof(*ini));

	ini->newline = "\n";
	return ini;
}

void
ini_free(struct ini *ini)
{
	if (!ini)
		return;
	ini_section_empty(ini, &ini->top);
	ini_lines_free(&ini->initial);
	ini_lines_free(&ini->final);
	free(ini->table);
	free(ini->indent);
	free(ini);
}

/* --- asking -------------------------------------------------------------- */

/* The entry of the last name in path; NULL for the top level and when there
 * is none. */
static struct ini_entry *
path_entry(const struct ini *ini, const char *path)
{
	const struct ini_section *s = &ini->top;
	struct ini_entry *e = NULL;
	size_t n;

	while (path && *path) {
		n = strcspn(path, "\n");
		e = s ? ini_entry_find(ini, s, path, n) : NULL;
		s = e ? e->sub : NULL;
		path += n + (path[n] == '\n');
	}
	return e;
}

static const struct ini_section *
section_at(const struct ini *ini, const char *path)
{
	const struct ini_entry *e;

	if (!path || !*path)
		return &ini->top;
	e = path_entry(ini, path);
	return e ? e->sub : NULL;
}

static struct ini_entry *
key_entry(const struct ini *ini, const char *section, const char *key)
{
	const struct ini_section *s = section_at(ini, section);
	struct ini_entry *e;

	e = s ? ini_entry_find(ini, s, key, strlen(key)) : NULL;
	return e && !e->sub ? e : NULL;
}

int
ini_has_section(const struct ini *ini, const char *section)
{
	return section_at(ini, section) != NULL;
}

jv
ini_get(const struct ini *ini, const char *section, const char *key)
{
	const struct ini_entry *e = key_entry(ini, section, key);

	return e ? doc_copy(e->value) : doc_none();
}

char *
ini_get_text(const struct ini *ini, const char *section, const char *key)
{
	const struct ini_entry *e = key_entry(ini, section, key);
	const char *text;

	if (!e)
		return NULL;
	text = doc_text_of(e->value);
	return text ? xstrdup(text) : doc_join(e->value, ", ");
}

jv
ini_section(const struct ini *ini, const char *section)
{
	const struct ini_section *s = section_at(ini, section);
	const struct ini_entry *e;
	jv obj = doc_object();

	for (e = s ? s->keys.first : NULL; e; e = e->next)
		obj = doc_set(obj, e->name, doc_copy(e->value));
	return obj;
}

static jv
names_of(const struct ini_entry *e)
{
	jv names = doc_array();

	for (; e; e = e->next)
		names = doc_push_str(names, e->name);
	return names;
}

jv
ini_keys(const struct ini *ini, const char *section)
{
	const struct ini_section *s = section_at(ini, section);

	return names_of(s ? s->keys.first : NULL);
}

jv
ini_subsections(const struct ini *ini, const char *section)
{
	const struct ini_section *s = section_at(ini, section);

	return names_of(s ? s->sections.first : NULL);
}

/* --- changing ------------------------------------------------------------ */

/* The section at path, with all above it; a key of such a name goes. */
static struct ini_section *
section_make(struct ini *ini, const char *path)
{
	struct ini_section *s = &ini->top;
	struct ini_entry *e;
	size_t n;

	while (path && *path) {
		n = strcspn(path, "\n");
		e = ini_entry_find(ini, s, path, n);
		if (e && !e->sub) {
			ini_entry_remove(ini, e);
			e = NULL;
		}
		if (!e)
			e = ini_entry_add(ini, s, path, n, 1);
		s = e->sub;
		path += n + (path[n] == '\n');
	}
	return s;
}

void
ini_add_section(struct ini *ini, const char *section)
{
	section_make(ini, section);
}

void
ini_del_section(struct ini *ini, const char *section)
{
	struct ini_entry *e = path_entry(ini, section);

	if (e && e->sub)
		ini_entry_remove(ini, e);
}

/* As Python's str() of it; none if it has no text here. */
static jv
as_text(jv val TAKES)
{
	char *text;

	switch (doc_kind(val)) {
	case DOC_STRING:
		return val;
	case DOC_BOOL:
		text = xstrdup(doc_equal(val, doc_bool(1)) ? "True" : "False");
		break;
	case DOC_NULL:
		text = xstrdup("None");
		break;
	case DOC_NUMBER:
		text = doc_text_python(val, NULL);
		break;
	default:
		doc_free(val);
		return doc_none();
	}
	doc_free(val);
	val = doc_string(text);
	free(text);
	return val;
}

static jv
as_value(jv val TAKES)
{
	size_t i, n = doc_len(val);
	jv list;

	if (!doc_is(val, DOC_ARRAY))
		return as_text(val);
	list = doc_array();
	for (i = 0; i < n; i++)
		list = doc_push(list, as_text(doc_at(val, i)));
	doc_free(val);
	return list;
}

void
ini_set(struct ini *ini, const char *section, const char *key, jv val)
{
	struct ini_section *s;
	struct ini_entry *e;

	val = as_value(val);
	if (doc_is(val, DOC_NONE))
		return;
	s = section_make(ini, section);
	e = ini_entry_find(ini, s, key, strlen(key));
	if (e && e->sub) {
		ini_entry_remove(ini, e);
		e = NULL;
	}
	if (!e)
		e = ini_entry_add(ini, s, key, strlen(key), 0);
	doc_move(&e->value, val);
}

void
ini_del(struct ini *ini, const char *section, const char *key)
{
	struct ini_entry *e = key_entry(ini, section, key);

	if (e)
		ini_entry_remove(ini, e);
}

static void
lines_set(struct ini_lines *lines, const char *text)
{
	size_t n;

	ini_lines_free(lines);
	while (text) {
		n = strcspn(text, "\n");
		ini_lines_add(lines, text, n);
		text = text[n] ? text + n + 1 : NULL;
	}
}

void
ini_set_initial_comment(struct ini *ini, const char *text)
{
	lines_set(&ini->initial, text);
}

void
ini_set_section_comment(struct ini *ini, const char *section, const char *text)
{
	struct ini_entry *e = path_entry(ini, section);

	if (e && e->sub)
		lines_set(&e->above, text);
}
