#include "plugin/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/proc.h"

enum {
	ERR_LINES_MAX = 64 << 10,
	LISTEN_FIRST = 3,
	LISTEN_MAX = 16,
	ENDING_MS = 200
};

struct plugin {
	const struct plugin_desc *desc;
	struct proc proc;
	struct buf in;	   /* what it said and nobody has read */
	struct buf errout; /* its standard error, up to a newline */
	jv learned;	   /* object, see plugin_learned */
	int pidfd;
	int performing; /* it may have something to clean up */
	int ended;	/* its output has ended */
	int broken;	/* it has said what nobody understands */
};

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

jv
plugin_learned(const struct plugin *p)
{
	return doc_copy(p->learned);
}

int
plugin_alive(const struct plugin *p)
{
	return p != NULL && !p->ended && !p->broken;
}

int
plugin_fd(const struct plugin *p)
{
	return p == NULL || p->ended ? -1 : p->proc.out_fd;
}

static void
log_line(struct plugin *p, const char *line, size_t len)
{
	char *logger, *text;

	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	if (len == 0)
		return;
	logger = xasprintf("plugin.%s", p->desc->name);
	text = xstrndup(line, len);
	log_add(LOG_WARNING, logger, SHOW_LOG, "%s: %s", p->desc->name, text);
	free(text);
	free(logger);
}

/* Whole lines of its standard error; all of it at the end. */
static void
log_errout(struct plugin *p, int all)
{
	char *nl;

	while (p->errout.len > 0 &&
	    (nl = memchr(p->errout.p, '\n', p->errout.len)) != NULL) {
		size_t n = (size_t)(nl - p->errout.p);
		log_line(p, p->errout.p, n);
		buf_drop(&p->errout, n + 1);
	}
	if (all || p->errout.len >= ERR_LINES_MAX - 1) {
		log_line(p, p->errout.p, p->errout.len);
		buf_reset(&p->errout);
	}
}

static void
log_entry(struct plugin *p, jv entry TAKES)
{
	const char *show = doc_str(entry, "show");
	char *logger = xasprintf("plugin.%s", p->desc->name);
	long level = LOG_INFO;

	(void)doc_int(entry, "level", &level);
	log_add((enum log_level)level, logger,
	    strcmp(show, "out") == 0	 ? SHOW_OUT :
		strcmp(show, "err") == 0 ? SHOW_ERR :
					   SHOW_LOG,
	    "%s", doc_str(entry, "text"));
	free(logger);
	doc_free(entry);
}

static void
read_errout(struct plugin *p)
{
	long n;

	if (p->proc.err_fd == -1)
		return;
	do
		n = buf_read(&p->errout, p->proc.err_fd);
	while (n == -1 && errno == EINTR);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != E2BIG)) {
		close(p->proc.err_fd);
		p->proc.err_fd = -1;
	}
	log_errout(p, p->proc.err_fd == -1);
}

static void
read_out(struct plugin *p)
{
	long n;

	do
		n = buf_read(&p->in, p->proc.out_fd);
	while (n == -1 && errno == EINTR);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != E2BIG))
		p->ended = 1;
}

/* Wait for the plugin to say something (or to take more, for_write), for ms at
 * most. After a caught signal -1 unless deaf. */
static int
listen_to(struct plugin *p, int for_write, int ms, int deaf)
{
	struct pollfd fds[] = {
	    {p->ended ? -1 : p->proc.out_fd, POLLIN, 0},
	    {p->proc.err_fd, POLLIN, 0},
	    {p->pidfd, POLLIN, 0},
	    {for_write ? p->proc.in_fd : -1, POLLOUT, 0},
	};

	if (!deaf && signals_caught() != 0)
		return -1;
	/* A signal between the question above and poll is not lost for long. */
	if (poll(fds, ARRAY_LEN(fds), ms < 0 || ms > 250 ? 250 : ms) == -1)
		return 0;
	if (fds[1].revents != 0)
		read_errout(p);
	if (fds[0].revents != 0)
		read_out(p);
	else if (fds[2].revents != 0) /* it ended, its output may be held */
		p->ended = 1;
	return 0;
}

static int
gone(struct plugin *p, struct err *err)
{
	int code;

	while (p->proc.err_fd != -1) {
		int fd = p->proc.err_fd;
		size_t before = p->errout.len;
		read_errout(p);
		if (p->proc.err_fd == fd && p->errout.len <= before)
			break;
	}
	log_errout(p, 1);
	/* Its output ends a moment before it does. */
	if (p->pidfd != -1) {
		struct pollfd fd = {p->pidfd, POLLIN, 0};
		(void)poll(&fd, 1, ENDING_MS);
	}
	if (p->proc.pid > 0 && proc_poll(&p->proc)) {
		code = proc_exit_code(&p->proc);
		err_set(err, ERR_pluginFailed,
		    "plugin %s ended with status %d before it answered",
		    p->desc->name, code);
	} else {
		err_set(err, ERR_pluginFailed,
		    "plugin %s closed its output before it answered",
		    p->desc->name);
	}
	return err_member(err, "plugin", doc_string(p->desc->name));
}

