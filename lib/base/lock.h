/* lock.h - certbot's ".certbot.lock" files (spec 9.1), taken as open file
 * description locks (F_OFD_SETLK), which conflict with Python's lockf and are
 * inherited by children. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/err.h"

struct lock {
	int fd; /* -1: not held, or held by our driver */
	char *path;
	int inherited; /* our driver's: we neither unlink nor free it */
};
#define LOCK_INIT           \
	{                   \
		-1, NULL, 0 \
	}

/* Take DIR/.certbot.lock (made 0600), writing our process id into it. When
 * CERTBOT_LOCK_FDS names a descriptor of that very file (fstat), the lock is
 * our driver's and this returns at once. Waits up to wait_s seconds for
 * another holder, then fails with `locked`, text "another instance of certbot
 * is already running (process N holds PATH)" and members process, path. */
int lock_take(struct lock *l, const char *dir, long wait_s, struct err *err);

/* Unlink, then close (spec 9.1); an inherited one is left alone. */
void lock_release(struct lock *l);
/* Close without unlinking: for a child that must not disturb its parent. */
void lock_forget(struct lock *l);

/* Name these held locks in CERTBOT_LOCK_FDS and let children inherit their
 * descriptors (FD_CLOEXEC cleared) / the reverse. Plugins, hooks and acme-net
 * are started by proc_start, which closes them and drops the variable unless
 * told otherwise. */
void lock_export(const struct lock *locks, size_t n);

/* A private lock for the children of one driver among each other:
 * FILE is opened anew each time (own description), blocking. */
int lock_take_private(struct lock *l, const char *file, struct err *err);
/* The same without waiting: `locked` as above when another holds it. */
int lock_try_private(struct lock *l, const char *file, struct err *err);

#endif
