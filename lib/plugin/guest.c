#include "plugin/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <unistd.h>

#include "base/buf.h"
#include "base/proc.h"
#include "base/safefile.h"

enum { FDS_MAX = 16, OP_MAX = 64, ATTEND_MAX = 8, TICK_MS = 5000 };

struct guest {
	int in, out;
	jv desc;
	const struct guest_ops *ops;
	void *ctx;
	struct buf buf;
	jv performed; /* array of challenges */
	jv dirs;
	jv learned; /* object, for the reply to come */
	struct {
		int fd;
		void (*fn)(void *arg);
		void *arg;
	} attended[ATTEND_MAX];
	size_t n_attended;
	int interactive;
	int ended;  /* the input has ended, or the host is gone */
	int broken; /* the input is no conversation */
};

static void
send_line(struct guest *g, jv line TAKES)
{
	char *text = doc_text(line);
	size_t len = strlen(text);

	text = xrealloc(text, len + 2);
	text[len] = '\n';
	if (fd_write_all(g->out, text, len + 1) == -1)
		g->ended = 1;
	wipe_free(text, len + 1);
	doc_free(line);
}

static void
read_more(struct guest *g)
{
	long n;

	do
		n = buf_read(&g->buf, g->in);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		g->broken |= n == -1 && errno == E2BIG;
		g->ended = 1;
	}
}

static int wait_once(struct guest *g, const int *fds, size_t n, long ms);

/* The next line as an object; none at end of input. */
static jv
next_line(struct guest *g)
{
	struct err err = {0};
	char *end;
	jv line = doc_none();

	for (;;) {
		end = g->buf.len == 0 ? NULL :
					memchr(g->buf.p, '\n', g->buf.len);
		if (end != NULL)
			break;
		if (g->ended)
			return line;
		(void)wait_once(g, NULL, 0, -1);
	}
	line = doc_parse(g->buf.p, (size_t)(end - g->buf.p), &err);
	buf_drop(&g->buf, (size_t)(end - g->buf.p) + 1);
	if (!doc_is(line, DOC_OBJECT)) {
		fprintf(stderr, "the host sent a broken line: %s\n",
		    err_is_set(&err) ? err_text(&err) : "it is no object");
		g->broken = g->ended = 1;
		buf_reset(&g->buf);
		doc_move(&line, doc_none());
	}
	err_clear(&err);
	return line;
}

int
guest_attend(struct guest *g, int fd, void (*fn)(void *arg), void *arg)
{
	if (g->n_attended == ATTEND_MAX)
		return -1;
	g->attended[g->n_attended].fd = fd;
	g->attended[g->n_attended].fn = fn;
	g->attended[g->n_attended].arg = arg;
	g->n_attended++;
	return 0;
}

/* One poll: over fds, the input, and what is attended. As guest_wait, but -3
 * when there may be more time. */
static int
wait_once(struct guest *g, const int *fds, size_t n, long ms)
{
	struct pollfd p[FDS_MAX + ATTEND_MAX + 1];
	size_t a = n + 1;
	int ready;

	for (size_t i = 0; i < n; i++)
		p[i] = (struct pollfd){fds[i], POLLIN, 0};
	p[n] = (struct pollfd){g->in, POLLIN, 0};
	for (size_t i = 0; i < g->n_attended; i++)
		p[a + i] = (struct pollfd){g->attended[i].fd, POLLIN, 0};
	if (g->n_attended > 0 && (ms < 0 || ms > TICK_MS))
		ms = TICK_MS;
	ready = poll(p, a + g->n_attended, ms > 60000 ? 60000 : (int)ms);
	if (ready == -1)
		g->ended |= errno != EINTR;
	for (size_t i = 0; ready >= 0 && i < g->n_attended; i++)
		if (ready == 0 || p[a + i].revents != 0)
			g->attended[i].fn(g->attended[i].arg);
	for (size_t i = 0; ready > 0 && i < n; i++)
		if (p[i].revents != 0)
			return (int)i;
	if (ready > 0 && p[n].revents != 0)
		read_more(g);
	return g->ended ? -2 : -3;
}

int
guest_wait(struct guest *g, const int *fds, size_t n, long ms)
{
	int64_t end = ms < 0 ? 0 : clock_ms() + ms;
	long left = ms;
	int r = g->ended ? -2 : -3;

	if (n > FDS_MAX)
		n = FDS_MAX;
	while (r == -3) {
		if (ms >= 0)
			left = (long)(end - clock_ms());
		if (ms >= 0 && left < 0)
			left = 0;
		r = wait_once(g, fds, n, left);
		if (r == -3 && ms >= 0 && clock_ms() >= end)
			return -1;
	}
	return r;
}

