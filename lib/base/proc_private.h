/* proc_private.h - what the proc_*.c share. */
#ifndef BASE_PROC_PRIVATE_H
#define BASE_PROC_PRIVATE_H

#include "base/proc.h"

enum { PROC_KEEP_MAX = 64 };

/* All that the child needs between fork and exec, made before the fork. */
struct launch {
	const struct proc *p;
	char *path;
	char *const *argv;
	char **envp;
	int stdio[3]; /* what becomes 0, 1, 2; always >= 3 or the very one */
	int keep[PROC_KEEP_MAX + 1]; /* descriptors that stay, ended by -1 */
	int locks_go;		     /* the descriptors below must not stay */
	int locks[PROC_KEEP_MAX + 1];
	int report; /* the pipe that tells of a failed exec */
	pid_t parent;
};

/* In the child: becomes the program; never returns. */
void NORETURN proc_child(const struct launch *l);

/* Closes *fd if it is one, and makes it -1. */
void proc_close_fd(int *fd);

#endif
