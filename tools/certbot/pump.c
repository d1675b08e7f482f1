/* pump.c - stages started, fed, listened to and reaped. */
#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "net/client.h"
#include "prompts.h"
#include "screen.h"

struct child {
	struct proc proc;
	int ui;		/* our end of the upward socket, -1 */
	struct buf up;	/* bytes from it */
	struct buf out; /* bytes of standard output */
	char *in;	/* text still to be written */
	size_t in_len, in_at;
	int ended;
};

static struct net *network;
static int signal_passed;

int
pump_network(struct err *err)
{
	if (network == NULL)
		network = net_open(err);
	return network == NULL ? -1 : 0;
}

void
pump_network_end(void)
{
	net_close(network);
	network = NULL;
}

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
static int
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

/* Let the child read these lines; text is eaten. */
static void
child_feed_text(struct child *c, char *text)
{
	c->in = text;
	c->in_len = strlen(text);
	c->in_at = 0;
	fcntl(c->proc.in_fd, F_SETFL, O_NONBLOCK);
}

static void
child_feed(struct child *c, jv doc)
{
	char *text = doc_text(doc);

	child_feed_text(c, xasprintf("%s\n", text));
	free(text);
}

/* Every document of an array. */
static void
child_feed_all(struct child *c, jv docs)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < doc_len(docs); i++) {
		jv doc = doc_at(docs, i);
		char *text = doc_text(doc);

		buf_adds(&b, text);
		buf_addc(&b, '\n');
		free(text);
		doc_free(doc);
	}
	child_feed_text(c, b.len > 0 ? buf_detach(&b) : xstrdup(""));
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
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
upward_line(struct pass *p, struct child *c, const char *line, size_t len)
{
	jv msg = doc_parse(line, len, NULL);

	if (doc_has(msg, "log")) {
		screen_hold(p != NULL ? p->held : NULL);
		log_pass(doc_get(msg, "log"));
		screen_hold(NULL);
	} else if (doc_has(msg, "ask")) {
		jv ask = doc_get(msg, "ask");

		answer(c, ask);
		doc_free(ask);
	}
	doc_free(msg);
}

static void
take_lines(struct pass *p, struct child *c)
{
	char *nl;

	while (
	    c->up.len > 0 && (nl = memchr(c->up.p, '\n', c->up.len)) != NULL) {
		size_t len = (size_t)(nl - c->up.p);
		char *line = xstrndup(c->up.p, len);

		buf_drop(&c->up, len + 1);
		upward_line(p, c, line, len);
		free(line);
	}
}

/* Everything that is there on the upward socket (a stage writes its lines
 * before the document that they concern). */
static void
empty_upward(struct pass *p, struct child *c)
{
	struct pollfd pfd = {c->ui, POLLIN, 0};

	while (c->ui != -1 && poll(&pfd, 1, 0) > 0) {
		if (buf_read(&c->up, c->ui) <= 0) {
			close_fd(&c->ui);
			break;
		}
		take_lines(p, c);
	}
	take_lines(p, c);
}

static void
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

/* The end of a stage's output: reaped, its first line is the document. */
static jv
child_document(struct pass *p, struct child *c, const char *stage,
    struct err *err)
{
	char *nl;
	jv doc, error;

	empty_upward(p, c);
	close_fd(&c->proc.out_fd);
	close_fd(&c->proc.in_fd);
	proc_wait(&c->proc);
	c->ended = 1;
	empty_upward(p, c);
	nl = c->out.len > 0 ? memchr(c->out.p, '\n', c->out.len) : NULL;
	if (nl == NULL && proc_exit_code(&c->proc) == 0)
		return doc_none();
	if (nl == NULL) {
		err_set(err, ERR_internal,
		    "%s ended with status %d and no document", stage,
		    proc_exit_code(&c->proc));
		return doc_none();
	}
	doc = doc_parse(c->out.p, (size_t)(nl - c->out.p), err);
	error = doc_get(doc, "error");
	if (doc_is(error, DOC_OBJECT))
		err_from_doc(err, error);
	doc_free(error);
	return doc;
}

int
pass_start(struct pass *p)
{
	p->n = doc_len(p->steps);
	p->children = xcalloc(p->n, sizeof(*p->children));
	p->at = 0;
	for (size_t i = 0; i < p->n; i++) {
		jv args = doc_at(p->steps, i);
		int rc = child_start(&p->children[i], args, &p->err);

		doc_free(args);
		if (rc != 0) {
			p->n = i + 1;
			p->ended = 1;
			return -1;
		}
	}
	if (p->n == 0)
		p->ended = 1;
	else
		child_feed(&p->children[0], p->doc);
	return 0;
}

static void
pass_end(struct pass *p)
{
	for (size_t i = 0; i < p->n; i++)
		child_end(&p->children[i]);
	free(p->children);
	p->children = NULL;
	p->n = 0;
	p->ended = 1;
}

/* The current step's output has ended. */
static void
pass_step(struct pass *p)
{
	jv step = doc_at(p->steps, p->at);
	jv doc = child_document(p, &p->children[p->at], doc_str_at(step, 0),
	    &p->err);

	doc_free(step);
	if (doc_is(doc, DOC_OBJECT))
		doc_move(&p->doc, doc);
	if (!err_is_set(&p->err) && p->after != NULL)
		p->after(p->ctx, p, p->at, &p->err);
	p->at++;
	if (err_is_set(&p->err) || p->at == p->n)
		p->ended = 1;
	else
		child_feed(&p->children[p->at], p->doc);
}

