#include "base/safefile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_MAX = 64 }; /* each level holds a descriptor */

static int remove_at(int dir, const char *name, int depth);

static int
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int
remove_entries(int fd, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *entry;
	int rc = 0, e;

	if (d == NULL) {
		e = errno;
		close(fd);
		errno = e;
		return -1;
	}
	while (rc == 0) {
		errno = 0;
		entry = readdir(d);
		if (entry == NULL) {
			rc = errno == 0 ? 0 : -1;
			break;
		}
		if (!is_dot(entry->d_name))
			rc = remove_at(dirfd(d), entry->d_name, depth + 1);
	}
	e = errno;
	closedir(d);
	errno = e;
	return rc;
}

/* 0 when name is gone from dir, -1 with errno. */
static int
remove_at(int dir, const char *name, int depth)
{
	int fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (depth > DEPTH_MAX) {
		errno = ELOOP;
		return -1;
	}
	fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1) {
		/* A file that may not be unlinked, no directory. */
		if (errno == ENOTDIR || errno == ELOOP)
			errno = EPERM;
		return -1;
	}
	if (remove_entries(fd, depth) != 0)
		return -1;
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return -1;
}

int
safefile_remove_tree(const char *path, struct err *err)
{
	char *p = xstrdup(path);
	size_t n = strlen(p);
	int rc = 0;

	while (n > 1 && p[n - 1] == '/')
		p[--n] = '\0';
	if (remove_at(AT_FDCWD, p, 0) != 0)
		rc = err_sys(err, ERR_ioError, errno, "cannot remove '%s'",
		    path);
	free(p);
	return rc;
}
