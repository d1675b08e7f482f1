/* network.h - the process that is on the network. */
#ifndef NETWORK_H
#define NETWORK_H

#include "service.h"

/* Called in the forked child: keeps only the server's descriptors and the
 * lifeline, confines itself, serves. Exit status. */
int network_main(struct service *sv, int lifeline);

#endif
