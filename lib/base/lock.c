#include "base/lock.h"
#include "base/safefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/proc.h"
#include "base/path.h"

#define LOCK_NAME ".certbot.lock"
#define LOCK_FDS "CERTBOT_LOCK_FDS"

enum { FIRST_WAIT_MS = 10, LONGEST_WAIT_MS = 200 };

static int
set_lock(int fd)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int rc;

	do {
		rc = fcntl(fd, F_OFD_SETLK, &whole);
	} while (rc != 0 && errno == EINTR);
	return rc;
}

static int
same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The next descriptor of a list "3:4:5"; -1 at its end. */
static int
next_fd(const char **list)
{
	char *end;
	long fd;

	if (*list == NULL || **list < '0' || **list > '9')
		return -1;
	errno = 0;
	fd = strtol(*list, &end, 10);
	if (errno != 0 || fd > 1 << 20 || (*end != ':' && *end != '\0'))
		return -1;
	*list = *end == ':' ? end + 1 : end;
	return (int)fd;
}

/* Is path locked by a driver that gave us its descriptor? Locking it again
 * tells: the same description has the lock already, another cannot get it. */
static int
is_inherited(const char *path)
{
	const char *list = getenv(LOCK_FDS);
	int fd;

	while ((fd = next_fd(&list)) != -1)
		if (same_file(fd, path) && set_lock(fd) == 0)
			return 1;
	return 0;
}

/* Who holds it: the kernel knows of a process that used lockf; of one that
 * used an open file description the text in the file tells. 0: unknown. */
static long
holder(int fd)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char text[24];
	ssize_t n;
	long pid;

	if (fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK &&
	    whole.l_pid > 0)
		return (long)whole.l_pid;
	n = pread(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	pid = strtol(text, NULL, 10);
	return pid > 0 ? pid : 0;
}

static int
held(int fd, const char *path, struct err *err)
{
	long pid = holder(fd);
	char who[40] = "a process";

	if (pid > 0)
		snprintf(who, sizeof(who), "process %ld", pid);
	err_set(err, ERR_locked,
	    "another instance of certbot is already running (%s holds %s)", who,
	    path);
	if (pid > 0)
		err_member(err, "process", doc_number((double)pid));
	return err_member(err, "path", doc_stringn(path, strlen(path)));
}

static void
write_pid(int fd)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	/* For people only: a full disk is no reason to go without the lock. */
	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, text, (size_t)n, 0);
}

/* Open and lock path, which its last holder may be unlinking meanwhile: then
 * what we locked is no longer what stands there (spec 9.1). The descriptor,
 * -1 with err, -2 (and err locked) when another holds it. */
static int
open_locked(const char *path, struct err *err)
{
	int fd, e;

	for (;;) {
		fd = safefile_open_own(path,
		    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
		if (fd == -1) {
			err_sys(err, ERR_cannotCreate, errno,
			    "cannot open the lock '%s'", path);
			return -1;
		}
		if (set_lock(fd) != 0) {
			e = errno;
			if (e == EACCES || e == EAGAIN) {
				held(fd, path, err);
				close(fd);
				return -2;
			}
			close(fd);
			err_sys(err, ERR_ioError, e, "cannot lock '%s'", path);
			return -1;
		}
		if (same_file(fd, path))
			return fd;
		close(fd);
	}
}

/* deadline_ms -1: for ever. */
static int
take(struct lock *l, const char *path, int64_t deadline_ms, struct err *err)
{
	long pause = FIRST_WAIT_MS;
	int fd;

	while ((fd = open_locked(path, err)) == -2) {
		int64_t left = deadline_ms - clock_ms();

		if (deadline_ms >= 0 && left <= 0)
			return -1;
		if (deadline_ms >= 0 && left < pause)
			pause = (long)left;
		if (wait_readable(NULL, 0, pause) == -2)
			return err_set(err, ERR_interrupted,
			    "interrupted while waiting for the lock '%s'",
			    path);
		pause = pause * 2 < LONGEST_WAIT_MS ? pause * 2 :
						      LONGEST_WAIT_MS;
		err_clear(err);
	}
	if (fd == -1)
		return -1;
	write_pid(fd);
	l->fd = fd;
	l->path = xstrdup(path);
	return 0;
}

int
lock_take(struct lock *l, const char *dir, long wait_s, struct err *err)
{
	char *path = path_join(dir, LOCK_NAME);
	struct err own = {0};
	int rc = 0;

	*l = (struct lock)LOCK_INIT;
	if (is_inherited(path)) {
		l->inherited = 1;
		l->path = path;
		return 0;
	}
	rc = take(l, path, clock_ms() + (int64_t)wait_s * 1000, &own);
	if (rc != 0 && err != NULL)
		err_move(err, &own);
	err_clear(&own);
	free(path);
	return rc;
}

static int
take_private(struct lock *l, const char *file, int64_t deadline_ms,
    struct err *err)
{
	struct err own = {0};
	int rc;

	*l = (struct lock)LOCK_INIT;
	rc = take(l, file, deadline_ms, &own);
	if (rc != 0 && err != NULL)
		err_move(err, &own);
	err_clear(&own);
	return rc;
}

int
lock_take_private(struct lock *l, const char *file, struct err *err)
{
	return take_private(l, file, -1, err);
}

int
lock_try_private(struct lock *l, const char *file, struct err *err)
{
	return take_private(l, file, 0, err);
}

void
lock_release(struct lock *l)
{
	if (l->fd != -1 && same_file(l->fd, l->path))
		(void)unlink(l->path);
	lock_forget(l);
}

void
lock_forget(struct lock *l)
{
	if (l->fd != -1)
		close(l->fd);
	free(l->path);
	*l = (struct lock)LOCK_INIT;
}

void
lock_export(const struct lock *locks, size_t n)
{
	const char *list = getenv(LOCK_FDS);
	struct buf b;
	int fd, keep = 0;

	for (size_t i = 0; i < n; i++)
		keep |= locks[i].inherited;
	buf_init(&b, 4096);
	if (keep && list != NULL)
		buf_adds(&b, list);
	else
		while ((fd = next_fd(&list)) != -1)
			fd_set_cloexec(fd, 1);
	for (size_t i = 0; i < n; i++) {
		if (locks[i].fd == -1)
			continue;
		fd_set_cloexec(locks[i].fd, 0);
		buf_addf(&b, "%s%d", b.len > 0 ? ":" : "", locks[i].fd);
	}
	if (b.len > 0)
		setenv(LOCK_FDS, b.p, 1);
	else
		unsetenv(LOCK_FDS);
	buf_release(&b);
}
