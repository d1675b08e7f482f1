/* proc.c - fork and exec, with the failure of exec reported to the parent
 * through a pipe that closes on success. */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- environment ------------------------------------------------------------ */

static size_t
key_length(const char *row)
{
	return strcspn(row, "=");
}

static int
same_key(const char *a, const char *b)
{
	size_t n = key_length(a);

	return n == key_length(b) && memcmp(a, b, n) == 0;
}

/* Is this row of ours replaced, removed, or not meant for the child? */
static int
row_goes(const char *row, const struct proc *p)
{
	if ((p->flags & PROC_KEEP_LOCKS) == 0 &&
	    same_key(row, "CERTBOT_LOCK_FDS"))
		return 1;
	if (same_key(row, "ACME_UI"))
		return 1;
	for (size_t i = 0; p->env != NULL && p->env[i] != NULL; i++)
		if (same_key(row, p->env[i]))
			return 1;
	return 0;
}

/* Rows are borrowed, the array is malloc'd. */
static char **
environment(const struct proc *p)
{
	size_t n = 0, more = 0, at = 0;
	char **env;

	while (environ[n] != NULL)
		n++;
	while (p->env != NULL && p->env[more] != NULL)
		more++;
	env = xcalloc(n + more + 1, sizeof(*env));
	for (size_t i = 0; i < n; i++)
		if (!row_goes(environ[i], p))
			env[at++] = environ[i];
	for (size_t i = 0; i < more; i++)
		if (strchr(p->env[i], '=') != NULL)
			memcpy(&env[at++], &p->env[i], sizeof(*env));
	return env;
}

/* --- the program's path ------------------------------------------------------ */

static char *
in_path(const char *name)
{
	const char *path = getenv("PATH");
	char *copy, *save = NULL, *found = NULL;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	copy = xstrdup(path != NULL ? path : "/usr/bin:/bin");
	for (char *dir = strtok_r(copy, ":", &save);
	    dir != NULL && found == NULL; dir = strtok_r(NULL, ":", &save)) {
		char *full = xasprintf("%s/%s", dir, name);

		if (access(full, X_OK) == 0)
			found = full;
		else
			free(full);
	}
	free(copy);
	return found;
}

/* --- the child --------------------------------------------------------------- */

struct wiring {
	char *program;
	char **env;
	int in, out, err;  /* what becomes 0, 1, 2 */
	int report;	   /* errno of a failed exec */
};

static int
is_kept(int fd, const struct proc *p, const char *locks)
{
	for (size_t i = 0; p->keep != NULL && p->keep[i] != -1; i++)
		if (p->keep[i] == fd)
			return 1;
	while ((p->flags & PROC_KEEP_LOCKS) && locks != NULL &&
	    *locks != '\0') {
		char *end;
		long n = strtol(locks, &end, 10);

		if (end == locks)
			break;
		if (n == fd)
			return 1;
		locks = *end == ':' ? end + 1 : end;
	}
	return 0;
}

/* Close everything from 3 up that is not kept, in runs. Descriptors beyond
 * the highest kept one go in one call. */
static void
close_others(const struct proc *p, int report)
{
	const char *locks = getenv("CERTBOT_LOCK_FDS");
	int last = 2;

	for (int fd = 3; fd < 1024; fd++) {
		if (fd != report && !is_kept(fd, p, locks))
			continue;
		if (fd > last + 1)
			close_range((unsigned)last + 1, (unsigned)fd - 1, 0);
		if (fd != report)
			fcntl(fd, F_SETFD, 0);
		last = fd;
	}
	close_range((unsigned)last + 1, ~0u, 0);
}

static void
default_signals(unsigned flags)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t none;

	for (int s = 1; s < 32; s++)
		if (s != SIGKILL && s != SIGSTOP)
			signal(s, SIG_DFL);
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		if (flags & PROC_IGNORE_SIGNALS)
			signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void NORETURN
child(const struct proc *p, const struct wiring *w, pid_t parent)
{
	int error, fds[3] = { w->in, w->out, w->err };

	/* away from 0 to 2 first, so that no dup2 hits a source */
	for (int i = 0; i < 3; i++)
		if (fds[i] <= 2 && fds[i] != i &&
		    (fds[i] = fcntl(fds[i], F_DUPFD, 3)) == -1)
			goto failed;
	for (int i = 0; i < 3; i++)
		if (fds[i] != i && dup2(fds[i], i) == -1)
			goto failed;
	if (p->flags & PROC_NEW_GROUP)
		setpgid(0, 0);
	if (p->flags & PROC_DIE_WITH_PARENT) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127);
	}
	if ((p->flags & PROC_KEEP_FDS) == 0)
		close_others(p, w->report);
	default_signals(p->flags);
	if (p->dir != NULL && chdir(p->dir) != 0)
		goto failed;
	execve(w->program, (char *const *)(uintptr_t)p->argv, w->env);