int
guest_ended(struct guest *g)
{
	struct pollfd p = {g->in, POLLIN, 0};

	if (!g->ended && poll(&p, 1, 0) == 1)
		read_more(g);
	return g->ended;
}

void
guest_log(struct guest *g, enum log_level level, enum log_show show,
    const char *fmt, ...)
{
	static const char *const words[] = {"debug", "info", "warning", "error",
	    "critical"};
	va_list ap;
	char *text;
	jv entry;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) == -1)
		abort();
	va_end(ap);
	entry = doc_set(doc_object(), "text", doc_stringn(text, strlen(text)));
	free(text);
	entry = doc_set_str(entry, "level", words[(int)level / 10 - 1]);
	entry = doc_set_str(entry, "show",
	    show == SHOW_OUT	 ? "out" :
		show == SHOW_ERR ? "err" :
				   "log");
	send_line(g, doc_set(doc_object(), "log", entry));
}

jv
guest_ask(struct guest *g, jv question TAKES, struct err *err)
{
	jv line, answer, value = doc_none();
	const char *text;

	send_line(g, doc_set(doc_object(), "ask", question));
	line = next_line(g);
	if (doc_is(line, DOC_NONE)) {
		err_set(err, ERR_interrupted,
		    "the input ended before the question was answered");
		return doc_none();
	}
	answer = doc_get_kind(line, "answer", DOC_OBJECT);
	text = doc_str(answer, "error");
	if (doc_is(answer, DOC_NONE)) {
		g->broken = g->ended = 1;
		err_set(err, ERR_pluginFailed,
		    "the host sent no answer to a question");
	} else if (doc_flag(answer, "cancel", 0)) {
		err_set(err, ERR_pluginFailed, "the question was cancelled");
		err_member(err, "cancel", doc_bool(1));
	} else if (text != NULL) {
		err_set(err, ERR_misconfigured, "%s", text);
	} else {
		value = doc_get(answer, "value");
		if (doc_is(value, DOC_NONE))
			value = doc_null();
	}
	doc_free(answer);
	doc_free(line);
	return value;
}

const char *
guest_dir(const struct guest *g, const char *which)
{
	return doc_str(g->dirs, which);
}

int
guest_interactive(const struct guest *g)
{
	return g->interactive;
}

jv
guest_performed(const struct guest *g)
{
	return doc_copy(g->performed);
}

void
guest_learned(struct guest *g, const char *option, jv value TAKES)
{
	g->learned = doc_set(g->learned, option, value);
}

/* --- requests --------------------------------------------------------------- */

static jv
ok(void)
{
	return doc_set_flag(doc_object(), "ok", 1);
}

/* err as the "error" of a reply; err is cleared. */
static jv
error_object(struct err *err)
{
	static const struct {
		enum err_name name;
		const char *word;
	} words[] = {{ERR_noInstallation, "no-installation"},
	    {ERR_misconfigured, "misconfigured"},
	    {ERR_notSupported, "not-supported"}, {ERR_pluginFailed, "failed"}};
	jv e = err_to_doc(err, NULL);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (words[i].name == err->name) {
			e = doc_del(doc_del(e, "title"), "status");
			e = doc_set_str(e, "type", words[i].word);
		}
	}
	err_clear(err);
	return e;
}

static jv
failure(struct err *err)
{
	if (!err_is_set(err))
		err_set(err, ERR_pluginFailed, "the plugin gave no reason");
	return doc_set(doc_object(), "error", error_object(err));
}

static jv
result(int rc, struct err *err)
{
	if (rc == 0) {
		err_clear(err);
		return ok();
	}
	return failure(err);
}

static int
same_challenge(jv a, jv b)
{
	static const char *const keys[] = {"type", "token", "identifier",
	    "wildcard", "keyAuthorization"};
	int same = 1;

	for (size_t i = 0; same && i < ARRAY_LEN(keys); i++) {
		jv x = doc_get(a, keys[i]), y = doc_get(b, keys[i]);
		same = doc_equal(x, y);
		doc_free(x);
		doc_free(y);
	}
	return same;
}

/* Take it out of what is performed: 1 if it was there. */
static int
forget(struct guest *g, jv challenge)
{
	jv rest = doc_array();
	int found = 0;

	for (size_t i = 0; i < doc_len(g->performed); i++) {
		jv one = doc_at(g->performed, i);
		if (!found && same_challenge(one, challenge)) {
			found = 1;
			doc_free(one);
		} else {
			rest = doc_push(rest, one);
		}
	}
	doc_move(&g->performed, rest);
	return found;
}

