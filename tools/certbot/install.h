/* install.h - certificates into servers: what run, install, enhance, certonly
 * and renew ask of acme-install (spec installers E). */
#ifndef CERTBOT_INSTALL_H
#define CERTBOT_INSTALL_H

#include "config.h"

/* Before anything is ordered: can the selected installer do what the options
 * ask for (Must-Staple, AutoHSTS)? 0; -1 and notSupported. */
int install_check(const struct config *c, struct err *err);

/* Deploy the lineage of doc (borrowed) for its names, with enhancements. */
int install_deploy(const struct config *c, jv doc, struct err *err);
/* The installer's server loads what is there. */
int install_restart(const struct config *c, struct err *err);

/* --cert-name, else the one that a person chooses of all; stored in c. */
int install_choose_lineage(struct config *c, const char *question,
    struct err *err);
/* The document of a lineage; none, err unset, when there is none that works. */
jv install_lineage(const struct config *c, const char *name, struct err *err);

#endif
