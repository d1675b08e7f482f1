/* certbot/checkpoint.h - checkpoints of the files that an installer changes, in
 * certbot's own directories and formats below its work directory: what one
 * program recorded, the other undoes, and `certbot rollback`.
 *
 * Register first, then change. A change is temporary (undone soon), or in
 * progress, or, once finished, in a checkpoint of its own. One process at a
 * time: hold the lock of what you edit (certbot/files.h). The same as a
 * program, for other languages: certstore checkpoint. */
#ifndef CERTBOT_CHECKPOINT_H
#define CERTBOT_CHECKPOINT_H

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct certbot_checkpoints;

enum { CERTBOT_IN_PROGRESS = 0, CERTBOT_TEMPORARY = 1 };

/* Checkpoints below work_dir (certbot_plugin_dir(p, "work")). strict: the
 * directories must be the user's own with exactly the right mode. NULL and e. */
struct certbot_checkpoints *certbot_checkpoint_open(const char *work_dir,
    int strict, struct certbot_error *e);
void certbot_checkpoint_close(struct certbot_checkpoints *c); /* NULL is fine */

/* These files (absolute paths, NULL-ended) will be changed: copies are kept.
 * notes: what is changed, a line or more, may be NULL. On failure change
 * nothing. */
int certbot_checkpoint_add(struct certbot_checkpoints *c, int temporary,
    const char *const *paths, const char *notes, struct certbot_error *e);
/* These files will be made: undoing removes them. */
int certbot_checkpoint_created(struct certbot_checkpoints *c, int temporary,
    const char *const *paths, struct certbot_error *e);
/* This command (argv, NULL-ended, no shell) is run when the change is undone,
 * before files come back. */
int certbot_checkpoint_undo_command(struct certbot_checkpoints *c,
    int temporary, const char *const *argv, struct certbot_error *e);

/* What is in progress becomes a checkpoint with this title. */
int certbot_checkpoint_finish(struct certbot_checkpoints *c, const char *title,
    struct certbot_error *e);
/* Undo what is temporary. */
int certbot_checkpoint_revert_temporary(struct certbot_checkpoints *c,
    struct certbot_error *e);
/* Undo what is temporary, then what is in progress. */
int certbot_checkpoint_recover(struct certbot_checkpoints *c,
    struct certbot_error *e);
/* Undo the newest n checkpoints. */
int certbot_checkpoint_rollback(struct certbot_checkpoints *c, long n,
    struct certbot_error *e);
/* Is there something to recover? */
int certbot_checkpoint_unfinished(const struct certbot_checkpoints *c);

#ifdef __cplusplus
}
#endif

#endif
