/* proc_end.c - waiting for a process, and ending it. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc_private.h"

enum { POLL_MS = 10 };

void
proc_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int
proc_wait(struct proc *p)
{
	pid_t r;

	proc_close_fd(&p->in_fd);
	proc_close_fd(&p->out_fd);
	proc_close_fd(&p->err_fd);
	if (p->pid <= 0)
		return 0;
	do {
		r = waitpid(p->pid, &p->status, 0);
	} while (r == -1 && errno == EINTR);
	p->pid = -1;
	return r == -1 ? -1 : 0;
}

int
proc_poll(struct proc *p)
{
	pid_t r;

	if (p->pid <= 0)
		return 1;
	do {
		r = waitpid(p->pid, &p->status, WNOHANG);
	} while (r == -1 && errno == EINTR);
	if (r == 0)
		return 0;
	p->pid = -1;
	return 1;
}

/* Has it ended within timeout_ms? */
static int
wait_end(struct proc *p, long timeout_ms)
{
	int64_t end = clock_ms() + timeout_ms;
	struct pollfd fd = {.fd = pidfd_open(p->pid, 0), .events = POLLIN};
	int done;

	while (!(done = proc_poll(p))) {
		int64_t left = end - clock_ms();

		if (left <= 0)
			break;
		if (fd.fd == -1 && left > POLL_MS)
			left = POLL_MS;
		(void)poll(&fd, 1, left > INT_MAX ? INT_MAX : (int)left);
	}
	proc_close_fd(&fd.fd);
	return done;
}

void
proc_stop(struct proc *p, int sig, long grace_ms)
{
	pid_t target;

	proc_close_fd(&p->in_fd);
	if (proc_poll(p))
		goto out;
	target = p->flags & PROC_NEW_GROUP ? -p->pid : p->pid;
	(void)kill(target, sig);
	if (sig != SIGKILL && !wait_end(p, grace_ms))
		(void)kill(target, SIGKILL);
	while (!proc_poll(p))
		(void)wait_end(p, 1000);
out:
	(void)proc_wait(p);
}

int
proc_exit_code(const struct proc *p)
{
	if (WIFSIGNALED(p->status))
		return 128 + WTERMSIG(p->status);
	return WEXITSTATUS(p->status);
}
