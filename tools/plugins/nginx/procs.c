#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/safefile.h"
#include "ctl.h"

enum { PROC_TEXT = 512 };

/* The value of a directive at the top, else the one that is compiled in (borrowed
 * from n), absolute; malloc'd, NULL. */
static char *
top_path(struct nginx *n, const char *directive, char *const *compiled_in)
{
	struct err unread = {0}; /* then the compiled in one will do */
	const char *value;
	struct place at;

	/* A recovery comes before "prepare". */
	if (n->prefix == NULL)
		(void)ctl_version(n, &unread);
	err_clear(&unread);
	value = *compiled_in;
	if (nginx_read(n, &unread) == 0 &&
	    conf_first(n->conf, (struct place){NULL, -1}, directive, &at))
		value = place_text(at, 1);
	err_clear(&unread);
	return n->prefix == NULL || value == NULL ? NULL :
						    path_join(n->prefix, value);
}

char *
procs_pid_file(struct nginx *n)
{
	return top_path(n, "pid", &n->pid_file);
}

char *
procs_error_log(struct nginx *n)
{
	return top_path(n, "error_log", &n->error_log);
}

static int
is_alive(pid_t pid)
{
	return pid > 1 && (kill(pid, 0) == 0 || errno == EPERM);
}

/* The file /proc/PID/NAME, NULs as blanks; "" when it cannot be read. */
static void
proc_text(pid_t pid, const char *name, char *text)
{
	char path[64];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	f = fopen(path, "re");
	if (f != NULL) {
		n = fread(text, 1, PROC_TEXT - 1, f);
		fclose(f);
	}
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[n] = '\0';
}

pid_t
procs_master(struct nginx *n)
{
	char *path = procs_pid_file(n);
	struct buf b;
	long pid = 0;

	buf_init(&b, 64);
	if (path != NULL && safefile_read(path, &b, NULL) == 0 && b.len > 0)
		pid = strtol(b.p, NULL, 10);
	buf_release(&b);
	free(path);
	return is_alive((pid_t)pid) ? (pid_t)pid : 0;
}

static pid_t
parent_of(pid_t pid)
{
	char text[PROC_TEXT];
	const char *close;
	long parent = 0;

	proc_text(pid, "stat", text);
	close = strrchr(text, ')'); /* the name may hold anything */
	if (close == NULL || sscanf(close + 1, " %*c %ld", &parent) != 1)
		return 0;
	return (pid_t)parent;
}

static int
is_worker(pid_t pid)
{
	char title[PROC_TEXT];

	proc_text(pid, "cmdline", title);
	return strncmp(title, "nginx: worker process", 21) == 0;
}

/* It has closed what it listened on, or is about to. */
static int
is_ending(pid_t pid)
{
	char title[PROC_TEXT];

	proc_text(pid, "cmdline", title);
	return title[0] == '\0' || strstr(title, "shutting down") != NULL;
}

void
procs_workers(pid_t master, struct workers *w)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	*w = (struct workers){0};
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ?
		    (pid_t)strtol(e->d_name, NULL, 10) :
		    0;

		if (pid == 0 || parent_of(pid) != master || !is_worker(pid))
			continue;
		w->list = xrealloc(w->list, (w->n + 1) * sizeof(w->list[0]));
		w->list[w->n++] = pid;
	}
	if (dir != NULL)
		closedir(dir);
}

static int
is_in(const struct workers *w, pid_t pid)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->list[i] == pid)
			return 1;
	return 0;
}

int
procs_replaced(pid_t master, const struct workers *old)
{
	struct workers now;
	size_t new = 0;

	for (size_t i = 0; i < old->n; i++)
		if (!is_ending(old->list[i]))
			return 0;
	procs_workers(master, &now);
	for (size_t i = 0; i < now.n; i++)
		new += !is_in(old, now.list[i]);
	free(now.list);
	return new > 0;
}
