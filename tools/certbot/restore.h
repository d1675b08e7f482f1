/* restore.h - a lineage's saved parameters joined to the command line (2.6). */
#ifndef CERTBOT_RESTORE_H
#define CERTBOT_RESTORE_H

#include "config.h"

/* c is a copy of the run's configuration; doc the lineage's (`certstore
 * show`). -1 and err: a bad value ("An error occurred while parsing…"). */
int restore_params(struct config *c, jv doc, struct err *err);

#endif
