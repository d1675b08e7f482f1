/* certbot/files.h - files, directories and locks, as certbot treats them. Where
 * the C library has a function for it (chmod, rename, realpath), use that. */
#ifndef CERTBOT_FILES_H
#define CERTBOT_FILES_H

#include <sys/types.h>

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct certbot_plugin;

/* --- files ------------------------------------------------------------------- */

/* A whole text file of at most 1 MiB; malloc'd. */
char *certbot_file_read(const char *path, size_t *len, struct certbot_error *e);
/* Writes a file as a whole: it is the old one or the new one, never half. A new
 * file gets this mode under any umask; one that is there keeps its own mode and
 * owner. A link is followed. */
int certbot_file_write(const char *path, const void *data, size_t len,
    mode_t mode, struct certbot_error *e);
/* Makes a file that is not there yet, for writing; the descriptor. Exactly this
 * mode. */
int certbot_file_create(const char *path, mode_t mode, struct certbot_error *e);
/* The first free one of DIR/0000_NAME, DIR/0001_NAME, ...: made, its descriptor
 * and, malloc'd, its path. */
int certbot_file_unique(const char *path, mode_t mode, char **made,
    struct certbot_error *e);
/* The first free one of DIR/NAME.conf, DIR/NAME-0001.conf, ... */
int certbot_file_unique_lineage(const char *dir, const char *name, mode_t mode,
    char **made, struct certbot_error *e);
/* Removes a file that may be missing. */
int certbot_file_remove(const char *path, struct certbot_error *e);

/* dst gets src's user and group, as asked for, and mode; a mode of -1 is src's. */
int certbot_file_copy_owner(const char *src, const char *dst, int mode,
    int user, int group, struct certbot_error *e);
/* Is it the user's own (owner != 0), with exactly this mode (-1: any)? 1 or 0;
 * 0 when it is not there. */
int certbot_file_check(const char *path, int mode, int owner);
/* Has it at least these permissions? */
int certbot_file_has_mode(const char *path, mode_t least);
/* Can everybody read, write or execute it? */
int certbot_file_is_public(const char *path);
/* Have the two the same owner and group? */
int certbot_file_same_owner(const char *a, const char *b);
/* The mode for a private key that follows old_key: base, and what its group was
 * allowed before; others, if they were, to read. */
mode_t certbot_key_mode(const char *old_key, mode_t base);

/* A file of the installation that is kept current at dest unless a person has
 * changed it (who is then told once, through p, which may be NULL). digest: the
 * file that remembers what he was told of; known: SHA-256 of every version
 * ever shipped, lower-case, NULL-ended. */
int certbot_file_install(struct certbot_plugin *p, const char *dest,
    const char *digest, const char *source, const char *const *known,
    struct certbot_error *e);
/* certbot's own ssl-dhparams.pem in the configuration directory, made current.
 * Its path, malloc'd. */
char *certbot_dhparams_install(struct certbot_plugin *p, const char *config_dir,
    struct certbot_error *e);

/* --- directories and locks ------------------------------------------------------ */

/* The directory and its parents, with this mode. strict: one that is there must
 * be the user's own and have it. */
int certbot_dir_make(const char *dir, mode_t mode, int strict,
    struct certbot_error *e);
/* The path, its parent, ... up to "/", appended. */
void certbot_path_prefixes(const char *path, struct certbot_list *prefixes);
/* Where certbot keeps "config", "work" and "logs" unless told otherwise. */
const char *certbot_default_dir(const char *which);

/* certbot's lock of a directory, .certbot.lock, for the life of the process, or
 * until certbot_unlock. Waits up to wait_s seconds, then CERTBOT_LOCKED. */
struct certbot_lock;
struct certbot_lock *certbot_lock_dir(const char *dir, long wait_s,
    struct certbot_error *e);
void certbot_unlock(struct certbot_lock *lock);

#ifdef __cplusplus
}
#endif

#endif
