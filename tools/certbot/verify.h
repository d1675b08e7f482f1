/* verify.h - are lineages whole? */
#ifndef CERTBOT_VERIFY_H
#define CERTBOT_VERIFY_H

#include "config.h"

/* Documents of all lineages (`certstore verify`), in the order of their names:
 * array, owned. On all processors where there are many. */
jv lineages_verify(const struct config *c, struct err *err);

#endif
