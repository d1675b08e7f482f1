/* lineage.h - lineages on disk (spec 1.5 to 1.10): versions in archive/NAME,
 * links in live/NAME, NAME.conf in renewal.
 *
 * Two kinds of callers. Those that hold the configuration directory's lock
 * first call lineage_recover, then open with LINEAGE_LOCKED, and may change
 * things. All others only look: lineage_snapshot, which reads until what it
 * has read belongs together. Knows nothing of ACME documents but the three
 * members it fills: "lineage", renewalparams and acmeTools. */
#ifndef STORE_LINEAGE_H
#define STORE_LINEAGE_H

#include <openssl/evp.h>
#include "base/buf.h"
#include "store/renewal.h"

enum {
	LINEAGE_LOCKED = 1,    /* the lock is ours: finish what was cut off */
	LINEAGE_ANY_TARGET = 2 /* links may lead nowhere (to be fixed) */
};
/* Versions that stay beside the newest one. */
enum { LINEAGE_KEEP = 5 };

struct lineage {
	struct renewal conf;
	char *target[KIND_COUNT]; /* absolute paths of the links' targets */
	long version[KIND_COUNT]; /* their numbers, 0: not named so */
	long latest;  /* highest number that all four kinds have; 0: none */
	long highest; /* highest number of any kind */
};

/* What a version is made of. PEM texts; chain follows cert in fullchain. */
struct lineage_files {
	const char *cert, *chain;
	EVP_PKEY *key;
};

/* Texts of the current version, of the kinds asked for. */
struct lineage_texts {
	struct buf text[KIND_COUNT];
};

/* l need not be initialised and must be released in any case. noLineage,
 * brokenLineage (texts of spec 1.9), permission, ioError. */
int lineage_open(struct lineage *l, const char *config_dir, const char *name,
    unsigned flags, struct err *err);
void lineage_release(struct lineage *l);

/* Open without the lock and read the kinds (mask of 1 << KIND_…) through the
 * links, again and again until no save went on meanwhile; after 2 s
 * brokenLineage: a save is unfinished. t must be released in any case. */
int lineage_snapshot(struct lineage *l, struct lineage_texts *t, unsigned kinds,
    const char *config_dir, const char *name, struct err *err);
/* Are its links being moved, or was whoever moved them cut off? */
int lineage_is_moving(const char *config_dir, const char *name);
void lineage_texts_release(struct lineage_texts *t);

/* archive path of a version's file, beside the present target; malloc'd. */
char *lineage_file(const struct lineage *l, enum store_kind kind, long version);
/* Is a newer version there than the links lead to? 1, 0; -1 and brokenLineage
 * when a link's target has no number. */
int lineage_pending(const struct lineage *l, struct err *err);
/* Move all four links to this version, under certbot's journal. */
int lineage_deploy(struct lineage *l, long version, struct err *err);

/* Make a lineage with version 1 named `wanted`, or wanted-0001 … when such a
 * renewal file exists. On failure nothing is left. *l is open after 0. */
int lineage_new(struct lineage *l, const char *config_dir, const char *wanted,
    const struct lineage_files *f, jv params, jv tools, struct err *err);
/* Save a next version, rewrite the renewal file, move the links, prune. On
 * failure links, files and renewal file are as before. */
int lineage_successor(struct lineage *l, const struct lineage_files *f,
    jv params, jv tools, struct err *err);
/* Does version (1 up) hold this certificate and chain? */
int lineage_holds(const struct lineage *l, long version,
    const struct lineage_files *f);

/* Spec 1.10. An unreadable renewal file is removed all the same, and is an
 * error. */
int lineage_delete(const char *config_dir, const char *name, struct err *err);
/* update_symlinks of one lineage (spec 1.9): relative links into archive_dir.
 * l was opened with LINEAGE_ANY_TARGET. */
int lineage_fix(struct lineage *l, struct err *err);
/* Is the current version whole: signature, chain, key? brokenLineage with the
 * texts of spec 7.6. t holds all four kinds. */
int lineage_verify(const struct lineage *l, const struct lineage_texts *t,
    struct err *err);

/* Clear what saves that were killed have left below config_dir: lineages
 * half made, temporary files. Only under the lock. */
int lineage_recover(const char *config_dir, struct err *err);

/* The document's "lineage": name, path (live directory), conf, archive,
 * version, latest, cert, privkey, chain, fullchain, server; with info (of
 * cert_info, borrowed, may be none) also names, serial, notBefore, notAfter,
 * issuer, keyType, keySize or curve. Owned. */
jv lineage_doc(const struct lineage *l, jv info);

#endif
