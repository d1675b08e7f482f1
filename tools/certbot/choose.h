/* choose.h - a plugin for a role: the one asked for, if it works, or one of
 * those that do, by certbot's menu (spec 3.9, installers E1). */
#ifndef CERTBOT_CHOOSE_H
#define CERTBOT_CHOOSE_H

#include "config.h"

enum {
	ROLE_AUTHENTICATOR = 1,
	ROLE_INSTALLER = 2,
	ROLE_BROKEN_TOO = 4 /* a server that is misconfigured will do */
};

/* A plugin's name; malloc'd. asked: the one wanted, else NULL. NULL: there is
 * none; then *problem (malloc'd or NULL) is why the one asked for does not work,
 * as certbot prints it; or err: nobody can be asked, a signal, an option. */
char *choose_plugin(struct config *c, unsigned roles, const char *asked,
    const char *question, char **problem, struct err *err);

/* Enhancements of the installer that was checked last. */
int installer_can(const struct config *c, const char *enhancement);

#endif
