#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { LINKS_MAX = 16 };

static int walk(int dirfd, const char *path, uid_t owner, int *links);

static int
follow(int dirfd, const char *name, uid_t owner, int *links)
{
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;
	/* The link itself: whoever swaps it now changes nothing for us. */
	int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int rc = -1, saved;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		goto out;
	if (!S_ISLNK(st.st_mode)) {
		errno = ENOTDIR;
		goto out;
	}
	if (st.st_uid != 0 && st.st_uid != owner) {
		errno = EPERM;
		goto out;
	}
	if (++*links > LINKS_MAX) {
		errno = ELOOP;
		goto out;
	}
	n = readlinkat(fd, "", target, sizeof(target) - 1);
	if (n <= 0)
		goto out;
	target[n] = '\0';
	rc = walk(dirfd, target, owner, links);
out:
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static int
step(int dirfd, const char *name, uid_t owner, int *links)
{
	int fd = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd != -1 || (errno != ELOOP && errno != ENOTDIR))
		return fd;
	return follow(dirfd, name, owner, links);
}

static int
walk(int dirfd, const char *path, uid_t owner, int *links)
{
	char *copy = xstrdup(path), *save = NULL;
	int saved, next;
	int fd = path[0] == '/' ?
	    open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
	    openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (char *name = strtok_r(copy, "/", &save); fd != -1 && name != NULL;
	     name = strtok_r(NULL, "/", &save)) {
		next = step(fd, name, owner, links);
		saved = errno;
		close(fd);
		errno = saved;
		fd = next;
	}
	saved = errno;
	free(copy);
	errno = saved;
	return fd;
}

int
walk_dir(int dirfd, const char *path, uid_t owner)
{
	int links = 0;

	return walk(dirfd, path, owner, &links);
}
