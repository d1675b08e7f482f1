/* edit.h - a file's bytes and the changes to be made to them: what is not
 * changed comes back byte for byte. Knows no grammar: the parsers of nginx's
 * and Apache's configuration say where, this module says what it becomes. */
#ifndef BASE_EDIT_H
#define BASE_EDIT_H

#include <sys/stat.h>
#include "base/base.h"
#include "base/err.h"

struct edit;

/* Read the regular file at path, at most max bytes. Links are followed, and
 * the file that they lead to is the one that is written. NULL and err:
 * noInput, permission, badData (a directory, too large), ioError; the text
 * names path. */
struct edit *edit_open(const char *path, size_t max, struct err *err);

/* A file that is to be made, with exactly this mode; it has no bytes yet. */
struct edit *edit_new(const char *path, mode_t mode);

/* The new file gets mode, owner, group and extended attributes of this one's
 * real file instead (as far as this process may give files away). */
void edit_like(struct edit *e, const struct edit *model);

void edit_free(struct edit *e); /* NULL is fine; nothing is written */

/* path as it was given, and the real file (of a new one the same). Borrowed. */
const char *edit_path(const struct edit *e);
const char *edit_real_path(const struct edit *e);

/* Of the real file as it was read or written; all zero of a new one. */
const struct stat *edit_stat(const struct edit *e);

/* The same file, by whatever name or link? New ones are compared by path. */
int edit_same_file(const struct edit *a, const struct edit *b);

/* The bytes as read, or as of the last edit_settle, and a 0 behind them that
 * is not counted. Borrowed until edit_settle or edit_write. */
const char *edit_bytes(const struct edit *e, size_t *len);

/* Changes, to be made by edit_settle or edit_write. Offsets are those of
 * edit_bytes; what lies beyond the end means the end. Several changes at one
 * place keep the order of the calls. Of two that cover the same bytes the
 * bytes go once, and both texts come. text is copied, may be NULL with len 0. */
void edit_insert(struct edit *e, size_t at, const char *text, size_t len);
void edit_replace(struct edit *e, size_t at, size_t n, const char *text,
    size_t len);

/* Are there changes that edit_settle has not made yet? */
int edit_pending(const struct edit *e);

/* Does what it would become differ from the file as it was read or written? */
int edit_changed(const struct edit *e);

/* Make the changes in memory: edit_bytes is then the new text. */
void edit_settle(struct edit *e);

/* Settle, and when it is changed write: beside the real file, with its mode,
 * owner, group and extended attributes, flushed, renamed; links stay links.
 * A file that is no longer the one that was read is not overwritten
 * (ioError), a new one overwrites nothing (cannotCreate). Otherwise the errors
 * of safefile_write. */
int edit_write(struct edit *e, struct err *err);

#endif
