#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"

enum { KEEP_MAX = 64, POLL_MS = 10 };

static const int host_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* All that the child needs between fork and exec, made before the fork. */
struct launch {
	const struct proc *p;
	char *path;
	char *const *argv;
	char **envp;
	int stdio[3]; /* what becomes 0, 1, 2; always >= 3 or the very one */
	int keep[KEEP_MAX + 1]; /* descriptors that stay, ended by -1 */
	int locks_go;		/* the descriptors below must not stay */
	int locks[KEEP_MAX + 1];
	int report; /* the pipe that tells of a failed exec */
	pid_t parent;
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Away from 0, 1 and 2, where the child's own will be; fd is closed. */
static int
move_up(int fd)
{
	int up = fd;

	if (fd >= 0 && fd <= STDERR_FILENO) {
		up = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(fd);
	}
	return up;
}

static int
make_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	fds[0] = move_up(fds[0]);
	fds[1] = move_up(fds[1]);
	if (fds[0] != -1 && fds[1] != -1)
		return 0;
	close_fd(&fds[0]);
	close_fd(&fds[1]);
	return -1;
}

/* Where argv[0] is; malloc'd. */
static char *
find_program(const char *name, struct err *err)
{
	const char *path = getenv("PATH"), *end;
	char *dir, *full, *absolute;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	if (path == NULL)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (; name[0] != '\0'; path = end + 1) {
		end = strchrnul(path, ':');
		dir = end == path ? xstrdup(".") :
				    xstrndup(path, (size_t)(end - path));
		full = path_join(dir, name);
		absolute = path_absolute(full);
		free(dir);
		free(full);
		if (faccessat(AT_FDCWD, absolute, X_OK, AT_EACCESS) == 0)
			return absolute;
		free(absolute);
		if (*end == '\0')
			break;
	}
	err_set(err, ERR_noInput, "there is no program '%s' in PATH", name);
	return NULL;
}

/* Is entry ("K=V" or "K") about the variable named by the first n bytes? */
static int
names_variable(const char *entry, const char *name, size_t n)
{
	return strncmp(entry, name, n) == 0 &&
	    (entry[n] == '=' || entry[n] == '\0');
}

static int
is_replaced(const char *entry, const char *const *changes)
{
	size_t n = strcspn(entry, "=");

	for (; changes != NULL && *changes != NULL; changes++)
		if (names_variable(*changes, entry, n))
			return 1;
	return 0;
}

static int
is_dropped(const char *entry, unsigned flags)
{
	if (!(flags & PROC_KEEP_LOCKS) &&
	    names_variable(entry, "CERTBOT_LOCK_FDS", 16))
		return 1;
	return !(flags & PROC_KEEP_UI) && names_variable(entry, "ACME_UI", 7);
}

/* The child's environment; only the array is malloc'd. */
static char **
make_env(const struct proc *p)
{
	size_t n = 0, m = 0;
	char **envp;

	while (environ != NULL && environ[n] != NULL)
		n++;
	for (; p->env != NULL && p->env[m] != NULL; m++)
		;
	envp = xcalloc(n + m + 1, sizeof(*envp));
	m = 0;
	for (size_t i = 0; i < n; i++)
		if (!is_replaced(environ[i], p->env) &&
		    !is_dropped(environ[i], p->flags))
			envp[m++] = environ[i];
	for (size_t i = 0; p->env != NULL && p->env[i] != NULL; i++)
		if (strchr(p->env[i], '=') != NULL &&
		    !is_dropped(p->env[i], p->flags) &&
		    !is_replaced(p->env[i], p->env + i + 1))
			envp[m++] = (char *)(uintptr_t)p->env[i];
	envp[m] = NULL;
	return envp;
}

static void
list_locks(struct launch *l)
{
	const char *text = getenv("CERTBOT_LOCK_FDS");
	size_t n = 0;

	while (text != NULL && *text >= '0' && *text <= '9' && n < KEEP_MAX) {
		char *end;
		long fd = strtol(text, &end, 10);

		if (fd > STDERR_FILENO && fd < INT_MAX)
			l->locks[n++] = (int)fd;
		text = *end == ':' ? end + 1 : NULL;
	}
	l->locks[n] = -1;
	l->locks_go = !(l->p->flags & PROC_KEEP_LOCKS);
}

static int
list_kept(struct launch *l, struct err *err)
{
	const int *keep = l->p->keep;
	size_t n = 0;

	for (; keep != NULL && *keep != -1; keep++) {
		if (n == KEEP_MAX)
			return err_set(err, ERR_internal,
			    "too many descriptors for one process");
		l->keep[n++] = *keep;
	}
	l->keep[n] = -1;
	list_locks(l);
	return 0;
}

/* One of 0, 1, 2: theirs is what the child gets (to be closed here when it was
 * opened here, *made), ours the other end of a pipe. */
