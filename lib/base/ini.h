/* ini.h - files in certbot's ConfigObj dialect, kept losslessly: unknown keys,
 * comments and order survive a rewrite (spec/core-behaviour.md 2.1 to 2.3).
 * Knows nothing of what the keys mean. */
#ifndef BASE_INI_H
#define BASE_INI_H

#include "base/doc.h"

struct ini; /* a whole file */

struct ini *ini_new(void); /* empty */
/* NULL and err badData ("line N: ...", without the path) on a syntax error. */
struct ini *ini_parse(const char *text, size_t len, struct err *err);
/* noInput/permission/ioError when unreadable; the path is in the text. */
struct ini *ini_read(const char *path, struct err *err);
void ini_free(struct ini *ini);

/* The file's text as ConfigObj would write it (2.2, 2.3); malloc'd.
 * NULL and err badData when a value cannot be quoted. */
char *ini_text(const struct ini *ini, struct err *err);

/* A section is named by a path of names joined by '\n': NULL or "" is the top
 * level, "renewalparams", "renewalparams\nwebroot_map". */
int ini_has_section(const struct ini *ini, const char *section);
void ini_add_section(struct ini *ini, const char *section); /* at the end */
void ini_del_section(struct ini *ini, const char *section);

/* Values: string, or array of strings (a list). Owned; none if absent. */
jv ini_get(const struct ini *ini, const char *section, const char *key);
/* A list joined by ", "; malloc'd; NULL if absent. */
char *ini_get_text(const struct ini *ini, const char *section, const char *key);
/* Keeps place, and comments; a new key goes to the end of its section's
 * scalars. val: string, bool (True/False), number, null (None), array of
 * strings. Makes the section when missing. */
void ini_set(struct ini *ini, const char *section, const char *key,
    jv val TAKES);
void ini_del(struct ini *ini, const char *section, const char *key);

/* Object {key: value} of a section's scalars (not sub-sections); array of the
 * keys in file order; array of sub-section names in file order. Owned. */
jv ini_section(const struct ini *ini, const char *section);
jv ini_keys(const struct ini *ini, const char *section);
jv ini_subsections(const struct ini *ini, const char *section);

/* Comment lines above the first entry of a new file / above a section. */
void ini_set_initial_comment(struct ini *ini, const char *text);
void ini_set_section_comment(struct ini *ini, const char *section,
    const char *text);

#endif
