/* lock.c - whole-file write locks that belong to the open file description. */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/proc.h"
#include "base/safefile.h"

enum { LOOK_AGAIN_MS = 50 };

/* Is fd the file that stands at path? */
static int
same_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Does CERTBOT_LOCK_FDS name this file: our driver holds it? */
static int
held_by_driver(const char *path)
{
	const char *list = getenv("CERTBOT_LOCK_FDS");

	while (list != NULL && *list != '\0') {
		char *end;
		long fd = strtol(list, &end, 10);

		if (end == list)
			return 0;
		if (fd > 2 && same_file((int)fd, path))
			return 1;
		list = *end == ':' ? end + 1 : end;
	}
	return 0;
}

static int
set_lock(int fd, int cmd)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int rc;

	do
		rc = fcntl(fd, cmd, &fl);
	while (rc == -1 && errno == EINTR && cmd == F_OFD_SETLK);
	return rc;
}

static void
write_pid(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) != n)
		errno = 0;
}

/* The holder's process id out of the file, 0 when it says none. */
static long
read_pid(const char *path)
{
	struct buf b;
	long pid = 0;

	buf_init(&b, 64);
	if (safefile_read(path, &b, NULL) == 0 && b.p != NULL)
		pid = strtol(b.p, NULL, 10);
	buf_release(&b);
	return pid;
}

/* One try. 0 taken; 1 another holds it; -1 and err. */
static int
try_once(struct lock *l, struct err *err)
{
	for (;;) {
		/* reading, too, so that the next one can see who holds it */
		int fd = open(l->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

		if (fd == -1)
			return err_sys(err, ERR_cannotCreate, errno,
			    "cannot open the lock file '%s'", l->path);
		if (set_lock(fd, F_OFD_SETLK) != 0) {
			int busy = errno == EACCES || errno == EAGAIN;

			if (!busy)
				err_sys(err, ERR_ioError, errno,
				    "cannot lock '%s'", l->path);
			close(fd);
			return busy ? 1 : -1;
		}
		/* the holder may have unlinked it between open and lock */
		if (same_file(fd, l->path)) {
			l->fd = fd;
			write_pid(fd);
			return 0;
		}
		close(fd);
	}
}

int
lock_take(struct lock *l, const char *dir, long wait_s, struct err *err)
{
	int64_t end = clock_ms() + wait_s * 1000;
	int none = -1, rc;

	*l = (struct lock)LOCK_INIT;
	l->path = path_join(dir, ".certbot.lock");
	if (held_by_driver(l->path)) {
		l->inherited = 1;
		return 0;
	}
	while ((rc = try_once(l, err)) == 1 && clock_ms() < end &&
	    wait_readable(&none, 1, LOOK_AGAIN_MS) != -2)
		;
	if (rc == 1) {
		long pid = read_pid(l->path);

		if (pid > 0)
			err_set(err, ERR_locked,
			    "another instance of certbot is already running (process %ld holds '%s')",
			    pid, l->path);
		else
			err_set(err, ERR_locked,
			    "another instance of certbot is already running (it holds '%s')",
			    l->path);
	}
	if (rc != 0) {
		free(l->path);
		*l = (struct lock)LOCK_INIT;
		return -1;
	}
	return 0;
}

void
lock_release(struct lock *l)
{
	if (l->fd != -1 && !l->inherited)
		unlink(l->path);
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
	struct buf b;

	buf_init(&b, 1024);
	for (size_t i = 0; i < n; i++)
		if (locks[i].fd != -1)
			buf_addf(&b, "%s%d", b.len > 0 ? ":" : "",
			    locks[i].fd);
	/* proc_start passes them on to the children that may have them */
	if (b.len > 0)
		setenv("CERTBOT_LOCK_FDS", b.p, 1);
	buf_release(&b);
}

int
lock_take_private(struct lock *l, const char *file, struct err *err)
{
	*l = (struct lock)LOCK_INIT;
	l->fd = open(file, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->fd == -1)
		return err_sys(err, ERR_cannotCreate, errno,
		    "cannot open the lock file '%s'", file);
	while (set_lock(l->fd, F_OFD_SETLKW) != 0)
		if (errno != EINTR) {
			err_sys(err, ERR_ioError, errno, "cannot lock '%s'",
			    file);
			lock_forget(l);
			return -1;
		}
	return 0;
}
