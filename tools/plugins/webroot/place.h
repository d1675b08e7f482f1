/* place.h - challenge files below web roots that others may write to: every
 * step of the way is opened by itself, and a link on it is followed only if
 * root or the web root's owner made it. Removes only what it has made. */
#ifndef WEBROOT_PLACE_H
#define WEBROOT_PLACE_H

#include "plugin/guest.h"

struct place;

struct place *place_new(struct guest *g); /* g: for its warnings */
void place_free(struct place *p);	  /* removes nothing; NULL is fine */

/* Write ROOT/.well-known/acme-challenge/TOKEN, 0644, making the directories
 * that are missing (0755, owned like ROOT). The file is made new; one with the
 * same token is replaced only if it is ours, left by a run that was killed.
 * name is for the texts of errors. */
int place_add(struct place *p, const char *root, const char *name,
    const char *token, const char *body, struct err *err);

/* Remove the file. One that is not there was not made: fine. */
int place_remove(struct place *p, const char *token, struct err *err);

/* Remove the file that another process of ours has made and left; one of
 * somebody else's stays (its text is another). The directories that were made
 * for it are noted as if we had made them. */
int place_remove_left(struct place *p, const char *root, const char *token,
    const char *body, struct err *err);

/* Remove the directories made by place_add, last first, those not empty
 * staying (info). */
void place_remove_dirs(struct place *p);

#endif
