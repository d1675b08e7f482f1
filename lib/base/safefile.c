#include "base/safefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	XATTR_MAX = 64 << 10 /* the kernel's own limit of a list and a value */
};

static int
is_permission(int errnum)
{
	return errnum == EACCES || errnum == EPERM || errnum == EROFS;
}

/* A file that was to be made or changed: ENOENT is no missing input here. */
static int
fail(struct err *err, enum err_name name, int errnum, const char *what,
    const char *path)
{
	if (is_permission(errnum))
		name = ERR_permission;
	return err_set(err, name, "cannot %s '%s': %s", what, path,
	    strerror(errnum));
}

int
safefile_copy_attributes(int fd, const char *path)
{
	char *names = xmalloc(XATTR_MAX), *value = xmalloc(XATTR_MAX);
	ssize_t len = listxattr(path, names, XATTR_MAX), n;
	int rc = 0;

	for (const char *p = names; rc == 0 && p < names + len;
	     p += strlen(p) + 1) {
		n = getxattr(path, p, value, XATTR_MAX);
		if (n >= 0 && fsetxattr(fd, p, value, (size_t)n, 0) != 0 &&
		    errno != ENOTSUP && strncmp(p, "security.", 9) != 0)
			rc = -1;
	}
	free(value);
	free(names);
	return rc;
}

/* Mode and group, or all that is kept, of the file that stands at path. */
static int
set_as_old(int fd, const char *path, const struct stat *old, unsigned flags)
{
	uid_t uid = flags & SAFEFILE_KEEP_OWNER ? old->st_uid : (uid_t)-1;
	struct stat now;

	if (fstat(fd, &now) != 0)
		return -1;
	if ((now.st_gid != old->st_gid ||
		(uid != (uid_t)-1 && now.st_uid != uid)) &&
	    fchown(fd, uid, old->st_gid) != 0)
		return -1;
	if (fchmod(fd, old->st_mode & 07777) != 0)
		return -1;
	return flags & SAFEFILE_KEEP_OWNER ?
	    safefile_copy_attributes(fd, path) :
	    0;
}

int
safefile_set_like(const char *path, const char *model, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = 0;

	if (stat(model, &st) != 0)
		rc = fail(err, ERR_noInput, errno, "read", model);
	else if (fd == -1 ||
	    (fchown(fd, st.st_uid, st.st_gid) != 0 && errno != EPERM) ||
	    fchmod(fd, st.st_mode & 0777) != 0 ||
	    safefile_copy_attributes(fd, model) != 0 || fsync(fd) != 0)
		rc = fail(err, ERR_ioError, errno, "write", path);
	if (fd != -1)
		close(fd);
	return rc;
}

static int
set_owner_mode(int fd, const char *path, mode_t mode, unsigned flags)
{
	struct stat old;

	if ((flags & (SAFEFILE_KEEP_MODE | SAFEFILE_KEEP_OWNER)) &&
	    lstat(path, &old) == 0 && S_ISREG(old.st_mode))
		return set_as_old(fd, path, &old, flags);
	if (flags & SAFEFILE_UMASK)
		mode = safefile_masked(mode);
	return fchmod(fd, mode);
}

/* Move tmp to path, which must not be there. Not every file system knows
 * RENAME_NOREPLACE, nor every one hard links. */