static int
make_stdio(int what, int number, int *theirs, int *made, int *ours)
{
	int fds[2];

	*made = *ours = -1;
	if (what == PROC_INHERIT) {
		*theirs = number;
		return 0;
	}
	if (what >= 0) {
		*theirs = what;
		return 0;
	}
	if (what == PROC_NULL) {
		*theirs = *made = move_up(
		    open("/dev/null", O_RDWR | O_CLOEXEC));
		return *theirs == -1 ? -1 : 0;
	}
	if (make_pipe(fds) != 0)
		return -1;
	*theirs = *made = fds[number == STDIN_FILENO ? 0 : 1];
	*ours = fds[number == STDIN_FILENO ? 1 : 0];
	return 0;
}

/* --- in the child: async-signal-safe calls only -------------------------- */

static void
set_cloexec(int fd, int on)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags != -1)
		(void)fcntl(fd, F_SETFD,
		    on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC);
}

static void
close_strays(const struct launch *l)
{
	unsigned flags = l->p->flags;

	if (!(flags & PROC_KEEP_FDS) &&
	    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
		for (int fd = 3; fd < 65536; fd++)
			set_cloexec(fd, 1);
	for (size_t i = 0; l->locks[i] != -1; i++)
		set_cloexec(l->locks[i], l->locks_go);
	for (size_t i = 0; l->keep[i] != -1; i++)
		set_cloexec(l->keep[i], 0);
	set_cloexec(l->report, 1);
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
			set_cloexec(i, 0);
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

static void NORETURN
child_main(const struct launch *l)
{
	int e;

	if (child_prepare(l) == 0)
		(void)execve(l->path, l->argv, l->envp);
	e = errno;
	(void)!write(l->report, &e, sizeof(e));
	_exit(127);
}

/* --- in the parent again --------------------------------------------------- */

static int
start_failed(const struct launch *l, int errnum, struct err *err)
{
	const char *dir = l->p->dir;

	if (errnum == ENOENT && dir != NULL && access(dir, F_OK) != 0)
		return err_set(err, ERR_noInput,
		    "cannot start '%s' in the directory '%s': %s", l->path, dir,
		    strerror(errnum));
	if (errnum == ENOEXEC)
		return err_set(err, ERR_noInput,
		    "cannot start '%s': it is no program (a script needs a first line '#!...')",
		    l->path);
	return err_sys(err, ERR_internal, errnum, "cannot start '%s'", l->path);
}

/* errno of the failed exec, 0 when it went well. */
static int
read_report(int fd)
{
	int e = 0;
	ssize_t n;

	do {
		n = read(fd, &e, sizeof(e));
	} while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(e) ? e : 0;
}

static void
reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
}

static int
launch(struct proc *p, struct launch *l, struct err *err)
{
	int report[2], e;
	sigset_t all, old;
	pid_t pid;

	if (make_pipe(report) != 0)
		return err_sys(err, ERR_internal, errno, "cannot make a pipe");
	l->report = report[1];
	l->parent = getpid();
	sigfillset(&all);
	/* No handler of ours may run in the child. */
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		child_main(l);
	e = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(report[1]);
	if (pid == -1) {
		close(report[0]);
		return err_sys(err, ERR_internal, e, "cannot start '%s'",
		    l->path);
	}
	e = read_report(report[0]);
	close(report[0]);
	if (e != 0) {
		reap(pid);
		return start_failed(l, e, err);
	}
	p->pid = pid;
	return 0;
}

int
proc_start(struct proc *p, struct err *err)
{
	struct launch l = {.p = p};
	const int what[3] = {p->in, p->out, p->err};
	int made[3] = {-1, -1, -1}, ours[3] = {-1, -1, -1}, rc = -1;

	p->pid = -1;
	p->status = 0;
	p->in_fd = p->out_fd = p->err_fd = -1;
	l.path = find_program(p->argv[0], err);
	if (l.path == NULL)
		return -1;
	l.argv = (char *const *)(uintptr_t)p->argv;
	l.envp = make_env(p);
	if (list_kept(&l, err) != 0)
		goto out;
	for (int i = 0; i < 3; i++) {
		if (make_stdio(what[i], i, &l.stdio[i], &made[i], &ours[i]) ==
		    0)
			continue;
		err_sys(err, ERR_internal, errno, "cannot start '%s'", l.path);
		goto out;
	}
	rc = launch(p, &l, err);
out:
	for (int i = 0; i < 3; i++) {
		close_fd(&made[i]);
		if (rc != 0)
			close_fd(&ours[i]);
	}
	p->in_fd = ours[0];
	p->out_fd = ours[1];
	p->err_fd = ours[2];
	free(l.envp);
	free(l.path);
	return rc;
}

int
proc_wait(struct proc *p)
{
	pid_t r;

	close_fd(&p->in_fd);
	close_fd(&p->out_fd);
	close_fd(&p->err_fd);
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
	close_fd(&fd.fd);
	return done;
}

void
proc_stop(struct proc *p, int sig, long grace_ms)
{
	pid_t target;

	close_fd(&p->in_fd);
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