static int
challenge_ok(jv c)
{
	static const char *const keys[] = {"type", "token", "keyAuthorization",
	    "validation"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (doc_str(c, keys[i]) == NULL)
			return 0;
	return doc_str_find(c, "identifier", "value", NULL) != NULL;
}

static jv
op_perform(struct guest *g, jv request)
{
	jv all = doc_get_kind(request, "challenges", DOC_ARRAY);
	jv results = doc_array(), failed = doc_none();
	struct err err = {0};

	for (size_t i = 0; i < doc_len(all) && doc_is(failed, DOC_NONE); i++) {
		jv c = doc_at(all, i);
		int rc = -1;

		if (g->ops->perform == NULL) {
			err_set(&err, ERR_notSupported,
			    "this plugin performs no challenges");
		} else if (!challenge_ok(c)) {
			err_set(&err, ERR_pluginFailed,
			    "the host sent an incomplete challenge");
		} else {
			g->performed = doc_push(g->performed, doc_copy(c));
			rc = g->ops->perform(g, g->ctx, all, i, &err);
		}
		doc_free(c);
		if (rc == 0) {
			results = doc_push(results, ok());
			continue;
		}
		failed = failure(&err);
		results = doc_push(results, doc_copy(failed));
	}
	doc_free(all);
	if (doc_is(failed, DOC_NONE))
		failed = ok();
	return doc_set(failed, "results", results);
}

/* Clean up what of list is performed. The first failure is reported, the rest
 * is cleaned up all the same. */
static int
clean(struct guest *g, jv list, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < doc_len(list); i++) {
		jv c = doc_at(list, i);
		struct err one = {0};

		if (forget(g, c) && g->ops->cleanup != NULL &&
		    g->ops->cleanup(g, g->ctx, c, doc_len(g->performed) == 0,
			&one) == -1) {
			rc = -1;
			if (!err_is_set(err))
				err_move(err, &one);
		}
		err_clear(&one);
		doc_free(c);
	}
	return rc;
}

static jv
op_cleanup(struct guest *g, jv request)
{
	jv list = doc_get_kind(request, "challenges", DOC_ARRAY);
	jv failed = doc_get_kind(request, "failed", DOC_ARRAY);
	struct err err = {0};
	char *hint = NULL;
	jv answer;

	if (doc_len(failed) > 0 && g->ops->hint != NULL)
		hint = g->ops->hint(g, g->ctx, failed);
	answer = result(clean(g, list, &err), &err);
	answer = doc_set_str(answer, "hint", hint);
	free(hint);
	doc_free(list);
	doc_free(failed);
	return answer;
}

static jv
op_preferences(struct guest *g, jv request)
{
	jv names = doc_get_kind(request, "names", DOC_ARRAY);
	jv types = doc_get_kind(g->desc, "challenges", DOC_ARRAY);
	struct err err = {0};
	jv lists;

	if (g->ops->preferences != NULL) {
		lists = g->ops->preferences(g, g->ctx, names, &err);
	} else {
		lists = doc_array();
		for (size_t i = 0; i < doc_len(names); i++)
			lists = doc_push(lists, doc_copy(types));
	}
	doc_free(names);
	doc_free(types);
	if (doc_is(lists, DOC_NONE))
		return failure(&err);
	return doc_set(ok(), "preferences", lists);
}

static jv
op_init(struct guest *g, jv request)
{
	jv config = doc_get_kind(request, "config", DOC_OBJECT);
	struct err err = {0};
	long version = 0;
	int rc = 0;

	if (doc_is(config, DOC_NONE))
		config = doc_object();
	doc_move(&g->dirs, doc_get_kind(request, "dirs", DOC_OBJECT));
	g->interactive = doc_flag(request, "interactive", 0);
	if (doc_int(request, "version", &version) == -1 || version != 1)
		rc = err_set(&err, ERR_notSupported,
		    "this plugin speaks version 1 of the conversation");
	else if (g->ops->init != NULL)
		rc = g->ops->init(g, g->ctx, config, &err);
	doc_free(config);
	return result(rc, &err);
}

static jv
op_more_info(struct guest *g)
{
	static const char *const members[] = {"moreInfo", "about", "summary"};
	const char *info = NULL;

	for (size_t i = 0; info == NULL && i < ARRAY_LEN(members); i++)
		info = doc_str(g->desc, members[i]);
	return doc_set_str(ok(), "info", info);
}

static jv
other(struct guest *g, const char *op, jv request)
{
	struct err err = {0};
	jv answer = doc_none();

	if (g->ops->other != NULL)
		answer = g->ops->other(g, g->ctx, op, request, &err);
	else
		err_set(&err, ERR_notSupported,
		    "the operation \"%.*s\" is not supported", OP_MAX, op);
	if (doc_is(answer, DOC_NONE))
		return failure(&err);
	err_clear(&err);
	return doc_set_flag(answer, "ok", 1);
}

