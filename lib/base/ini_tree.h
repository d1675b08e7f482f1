/* ini_tree.h - a parsed file in memory; for the ini_*.c alone. */
#ifndef BASE_INI_TREE_H
#define BASE_INI_TREE_H

#include "base/ini.h"

struct ini_lines {
	char **list;
	size_t n, cap;
};

/* A key or a section of a section: the two share one name space. */
struct ini_entry {
	struct ini_entry *prev, *next; /* among its kind, in file order */
	struct ini_entry *chain;       /* in the table's bucket */
	struct ini_section *in;
	struct ini_section *sub; /* NULL: a key */
	char *name;
	jv value;		/* string or array of strings; a key's */
	struct ini_lines above; /* comment and blank lines */
	char *comment;		/* behind it, from its '#' on; or NULL */
};

struct ini_list {
	struct ini_entry *first, *last;
};

struct ini_section {
	struct ini_section *parent; /* NULL: the top level */
	size_t depth;
	struct ini_list keys, sections;
};

struct ini {
	struct ini_section top;
	struct ini_entry **table; /* all entries by section and name */
	size_t n, cap;
	struct ini_lines initial, final; /* before and behind all entries */
	char *indent;			 /* for each depth; NULL: none */
	const char *newline;
	int bom;
};

void ini_lines_add(struct ini_lines *lines, const char *p, size_t n);
void ini_lines_free(struct ini_lines *lines);

/* The entry of that name; NULL if there is none. */
struct ini_entry *ini_entry_find(const struct ini *ini,
    const struct ini_section *s, const char *name, size_t len);

/* A new last entry of s, which has none of that name: a section, or a key
 * that has no value yet. */
struct ini_entry *ini_entry_add(struct ini *ini, struct ini_section *s,
    const char *name, size_t len, int is_section);

void ini_entry_remove(struct ini *ini, struct ini_entry *e);
void ini_section_empty(struct ini *ini, struct ini_section *s);

/* --- texts ---------------------------------------------------------------- */

/* Bytes of the white space (as Python's str.isspace) at p; 0 if none. */
size_t ini_space(const char *p, const char *end);
/* Behind the white space at p. */
const char *ini_skip(const char *p, const char *end);
/* p..end without white space at its end. */
const char *ini_trim(const char *p, const char *end);

/* A part of a line. */
struct ini_span {
	const char *p, *end;
};

/* What the pattern of a section's line has found. */
struct ini_marker {
	size_t open, close; /* brackets */
	struct ini_span name;
	const char *comment; /* or NULL */
};

/* Is the line, from its first '[' at p on, a section's? A bracket that opens
 * may be the name's first character when it fits in no other way. */
int ini_is_marker(struct ini_marker *m, const char *p, const char *end);

/* What stands behind "=": a string, or an array of strings, and where the
 * comment begins (NULL: none). -1 if it is no value. Linear in the length. */
int ini_value_parse(const char *p, const char *end, jv *value,
    const char **comment);

#endif
