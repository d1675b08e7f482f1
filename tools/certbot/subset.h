/* subset.h - --allow-subset-of-names: with which names to go on (spec 5.10). */
#ifndef CERTBOT_SUBSET_H
#define CERTBOT_SUBSET_H

#include "config.h"

/* Of names (borrowed, in the order of the request) those that err leaves over:
 * the validated ones, or those that the server's subproblems do not name. None
 * when these are none or all. Owned. */
jv subset_names(jv names, const struct err *err);

#endif
