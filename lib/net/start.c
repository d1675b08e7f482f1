#include "net/start.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATH_LINE_MAX = 4096, END_MS = 5000 };

/* The line that a starting acme-net says: its socket's path, or why it cannot
 * work. malloc'd; NULL. */
static char *
read_line(int fd)
{
	struct buf b;
	char *nl = NULL;
	long n;

	buf_init(&b, PATH_LINE_MAX);
	do {
		n = buf_read(&b, fd);
		if (n > 0)
			nl = memchr(b.p, '\n', b.len);
	} while (!nl && (n > 0 || (n == -1 && errno == EINTR)));
	if (!nl) {
		buf_release(&b);
		return NULL;
	}
	*nl = '\0';
	return buf_detach(&b);
}

static int
start_fail(struct net_process *p, int fd, struct err *err)
{
	close(fd);
	if (p->proc.pid > 0) {
		proc_stop(&p->proc, SIGKILL, 0);
		proc_wait(&p->proc);
	}
	p->proc.pid = -1;
	free(p->path);
	p->path = NULL;
	if (err && err->name != ERR_netProcess) {
		err->name = ERR_netProcess;
		err_prefix(err, "cannot start acme-net");
	}
	return -1;
}

int
net_process_start(struct net_process *p, struct err *err)
{
	const char *const env[] = {"ACME_UI", "CERTBOT_LOCK_FDS", NULL};
	const char *argv[] = {NULL, NULL};
	int pair[2];
	char *program;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return err_set(err, ERR_netProcess, "cannot start acme-net: %s",
		    strerror(errno));
	program = proc_sibling("acme-net", err);
	if (!program) {
		close(pair[1]);
		return start_fail(p, pair[0], err);
	}
	argv[0] = program;
	p->proc.argv = argv;
	p->proc.env = env;
	p->proc.in = pair[1];
	p->proc.out = PROC_PIPE;
	p->proc.err = PROC_NULL;
	p->proc.flags = PROC_IGNORE_SIGNALS;
	if (proc_start(&p->proc, err) == 0)
		p->path = read_line(p->proc.out_fd);
	close(pair[1]);
	free(program);
	p->proc.argv = NULL;
	p->proc.env = NULL;
	if (p->path && p->path[0] == '/') {
		setenv("ACME_NET", p->path, 1);
		return pair[0];
	}
	if (p->proc.pid > 0)
		err_set(err, ERR_netProcess, "acme-net cannot work: %s",
		    p->path ? p->path : "it ended at once");
	return start_fail(p, pair[0], err);
}

/* What acme-net could not take away itself because it was killed. */
static void
remove_socket(char *path)
{
	char *slash = strrchr(path, '/');

	(void)unlink(path);
	if (slash && slash != path) {
		*slash = '\0';
		(void)rmdir(path);
	}
}

/* Wait for the end of file on fd, whatever signals come. */
static int
wait_end(int fd, int timeout_ms)
{
	int64_t end = clock_ms() + timeout_ms;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left;

	while ((left = end - clock_ms()) > 0)
		if (poll(&p, 1, (int)left) == 1)
			return 0;
	return -1;
}

void
net_process_end(struct net_process *p)
{
	const char *now = getenv("ACME_NET");

	if (p->proc.pid <= 0)
		return;
	if (now && strcmp(now, p->path) == 0)
		unsetenv("ACME_NET");
	/* Its end of the pipe closes when it ends. */
	if (wait_end(p->proc.out_fd, END_MS) == 0) {
		proc_wait(&p->proc);
		remove_socket(p->path);
	}
	free(p->path);
	p->path = NULL;
}
