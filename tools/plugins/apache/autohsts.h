/* autohsts.h - what enabling AutoHSTS and its later steps share. */
#ifndef APACHE_AUTOHSTS_H
#define APACHE_AUTOHSTS_H

#include "apache.h"

#define HSTS "Strict-Transport-Security"
#define ID_MARK "VirtualHost id: " /* in the vhost's comment, before its id */

enum { AUTOHSTS_STEPS = 7 };
extern const long autohsts_steps[AUTOHSTS_STEPS]; /* seconds */

/* What is kept, by id: {"laststep", "timestamp"}; owned. None and err: it cannot
 * be read. */
jv autohsts_state(struct apache *a, struct err *err);
int autohsts_keep(struct apache *a, jv state TAKES, struct err *err);
/* An entry for a step that was taken now. */
jv autohsts_entry(long step);
double autohsts_now(void);

/* Does the vhost's section have the comment of this id ("": of any)? */
int autohsts_marked(const struct vhost *v, const char *id);

/* The text of a vhost, once more (malloc'd): an id in it becomes a new one, which
 * goes on from where the old one is; that is kept with the next save. NULL and
 * err: what is kept cannot be read. */
char *autohsts_twin(struct apache *a, const char *text, struct err *err);
/* Keep what autohsts_twin has noted. */
int autohsts_keep_twins(struct apache *a, struct err *err);

/* What was edited, in a checkpoint of its own: how many that makes, 1 or 0; -1
 * and err, with the edits undone. The server does not know of it yet. */
int autohsts_save(struct apache *a, const char *title, struct err *err);
/* The last n checkpoints are undone, and the server knows. */
void autohsts_undo(struct apache *a, long n);

#endif
