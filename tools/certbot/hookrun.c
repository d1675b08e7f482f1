/* hookrun.c - one hook at a time; hooks are shell commands of the
 * administrator: /bin/sh -c is what certbot promises for them. */
#include "hookrun.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "progress.h"
#include "pump.h"
#include "screen.h"

static const char logger[] = "certbot._internal.hooks";

enum { HOOK_OUTPUT_MAX = 4 << 20, CHUNK = 16384 };

struct queued {
	struct hook_task task;
	struct queued *next;
};

/* The command that runs. */
struct running {
	struct proc p;
	struct buf out, errout;
	struct watch on_out, on_err, on_end;
	int dropped; /* more came than is kept */
};

static struct queued *queue; /* the first one's commands are being run */
static size_t at;	     /* its command */
static struct running *now;

/* Stripped at both ends, CRLF as LF, a blank before every line that is not
 * blank. */
static char *
indented(const struct buf *b)
{
	struct buf out;
	const char *p = b->p, *end = b->p + b->len;

	buf_init(&out, HOOK_OUTPUT_MAX * 2);
	while (p < end && isspace((unsigned char)*p))
		p++;
	while (end > p && isspace((unsigned char)end[-1]))
		end--;
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl != NULL ? nl : end) - p), blank = 0;

		if (len > 0 && p[len - 1] == '\r')
			len--;
		while (blank < len && isspace((unsigned char)p[blank]))
			blank++;
		if (blank < len)
			buf_addc(&out, ' ');
		buf_add(&out, p, len);
		if (nl == NULL)
			break;
		buf_addc(&out, '\n');
		p = nl + 1;
	}
	return buf_detach(&out);
}

static int
is_blank(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (!isspace((unsigned char)b->p[i]))
			return 0;
	return 1;
}

static void
read_some(int *fd, struct watch *w, struct buf *b)
{
	char chunk[CHUNK];
	size_t room = b->max - b->len;
	ssize_t n;

	do
		n = *fd == -1 ? 0 : read(*fd, chunk, sizeof(chunk));
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		if (*fd != -1)
			close(*fd);
		*fd = w->fd = -1;
		return;
	}
	if ((size_t)n > room)
		now->dropped = 1;
	buf_add(b, chunk, (size_t)n < room ? (size_t)n : room);
}

static void
show(const char *kind, const struct buf *b, int is_error)
{
	char *text;

	if (is_blank(b))
		return;
	text = indented(b);
	if (is_error)
		log_warning(logger, "Hook '%s' ran with error output:\n%s",
		    kind, text);
	else
		screen_status("Hook '%s' ran with output:\n%s", kind, text);
	free(text);
}

static void
report(const char *kind)
{
	int code = proc_exit_code(&now->p);

	progress_end();
	if (now->p.status != 0)
		log_warning(logger, "Hook '%s' reported error code %d", kind,
		    code > 128 && WIFSIGNALED(now->p.status) ? 128 - code :
							       code);
	show(kind, &now->out, 0);
	show(kind, &now->errout, 1);
	if (now->dropped)
		log_warning(logger, "Hook '%s': the output was cut", kind);
}

static void go_on(void);

/* It has ended. A daemon that it left behind, and that holds the pipes open, is
 * not waited for. */
static void
ended(void *ctx)
{
	struct page *before;

	(void)ctx;
	pump_unwatch(&now->on_out);
	pump_unwatch(&now->on_err);
	pump_unwatch(&now->on_end);
	for (size_t had = 1; had > 0;) {
		had = now->out.len + now->errout.len;
		read_some(&now->p.out_fd, &now->on_out, &now->out);
		read_some(&now->p.err_fd, &now->on_err, &now->errout);
		had = now->out.len + now->errout.len - had;
	}
	if (now->on_end.fd != -1)
		close(now->on_end.fd);
	proc_wait(&now->p);
	before = screen_page(queue->task.page);
	report(queue->task.kind);
	screen_page(before);
	buf_release(&now->out);
	buf_release(&now->errout);
	free(now);
	now = NULL;
	at++;
	go_on();
}

