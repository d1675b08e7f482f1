/* roots.h - the three directories of a run: made, locked, the log open in one of
 * them (spec 1.1, 9.1). */
#ifndef CERTBOT_ROOTS_H
#define CERTBOT_ROOTS_H

#include "base/lock.h"
#include "config.h"

enum { ROOTS = 3 }; /* logs, config, work: in this order */

struct roots {
	struct lock lock[ROOTS];
};
#define ROOTS_INIT                                      \
	{                                               \
		{                                       \
			LOCK_INIT, LOCK_INIT, LOCK_INIT \
		}                                       \
	}

/* Open all; another instance is waited for as long as --wait says, for all
 * three together. -1: locked, with certbot's text and who holds the lock;
 * permission. */
int roots_open(struct roots *r, const struct config *c, struct err *err);
/* The lock files go, in the order in which they were taken. */
void roots_release(struct roots *r);

#endif
