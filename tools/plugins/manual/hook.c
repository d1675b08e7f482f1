#include "hook.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/proc.h"

enum {
	OUTPUT_MAX = 1 << 20,
	LATE_SECONDS = 55, /* of a hook that runs after the end of input */
	TERM_MS = 3000,
	CHILDREN_MAX = 4096
};

struct run {
	struct proc proc;
	struct buf out, err;
	int pidfd;
};

void
hook_begin(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* text without white space around, CRLF made LF; malloc'd. */
static char *
hook_strip(const char *text)
{
	size_t n, k = 0;
	char *copy;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	copy = xstrndup(text, n);
	for (size_t i = 0; i < n; i++)
		if (copy[i] != '\r' || copy[i + 1] != '\n')
			copy[k++] = copy[i];
	copy[k] = '\0';
	return copy;
}

/* One blank before each line that is not blank; malloc'd. */
static char *
hook_indent(const char *text)
{
	struct buf b;

	buf_init(&b, (size_t)2 * OUTPUT_MAX + 16);
	while (*text != '\0') {
		size_t n = strcspn(text, "\n"), blanks = 0;

		while (blanks < n && isspace((unsigned char)text[blanks]))
			blanks++;
		if (blanks < n)
			(void)buf_addc(&b, ' ');
		n += text[n] == '\n';
		(void)buf_add(&b, text, n);
		text += n;
	}
	(void)buf_adds(&b, "");
	return b.p == NULL ? xstrdup("") : buf_detach(&b);
}

/* Our children's process ids as the kernel lists them, or NULL. */
static char *
children(void)
{
	char path[64], *text;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return NULL;
	text = xcalloc(1, CHILDREN_MAX + 2);
	text[0] = ' ';
	n = read(fd, text + 1, CHILDREN_MAX);
	close(fd);
	/* A number that is cut off is another process's. */
	while (n > 0 && text[n] != ' ')
		n--;
	text[n < 0 ? 1 : n + 1] = '\0';
	return text;
}

/* Signal the children that are not in `before`: how many. */
static int
signal_new(const char *before, int sig)
{
	char *now = children(), *save = NULL;
	int n = 0;

	for (char *pid = now == NULL ? NULL : strtok_r(now, " \n", &save);
	     pid != NULL; pid = strtok_r(NULL, " \n", &save)) {
		char *word = xasprintf(" %s ", pid);

		if (before == NULL || strstr(before, word) == NULL) {
			kill((pid_t)strtol(pid, NULL, 10), sig);
			n++;
		}
		free(word);
	}
	free(now);
	return n;
}

/* End the hook and all that it has started. */
static void
end_whole(struct run *r, const char *before)
{
	int64_t kill_at = clock_ms() + TERM_MS, give_up = kill_at + TERM_MS;
	int sig = SIGTERM;

	proc_stop(&r->proc, SIGTERM, TERM_MS);
	if (before == NULL)
		return;
	for (;;) {
		struct pollfd none = {-1, 0, 0};

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (clock_ms() >= kill_at)
			sig = SIGKILL;
		/* Orphans of orphans come to us one generation a round. */
		if (signal_new(before, sig) == 0 || clock_ms() >= give_up)
			return;
		(void)poll(&none, 1, 20);
	}
}

/* What the hook has written. Past the ceiling the rest is dropped. */
static void
collect(struct buf *b, int *fd)
{
	char waste[4096];
	long n = buf_read(b, *fd);

	if (n == -1 && errno == E2BIG)
		n = read(*fd, waste, sizeof(waste));
	if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN)) {
		close(*fd);
		*fd = -1;
	}
}

/* Index of what is readable of these three; -1 the time is over; -2 the input
 * has ended meanwhile. */
static int
wait_for(struct guest *g, const int *fds, int late, int64_t deadline)
{
	struct pollfd p[3];
	int64_t left;

	if (!late)
		return guest_wait(g, fds, 3, -1);
	for (;;) {
		left = deadline - clock_ms();
		for (int i = 0; i < 3; i++)
			p[i] = (struct pollfd){fds[i], POLLIN, 0};
		if (left <= 0 || poll(p, 3, (int)left) == 0)
			return -1;
		for (int i = 0; i < 3; i++)
			if (p[i].revents != 0)
				return i;
	}
}

/* Until it ends. Something that it left in the background may hold its output
 * open for ever: nobody waits for that. Whoever undoes something is not stopped
 * when the input ends, but has its time from then on. */
