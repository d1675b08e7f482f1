/* names_found.h - names that certificates can be had for (spec installers
 * B20). */
#ifndef NGINX_NAMES_FOUND_H
#define NGINX_NAMES_FOUND_H

#include "nginx.h"

/* Of all servers, sorted; patterns, "_" and single labels are left out. The
 * host name stands for $hostname. Nobody is asked over the network. Owned. */
jv names_found(const struct nginx *n);

#endif
