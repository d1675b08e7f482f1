/* supervise.h - the other half of acme-net: it owns the socket's directory,
 * runs COMMAND and waits; it never touches the network, so the half that does
 * can give up every right to the file system. */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <sys/types.h>

#include "service.h"

struct supervisor {
	struct service service; /* its server is there until supervise_fork */
	char *dir, *path;	/* owned: private directory, socket in it */
	pid_t network;		/* 0: not running */
	pid_t command;
	int lifeline; /* closed: the network process may end; -1: none */
};

/* Make the directory and listen. Blocks the signals that are waited for. */
int supervise_open(struct supervisor *s, struct err *err);
/* Start the network process; with `lifeline` it lives until that is closed and
 * no client is left, else until no client is left. */
int supervise_fork(struct supervisor *s, int lifeline, struct err *err);
/* Start COMMAND with ACME_NET set. noInput or permission if it cannot be. */
int supervise_start(struct supervisor *s, const char *const *argv,
    struct err *err);
/* Wait for COMMAND, passing on signals that were sent to us alone. Its exit
 * status as a shell gives it. */
int supervise_command(struct supervisor *s);
/* Let the network process end, and wait for it. */
void supervise_network(struct supervisor *s);
/* Remove the directory, free everything. */
void supervise_close(struct supervisor *s);

#endif
