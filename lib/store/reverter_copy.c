#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safefile.h"
#include "store/reverter_private.h"

enum { PIECE = 1 << 16 };

static int
copy_bytes(int in, int out)
{
	char *piece = xmalloc(PIECE);
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = read(in, piece, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		rc = n < 0 ? -1 : fd_write_all(out, piece, (size_t)n);
	}
	free(piece);
	return rc;
}

/* What the copy gets: bytes, the mode and times of the original, the owner of
 * what it replaces, the access lists and labels of both, the original's last.
 * The owner first, for chown clears bits of the mode; the mode after the list
 * that it is a part of. */
static int
fill(int in, const char *path, int out, const char *to)
{
	struct stat from, old;
	struct timespec times[2];

	if (fstat(in, &from) < 0)
		return -1;
	if (!S_ISREG(from.st_mode)) {
		errno = S_ISDIR(from.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	if (copy_bytes(in, out) < 0)
		return -1;
	if (stat(to, &old) == 0 &&
	    (((old.st_uid != geteuid() || old.st_gid != getegid()) &&
		 fchown(out, old.st_uid, old.st_gid) < 0) ||
		safefile_copy_attributes(out, to) < 0))
		return -1;
	if (safefile_copy_attributes(out, path) < 0)
		return -1;
	times[0] = from.st_atim;
	times[1] = from.st_mtim;
	if (fchmod(out, from.st_mode & 07777) < 0 || futimens(out, times) < 0)
		return -1;
	return fsync(out);
}

/* The file that `to` means: the end of its links, made or not; malloc'd. */
static char *
real_place(const char *to)
{
	char *real = realpath(to, NULL), *link, *dir;

	if (real)
		return real;
	link = path_readlink(to);
	if (!link)
		return xstrdup(to);
	dir = path_dir(to);
	real = path_join(dir, link);
	free(dir);
	free(link);
	return real;
}

static int
copy_beside(int in, const char *from, const char *place)
{
	char *tmp = safefile_temporary(place);
	int out = mkostemp(tmp, O_CLOEXEC), rc = -1, e;

	if (out != -1) {
		rc = fill(in, from, out, place);
		e = errno;
		if (close(out) != 0 && rc == 0) {
			rc = -1;
			e = errno;
		}
		if (rc == 0 && rename(tmp, place) < 0) {
			rc = -1;
			e = errno;
		}
		if (rc < 0)
			(void)unlink(tmp);
		errno = e;
	}
	free(tmp);
	return rc;
}

void
reverter_sweep(const char *path)
{
	char *place = real_place(path);

	safefile_sweep(place);
	free(place);
}

int
reverter_copy(const char *from, const char *to, struct err *err)
{
	/* O_NONBLOCK: a FIFO in its place must not hold us. */
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *place;
	int rc;

	if (in == -1)
		return err_sys(err, ERR_ioError, errno, "cannot read '%s'",
		    from);
	place = real_place(to);
	rc = copy_beside(in, from, place);
	if (rc < 0)
		err_sys(err, ERR_ioError, errno, "cannot copy '%s' to '%s'",
		    from, to);
	else
		rc = safefile_sync_parent(place, err);
	free(place);
	close(in);
	return rc;
}

static int
same_bytes(int a, int b)
{
	char *p = xmalloc(PIECE), *q = xmalloc(PIECE);
	ssize_t n;
	off_t at = 0;
	int same = 1;

	while (same && (n = pread(a, p, PIECE, at)) != 0) {
		same = n > 0 && pread(b, q, PIECE, at) >= n &&
		    memcmp(p, q, (size_t)n) == 0;
		at += n;
	}
	free(p);
	free(q);
	return same;
}

int
reverter_is_copy(const char *a, const char *b)
{
	static const int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd_a = open(a, how), fd_b = open(b, how), same;
	struct stat st_a, st_b;

	same = fd_a != -1 && fd_b != -1 && fstat(fd_a, &st_a) == 0 &&
	    fstat(fd_b, &st_b) == 0 && S_ISREG(st_a.st_mode) &&
	    st_a.st_mode == st_b.st_mode && st_a.st_size == st_b.st_size &&
	    same_bytes(fd_a, fd_b);
	if (fd_a != -1)
		close(fd_a);
	if (fd_b != -1)
		close(fd_b);
	return same;
}
