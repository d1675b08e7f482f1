#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { WAIT_FDS_MAX = 64 };

/* All that a handler may touch. */
static volatile sig_atomic_t caught;
static int wake[2] = {-1, -1};

static void
note(int sig)
{
	int e = errno;

	if (caught == 0)
		caught = sig;
	(void)!write(wake[1], "", 1);
	errno = e;
}

int
signals_catch(void)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction act = {.sa_handler = note};
	struct sigaction old;

	if (wake[0] != -1)
		return wake[0];
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		sigaddset(&act.sa_mask, all[i]);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		/* What was ignored at the start stays so (nohup). */
		if (sigaction(all[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			(void)sigaction(all[i], &act, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	return wake[0];
}

int
signals_caught(void)
{
	return caught;
}

void
signals_die(int sig)
{
	sigset_t set;

	(void)signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(sig);
	_exit(128 + sig);
}

int
wait_readable(const int *fds, size_t n, long timeout_ms)
{
	struct pollfd p[WAIT_FDS_MAX + 1];
	int64_t end = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;

	if (n > WAIT_FDS_MAX)
		n = WAIT_FDS_MAX;
	for (size_t i = 0; i < n; i++)
		p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	p[n] = (struct pollfd){.fd = wake[0], .events = POLLIN};
	for (;;) {
		int64_t left = end < 0 ? -1 : end - clock_ms();
		int rc;

		if (end >= 0 && left < 0)
			left = 0;
		if (left > 1 << 30)
			left = 1 << 30;
		rc = poll(p, (nfds_t)n + 1, (int)left);
		if (caught != 0)
			return -2;
		for (size_t i = 0; rc > 0 && i < n; i++)
			if (p[i].revents != 0)
				return (int)i;
		if (rc == 0 && end >= 0 && clock_ms() >= end)
			return -1;
		if (rc < 0 && errno != EINTR)
			return -1;
	}
}
