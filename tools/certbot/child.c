/* child.c - stages started, fed, listened to and reaped. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stage.h"
#include "progress.h"
#include "prompts.h"

static const char **
argv_of(jv args)
{
	size_t n = doc_len(args);
	const char **argv = xcalloc(n + 1, sizeof(*argv));

	for (size_t i = 0; i < n; i++)
		argv[i] = doc_str_at(args, i);
	return argv;
}

/* argv[0] is a program of ours by its name. */
int
child_start(struct child *c, jv args, struct err *err)
{
	int pair[2], keep[2];
	char *program = proc_sibling(doc_str_at(args, 0), err), *ui;
	const char **argv;
	const char *env[2] = {NULL, NULL};
	int rc;

	*c = (struct child){.proc = PROC_INIT, .ui = -1};
	buf_init(&c->up, DOC_MAX);
	buf_init(&c->out, (size_t)DOC_MAX * VECTOR_MAX);
	if (program == NULL)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		free(program);
		return err_sys(err, ERR_internal, errno,
		    "cannot make a socket pair");
	}
	argv = argv_of(args);
	argv[0] = program;
	ui = xasprintf("ACME_UI=%d", pair[1]);
	env[0] = ui;
	keep[0] = pair[1];
	keep[1] = -1;
	c->proc.argv = argv;
	c->proc.env = env;
	c->proc.in = PROC_PIPE;
	c->proc.out = PROC_PIPE;
	c->proc.keep = keep;
	c->proc.flags = PROC_KEEP_LOCKS | PROC_KEEP_UI;
	rc = proc_start(&c->proc, err);
	close(pair[1]);
	c->ui = pair[0];
	c->proc.argv = NULL;
	c->proc.env = NULL;
	c->proc.keep = NULL;
	free(ui);
	free(argv);
	free(program);
	return rc;
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/* Let the child read these lines; text is eaten. */
static void
child_feed_text(struct child *c, char *text)
{
	c->in = text;
	c->in_len = strlen(text);
	c->in_at = 0;
	fcntl(c->proc.in_fd, F_SETFL, O_NONBLOCK);
}

void
child_feed(struct child *c, jv doc)
{
	struct buf b;
	char *text;

	buf_init(&b, SIZE_MAX / 2);
	if (doc_is(doc, DOC_OBJECT)) {
		text = doc_text(doc);
		buf_addf(&b, "%s\n", text);
		free(text);
	}
	for (size_t i = 0; doc_is(doc, DOC_ARRAY) && i < doc_len(doc); i++) {
		jv one = doc_at(doc, i);

		text = doc_text(one);
		buf_addf(&b, "%s\n", text);
		free(text);
		doc_free(one);
	}
	if (b.len > 0)
		child_feed_text(c, buf_detach(&b));
	else
		close_fd(&c->proc.in_fd);
	buf_release(&b);
}

void
child_end(struct child *c)
{
	close_fd(&c->proc.in_fd);
	if (c->proc.pid != -1 && !c->ended)
		proc_stop(&c->proc, SIGTERM, 70000);
	close_fd(&c->proc.out_fd);
	close_fd(&c->ui);
	buf_release(&c->up);
	buf_release(&c->out);
	free(c->in);
	c->in = NULL;
	c->ended = 1;
}

static void
answer(struct child *c, jv ask)
{
	struct err err = {0};
	jv reply = doc_object(), value;
	char *text, *line;

	reply = doc_set(reply, "id", doc_get(ask, "id"));
	value = prompt_ask(doc_copy(ask), &err);
	if (!err_is_set(&err))
		reply = doc_set(reply, "value", doc_copy(value));
	else if (err.has_members && doc_flag(err.members, "cancel", 0))
		reply = doc_set_flag(reply, "cancel", 1);
	else
		reply = doc_set_str(reply, "error", err_text(&err));
	doc_free(value);
	err_clear(&err);
	reply = doc_set(doc_object(), "answer", reply);
	text = doc_text(reply);
	line = xasprintf("%s\n", text);
	fd_write_all(c->ui, line, strlen(line));
	free(line);
	free(text);
	doc_free(reply);
}

static void
upward_line(struct child *c, const char *line, size_t len)
{
	jv msg = doc_parse(line, len, NULL);

	if (doc_has(msg, "log")) {
		log_pass(doc_get(msg, "log"));
	} else if (doc_has(msg, "progress")) {
		jv progress = doc_get(msg, "progress");

		progress_heard(progress);
		doc_free(progress);
	} else if (doc_has(msg, "ask")) {
		jv ask = doc_get(msg, "ask");

		answer(c, ask);
		doc_free(ask);
	}
	doc_free(msg);
}

static void
take_lines(struct child *c)
{
	char *nl;

	while (
	    c->up.len > 0 && (nl = memchr(c->up.p, '\n', c->up.len)) != NULL) {
		size_t len = (size_t)(nl - c->up.p);
		char *line = xstrndup(c->up.p, len);

		buf_drop(&c->up, len + 1);
		upward_line(c, line, len);
		free(line);
	}
}

void
child_listen(struct child *c)
{
	struct pollfd pfd = {c->ui, POLLIN, 0};

	while (c->ui != -1 && poll(&pfd, 1, 0) > 0) {
		if (buf_read(&c->up, c->ui) <= 0) {
			close_fd(&c->ui);
			break;
		}
		take_lines(c);
	}
	take_lines(c);
}

void
child_write(struct child *c)
{
	ssize_t n = write(c->proc.in_fd, c->in + c->in_at,
	    c->in_len - c->in_at);

	if (n > 0)
		c->in_at += (size_t)n;
	if ((n == -1 && errno != EAGAIN && errno != EINTR) ||
	    c->in_at == c->in_len) {
		free(c->in);
		c->in = NULL;
		close_fd(&c->proc.in_fd);
	}
}

/* The bytes up to a newline as a document; its error becomes err. */
static jv
document(const char *line, size_t len, struct err *err)
{
	jv doc = doc_parse(line, len, err);
	jv error = doc_get(doc, "error");

	if (doc_is(error, DOC_OBJECT))
		err_from_doc(err, error);
	doc_free(error);
	return doc;
}

void
child_reap(struct child *c)
{
	child_listen(c);
	close_fd(&c->proc.out_fd);
	close_fd(&c->proc.in_fd);
	proc_wait(&c->proc);
	c->ended = 1;
	child_listen(c);
}

jv
child_document(struct child *c, const char *stage, struct err *err)
{
	char *nl;

	child_reap(c);
	nl = c->out.len > 0 ? memchr(c->out.p, '\n', c->out.len) : NULL;
	if (nl == NULL && proc_exit_code(&c->proc) == 0)
		return doc_none();
	if (nl == NULL) {
		err_set(err, ERR_internal,
		    "%s ended with status %d and no document", stage,
		    proc_exit_code(&c->proc));
		return doc_none();
	}
	return document(c->out.p, (size_t)(nl - c->out.p), err);
}

void
child_each(struct child *c, void (*each)(void *ctx, jv doc TAKES), void *ctx)
{
	size_t at = 0;
	char *nl;

	while (at < c->out.len &&
	    (nl = memchr(c->out.p + at, '\n', c->out.len - at)) != NULL) {
		size_t end = (size_t)(nl - c->out.p);

		each(ctx, doc_parse(c->out.p + at, end - at, NULL));
		at = end + 1;
	}
	buf_drop(&c->out, at);
}
