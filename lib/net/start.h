/* start.h - an acme-net of our own: started by the first program that finds no
 * ACME_NET. Internal to lib/net. */
#ifndef NET_START_H
#define NET_START_H

#include "base/proc.h"

struct net_process {
	struct proc proc; /* .pid -1: none was started */
	char *path;	  /* its socket, owned */
};
#define NET_PROCESS_INIT          \
	{                         \
		.proc = PROC_INIT \
	}

/* Start the acme-net beside us; set ACME_NET to its socket for our children.
 * A connected descriptor (we are its first client), or -1 and err
 * netProcess. */
int net_process_start(struct net_process *p, struct err *err);
/* After our connection was closed: wait until it has ended, at most 5 s (other
 * clients may still be there: then it ends with them). Unsets ACME_NET. */
void net_process_end(struct net_process *p);

#endif