static int
move_new(const char *tmp, const char *path)
{
	if (renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (link(tmp, path) != 0)
		return -1;
	(void)unlink(tmp);
	return 0;
}

/* A file that has no name yet: of a process that is killed nothing is left.
 * Not every file system has them. */
static int
open_nameless(const char *path)
{
	char *dir = path_dir(path);
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	free(dir);
	return fd;
}

static int
give_name(int fd, const char *path)
{
	char file[32];

	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, file, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

static int
write_fd(int fd, const char *path, const void *data, size_t len, mode_t mode,
    unsigned flags, struct err *err)
{
	if (fd_write_all(fd, data, len) != 0 ||
	    set_owner_mode(fd, path, mode, flags) != 0 || fsync(fd) != 0)
		return fail(err, ERR_ioError, errno, "write", path);
	return 0;
}

static int
write_named(char *tmp, const char *path, const void *data, size_t len,
    mode_t mode, unsigned flags, struct err *err)
{
	int fd = mkostemp(tmp, O_CLOEXEC), rc;

	if (fd == -1)
		return fail(err, ERR_cannotCreate, errno, "create", path);
	rc = write_fd(fd, path, data, len, mode, flags, err);
	if (close(fd) != 0 && rc == 0)
		rc = fail(err, ERR_ioError, errno, "write", path);
	if (rc == 0 &&
	    (flags & SAFEFILE_EXCLUSIVE ? move_new(tmp, path) :
					  rename(tmp, path)) != 0)
		rc = fail(err, ERR_cannotCreate, errno, "create", path);
	if (rc != 0)
		(void)unlink(tmp);
	return rc;
}

int
safefile_write(const char *path, const void *data, size_t len, mode_t mode,
    unsigned flags, struct err *err)
{
	int fd = flags & SAFEFILE_EXCLUSIVE ? open_nameless(path) : -1, rc;
	char *tmp;

	if (fd == -1) {
		tmp = safefile_temporary(path);
		rc = write_named(tmp, path, data, len, mode, flags, err);
		free(tmp);
	} else {
		rc = write_fd(fd, path, data, len, mode, flags, err);
		if (rc == 0 && give_name(fd, path) != 0)
			rc = fail(err, ERR_cannotCreate, errno, "create", path);
		close(fd);
	}
	return rc == 0 ? safefile_sync_parent(path, err) : -1;
}

/* What is still to come of a file of this size, and a byte that tells its end;
 * one that grows, or has no size, comes in large pieces. Memory that is asked for
 * is wiped in the end: thousands of small files take less of it. */
static long
read_piece(int fd, struct buf *b, size_t had, off_t size)
{
	size_t got = b->len - had;

	return size > 0 && got <= (size_t)size ?
	    buf_read_most(b, fd, (size_t)size - got + 1) :
	    buf_read(b, fd);
}

static int
read_open(int fd, const char *path, struct buf *b, struct err *err)
{
	struct stat st;
	size_t had = b->len;
	long n;

	if (fstat(fd, &st) != 0)
		return fail(err, ERR_ioError, errno, "read", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_badData,
		    S_ISDIR(st.st_mode) ? "'%s' is a directory, not a file" :
					  "'%s' is no regular file",
		    path);
	if (st.st_size > 0 && (uintmax_t)st.st_size > b->max - b->len)
		goto large;
	/* One byte more tells a file of just this size from a larger one. */
	b->max++;
	while ((n = read_piece(fd, b, had, st.st_size)) > 0)
		;
	b->max--;
	if (b->len > b->max)
		goto large;
	if (n == 0)
		return 0;
	if (errno != E2BIG)
		return fail(err, ERR_ioError, errno, "read", path);
large:
	return err_set(err, ERR_badData,
	    "'%s' is too large: more than %zu bytes", path, b->max);
}

int
safefile_read(const char *path, struct buf *b, struct err *err)
{
	/* O_NONBLOCK: a FIFO in its place must not hold us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd == -1)
		return fail(err, ERR_noInput, errno, "read", path);
	rc = read_open(fd, path, b, err);
	close(fd);
	return rc;
}

int
safefile_open_own(const char *path, int flags)
{
	mode_t mask = umask(077);
	int fd = open(path, flags | O_CREAT, 0600), e = errno;

	umask(mask);
	errno = e;
	return fd;
}

int
safefile_sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd == -1 && errno == EACCES) {
		/* We may write there but not read: flush everything. */
		sync();
		return 0;
	}
	if (fd == -1)
		return fail(err, ERR_ioError, errno, "flush", dir);
	/* EINVAL: a file system that has nothing to flush. */
	if (fsync(fd) != 0 && errno != EINVAL)
		rc = fail(err, ERR_ioError, errno, "flush", dir);
	close(fd);
	return rc;
}

int
safefile_sync_parent(const char *path, struct err *err)
{
	char *dir = path_dir(path);
	int rc = safefile_sync_dir(dir, err);

	free(dir);
	return rc;
}

int
safefile_rename(const char *from, const char *to, struct err *err)
{
	char *a = path_dir(from), *b = path_dir(to);
	int rc, e;

	if (rename(from, to) != 0) {
		e = errno;
		rc = err_set(err,
		    is_permission(e) ? ERR_permission :
			e == ENOENT  ? ERR_noInput :
				       ERR_cannotCreate,
		    "cannot rename '%s' to '%s': %s", from, to, strerror(e));
	} else {
		rc = safefile_sync_dir(b, err);
		if (rc == 0 && strcmp(a, b) != 0)
			rc = safefile_sync_dir(a, err);
	}
	free(a);
	free(b);
	return rc;
}

/* A symlink under a fresh temporary name, which replaces the X's of tmp. */
static int
link_beside(const char *target, char *tmp)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz012345";
	char *x = tmp + strlen(tmp) - 6;

	for (int tries = 0; tries < 100; tries++) {
		unsigned char r[6];

		if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
			return -1;
		for (size_t i = 0; i < sizeof(r); i++)
			x[i] = alphabet[r[i] % 32];
		if (symlink(target, tmp) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

int
safefile_link(const char *target, const char *path, struct err *err)
{
	char *tmp;
	struct stat st;
	int rc = 0;

	if (lstat(path, &st) == 0 && !S_ISLNK(st.st_mode))
		return err_set(err, ERR_cannotCreate,
		    "cannot make the link '%s': what stands there is no link",
		    path);
	tmp = safefile_temporary(path);
	if (link_beside(target, tmp) != 0) {
		rc = fail(err, ERR_cannotCreate, errno, "make the link", path);
	} else if (rename(tmp, path) != 0) {
		rc = fail(err, ERR_cannotCreate, errno, "make the link", path);
		(void)unlink(tmp);
	}
	free(tmp);
	return rc;
}

/* One level; its parent is there. 0 when it is a directory afterwards. */
static int
make_dir(const char *path, mode_t mode, struct err *err)
{
	struct stat st;
	mode_t mask = umask(0);
	int rc = mkdir(path, mode), e = errno;

	umask(mask);
	if (rc == 0)
		return safefile_sync_parent(path, err);
	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ?
		    0 :
		    err_set(err, ERR_cannotCreate,
			"cannot make the directory '%s': a file of that name is there",
			path);
	return fail(err, ERR_cannotCreate, e, "make the directory", path);
}

mode_t
safefile_masked(mode_t mode)
{
	mode_t mask = umask(0);

	umask(mask);
	return mode & ~(mask & 077);
}

int
safefile_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char *p = xstrdup(path);
	size_t i = 0;
	int rc = 0;

	if (p[0] == '\0')
		rc = err_set(err, ERR_cannotCreate,
		    "cannot make a directory without a name");
	while (rc == 0 && p[i] != '\0') {
		char c;

		i += strspn(p + i, "/");
		i += strcspn(p + i, "/");
		c = p[i];
		p[i] = '\0';
		rc = make_dir(p, mode, err);
		p[i] = c;
		i += strspn(p + i, "/");
	}
	free(p);
	return rc;
}

int
safefile_check_dir(const char *path, mode_t mode, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return fail(err, ERR_noInput, errno, "read", path);
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 07777) == mode)
		return 0;
	return err_set(err, ERR_permission,
	    "%s exists, but it should be owned by current user with permissions 0o%o",
	    path, (unsigned)mode);
}
