/* unfinished.h - changes of a server's files that a killed run has left
 * (spec installers A5), or that the server has not read (store/unread.h):
 * recovered by the next subcommand that takes the locks, by the plugin that made
 * them, which then tests and reloads its server. */
#ifndef CERTBOT_UNFINISHED_H
#define CERTBOT_UNFINISHED_H

#include "config.h"

/* The plugins selected in c may leave something: note their options for the run
 * that has to recover it (WORK/.installer-NAME.json). */
void unfinished_note(const struct config *c);

/* Recover what is unfinished, if anything; says what failed. */
void unfinished_recover(struct config *c);

/* At the end of a run: forget the notes, unless there is something left. */
void unfinished_end(const struct config *c);

#endif