static void
pass_signal(struct pass **passes, size_t n, int sig)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; passes[i] != NULL && k < passes[i]->n; k++)
			if (!passes[i]->children[k].ended &&
			    passes[i]->children[k].proc.pid > 0)
				kill(passes[i]->children[k].proc.pid, sig);
}

/* Which descriptor of which child is meant by a poll slot. */
struct slot {
	struct pass *pass;
	struct child *child;
	enum { SLOT_UP, SLOT_OUT, SLOT_IN } what;
};

static size_t
slots_fill(struct pass **passes, size_t n, struct pollfd *fds,
    struct slot *slots)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		struct pass *p = passes[i];

		for (size_t k = 0; p != NULL && !p->ended && k < p->n; k++) {
			struct child *c = &p->children[k];

			if (c->ui != -1) {
				fds[m] = (struct pollfd){c->ui, POLLIN, 0};
				slots[m++] = (struct slot){p, c, SLOT_UP};
			}
			if (k != p->at)
				continue;
			if (c->proc.out_fd != -1) {
				fds[m] = (struct pollfd){c->proc.out_fd, POLLIN,
				    0};
				slots[m++] = (struct slot){p, c, SLOT_OUT};
			}
			if (c->in != NULL) {
				fds[m] = (struct pollfd){c->proc.in_fd, POLLOUT,
				    0};
				slots[m++] = (struct slot){p, c, SLOT_IN};
			}
		}
	}
	return m;
}

static void
slot_serve(const struct slot *s)
{
	if (s->what == SLOT_UP) {
		if (s->child->ui != -1)
			empty_upward(s->pass, s->child);
	} else if (s->what == SLOT_IN) {
		if (s->child->in != NULL)
			child_write(s->child);
	} else if (s->child->proc.out_fd != -1 &&
	    buf_read(&s->child->out, s->child->proc.out_fd) <= 0) {
		pass_step(s->pass);
	}
}

size_t
pass_wait(struct pass **passes, size_t n)
{
	struct pollfd *fds = xcalloc(n * PASS_STEPS * 3 + 1, sizeof(*fds));
	struct slot *slots = xcalloc(n * PASS_STEPS * 3 + 1, sizeof(*slots));
	size_t done = n;

	while (done == n) {
		size_t m;

		for (size_t i = 0; i < n && done == n; i++)
			if (passes[i] != NULL && passes[i]->ended)
				done = i;
		if (done < n)
			break;
		m = slots_fill(passes, n, fds, slots);
		fds[m] = (struct pollfd){signals_catch(), POLLIN, 0};
		if (signal_passed)
			fds[m].fd = -1;
		if (poll(fds, (nfds_t)m + 1, -1) == -1 && errno != EINTR)
			break;
		if (!signal_passed && signals_caught() != 0) {
			signal_passed = 1;
			pass_signal(passes, n, signals_caught());
		}
		for (size_t i = 0; i < m; i++)
			if (fds[i].revents != 0 && !slots[i].pass->ended)
				slot_serve(&slots[i]);
	}
	free(fds);
	free(slots);
	if (done < n)
		pass_end(passes[done]);
	return done;
}

void
pass_release(struct pass *p)
{
	if (p->children != NULL)
		pass_end(p);
	doc_free(doc_take(&p->doc));
	doc_free(doc_take(&p->steps));
	err_clear(&p->err);
}

jv
pump_stage(jv args, jv doc, struct err *err)
{
	struct pass p = {0};
	struct pass *one = &p;
	jv out;

	p.doc = doc;
	p.steps = doc_push(doc_array(), args);
	if (pass_start(&p) == 0)
		pass_wait(&one, 1);
	out = doc_take(&p.doc);
	if (err_is_set(&p.err))
		err_move(err, &p.err);
	pass_release(&p);
	return out;
}

/* All lines of a stage's output. */
jv
pump_stage_all(jv args, jv doc, struct err *err)
{
	struct child c;
	jv all = doc_array();
	char *line, *save = NULL;

	if (child_start(&c, args, err) != 0)
		goto out;
	if (doc_is(doc, DOC_OBJECT))
		child_feed(&c, doc);
	else if (doc_len(doc) > 0)
		child_feed_all(&c, doc);
	else
		close_fd(&c.proc.in_fd);
	for (;;) {
		struct pollfd fds[4] = {{c.ui, POLLIN, 0},
		    {c.proc.out_fd, POLLIN, 0},
		    {c.in != NULL ? c.proc.in_fd : -1, POLLOUT, 0},
		    {signal_passed ? -1 : signals_catch(), POLLIN, 0}};

		if (poll(fds, 4, -1) == -1 && errno != EINTR)
			break;
		if (!signal_passed && signals_caught() != 0) {
			signal_passed = 1;
			kill(c.proc.pid, signals_caught());
		}
		if (fds[0].revents != 0)
			empty_upward(NULL, &c);
		if (fds[2].revents != 0)
			child_write(&c);
		if (fds[1].revents != 0 && buf_read(&c.out, c.proc.out_fd) <= 0)
			break;
	}
	empty_upward(NULL, &c);
	close_fd(&c.proc.out_fd);
	proc_wait(&c.proc);
	c.ended = 1;
	empty_upward(NULL, &c);
	for (line = c.out.len > 0 ? strtok_r(c.out.p, "\n", &save) : NULL;
	     line != NULL; line = strtok_r(NULL, "\n", &save))
		all = doc_push(all, doc_parse(line, strlen(line), NULL));
out:
	child_end(&c);
	doc_free(args);
	doc_free(doc);
	return all;
}
