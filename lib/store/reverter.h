/* reverter.h - checkpoints of files that plugins change, in certbot's own
 * directories and formats (spec installers A1-A8): what either program made,
 * the other undoes.
 *
 *   WORK/temp_checkpoint/   to be undone soon (http-01 in a server)
 *   WORK/IN_PROGRESS/       changed, without a title yet
 *   WORK/backups/TIME/      finished; undone by rollback only
 *
 * Register first, then change: whatever is killed in between can be undone.
 * All that is registered is flushed when a call returns. `paths` are borrowed
 * arrays of absolute paths; one with a line break or one that is relative is
 * refused (badData), for the formats have a path on each line. One process at
 * a time: the caller holds certbot's lock of the work directory, or the lock
 * of the server root that is edited. */
#ifndef STORE_REVERTER_H
#define STORE_REVERTER_H

#include "base/doc.h"

struct reverter;

/* Checkpoints below WORK; makes WORK/backups (0755), removes what a killed
 * undo left. strict: directories that are there must be the caller's own with
 * that mode (safefile_check_dir). NULL and err on failure. */
struct reverter *reverter_open(const char *work, int strict, struct err *err);
void reverter_free(struct reverter *r); /* NULL is fine */

/* Copy files (with mode and times; links are followed) before they are
 * changed; one that is registered already keeps its oldest copy. notes: text
 * of what is changed, appended to CHANGES_SINCE, may be NULL. A permanent
 * change of a file that is under a temporary one is refused (A3). ioError or
 * permission when a copy cannot be made: change nothing then. */
int reverter_add(struct reverter *r, int temporary, jv paths, const char *notes,
    struct err *err);

/* Register files that will be created: they are removed on undo. */
int reverter_created(struct reverter *r, int temporary, jv paths,
    struct err *err);

/* A command (array of at least one string) that undoes something; run without
 * a shell, last one first, before any file comes back. */
int reverter_undo_command(struct reverter *r, int temporary, jv argv,
    struct err *err);

/* IN_PROGRESS, if there is one, becomes a finished checkpoint (A6). */
int reverter_finish(struct reverter *r, const char *title, struct err *err);

/* Undo the temporary changes. What cannot be undone stays registered. */
int reverter_revert_temporary(struct reverter *r, struct err *err);

/* Undo temporary changes, then those in progress (A5). */
int reverter_recover(struct reverter *r, struct err *err);

/* Undo the newest n finished checkpoints (A7). None, or fewer than n, is a
 * warning; n < 0 an error. */
int reverter_rollback(struct reverter *r, long n, struct err *err);

/* How many finished checkpoints there are. */
size_t reverter_count(const struct reverter *r);

/* Is there something to recover? */
int reverter_unfinished(const struct reverter *r);

#endif
