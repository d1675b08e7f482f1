/* names.h - which names a request is about (spec 4.1 step 4). */
#ifndef CERTBOT_NAMES_H
#define CERTBOT_NAMES_H

#include "config.h"

/* Those of -d, else the named lineage's, else what a person chooses of the
 * installer's names, or types; array, owned. None and err. */
jv names_of_request(struct config *c, struct err *err);

#endif
