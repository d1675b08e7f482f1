/* select.h - the plugins of a run (spec 3.9). */
#ifndef CERTBOT_SELECT_H
#define CERTBOT_SELECT_H

#include "config.h"

/* Authenticator and installer for the verb: what was asked for, or what the
 * person chooses; stored in c. need_authenticator, need_installer. */
int plugins_select(struct config *c, int need_authenticator, int need_installer,
    struct err *err);

/* Only what the options name, stored in c; nothing is asked or tried. */
int plugins_named(struct config *c, struct err *err);

/* Does the plugin work here (`check`)? 0, or -1 and err. */
int plugins_check(const struct config *c, const char *name, struct err *err);

#endif