/* Without a descriptor for the process its pipes tell. */
static void
look_closed(void)
{
	if (now->on_end.fd == -1 && now->on_out.fd == -1 &&
	    now->on_err.fd == -1)
		ended(NULL);
}

static void
on_out(void *ctx)
{
	(void)ctx;
	read_some(&now->p.out_fd, &now->on_out, &now->out);
	look_closed();
}

static void
on_err(void *ctx)
{
	(void)ctx;
	read_some(&now->p.err_fd, &now->on_err, &now->errout);
	look_closed();
}

static const char **
rows_of(jv env)
{
	size_t n = doc_len(env);
	const char **rows = xcalloc(n + 2, sizeof(*rows));

	rows[0] = "ACME_NET"; /* the network is the stages' own */
	for (size_t i = 0; i < n; i++)
		rows[i + 1] = doc_str_at(env, i);
	return rows;
}

/* An absolute path of an executable (a directory hook, blanks and all) is
 * quoted for the shell. */
static int
start(const struct hook_task *t, const char *command)
{
	int is_path = command[0] == '/' && hook_is_command(command);
	const char *const sh[] = {"/bin/sh", "-c", is_path ? "\"$0\"" : command,
	    is_path ? command : NULL, NULL};
	const char **rows = rows_of(t->env);
	struct err err = {0};
	char *what;
	int rc;

	log_info(logger, "Running %s command: %s", t->kind, command);
	what = xasprintf("Running the %s", t->kind);
	progress_show(NULL, what, 0, 0, NULL);
	free(what);
	now = xcalloc(1, sizeof(*now));
	now->p = (struct proc)PROC_INIT;
	buf_init(&now->out, HOOK_OUTPUT_MAX);
	buf_init(&now->errout, HOOK_OUTPUT_MAX);
	now->p.argv = sh;
	now->p.env = rows;
	now->p.in = PROC_INHERIT;
	now->p.out = now->p.err = PROC_PIPE;
	rc = proc_start(&now->p, &err);
	now->p.argv = NULL;
	now->p.env = NULL;
	free(rows);
	if (rc == 0)
		return 0;
	log_warning(logger, "Hook '%s' could not be run: %s", t->kind,
	    err_text(&err));
	err_clear(&err);
	free(now);
	now = NULL;
	return -1;
}

static void
listen_to(void)
{
	fcntl(now->p.out_fd, F_SETFL, O_NONBLOCK);
	fcntl(now->p.err_fd, F_SETFL, O_NONBLOCK);
	now->on_out = (struct watch){.fd = now->p.out_fd, .ready = on_out};
	now->on_err = (struct watch){.fd = now->p.err_fd, .ready = on_err};
	now->on_end = (struct watch){.fd = pidfd_open(now->p.pid, 0),
	    .ready = ended};
	pump_watch(&now->on_out);
	pump_watch(&now->on_err);
	pump_watch(&now->on_end);
}

/* The next command, or the next task. */
static void
go_on(void)
{
	while (queue != NULL && now == NULL) {
		struct queued *q = queue;
		struct page *before;
		int rc;

		if (at < doc_len(q->task.commands)) {
			before = screen_page(q->task.page);
			rc = start(&q->task, doc_str_at(q->task.commands, at));
			screen_page(before);
			if (rc == 0)
				listen_to();
			else
				at++;
			continue;
		}
		queue = q->next;
		at = 0;
		doc_free(q->task.commands);
		doc_free(q->task.env);
		if (q->task.done != NULL)
			q->task.done(q->task.ctx);
		free(q);
	}
}

void
hookrun_add(const struct hook_task *task)
{
	struct queued *q = xcalloc(1, sizeof(*q)), **end = &queue;

	q->task = *task;
	while (*end != NULL)
		end = &(*end)->next;
	*end = q;
	if (now == NULL && queue == q)
		go_on();
}

int
hookrun_idle(void)
{
	return queue == NULL;
}

void
hookrun_wait(void)
{
	while (queue != NULL)
		pump_turn();
}
