/* proc.c - a process is started: what it shall be given is made before the
 * fork, in the parent. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/proc_private.h"

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
	proc_close_fd(&fds[0]);
	proc_close_fd(&fds[1]);
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

	while (
	    text != NULL && *text >= '0' && *text <= '9' && n < PROC_KEEP_MAX) {
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
		if (n == PROC_KEEP_MAX)
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
		proc_child(l);
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
		proc_close_fd(&made[i]);
		if (rc != 0)
			proc_close_fd(&ours[i]);
	}
	p->in_fd = ours[0];
	p->out_fd = ours[1];
	p->err_fd = ours[2];
	free(l.envp);
	free(l.path);
	return rc;
}

void
proc_hold_stdio(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
			(void)open("/dev/null",
			    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}
