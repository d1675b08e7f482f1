#include "plugin/guest_private.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"

enum { FDS_MAX = 16, TICK_MS = 5000 };

void
guest_send(struct guest *g, jv line TAKES)
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

jv
guest_next(struct guest *g)
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
	text = xvasprintf(fmt, ap);
	va_end(ap);
	entry = doc_set(doc_object(), "text", doc_stringn(text, strlen(text)));
	free(text);
	entry = doc_set_str(entry, "level", words[(int)level / 10 - 1]);
	entry = doc_set_str(entry, "show",
	    show == SHOW_OUT	 ? "out" :
		show == SHOW_ERR ? "err" :
				   "log");
	guest_send(g, doc_set(doc_object(), "log", entry));
}

jv
guest_ask(struct guest *g, jv question TAKES, struct err *err)
{
	jv line, answer, value = doc_none();
	const char *text;

	guest_send(g, doc_set(doc_object(), "ask", question));
	line = guest_next(g);
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

int
guest_partial(const struct guest *g)
{
	return g->partial;
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
