#ifndef CERTBOT_DELETE_H
#define CERTBOT_DELETE_H

#include "config.h"

/* Ask whether these lineages (borrowed) shall go, and delete them. A person's
 * "no" is no error. */
int delete_named(struct config *c, jv names, struct err *err);

#endif