failed:
	error = errno;
	if (write(w->report, &error, sizeof(error)) == -1)
		_exit(126);
	_exit(127);
}

/* --- the parent --------------------------------------------------------------- */

/* What the child gets for one of its three; our end of a pipe in *ours. */
static int
wire(int want, int own, int write_end, int *ours)
{
	int fds[2];

	if (want == PROC_INHERIT)
		return own;
	if (want == PROC_NULL)
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	if (want != PROC_PIPE)
		return want;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	*ours = fds[write_end ? 0 : 1];
	return fds[write_end ? 1 : 0];
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
close_wire(int want, int fd)
{
	if (fd > 2 && (want == PROC_PIPE || want == PROC_NULL))
		close(fd);
}

static int
exec_error(struct proc *p, int report, int *error)
{
	ssize_t n;

	do
		n = read(report, error, sizeof(*error));
	while (n == -1 && errno == EINTR);
	if (n != sizeof(*error))
		return 0;
	while (waitpid(p->pid, &p->status, 0) == -1 && errno == EINTR)
		;
	p->pid = -1;
	return 1;
}

int
proc_start(struct proc *p, struct err *err)
{
	struct wiring w = { .in = -1, .out = -1, .err = -1 };
	int report[2] = { -1, -1 }, error = 0;
	pid_t self = getpid();

	p->pid = p->in_fd = p->out_fd = p->err_fd = -1;
	w.program = in_path(p->argv[0]);
	if (w.program == NULL)
		return err_set(err, ERR_noInput,
		    "the program '%s' is not in the PATH", p->argv[0]);
	w.env = environment(p);
	w.in = wire(p->in, 0, 0, &p->in_fd);
	w.out = wire(p->out, 1, 1, &p->out_fd);
	w.err = wire(p->err, 2, 1, &p->err_fd);
	if (w.in == -1 || w.out == -1 || w.err == -1 ||
	    pipe2(report, O_CLOEXEC) != 0) {
		error = errno;
	} else {
		w.report = report[1];
		p->pid = fork();
		if (p->pid == 0)
			child(p, &w, self);
		error = p->pid == -1 ? errno : 0;
	}
	close_fd(&report[1]);
	if (error == 0)
		exec_error(p, report[0], &error);
	close_fd(&report[0]);
	close_wire(p->in, w.in);
	close_wire(p->out, w.out);
	close_wire(p->err, w.err);
	if (error != 0) {
		close_fd(&p->in_fd);
		close_fd(&p->out_fd);
		close_fd(&p->err_fd);
		err_sys(err, ERR_internal, error, "cannot start '%s'",
		    w.program);
	}
	free(w.program);
	free(w.env);
	return error == 0 ? 0 : -1;
}

int
proc_wait(struct proc *p)
{
	close_fd(&p->in_fd);
	close_fd(&p->out_fd);
	close_fd(&p->err_fd);
	if (p->pid == -1)
		return 0;
	while (waitpid(p->pid, &p->status, 0) == -1)
		if (errno != EINTR)
			return -1;
	p->pid = -1;
	return 0;
}

int
proc_poll(struct proc *p)
{
	if (p->pid == -1)
		return 1;
	if (waitpid(p->pid, &p->status, WNOHANG) != p->pid)
		return 0;
	p->pid = -1;
	return 1;
}

void
proc_stop(struct proc *p, int sig, long grace_ms)
{
	int64_t end = clock_ms() + grace_ms;

	close_fd(&p->in_fd);
	if (p->pid != -1 && sig != 0)
		kill(p->pid, sig);
	while (!proc_poll(p) && clock_ms() < end)
		poll(NULL, 0, 5);
	if (p->pid != -1)
		kill(p->pid, SIGKILL);
	proc_wait(p);
}

int
proc_exit_code(const struct proc *p)
{
	return WIFSIGNALED(p->status) ? 128 + WTERMSIG(p->status) :
	    WEXITSTATUS(p->status);
}

/* One read into b; what is over its ceiling is read and dropped. 0 at the end
 * of the stream. */
static long
collect(struct buf *b, int fd, int *dropped)
{
	char waste[4096];
	long n;

	if (b != NULL && b->len < b->max)
		return buf_read(b, fd);
	do
		n = read(fd, waste, sizeof(waste));
	while (n == -1 && errno == EINTR);
	if (n > 0)
		*dropped = 1;
	return n;
}

int
proc_run(struct proc *p, const void *in, size_t in_len, struct buf *out,
    struct buf *errout, long timeout_ms, struct err *err)
{
	int64_t end = clock_ms() + timeout_ms;
	size_t at = 0;
	int dropped = 0;

	if (in != NULL)
		p->in = PROC_PIPE;
	if (proc_start(p, err) != 0)
		return -1;
	if (p->in_fd != -1)
		fcntl(p->in_fd, F_SETFL, O_NONBLOCK);
	while (p->out_fd != -1 || p->err_fd != -1 || p->in_fd != -1) {
		struct pollfd fds[3] = { { p->out_fd, POLLIN, 0 },
			{ p->err_fd, POLLIN, 0 }, { p->in_fd, POLLOUT, 0 } };
		int64_t left = end - clock_ms();

		if (timeout_ms >= 0 && left <= 0)
			break;
		if (poll(fds, 3, timeout_ms < 0 ? -1 : (int)left) == -1)
			continue;
		if (fds[0].revents != 0 &&
		    collect(out, p->out_fd, &dropped) <= 0)
			close_fd(&p->out_fd);
		if (fds[1].revents != 0 &&
		    collect(errout, p->err_fd, &dropped) <= 0)
			close_fd(&p->err_fd);
		if (fds[2].revents != 0) {
			ssize_t n = at == in_len ? 0 : write(p->in_fd,
			    (const char *)in + at, in_len - at);

			if (n > 0)
				at += (size_t)n;
			if (at == in_len || (n == -1 && errno != EAGAIN &&
			    errno != EINTR))
				close_fd(&p->in_fd);
		}
	}
	if (p->out_fd != -1 || p->err_fd != -1) {
		proc_stop(p, SIGTERM, 1000);
		return err_set(err, ERR_timeout,
		    "'%s' did not end in %ld ms", p->argv[0], timeout_ms);
	}
	while (timeout_ms >= 0 && !proc_poll(p)) {
		if (clock_ms() >= end) {
			proc_stop(p, SIGTERM, 1000);
			return err_set(err, ERR_timeout,
			    "'%s' did not end in %ld ms", p->argv[0],
			    timeout_ms);
		}
		poll(NULL, 0, 2);
	}
	proc_wait(p);
	if (dropped)
		return err_set(err, ERR_badData,
		    "'%s' printed more than is taken from it", p->argv[0]);
	return 0;
}

/* --- our own programs --------------------------------------------------------- */

/* The directory of the running executable; malloc'd. */
static char *
own_dir(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return xstrdup(".");
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
	return xstrdup(path);
}

static int
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* The prefix that bin/ and libexec/acme-tools/ stand in; malloc'd. */
static char *
own_prefix(void)
{
	static const char libexec[] = "/libexec/acme-tools";
	char *dir = own_dir(), *slash;

	if (ends_with(dir, libexec))
		dir[strlen(dir) - strlen(libexec)] = '\0';
	else if ((slash = strrchr(dir, '/')) != NULL)
		*slash = '\0';
	return dir;
}

char *
proc_sibling(const char *name, struct err *err)
{
	char *dir = own_dir(), *prefix = own_prefix();
	char *path = xasprintf("%s/%s", dir, name);

	if (access(path, X_OK) != 0) {
		free(path);
		path = xasprintf("%s/bin/%s", prefix, name);
	}
	if (access(path, X_OK) != 0) {
		err_set(err, ERR_noInput,
		    "the program '%s' is not beside this one in '%s'", name,
		    dir);
		free(path);
		path = NULL;
	}
	free(dir);
	free(prefix);
	return path;
}

char *
proc_plugin_dir(void)
{
	char *prefix = own_prefix();
	char *path = xasprintf("%s/libexec/acme-tools", prefix);

	free(prefix);
	return path;
}

char *
proc_data_dir(void)
{
	char *prefix = own_prefix();
	char *path = xasprintf("%s/share/acme-tools", prefix);

	free(prefix);
	return path;
}
