/* Starting a plugin, and ending it. */
#include "plugin/host_private.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LISTEN_FIRST = 3, LISTEN_MAX = 16 };

static void
nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags != -1)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* ACME_STDIN names the descriptor that hooks get as their standard input. */
static int
hooks_stdin(void)
{
	const char *text = getenv("ACME_STDIN");
	char *end;
	long fd;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return -1;
	fd = strtol(text, &end, 10);
	return *end == '\0' && fd < 1 << 20 && fcntl((int)fd, F_GETFD) != -1 ?
	    (int)fd :
	    -1;
}

/* How many sockets systemd has handed to us, or to our parent for us (from
 * descriptor 3 up, sd_listen_fds(3)). */
static int
listening_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
	long who = pid == NULL ? -1 : strtol(pid, NULL, 10);
	long count = n == NULL ? 0 : strtol(n, NULL, 10);

	if ((who != getpid() && who != getppid()) || count < 1 ||
	    count > LISTEN_MAX)
		return 0;
	for (int i = 0; i < count; i++)
		if (fcntl(LISTEN_FIRST + i, F_GETFD) == -1)
			return 0;
	return (int)count;
}

/* The descriptors, besides its conversation, that the plugin gets. */
struct passed {
	int keep[LISTEN_MAX + 2];
	const char *env[4];
	char pid[40];
};

static void
pass(struct passed *f, const struct plugin_desc *desc)
{
	int input = hooks_stdin(), n = 0, e = 0;
	int sockets = plugin_uses(desc, "http01_port") ? listening_fds() : 0;

	for (int i = 0; i < sockets; i++)
		f->keep[n++] = LISTEN_FIRST + i;
	if (input != -1 &&
	    (input < LISTEN_FIRST || input >= LISTEN_FIRST + sockets))
		f->keep[n++] = input;
	f->keep[n] = -1;
	if (input == -1)
		f->env[e++] = "ACME_STDIN";
	if (sockets == 0) {
		f->env[e++] = "LISTEN_FDS";
		f->env[e++] = "LISTEN_PID";
	} else {
		snprintf(f->pid, sizeof(f->pid), "LISTEN_PID=%ld",
		    (long)getpid());
		f->env[e++] = f->pid;
	}
	f->env[e] = NULL;
}

struct plugin *
plugin_start(const struct plugin_desc *desc, struct err *err)
{
	struct plugin *p = xcalloc(1, sizeof(*p));
	const char *argv[] = {desc->path, NULL};
	struct passed passed;

	pass(&passed, desc);
	p->desc = desc;
	p->learned = doc_object();
	p->proc = (struct proc)PROC_INIT;
	p->proc.argv = argv;
	p->proc.env = passed.env;
	p->proc.keep = passed.keep;
	p->proc.in = p->proc.out = p->proc.err = PROC_PIPE;
	p->proc.flags = PROC_IGNORE_SIGNALS;
	buf_init(&p->in, PLUGIN_LINE_MAX);
	buf_init(&p->errout, ERR_LINES_MAX);
	if (proc_start(&p->proc, err) == -1) {
		err_prefix(err, "plugin %s", desc->name);
		buf_release(&p->in);
		buf_release(&p->errout);
		doc_free(p->learned);
		free(p);
		return NULL;
	}
	p->proc.argv = NULL;
	p->proc.keep = NULL;
	p->proc.env = NULL;
	p->pidfd = (int)syscall(SYS_pidfd_open, p->proc.pid, 0);
	nonblocking(p->proc.in_fd);
	nonblocking(p->proc.out_fd);
	nonblocking(p->proc.err_fd);
	return p;
}

static long
grace(const struct plugin *p)
{
	return p->performing ? PLUGIN_GRACE : PLUGIN_GRACE_IDLE;
}

static void
wait_for_end(struct plugin *p)
{
	int64_t deadline = clock_ms() + grace(p) * 1000;
	struct err err = {0};

	while (
	    p->proc.pid > 0 && !proc_poll(&p->proc) && clock_ms() < deadline) {
		if (p->ended) { /* only its end is missing */
			struct pollfd fd = {p->pidfd, POLLIN, 0};
			(void)poll(&fd, 1, p->pidfd == -1 ? 20 : 250);
			continue;
		}
		(void)host_listen(p, 0, 250, 1);
		if (!p->broken)
			(void)host_digest(p, 1, NULL, &err);
		else
			buf_reset(&p->in);
		err_clear(&err);
	}
	/* What it said last. */
	if (!p->ended)
		(void)host_listen(p, 0, 0, 1);
	if (!p->broken)
		(void)host_digest(p, 1, NULL, &err);
	host_read_errout(p);
	host_log_errout(p, 1);
	err_clear(&err);
}

int
plugin_stop(struct plugin *p TAKES, struct err *err)
{
	int rc = 0, code;

	if (p == NULL)
		return 0;
	if (p->proc.in_fd != -1)
		close(p->proc.in_fd);
	p->proc.in_fd = -1;
	wait_for_end(p);
	if (p->proc.pid > 0 && !proc_poll(&p->proc)) {
		proc_stop(&p->proc, SIGKILL, 1000);
		rc = err_set(err, ERR_pluginFailed,
		    "plugin %s did not clean up within %ld seconds and was "
		    "killed",
		    p->desc->name, grace(p));
	} else {
		(void)proc_wait(&p->proc);
		code = proc_exit_code(&p->proc);
		if (code != 0)
			rc = err_set(err, ERR_pluginFailed,
			    "plugin %s ended with status %d; what it had set "
			    "up may be left behind",
			    p->desc->name, code);
		if (code > 128)
			err_member(err, "died", doc_bool(1));
	}
	if (p->pidfd != -1)
		close(p->pidfd);
	buf_release(&p->in);
	buf_release(&p->errout);
	doc_free(p->learned);
	free(p);
	return rc;
}
