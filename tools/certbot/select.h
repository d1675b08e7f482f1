/* select.h - the plugins of a run (spec 3.9). */
#ifndef CERTBOT_SELECT_H
#define CERTBOT_SELECT_H

#include "config.h"

/* Authenticator and installer for the verb: what was asked for, or what the
 * person chooses; stored in c. A role that is not needed is filled all the same
 * when it was asked for. */
int plugins_select(struct config *c, int need_authenticator, int need_installer,
    struct err *err);

/* The installer whose changes are to be undone: its server may be
 * misconfigured. Malloc'd; NULL when there is none (nothing was changed then),
 * or err. */
char *plugins_select_rollback(struct config *c, struct err *err);

/* Only what the options name, stored in c; nothing is asked or tried. */
int plugins_named(struct config *c, struct err *err);

#endif
