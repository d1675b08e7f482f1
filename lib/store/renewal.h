/* renewal.h - NAME.conf, the renewal configuration of a lineage (spec 2):
 * paths, saved options, and our own section. Knows neither links nor
 * certificates. */
#ifndef STORE_RENEWAL_H
#define STORE_RENEWAL_H

#include "base/doc.h"
#include "base/ini.h"

enum store_kind {
	KIND_CERT,
	KIND_PRIVKEY,
	KIND_CHAIN,
	KIND_FULLCHAIN,
	KIND_COUNT
};
extern const char *const kind_names[KIND_COUNT]; /* "cert", "privkey", … */

/* What "version" says: a version of certbot that every reader of this layout
 * accepts without remark. */
extern const char renewal_version[];

struct renewal {
	char *name; /* of the lineage: the file's name without ".conf" */
	char *path; /* CONFIG/renewal/NAME.conf */
	struct ini *ini;
	char *archive_dir; /* absolute; its default when the file is mute */
	char *live[KIND_COUNT]; /* the links' paths as the file names them */
};

/* CONFIG/renewal/NAME.conf; malloc'd. */
char *renewal_path(const char *config_dir, const char *name);
/* May a lineage have this name? badData with certbot's words of spec 1.5 for
 * a slash, our own for an empty one, a leading dot, control bytes, or one
 * that is too long for a file. */
int renewal_name_check(const char *name, struct err *err);
/* All lineage names, sorted by bytes: *.conf without a leading dot. Empty when
 * the directory is missing. none and permission/ioError. Owned. */
jv renewal_list(const char *config_dir, struct err *err);

/* Read and check. noLineage when there is no file; brokenLineage with
 * certbot's texts of spec 1.9; permission/ioError when unreadable. r need not
 * be initialised and must be released in any case. */
int renewal_read(struct renewal *r, const char *config_dir, const char *name,
    struct err *err);
/* The same from another file; path NULL: from NAME.conf. */
int renewal_read_from(struct renewal *r, const char *config_dir,
    const char *name, const char *path, struct err *err);
/* A new one for a lineage in the usual places, nothing written yet. */
void renewal_new(struct renewal *r, const char *config_dir, const char *name);
void renewal_release(struct renewal *r);

/* [renewalparams] as the file has it: strings and arrays of strings, and
 * sub-sections (webroot_map) as objects. Owned; an empty object if absent. */
jv renewal_params(const struct renewal *r);

/* Is there such a section? (renewal_params() is an empty object without.) */
int renewal_has_params(const struct renewal *r);
/* [acme_tools] as the document's "acmeTools"; none when there is none. Owned. */
jv renewal_tools(const struct renewal *r);
/* Top-level text such as renew_before_expiry; malloc'd, NULL if absent. */
char *renewal_text(const struct renewal *r, const char *key);

/* Save a new set of options: keys that stay keep their place, new ones follow
 * in certbot's order (spec 2.5), all others of [renewalparams] go; tools
 * (acmeTools, may be none) replaces what our section says of challenges.
 * "version", archive_dir and the four paths are brought up to date. Both are
 * borrowed. badDocument when a value has a form that the file cannot hold. */
int renewal_set(struct renewal *r, jv params, jv tools, struct err *err);
/* Write the file: old or new, its mode kept (0644 & ~umask when new). to is
 * another path for it, or NULL for r->path. */
int renewal_write(const struct renewal *r, const char *to, struct err *err);

#endif
