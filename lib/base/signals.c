/* signals.c - one pipe that becomes readable when a signal came. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/proc.h"

enum { WAIT_FDS = 64 };

static int pipe_fds[2] = { -1, -1 };
static volatile sig_atomic_t first;

static void
note(int sig)
{
	int saved = errno;
	ssize_t n;

	if (first == 0)
		first = sig;
	n = write(pipe_fds[1], "", 1);
	(void)n;
	errno = saved;
}

int
signals_catch(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction sa = { 0 }, old;

	if (pipe_fds[0] != -1)
		return pipe_fds[0];
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = note;
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		/* one that is ignored from the start stays so (nohup) */
		if (sigaction(caught[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaction(caught[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	return pipe_fds[0];
}

int
signals_caught(void)
{
	return first;
}

void
signals_die(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), sig);
	_exit(128 + sig);
}

int
wait_readable(const int *fds, size_t n, long timeout_ms)
{
	struct pollfd p[WAIT_FDS + 1];
	int64_t end = clock_ms() + timeout_ms;

	if (n > WAIT_FDS)
		n = WAIT_FDS;
	for (;;) {
		int64_t left = end - clock_ms();
		int r;

		for (size_t i = 0; i < n; i++)
			p[i] = (struct pollfd){ fds[i], POLLIN, 0 };
		p[n] = (struct pollfd){ pipe_fds[0], POLLIN, 0 };
		if (first != 0 && pipe_fds[0] != -1)
			return -2;
		r = poll(p, n + 1, timeout_ms < 0 ? -1 : left < 0 ? 0 :
		    left > 3600000 ? 3600000 : (int)left);
		if (r == -1 && errno != EINTR)
			return -1;
		for (size_t i = 0; r > 0 && i < n; i++)
			if (p[i].revents != 0)
				return (int)i;
		if (first != 0 && pipe_fds[0] != -1)
			return -2;
		if (timeout_ms >= 0 && clock_ms() >= end)
			return -1;
	}
}
