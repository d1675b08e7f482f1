#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

enum { CHUNK = 16384, STOP_MS = 2000, LOOK_MS = 50 };

struct run {
	struct proc *p;
	const char *in;
	size_t in_len, in_at;
	struct buf *out, *errout;
	int pidfd;
	int dropped; /* more came than the ceilings allow */
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
set_nonblocking(int fd)
{
	int flags = fd == -1 ? -1 : fcntl(fd, F_GETFL);

	if (flags != -1)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static void
feed(struct run *r)
{
	ssize_t n = 0;

	if (r->in_at < r->in_len)
		n = write(r->p->in_fd, r->in + r->in_at, r->in_len - r->in_at);
	if (n > 0)
		r->in_at += (size_t)n;
	/* A child that does not want to read all is no error. */
	if (r->in_at == r->in_len ||
	    (n == -1 && errno != EAGAIN && errno != EINTR))
		close_fd(&r->p->in_fd);
}

/* 1 when something was there. */
static int
collect(struct run *r, int *fd, struct buf *b)
{
	char chunk[CHUNK];
	size_t room, len;
	ssize_t n;

	if (*fd == -1)
		return 0;
	n = read(*fd, chunk, sizeof(chunk));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		close_fd(fd);
		return 0;
	}
	room = b->max - b->len;
	len = (size_t)n < room ? (size_t)n : room;
	(void)buf_add(b, chunk, len);
	if (len < (size_t)n)
		r->dropped = 1;
	explicit_bzero(chunk, (size_t)n);
	return 1;
}

/* One round. 1 when the child has ended. */
static int
serve(struct run *r, int timeout_ms)
{
	struct proc *p = r->p;
	struct pollfd fds[] = {
	    {.fd = p->in_fd, .events = POLLOUT},
	    {.fd = p->out_fd, .events = POLLIN},
	    {.fd = p->err_fd, .events = POLLIN},
	    {.fd = r->pidfd, .events = POLLIN},
	};

	if (poll(fds, ARRAY_LEN(fds), timeout_ms) <= 0)
		return proc_poll(p);
	if (fds[0].revents != 0)
		feed(r);
	if (fds[1].revents != 0)
		(void)collect(r, &p->out_fd, r->out);
	if (fds[2].revents != 0)
		(void)collect(r, &p->err_fd, r->errout);
	return proc_poll(p);
}

static int
run_to_end(struct run *r, long timeout_ms, struct err *err)
{
	int64_t end = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
	int ended = 0;

	while (!ended) {
		int64_t left = end < 0 ? -1 : end - clock_ms();

		if (end >= 0 && left <= 0) {
			proc_stop(r->p, SIGTERM, STOP_MS);
			return err_set(err, ERR_timeout,
			    "'%s' did not end within %ld seconds",
			    r->p->argv[0], (timeout_ms + 999) / 1000);
		}
		if (r->pidfd == -1 && (left < 0 || left > LOOK_MS))
			left = LOOK_MS;
		ended = serve(r, left > INT_MAX ? INT_MAX : (int)left);
	}
	/* What it wrote last; a daemon that it left behind, and that holds the
	 * pipes open, is not waited for. */
	while (!r->dropped && collect(r, &r->p->out_fd, r->out))
		;
	while (!r->dropped && collect(r, &r->p->err_fd, r->errout))
		;
	return 0;
}

int
proc_run(struct proc *p, const void *in, size_t in_len, struct buf *out,
    struct buf *errout, long timeout_ms, struct err *err)
{
	struct run r = {.p = p,
	    .in = in,
	    .in_len = in_len,
	    .out = out,
	    .errout = errout,
	    .pidfd = -1};
	int rc;

	if (in != NULL)
		p->in = PROC_PIPE;
	if (out != NULL)
		p->out = PROC_PIPE;
	if (errout != NULL)
		p->err = PROC_PIPE;
	if (proc_start(p, err) != 0)
		return -1;
	/* Only what is fed and collected may be a pipe here. */
	if (in == NULL)
		close_fd(&p->in_fd);
	if (out == NULL)
		close_fd(&p->out_fd);
	if (errout == NULL)
		close_fd(&p->err_fd);
	set_nonblocking(p->in_fd);
	set_nonblocking(p->out_fd);
	set_nonblocking(p->err_fd);
	r.pidfd = pidfd_open(p->pid, 0);
	rc = run_to_end(&r, timeout_ms, err);
	close_fd(&r.pidfd);
	(void)proc_wait(p);
	if (rc == 0 && r.dropped)
		err_sys(err, ERR_badData, E2BIG, "the output of '%s' was cut",
		    p->argv[0]);
	return rc;
}
