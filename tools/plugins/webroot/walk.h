/* walk.h - opening directories in a tree that others may write to. */
#ifndef WEBROOT_WALK_H
#define WEBROOT_WALK_H

#include <sys/types.h>

/* The directory `path` seen from descriptor dirfd, opened step by step. Links
 * are followed only if their owner is root or `owner`, 16 at most in all. A
 * descriptor; -1 with errno (ELOOP: too many links; EPERM: somebody else's
 * link). */
int walk_dir(int dirfd, const char *path, uid_t owner);

#endif
