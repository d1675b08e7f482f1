/* sandbox.h - what the process on the network gives up. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "base/err.h"

/* From now on, for this process and its threads, with EPERM: execve(at),
 * ptrace and other reach into processes, every call that creates, opens for
 * writing, renames, links, removes, truncates or changes the mode, owner,
 * times or attributes of files, bind, mounts. With ENOSYS, so that callers
 * fall back: openat2, io_uring. Descriptors that are open stay usable. A
 * kernel without seccomp is an error (internal). */
int sandbox_enter(struct err *err);

#endif