static int
interrupted(struct err *err)
{
	return err_set(err, ERR_interrupted, "a signal ended the work");
}

static int
send_line(struct plugin *p, jv line TAKES, struct err *err)
{
	char *text = doc_text(line);
	size_t len = strlen(text), done = 0;
	int rc = -1;

	doc_free(line);
	text = xrealloc(text, len + 2);
	text[len++] = '\n';
	while (done < len) {
		ssize_t n = write(p->proc.in_fd, text + done, len - done);
		if (n >= 0) {
			done += (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR) {
			p->ended = 1;
			gone(p, err);
			goto out;
		}
		if (listen_to(p, 1, -1, 0) == -1) {
			interrupted(err);
			goto out;
		}
	}
	rc = 0;
out:
	wipe_free(text, len);
	return rc;
}

static int
answer(struct plugin *p, jv question TAKES, struct err *err)
{
	struct err asked = {0};
	jv id = doc_get(question, "id"), reply = doc_object(), value;

	if (!doc_is(id, DOC_NONE))
		reply = doc_set(reply, "id", doc_take(&id));
	doc_free(id);
	value = ui_ask(question, &asked);
	if (!err_is_set(&asked)) {
		reply = doc_set(reply, "value",
		    doc_is(value, DOC_NONE) ? doc_null() : value);
	} else if (asked.has_members && doc_flag(asked.members, "cancel", 0)) {
		reply = doc_set_flag(reply, "cancel", 1);
	} else {
		reply = doc_set_str(reply, "error", err_text(&asked));
	}
	err_clear(&asked);
	return send_line(p, doc_set(doc_object(), "answer", reply), err);
}

/* Deal with what it has said, up to a reply: 1 and *reply; 0 more is needed. */
static int
digest(struct plugin *p, int closed, jv *reply, struct err *err)
{
	struct err why = {0};
	jv out;

	for (;;) {
		switch (plugin_take_line(&p->in, &out, &why)) {
		case PLUGIN_MORE:
			return 0;
		case PLUGIN_LOG:
			log_entry(p, out);
			break;
		case PLUGIN_ASK:
			if (closed)
				doc_free(out);
			else if (answer(p, out, err) == -1)
				return -1;
			break;
		case PLUGIN_REPLY:
			if (reply != NULL) {
				*reply = out;
				return 1;
			}
			doc_free(out);
			break;
		case PLUGIN_BROKEN:
			p->broken = 1;
			err_set(err, ERR_pluginFailed, "plugin %s: %s",
			    p->desc->name, err_text(&why));
			err_clear(&why);
			return err_member(err, "plugin",
			    doc_string(p->desc->name));
		}
	}
}

static jv
reply_or_error(struct plugin *p, jv reply TAKES, struct err *err)
{
	jv error, v = doc_get_kind(reply, "config", DOC_OBJECT);

	if (doc_is(v, DOC_OBJECT))
		p->learned = doc_merge(p->learned, doc_take(&v));
	doc_free(v);
	if (doc_flag(reply, "ok", 0))
		return reply;
	error = doc_get(reply, "error");
	plugin_error(error, p->desc->name, err);
	doc_free(error);
	v = doc_get(reply, "hint");
	if (doc_is(v, DOC_STRING))
		err_member(err, "hint", doc_take(&v));
	doc_free(v);
	v = doc_get_kind(reply, "results", DOC_ARRAY);
	if (doc_is(v, DOC_ARRAY))
		err_member(err, "results", doc_take(&v));
	doc_free(v);
	doc_free(reply);
	return doc_none();
}

jv
plugin_call(struct plugin *p, const char *op, jv request TAKES, struct err *err)
{
	jv reply = doc_none();
	int r;

	request = doc_set_str(request, "op", op);
	if (!plugin_alive(p)) {
		doc_free(request);
		err_set(err, ERR_pluginFailed, "plugin %s has ended",
		    p->desc->name);
		return doc_none();
	}
	log_debug("plugin", "%s: %s", p->desc->name, op);
	if (send_line(p, request, err) == -1)
		return doc_none();
	for (;;) {
		r = digest(p, 0, &reply, err);
		if (r == -1)
			return doc_none();
		if (r == 1)
			return reply_or_error(p, reply, err);
		if (p->ended) {
			gone(p, err);
			return doc_none();
		}
		if (listen_to(p, 0, -1, 0) == -1) {
			interrupted(err);
			return doc_none();
		}
	}
}

int
plugin_init(struct plugin *p, jv config TAKES, jv dirs TAKES, int interactive,
    struct err *err)
{
	jv request = doc_set_int(doc_object(), "version", PLUGIN_VERSION);
	jv reply;

	request = doc_set(request, "config", config);
	request = doc_set(request, "dirs", dirs);
	request = doc_set_flag(request, "interactive", interactive);
	reply = plugin_call(p, "init", request, err);
	if (doc_is(reply, DOC_NONE))
		return -1;
	doc_free(reply);
	return 0;
}

/* Each of n challenges has a result, and all are ok? */
static int
results_ok(struct plugin *p, jv results, size_t n, struct err *err)
{
	if (doc_is(results, DOC_NONE))
		return 0;
	if (doc_len(results) != n)
		return err_set(err, ERR_pluginFailed,
		    "plugin %s gave %zu results for %zu challenges",
		    p->desc->name, doc_len(results), n);
	for (size_t i = 0; i < n; i++) {
		jv one = doc_at(results, i);
		jv error = doc_get_kind(one, "error", DOC_OBJECT);
		if (doc_is(error, DOC_OBJECT))
			plugin_error(error, p->desc->name, err);
		else if (!doc_flag(one, "ok", 0))
			err_set(err, ERR_pluginFailed,
			    "plugin %s gave a result without \"ok\"",
			    p->desc->name);
		doc_free(one);
		doc_free(error);
		if (err_is_set(err))
			return -1;
	}
	return 0;
}

int
plugin_perform(struct plugin *p, jv challenges TAKES, jv *results,
    struct err *err)
{
	size_t n = doc_len(challenges);
	jv request = doc_set(doc_object(), "challenges", challenges);
	jv reply;
	int rc;

	*results = doc_none();
	p->performing = 1;
	reply = plugin_call(p, "perform", request, err);
	if (doc_is(reply, DOC_NONE)) {
		if (err->has_members)
			*results = doc_get_kind(err->members, "results",
			    DOC_ARRAY);
		return -1;
	}
	*results = doc_get_kind(reply, "results", DOC_ARRAY);
	doc_free(reply);
	rc = results_ok(p, *results, n, err);
	return rc;
}

int
plugin_cleanup(struct plugin *p, jv challenges TAKES, jv failed TAKES,
    char **hint, struct err *err)
{
	jv request = doc_set(doc_object(), "challenges", challenges);
	jv reply;
	const char *text;

	if (hint != NULL)
		*hint = NULL;
	if (doc_is(failed, DOC_ARRAY))
		request = doc_set(request, "failed", failed);
	reply = plugin_call(p, "cleanup", request, err);
	if (doc_is(reply, DOC_NONE))
		return -1;
	text = doc_str(reply, "hint");
	if (hint != NULL && text != NULL)
		*hint = xstrdup(text);
	doc_free(reply);
	return 0;
}

jv
plugin_preferences(struct plugin *p, jv names TAKES, struct err *err)
{
	size_t n = doc_len(names);
	jv reply = plugin_call(p, "preferences",
	    doc_set(doc_object(), "names", names), err);
	jv lists;

	if (doc_is(reply, DOC_NONE))
		return reply;
	lists = doc_get_kind(reply, "preferences", DOC_ARRAY);
	doc_free(reply);
	if (doc_is(lists, DOC_NONE)) {
		lists = doc_array();
		for (size_t i = 0; i < n; i++)
			lists = doc_push(lists, doc_copy(p->desc->challenges));
		return lists;
	}
	if (doc_len(lists) == n)
		return lists;
	err_set(err, ERR_pluginFailed,
	    "plugin %s gave preferences for %zu names, not %zu", p->desc->name,
	    doc_len(lists), n);
	doc_free(lists);
	return doc_none();
}

int
plugin_drain(struct plugin *p, struct err *err)
{
	if (!plugin_alive(p))
		return gone(p, err);
	(void)listen_to(p, 0, 0, 1);
	if (digest(p, 0, NULL, err) == -1)
		return -1;
	return p->ended ? gone(p, err) : 0;
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
		(void)listen_to(p, 0, 250, 1);
		if (!p->broken)
			(void)digest(p, 1, NULL, &err);
		else
			buf_reset(&p->in);
		err_clear(&err);
	}
	/* What it said last. */
	if (!p->ended)
		(void)listen_to(p, 0, 0, 1);
	if (!p->broken)
		(void)digest(p, 1, NULL, &err);
	read_errout(p);
	log_errout(p, 1);
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
	}
	if (p->pidfd != -1)
		close(p->pidfd);
	buf_release(&p->in);
	buf_release(&p->errout);
	doc_free(p->learned);
	free(p);
	return rc;
}
