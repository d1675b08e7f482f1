/* safefile.c - beside its place, flushed, renamed. */
#include "base/safefile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100, REMOVE_DEPTH = 64 };

/* ".NAME.tmp-XXXXXX" beside path; malloc'd. */
static char *
temporary_name(const char *path)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[6];
	char suffix[7], *dir = path_dir(path), *name;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		memset(random, 0, sizeof(random));
	for (size_t i = 0; i < 6; i++)
		suffix[i] = letters[random[i] % 32];
	suffix[6] = '\0';
	name = xasprintf("%s/.%s.tmp-%s", dir, path_base(path), suffix);
	free(dir);
	return name;
}

static int
open_temporary(const char *path, char **name, struct err *err)
{
	for (int i = 0; i < TRIES; i++) {
		int fd;

		*name = temporary_name(path);
		fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
		    O_CLOEXEC, 0600);
		if (fd != -1)
			return fd;
		free(*name);
		*name = NULL;
		if (errno != EEXIST)
			break;
	}
	return err_sys(err, ERR_cannotCreate, errno, "cannot create '%s'",
	    path);
}

/* The final mode, and the old file's group where its mode is kept. */
static int
set_mode(int fd, const char *path, mode_t mode, unsigned flags)
{
	struct stat st;
	mode_t mask;

	if ((flags & SAFEFILE_KEEP_MODE) && lstat(path, &st) == 0 &&
	    S_ISREG(st.st_mode)) {
		if (fchown(fd, (uid_t)-1, st.st_gid) != 0 && errno != EPERM)
			return -1;
		return fchmod(fd, st.st_mode & 07777);
	}
	if (flags & SAFEFILE_UMASK) {
		mask = umask(0);
		umask(mask);
		mode &= ~mask;
	}
	return fchmod(fd, mode);
}

/* The temporary file takes its place. link(2) refuses what is there. */
static int
put_in_place(const char *tmp, const char *path, unsigned flags)
{
	if ((flags & SAFEFILE_EXCLUSIVE) == 0)
		return rename(tmp, path);
	if (link(tmp, path) != 0)
		return -1;
	unlink(tmp);
	return 0;
}

int
safefile_write(const char *path, const void *data, size_t len, mode_t mode,
    unsigned flags, struct err *err)
{
	char *tmp = NULL;
	int fd = open_temporary(path, &tmp, err), failed;

	if (fd == -1)
		return -1;
	failed = fd_write_all(fd, data, len) != 0 ||
	    set_mode(fd, path, mode, flags) != 0 || fsync(fd) != 0;
	if (failed)
		err_sys(err, ERR_ioError, errno, "cannot write '%s'", path);
	if (close(fd) != 0 && !failed) {
		failed = 1;
		err_sys(err, ERR_ioError, errno, "cannot write '%s'", path);
	}
	if (!failed && put_in_place(tmp, path, flags) != 0) {
		failed = 1;
		err_sys(err, ERR_cannotCreate, errno, "cannot create '%s'",
		    path);
	}
	if (failed)
		unlink(tmp);
	free(tmp);
	return failed ? -1 : safefile_sync_parent(path, err);
}

int
safefile_read(const char *path, struct buf *b, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	long n;
	int rc = 0;

	if (fd == -1)
		return err_sys(err, ERR_ioError, errno, "cannot read '%s'",
		    path);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, ERR_badData, "'%s' is %s", path,
		    S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
	}
	/* one byte more tells a file of exactly the limit from a longer one */
	b->max++;
	while ((n = buf_read(b, fd)) > 0)
		;
	b->max--;
	if (b->len > b->max)
		rc = err_set(err, ERR_badData,
		    "'%s' is larger than %zu bytes", path, b->max);
	else if (n < 0)
		rc = err_sys(err, ERR_ioError, errno, "cannot read '%s'", path);
	close(fd);
	return rc;
}

int
safefile_sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	/* a directory that may be written, but not read, cannot be flushed */
	if (fd == -1)
		return errno == EACCES ? 0 : err_sys(err, ERR_ioError, errno,
		    "cannot flush directory '%s'", dir);
	if (fsync(fd) != 0 && errno != EINVAL)
		rc = err_sys(err, ERR_ioError, errno,
		    "cannot flush directory '%s'", dir);
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
	int rc = 0;

	if (rename(from, to) != 0)
		rc = err_sys(err, ERR_ioError, errno,
		    "cannot rename '%s' to '%s'", from, to);
	else
		rc = safefile_sync_dir(b, err);
	if (rc == 0 && strcmp(a, b) != 0)
		rc = safefile_sync_dir(a, err);
	free(a);
	free(b);
	return rc;
}

int
safefile_link(const char *target, const char *path, struct err *err)
{
	char *tmp = NULL;
	int rc = -1;

	for (int i = 0; i < TRIES && rc != 0; i++) {
		free(tmp);
		tmp = temporary_name(path);
		rc = symlink(target, tmp);
		if (rc != 0 && errno != EEXIST)
			break;
	}
	if (rc != 0) {
		rc = err_sys(err, ERR_cannotCreate, errno,
		    "cannot create the link '%s'", path);
	} else if (rename(tmp, path) != 0) {
		rc = err_sys(err, ERR_cannotCreate, errno,
		    "cannot create the link '%s'", path);
		unlink(tmp);
	}
	free(tmp);
	return rc;
}

int
safefile_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char *copy = path_absolute(path);
	int rc = 0;

	for (char *p = copy + 1; rc == 0; p++) {
		char had = *p;

		if (had != '/' && had != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, mode) == 0)
			rc = chmod(copy, mode);
		else if (errno != EEXIST)
			rc = -1;
		if (rc != 0) {
			struct stat st;
			int saved = errno;

			/* EROFS and EACCES of a parent that is there */
			if (stat(copy, &st) == 0 && S_ISDIR(st.st_mode))
				rc = 0;
			else
				err_sys(err, ERR_cannotCreate, saved,
				    "cannot make directory '%s'", copy);
		}
		*p = had;
		if (had == '\0')
			break;
	}
	if (rc == 0) {
		struct stat st;

		if (stat(copy, &st) != 0 || !S_ISDIR(st.st_mode))
			rc = err_set(err, ERR_cannotCreate,
			    "'%s' is no directory", copy);
	}
	free(copy);
	return rc;
}

int
safefile_check_dir(const char *path, mode_t mode, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_sys(err, ERR_ioError, errno, "cannot look at '%s'",
		    path);
	if (st.st_uid == geteuid() && (st.st_mode & 07777) == mode)
		return 0;
	return err_set(err, ERR_permission,
	    "%s exists, but it should be owned by current user with permissions 0o%o",
	    path, (unsigned)mode);
}

static int remove_entry(int dir, const char *name, int depth);

/* Everything in the directory that fd stands for; closes fd. */
static int
remove_inside(int fd, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;
	int rc = 0;

	if (d == NULL) {
		close(fd);
		return -1;
	}
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = remove_entry(dirfd(d), e->d_name, depth + 1);
	closedir(d);
	return rc;
}

static int
remove_entry(int dir, const char *name, int depth)
{
	int fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if ((errno != EISDIR && errno != EPERM) || depth > REMOVE_DEPTH)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || remove_inside(fd, depth) != 0)
		return -1;
	return unlinkat(dir, name, AT_REMOVEDIR);
}

int
safefile_remove_tree(const char *path, struct err *err)
{
	if (remove_entry(AT_FDCWD, path, 0) != 0)
		return err_sys(err, ERR_ioError, errno, "cannot remove '%s'",
		    path);
	return 0;
}
