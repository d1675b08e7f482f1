#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>

static const char *const refused[] = {
    /* other programs */
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev",
    "process_madvise", "pidfd_getfd", "kcmp", "add_key", "request_key",
    "keyctl",
    /* files */
    "creat", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
    "symlinkat", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "mknod",
    "mknodat", "truncate", "ftruncate", "fallocate", "chmod", "fchmod",
    "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime",
    "utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr",
    "setxattrat", "removexattr", "lremovexattr", "fremovexattr",
    "removexattrat", "file_setattr", "open_by_handle_at", "memfd_create",
    "bind", "mq_open", "mq_unlink",
    /* the system */
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree",
    "open_tree_attr", "fsopen", "fsconfig", "fsmount", "fspick",
    "mount_setattr", "unshare", "setns", "quotactl", "quotactl_fd", "swapon",
    "swapoff", "acct", "bpf", "perf_event_open", "userfaultfd", "init_module",
    "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "sethostname", "setdomainname"};

static const char *const absent[] = {"openat2", "io_uring_setup",
    "io_uring_enter", "io_uring_register"};

/* Numbers that this libseccomp may not know by name; the same on every
 * architecture. */
static const struct {
	const char *name;
	int number;
} newer[] = {{"fchmodat2", 452}, {"setxattrat", 463}, {"removexattrat", 466},
    {"open_tree_attr", 467}, {"file_setattr", 469}, {"openat2", 437},
    {"quotactl_fd", 443}};

static int
number_of(const char *name)
{
	int n = seccomp_syscall_resolve_name(name);
	size_t i;

	if (n != __NR_SCMP_ERROR)
		return n;
	for (i = 0; i < ARRAY_LEN(newer); i++)
		if (strcmp(newer[i].name, name) == 0)
			return newer[i].number;
	return n;
}

static int
refuse_all(scmp_filter_ctx ctx, const char *const *names, size_t n, int errnum)
{
	size_t i;
	int nr, rc;

	for (i = 0; i < n; i++) {
		nr = number_of(names[i]);
		/* Negative: a call that this architecture does not have. */
		if (nr < 0)
			continue;
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO((unsigned)errnum), nr,
		    0);
		if (rc)
			return rc;
	}
	return 0;
}

/* open and openat, when the flags (argument number arg) ask for more than
 * reading. O_TMPFILE and O_APPEND need one of these to do anything. */
static int
refuse_writing(scmp_filter_ctx ctx, int nr, unsigned arg)
{
	static const unsigned bits[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_LEN(bits); i++) {
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), nr, 1,
		    SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, bits[i], bits[i]));
		if (rc)
			return rc;
	}
	return 0;
}

/* Words typed for the terminal's shell, and a file's flags. The kernel looks at
 * 32 bits of the request. */
static int
refuse_requests(scmp_filter_ctx ctx, int nr)
{
	static const unsigned requests[] = {TIOCSTI, TIOCLINUX, FS_IOC_SETFLAGS,
	    FS_IOC32_SETFLAGS, FS_IOC_FSSETXATTR};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < ARRAY_LEN(requests); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), nr, 1,
		    SCMP_CMP(1, SCMP_CMP_MASKED_EQ, 0xffffffff, requests[i]));
	return rc;
}

int
sandbox_enter(struct err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = -ENOMEM, nr;

	if (!ctx)
		goto out;
	rc = refuse_all(ctx, refused, ARRAY_LEN(refused), EPERM);
	if (!rc)
		rc = refuse_all(ctx, absent, ARRAY_LEN(absent), ENOSYS);
	nr = number_of("open");
	if (!rc && nr >= 0)
		rc = refuse_writing(ctx, nr, 1);
	if (!rc)
		rc = refuse_writing(ctx, number_of("openat"), 2);
	if (!rc)
		rc = refuse_requests(ctx, number_of("ioctl"));
	if (!rc)
		rc = seccomp_load(ctx);
out:
	seccomp_release(ctx);
	if (rc)
		return err_set(err, ERR_internal,
		    "cannot give up rights to the system: %s", strerror(-rc));
	return 0;
}
