/* Reloading, and knowing when the new configuration is live: the old workers
 * have let go of the sockets, new ones hold them. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apache.h"
#include "base/safefile.h"
#include "vec.h"

#define LIVE_MS 30000
#define STEP_MS 20
#define START_MS 10000
/* Where neither a PidFile nor /proc tells about the workers. */
#define BLIND_MS 3000

struct set {
	unsigned long *v;
	size_t n;
};

static int
has(const struct set *s, unsigned long x)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] == x)
			return 1;
	return 0;
}

/* The main process, 0 when none is known to run. */
static pid_t
server_pid(const struct apache *a)
{
	struct buf b;
	struct err ignored = {0};
	long pid = 0;

	if (a->pid_file == NULL)
		return 0;
	buf_init(&b, 64);
	if (safefile_read(a->pid_file, &b, &ignored) == 0 && b.p != NULL)
		pid = strtol(b.p, NULL, 10);
	err_clear(&ignored);
	buf_release(&b);
	return pid > 1 && (kill((pid_t)pid, 0) == 0 || errno == EPERM) ?
	    (pid_t)pid :
	    0;
}

int
server_runs(const struct apache *a)
{
	return a->pid_file == NULL || server_pid(a) != 0;
}

/* Inodes of the TCP sockets that listen. */
static void
add_listeners(struct set *s, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[512];
	unsigned long inode;
	unsigned state;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line,
			" %*u: %*64[0-9A-F:] %*64[0-9A-F:] %x %*s %*s %*s %*u "
			"%*u %lu",
			&state, &inode) == 2 &&
		    state == 0x0a)
			VEC_ADD(s->v, s->n, inode);
	if (f != NULL)
		fclose(f);
}

static int
holds_listener(unsigned long pid, const struct set *listeners)
{
	char path[64], target[64];
	DIR *d;
	struct dirent *e;
	unsigned long inode;
	int found = 0;

	snprintf(path, sizeof(path), "/proc/%lu/fd", pid);
	d = opendir(path);
	while (d != NULL && !found && (e = readdir(d)) != NULL) {
		ssize_t n = readlinkat(dirfd(d), e->d_name, target,
		    sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		found = sscanf(target, "socket:[%lu]", &inode) == 1 &&
		    has(listeners, inode);
	}
	if (d != NULL)
		closedir(d);
	return found;
}

static unsigned long
parent_of(const char *pid)
{
	char path[300], text[512], *end;
	FILE *f;
	unsigned long parent = 0;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	n = f == NULL ? 0 : fread(text, 1, sizeof(text) - 1, f);
	if (f != NULL)
		fclose(f);
	text[n] = '\0';
	end = strrchr(text, ')');
	if (end != NULL)
		(void)sscanf(end, ") %*c %lu", &parent);
	return parent;
}

/* The workers: children of main that hold a listening socket. */
static int
workers(pid_t main, struct set *s)
{
	struct set listeners = {0};
	DIR *d = opendir("/proc");
	struct dirent *e;

	s->n = 0;
	add_listeners(&listeners, "/proc/net/tcp");
	add_listeners(&listeners, "/proc/net/tcp6");
	while (d != NULL && (e = readdir(d)) != NULL) {
		unsigned long pid = strtoul(e->d_name, NULL, 10);
		if (pid > 0 && parent_of(e->d_name) == (unsigned long)main &&
		    holds_listener(pid, &listeners))
			VEC_ADD(s->v, s->n, pid);
	}
	if (d != NULL)
		closedir(d);
	free(listeners.v);
	return d != NULL && listeners.n > 0;
}

static int
is_live(const struct apache *a, const struct set *before)
{
	struct set now = {0};
	pid_t pid = server_pid(a);
	int live = pid != 0 && workers(pid, &now) && now.n > 0;

	for (size_t i = 0; i < now.n; i++)
		live &= !has(before, now.v[i]);
	free(now.v);
	return live;
}

static int
wait_live(struct apache *a, const struct set *before, int blind,
    struct err *err)
{
	int64_t until = clock_ms() + LIVE_MS;

	if (blind) {
		(void)guest_wait(a->g, NULL, 0, BLIND_MS);
		return 0;
	}
	while (!is_live(a, before)) {
		if (server_pid(a) == 0)
			return err_set(err, ERR_misconfigured,
			    "Apache has ended while it was reloaded; see its "
			    "error log");
		if (clock_ms() > until) {
			guest_log(a->g, LOG_WARNING, SHOW_LOG,
			    "Apache was reloaded, but old workers still serve "
			    "the old configuration after %d s.",
			    LIVE_MS / 1000);
			return 0;
		}
		if (guest_wait(a->g, NULL, 0, STEP_MS) == -2)
			return 0;
	}
	return 0;
}

static int
run_verb(struct apache *a, const char *verb, struct err *err)
{
	const char *const args[] = {verb, NULL};
	struct buf out;
	int status = ctl_run(a, args, &out, err);

	if (status > 0) {
		err_set(err, ERR_misconfigured,
		    "Error while running %s %s.\n%s", a->ctl, verb, out.p);
		status = -1;
	}
	buf_release(&out);
	return status;
}

/* httpd 2.4 dies of a configuration without the SSLStaplingCache that the one
 * before had: where enhancements are undone it must be started again. */
static int
start_again(struct apache *a, struct err *err)
{
	static const struct set nobody;
	struct err ended = {0};
	int64_t until = clock_ms() + START_MS;
	int rc;

	err_move(&ended, err);
	guest_log(a->g, LOG_WARNING, SHOW_LOG,
	    "Apache has ended while it was reloaded, and is started again.");
	rc = run_verb(a, "start", err);
	/* Its first process is there before the PidFile is. */
	while (rc == 0 && !is_live(a, &nobody) && clock_ms() < until)
		if (guest_wait(a->g, NULL, 0, STEP_MS) == -2)
			break;
	if (rc == 0 && !is_live(a, &nobody)) {
		err_move(err, &ended);
		rc = -1;
	}
	err_clear(&ended);
	return rc;
}

int
server_reload(struct apache *a, struct err *err)
{
	struct set before = {0};
	struct err first = {0};
	int rc, blind;
	pid_t pid;

	if (ctl_test(a, err) == -1)
		return -1;
	if (a->pid_file == NULL && !a->read && ctl_dump(a, err) == -1)
		return -1;
	/* What we do not read, but httpd does, is no reason not to reload. */
	if (a->pid_file == NULL && apache_read(a, &first) == -1)
		err_clear(&first);
	pid = server_pid(a);
	if (!server_runs(a))
		return err_set(err, ERR_misconfigured,
		    "Apache is not running (no process of %s): start it, then "
		    "run this again",
		    a->pid_file);
	blind = pid == 0 || !workers(pid, &before);
	rc = run_verb(a, "graceful", &first);
	if (rc == -1 && a->sys->again != NULL) {
		guest_log(a->g, LOG_WARNING, SHOW_LOG, "%s", err_text(&first));
		err_clear(&first);
		rc = run_verb(a, a->sys->again, &first);
	}
	if (rc == -1)
		err_move(err, &first);
	else if ((rc = wait_live(a, &before, blind, err)) == -1)
		rc = start_again(a, err);
	if (rc == 0)
		unread_clear(&a->owed);
	err_clear(&first);
	free(before.v);
	return rc;
}
