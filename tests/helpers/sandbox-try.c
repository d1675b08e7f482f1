/* sandbox-try.c - each system call that acme-net gives up, tried.
 *
 *	sandbox-try [free]
 *
 * Enters the sandbox (not with `free`) and prints a line "CALL RESULT" for
 * each: the name of its errno, or "done". */
#include "../../tools/acme-net/sandbox.c"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Arguments that do nothing but fail even for root: null paths (EFAULT),
 * descriptor -1 (EBADF). */
static const struct {
	const char *name;
	long number, a[5];
} calls[] = {
    {"execve", SYS_execve, {0}},
    {"execveat", SYS_execveat, {AT_FDCWD}},
    {"ptrace", SYS_ptrace, {16, -1}},
    {"process_vm_readv", SYS_process_vm_readv, {-1, 0, 0, 0, 0}},
    {"process_vm_writev", SYS_process_vm_writev, {-1, 0, 0, 0, 0}},
    {"pidfd_getfd", 438, {-1, 0, 0}},
    {"creat", SYS_creat, {0, 0600}},
    {"open-wronly", SYS_open, {0, O_WRONLY}},
    {"open-rdwr", SYS_open, {0, O_RDWR}},
    {"open-creat", SYS_open, {0, O_CREAT, 0600}},
    {"open-trunc", SYS_open, {0, O_TRUNC}},
    {"open-tmpfile", SYS_open, {0, O_TMPFILE | O_RDWR, 0600}},
    {"openat-wronly", SYS_openat, {AT_FDCWD, 0, O_WRONLY | O_APPEND}},
    {"openat-rdwr", SYS_openat, {AT_FDCWD, 0, O_RDWR | O_CLOEXEC}},
    {"openat-creat", SYS_openat, {AT_FDCWD, 0, O_CREAT, 0600}},
    {"openat-trunc", SYS_openat, {AT_FDCWD, 0, O_TRUNC}},
    {"openat2", SYS_openat2, {AT_FDCWD, 0, 0, 24}},
    {"io_uring_setup", SYS_io_uring_setup, {1, 0}},
    {"rename", SYS_rename, {0, 0}},
    {"renameat", SYS_renameat, {AT_FDCWD, 0, AT_FDCWD, 0}},
    {"renameat2", SYS_renameat2, {AT_FDCWD, 0, AT_FDCWD, 0, 0}},
    {"link", SYS_link, {0, 0}},
    {"linkat", SYS_linkat, {AT_FDCWD, 0, AT_FDCWD, 0, 0}},
    {"symlink", SYS_symlink, {0, 0}},
    {"symlinkat", SYS_symlinkat, {0, AT_FDCWD, 0}},
    {"unlink", SYS_unlink, {0}},
    {"unlinkat", SYS_unlinkat, {AT_FDCWD, 0, 0}},
    {"rmdir", SYS_rmdir, {0}},
    {"truncate", SYS_truncate, {0, 0}},
    {"ftruncate", SYS_ftruncate, {-1, 0}},
    {"mkdir", SYS_mkdir, {0, 0700}},
    {"mkdirat", SYS_mkdirat, {AT_FDCWD, 0, 0700}},
    {"mknod", SYS_mknod, {0, 0600, 0}},
    {"mknodat", SYS_mknodat, {AT_FDCWD, 0, 0600, 0}},
    {"chmod", SYS_chmod, {0, 0600}},
    {"fchmod", SYS_fchmod, {-1, 0600}},
    {"fchmodat", SYS_fchmodat, {AT_FDCWD, 0, 0600}},
    {"fchmodat2", 452, {AT_FDCWD, 0, 0600, 0}},
    {"chown", SYS_chown, {0, -1, -1}},
    {"lchown", SYS_lchown, {0, -1, -1}},
    {"fchown", SYS_fchown, {-1, -1, -1}},
    {"fchownat", SYS_fchownat, {AT_FDCWD, 0, -1, -1, 0}},
    {"utimensat", SYS_utimensat, {-1, 0, 0, 0}},
    {"setxattr", SYS_setxattr, {0, 0, 0, 0, 0}},
    {"fsetxattr", SYS_fsetxattr, {-1, 0, 0, 0, 0}},
    {"removexattr", SYS_removexattr, {0, 0}},
    {"bind", SYS_bind, {-1, 0, 0}},
    {"mount", SYS_mount, {0, 0, 0, 0, 0}},
    {"chroot", SYS_chroot, {0}},
    {"setns", SYS_setns, {-1, 0}},
    {"keyctl", SYS_keyctl, {-1, 0, 0, 0, 0}},
    {"mq_open", SYS_mq_open, {0, O_CREAT, 0600, 0}},
    {"ioctl-sti", SYS_ioctl, {-1, TIOCSTI, 0}},
    {"ioctl-sti-high", SYS_ioctl, {-1, TIOCSTI | 1L << 40, 0}},
    {"ioctl-flags", SYS_ioctl, {-1, FS_IOC_SETFLAGS, 0}},
};

static void *
thread(void *arg)
{
	struct addrinfo *ai = NULL;

	(void)arg;
	if (getaddrinfo("localhost", "443", NULL, &ai))
		return NULL;
	freeaddrinfo(ai);
	return calloc(1, 1);
}

static void
say(const char *name, int rc)
{
	printf("%s %s\n", name, rc == -1 ? strerrorname_np(errno) : "done");
}

/* What the network process must go on to be able to do. */
static void
try_needed(void)
{
	void *result = NULL;
	pthread_t t;
	int rc;

	say("read-file", open("/etc/hosts", O_RDONLY | O_CLOEXEC));
	say("ioctl", -(ioctl(0, FIONREAD, &(int){0}) == -1 && errno == EPERM));
	say("socket", socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	rc = pthread_create(&t, NULL, thread, NULL) ||
	    pthread_join(t, &result) || !result;
	say("resolve-in-thread", -rc);
	free(result);
}

int
main(int argc, char *argv[])
{
	struct err err = {0};
	size_t i;

	if ((argc < 2 || strcmp(argv[1], "free") != 0) && sandbox_enter(&err)) {
		printf("%s\n", err_text(&err));
		return 1;
	}
	for (i = 0; i < ARRAY_LEN(calls); i++) {
		const long *a = calls[i].a;

		errno = 0;
		say(calls[i].name,
		    (int)syscall(calls[i].number, a[0], a[1], a[2], a[3],
			a[4]));
	}
	try_needed();
	/* A leak checker at exit would need ptrace. */
	fflush(stdout);
	_exit(0);
}