static jv
dispatch(struct guest *g, const char *op, jv request)
{
	const struct guest_ops *o = g->ops;
	struct err err = {0};
	int rc;

	if (strcmp(op, "init") == 0)
		return op_init(g, request);
	if (strcmp(op, "prepare") == 0) {
		rc = o->prepare == NULL ? 0 : o->prepare(g, g->ctx, &err);
		return result(rc, &err);
	}
	if (strcmp(op, "wait") == 0) {
		rc = o->wait == NULL ? 0 : o->wait(g, g->ctx, &err);
		return result(rc, &err);
	}
	if (strcmp(op, "perform") == 0)
		return op_perform(g, request);
	if (strcmp(op, "cleanup") == 0)
		return op_cleanup(g, request);
	if (strcmp(op, "more-info") == 0)
		return op_more_info(g);
	if (strcmp(op, "preferences") == 0 && o->perform != NULL)
		return op_preferences(g, request);
	return other(g, op, request);
}

static void
reply(struct guest *g, jv line TAKES)
{
	if (doc_len(g->learned) > 0) {
		line = doc_set(line, "config", doc_take(&g->learned));
		g->learned = doc_object();
	}
	send_line(g, line);
}

static int
undo(struct guest *g)
{
	jv list = guest_performed(g);
	struct err err = {0};
	int rc = clean(g, list, &err);

	if (rc == -1)
		fprintf(stderr, "%s\n", err_text(&err));
	err_clear(&err);
	doc_free(list);
	if (g->ops->end != NULL)
		g->ops->end(g, g->ctx);
	return rc;
}

int
guest_run(int in, int out, jv desc, const struct guest_ops *ops, void *ctx)
{
	struct guest g = {.in = in, .out = out, .ops = ops, .ctx = ctx};
	int rc;

	g.desc = doc_copy(desc);
	g.performed = doc_array();
	g.dirs = doc_object();
	g.learned = doc_object();
	buf_init(&g.buf, DOC_MAX + 1);
	for (;;) {
		jv request = next_line(&g);
		const char *op = doc_str(request, "op");

		if (doc_is(request, DOC_NONE))
			break;
		if (op != NULL)
			reply(&g, dispatch(&g, op, request));
		else
			g.broken = g.ended = 1;
		doc_free(request);
	}
	rc = undo(&g);
	buf_release(&g.buf);
	doc_free(g.desc);
	doc_free(g.performed);
	doc_free(g.dirs);
	doc_free(g.learned);
	return g.broken ? 76 : rc == -1 ? 70 : 0;
}

/* --- the program ------------------------------------------------------------- */

/* NAME.json beside the name under which we were started (a link gives another
 * plugin), else beside the executable itself. */
static jv
own_descriptor(const char *argv0, struct err *err)
{
	char *self = strchr(argv0, '/') != NULL ?
	    xstrdup(argv0) :
	    path_readlink("/proc/self/exe");
	char *file = xasprintf("%s.json", self == NULL ? argv0 : self);
	jv desc = doc_read_file(file, err);

	free(file);
	free(self);
	return desc;
}

static int
usage(const char *program)
{
	fprintf(stderr,
	    "usage: %s --describe\n"
	    "A plugin: acme-challenge(1) and acme-install(1) start it and "
	    "talk to it as certbot-plugin(7) says.\n",
	    path_base(program));
	return 64;
}

int
guest_main(int argc, char *argv[], const struct guest_ops *ops, void *ctx)
{
	struct err err = {0};
	int in, out, null, status;
	jv desc;
	char *text;

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--describe") != 0) ||
	    (argc == 1 && isatty(STDIN_FILENO)))
		return usage(argv[0]);
	desc = own_descriptor(argv[0], &err);
	if (doc_is(desc, DOC_NONE)) {
		fprintf(stderr, "%s: %s\n", path_base(argv[0]), err_text(&err));
		status = err_exit_status(&err);
		err_clear(&err);
		return status;
	}
	if (argc == 2) {
		text = doc_text(desc);
		status = puts(text) == EOF || fflush(stdout) == EOF ? 74 : 0;
		free(text);
		doc_free(desc);
		return status;
	}
	/* Nothing that we call may write into the conversation. */
	signal(SIGPIPE, SIG_IGN);
	in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (in == -1 || out == -1 || null == -1 ||
	    dup2(null, STDIN_FILENO) == -1 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) == -1) {
		perror("cannot set the conversation aside");
		doc_free(desc);
		return 70;
	}
	close(null);
	status = guest_run(in, out, desc, ops, ctx);
	doc_free(desc);
	return status;
}
