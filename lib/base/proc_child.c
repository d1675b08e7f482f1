/* proc_child.c - between fork and exec: async-signal-safe calls only. */
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/proc_private.h"

static const int host_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void
close_strays(const struct launch *l)
{
	unsigned flags = l->p->flags;

	if (!(flags & PROC_KEEP_FDS) &&
	    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
		for (int fd = 3; fd < 65536; fd++)
			fd_set_cloexec(fd, 1);
	for (size_t i = 0; l->locks[i] != -1; i++)
		fd_set_cloexec(l->locks[i], l->locks_go);
	for (size_t i = 0; l->keep[i] != -1; i++)
		fd_set_cloexec(l->keep[i], 0);
	fd_set_cloexec(l->report, 1);
}

/* A signal that the user had ignored for us (nohup, an asynchronous list)
 * stays ignored; all four ignored is what a host does to a plugin, and ends
 * with it. */
static void
set_signals(const struct launch *l)
{
	struct sigaction act = {.sa_handler = SIG_DFL}, old;
	int ignored[ARRAY_LEN(host_signals)], n = 0;
	sigset_t none;

	for (size_t i = 0; i < ARRAY_LEN(host_signals); i++) {
		ignored[i] = sigaction(host_signals[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN;
		n += ignored[i];
	}
	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &act, NULL);
	act.sa_handler = SIG_IGN;
	for (size_t i = 0; i < ARRAY_LEN(host_signals); i++)
		if ((l->p->flags & PROC_IGNORE_SIGNALS) ||
		    (ignored[i] && n < (int)ARRAY_LEN(host_signals)))
			(void)sigaction(host_signals[i], &act, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
set_stdio(const struct launch *l)
{
	int from[3];

	/* First away from 0 to 2, so that none is overwritten before it is
	 * used. */
	for (int i = 0; i < 3; i++) {
		from[i] = l->stdio[i];
		if (from[i] != i && from[i] <= STDERR_FILENO)
			from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
		if (from[i] == -1)
			return -1;
	}
	for (int i = 0; i < 3; i++) {
		if (from[i] == i)
			fd_set_cloexec(i, 0);
		else if (dup2(from[i], i) == -1)
			return -1;
	}
	return 0;
}

static int
child_prepare(const struct launch *l)
{
	unsigned flags = l->p->flags;

	if ((flags & PROC_NEW_GROUP) && setpgid(0, 0) != 0)
		return -1;
	if (flags & PROC_DIE_WITH_PARENT) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
			return -1;
		if (getppid() != l->parent)
			_exit(127);
	}
	if (set_stdio(l) != 0)
		return -1;
	close_strays(l);
	if (l->p->dir != NULL && chdir(l->p->dir) != 0)
		return -1;
	set_signals(l);
	return 0;
}

void NORETURN
proc_child(const struct launch *l)
{
	int e;

	if (child_prepare(l) == 0)
		(void)execve(l->path, l->argv, l->envp);
	e = errno;
	(void)!write(l->report, &e, sizeof(e));
	_exit(127);
}