static int
attend(struct guest *g, struct run *r, int undoes)
{
	int64_t deadline = clock_ms() + LATE_SECONDS * 1000;
	int late = guest_ended(g);

	for (;;) {
		int fds[] = {r->proc.out_fd, r->proc.err_fd, r->pidfd};

		switch (wait_for(g, fds, late, deadline)) {
		case 0:
			collect(&r->out, &r->proc.out_fd);
			break;
		case 1:
			collect(&r->err, &r->proc.err_fd);
			break;
		case 2:
			return 0;
		default:
			if (late || !undoes)
				return -1;
			late = 1;
			deadline = clock_ms() + LATE_SECONDS * 1000;
		}
	}
}

static void
report(struct guest *g, const char *option, const char *domain, int code,
    const char *out, const char *errout)
{
	char *text;

	if (code != 0)
		guest_log(g, LOG_WARNING, SHOW_LOG,
		    "Hook '--%s' for %s reported error code %d", option, domain,
		    code > 128 ? -(code - 128) : code);
	if (out[0] != '\0') {
		text = hook_indent(out);
		guest_log(g, LOG_INFO, SHOW_OUT,
		    "Hook '--%s' for %s ran with output:\n%s", option, domain,
		    text);
		free(text);
	}
	if (errout[0] != '\0') {
		text = hook_indent(errout);
		guest_log(g, LOG_WARNING, SHOW_LOG,
		    "Hook '--%s' for %s ran with error output:\n%s", option,
		    domain, text);
		free(text);
	}
}

/* The descriptor that ACME_STDIN names: the input of the user's command. */
static int
input(void)
{
	const char *text = getenv("ACME_STDIN");
	long fd = text == NULL ? -1 : strtol(text, NULL, 10);

	return fd >= 0 && fd < 1 << 20 && fcntl((int)fd, F_GETFD) != -1 ?
	    (int)fd :
	    PROC_NULL;
}

static int
start(struct run *r, const char *command, const char *const *env,
    struct err *err)
{
	const char *argv[] = {"/bin/sh", "-c", command, NULL};

	r->proc = (struct proc)PROC_INIT;
	r->proc.argv = argv;
	r->proc.env = env;
	r->proc.in = input();
	r->proc.out = r->proc.err = PROC_PIPE;
	buf_init(&r->out, OUTPUT_MAX);
	buf_init(&r->err, OUTPUT_MAX);
	if (proc_start(&r->proc, err) == -1)
		return -1;
	r->pidfd = (int)syscall(SYS_pidfd_open, r->proc.pid, 0);
	if (r->pidfd != -1)
		(void)fcntl(r->pidfd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(r->proc.out_fd, F_SETFL, O_NONBLOCK);
	(void)fcntl(r->proc.err_fd, F_SETFL, O_NONBLOCK);
	return 0;
}

/* The bytes that are there once the hook has ended. */
static void
collect_rest(struct buf *b, int *fd)
{
	size_t before;

	do {
		before = b->len;
		if (*fd != -1)
			collect(b, fd);
	} while (*fd != -1 && b->len > before);
}

static char *
stripped(struct buf *b)
{
	char *text, *valid;
	jv v = doc_stringn(b->p == NULL ? "" : b->p, b->len);

	text = xstrdup(doc_text_of(v) == NULL ? b->p : doc_text_of(v));
	doc_free(v);
	valid = hook_strip(text);
	free(text);
	return valid;
}

int
hook_run(struct guest *g, const char *option, const char *command,
    const char *domain, const char *const *env, char **out, struct err *err)
{
	struct run r = {.pidfd = -1};
	int rc;
	char *before = children(), *text, *errtext;

	guest_log(g, LOG_INFO, SHOW_LOG, "Running %s command: %s", option,
	    command);
	rc = start(&r, command, env, err);
	if (rc == -1)
		goto out;
	if (attend(g, &r, out == NULL) == -1) {
		end_whole(&r, before);
		rc = err_set(err, ERR_interrupted,
		    "--%s for %s was ended before its time", option, domain);
	}
	collect_rest(&r.out, &r.proc.out_fd);
	collect_rest(&r.err, &r.proc.err_fd);
	(void)proc_wait(&r.proc);
	text = stripped(&r.out);
	errtext = stripped(&r.err);
	report(g, option, domain, rc == -1 ? 0 : proc_exit_code(&r.proc), text,
	    errtext);
	free(errtext);
	if (out != NULL)
		*out = text;
	else
		free(text);
out:
	if (r.pidfd != -1)
		close(r.pidfd);
	buf_release(&r.out);
	buf_release(&r.err);
	free(before);
	return rc;
}
