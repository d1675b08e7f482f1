#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "base/proc.h"
#include "network.h"

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD};

static void
watched_set(sigset_t *set)
{
	size_t i;

	sigemptyset(set);
	for (i = 0; i < ARRAY_LEN(watched); i++)
		sigaddset(set, watched[i]);
}

static void
block_signals(void)
{
	sigset_t set;
	size_t i;

	watched_set(&set);
	/* Blocked signals wait even where the default is to ignore them. */
	for (i = 0; i < ARRAY_LEN(watched); i++)
		signal(watched[i], SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static char *
make_dir(struct err *err)
{
	const char *tmp = path_temporary();
	char *dir;

	if (tmp[0] != '/' || strlen(tmp) > 64)
		tmp = "/tmp";
	dir = xasprintf("%s/acme-net-XXXXXX", tmp);
	/* mkdtemp obeys the umask. */
	if (mkdtemp(dir) && chmod(dir, 0700) == 0)
		return dir;
	err_sys(err, ERR_cannotCreate, errno, "cannot make a directory in %s",
	    tmp);
	free(dir);
	return NULL;
}

int
supervise_open(struct supervisor *s, struct err *err)
{
	block_signals();
	s->dir = make_dir(err);
	if (!s->dir)
		return -1;
	s->path = xasprintf("%s/socket", s->dir);
	s->service.server = net_server_new(s->path, &service_ops, &s->service,
	    err);
	return s->service.server ? 0 : -1;
}

int
supervise_fork(struct supervisor *s, int lifeline, struct err *err)
{
	int pair[2] = {-1, -1};
	pid_t pid;

	if (lifeline &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return err_sys(err, ERR_internal, errno,
		    "cannot make a socket");
	pid = fork();
	if (pid == -1) {
		err_sys(err, ERR_internal, errno, "cannot start a process");
		if (lifeline) {
			close(pair[0]);
			close(pair[1]);
		}
		return -1;
	}
	if (pid == 0)
		_exit(network_main(&s->service, pair[1]));
	if (lifeline)
		close(pair[1]);
	s->lifeline = pair[0];
	s->network = pid;
	net_server_free(s->service.server);
	s->service.server = NULL;
	return 0;
}

/* Nobody's pipe stays open because of us. */
static void
let_go(const struct supervisor *s)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)!chdir("/");
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	if (s->lifeline > 3)
		close_range(3, (unsigned)s->lifeline - 1, 0);
	close_range((unsigned)(s->lifeline > 2 ? s->lifeline : 2) + 1, ~0U, 0);
}

int
supervise_start(struct supervisor *s, const char *const *argv, struct err *err)
{
	char *var = xasprintf("ACME_NET=%s", s->path);
	const char *const env[] = {var, "ACME_UI", NULL};
	struct proc p = PROC_INIT;
	int rc;

	p.argv = argv;
	p.env = env;
	p.in = PROC_INHERIT;
	p.flags = PROC_KEEP_FDS | PROC_KEEP_LOCKS;
	rc = proc_start(&p, err);
	free(var);
	if (rc)
		return -1;
	s->command = p.pid;
	let_go(s);
	return 0;
}

/* A signal sent to the whole group waits, blocked, at the network process,
 * too: COMMAND has got it then. */
static int
sent_to_group(const struct supervisor *s, int sig)
{
	static const struct timespec moment = {0, 5 * 1000 * 1000};
	unsigned long long pending = 0;
	char path[64], line[256];
	FILE *f;

	nanosleep(&moment, NULL);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)s->network);
	f = s->network ? fopen(path, "re") : NULL;
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, "ShdPnd:", 7) == 0)
			pending = strtoull(line + 7, NULL, 16);
	fclose(f);
	if (s->lifeline >= 0)
		(void)send(s->lifeline, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	return (pending >> (sig - 1)) & 1;
}

/* Reap what has ended. 1 when COMMAND was among it, with its status. */
static int
reap(struct supervisor *s, int *status)
{
	int ws, done = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &ws, WNOHANG)) > 0) {
		if (pid == s->network)
			s->network = 0;
		if (pid != s->command)
			continue;
		*status = WIFSIGNALED(ws) ? 128 + WTERMSIG(ws) :
					    WEXITSTATUS(ws);
		done = 1;
	}
	return done;
}

int
supervise_command(struct supervisor *s)
{
	int status = 70, sig;
	sigset_t set;

	watched_set(&set);
	while (!reap(s, &status)) {
		sig = sigwaitinfo(&set, NULL);
		if (sig == SIGTERM || sig == SIGHUP || sig == SIGINT) {
			if (!sent_to_group(s, sig))
				kill(s->command, sig);
		}
	}
	return status;
}

void
supervise_network(struct supervisor *s)
{
	if (s->lifeline >= 0)
		close(s->lifeline);
	s->lifeline = -1;
	while (s->network > 0)
		if (waitpid(s->network, NULL, 0) != -1 || errno != EINTR)
			s->network = 0;
}

void
supervise_close(struct supervisor *s)
{
	net_server_free(s->service.server);
	s->service.server = NULL;
	if (s->path)
		(void)unlink(s->path);
	if (s->dir)
		(void)rmdir(s->dir);
	free(s->path);
	free(s->dir);
	s->path = s->dir = NULL;
}
