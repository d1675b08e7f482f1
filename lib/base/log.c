/* log.c - upward over ACME_UI, or to standard error. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/term.h"

static struct {
	const char *program;
	int level;	/* of standard error */
	int ui;		/* upward socket, -1 */
	struct buf in;	/* bytes from it */
	long next_ask;
	void (*sink)(void *ctx, jv entry);
	void *ctx;
} state = { .program = "acme-tools", .level = LOG_WARNING, .ui = -1 };

void
log_begin(const char *program, int verbosity)
{
	const char *ui = getenv("ACME_UI");
	char *end;
	long fd;

	state.program = program;
	state.level = verbosity < 0 ? LOG_ERROR : verbosity == 0 ? LOG_WARNING :
	    verbosity == 1 ? LOG_INFO : LOG_DEBUG;
	if (ui != NULL) {
		fd = strtol(ui, &end, 10);
		if (end != ui && *end == '\0' && fd > 2 &&
		    fcntl((int)fd, F_SETFD, FD_CLOEXEC) == 0)
			state.ui = (int)fd;
		unsetenv("ACME_UI");
	}
	buf_init(&state.in, DOC_MAX);
}

void
log_set_sink(void (*fn)(void *ctx, jv entry), void *ctx)
{
	state.sink = fn;
	state.ctx = ctx;
}

/* One line up. A driver that is gone is no error: the work goes on. */
static void
send_up(jv message)
{
	char *text = doc_text(message), *line = xasprintf("%s\n", text);

	if (fd_write_all(state.ui, line, strlen(line)) != 0) {
		close(state.ui);
		state.ui = -1;
	}
	free(line);
	free(text);
	doc_free(message);
}

static void
to_stderr(const char *text)
{
	char *safe = text_printable(text, 1);
	char *line = xasprintf("%s: %s\n", state.program, safe);

	if (fd_write_all(STDERR_FILENO, line, strlen(line)) != 0)
		errno = 0;
	free(line);
	free(safe);
}

void
log_pass(jv entry)
{
	const char *text = doc_str(entry, "text"), *show;
	long level = LOG_INFO;

	if (state.sink != NULL) {
		state.sink(state.ctx, entry);
		return;
	}
	if (state.ui != -1) {
		send_up(doc_set(doc_object(), "log", entry));
		return;
	}
	show = doc_str(entry, "show");
	doc_int(entry, "level", &level);
	if (text != NULL && (level >= state.level || (show != NULL &&
	    (strcmp(show, "err") == 0 ||
	    (strcmp(show, "out") == 0 && state.level < LOG_ERROR)))))
		to_stderr(text);
	doc_free(entry);
}

void
log_add(enum log_level level, const char *logger, enum log_show show,
    const char *fmt, ...)
{
	static const char *const shows[] = { "log", "out", "err" };
	struct timespec ts;
	char *text = NULL;
	va_list ap;
	jv entry;
	int n;

	/* most debug lines of a stage by itself end here */
	if (state.sink == NULL && state.ui == -1 && show == SHOW_LOG &&
	    (int)level < state.level)
		return;
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	entry = doc_set(doc_object(), "time",
	    doc_number((double)ts.tv_sec + (double)ts.tv_nsec / 1e9));
	entry = doc_set_int(entry, "level", (long)level);
	entry = doc_set_str(entry, "logger", logger);
	entry = doc_set(entry, "text", doc_stringn(text, (size_t)n));
	entry = doc_set_str(entry, "show", shows[show]);
	free(text);
	log_pass(entry);
}

void
log_progress(const char *what, size_t done, size_t total)
{
	jv p;

	if (state.ui == -1)
		return;
	p = doc_set_str(doc_object(), "what", what);
	p = doc_set_int(p, "done", (long)done);
	p = doc_set_int(p, "total", (long)total);
	send_up(doc_set(doc_object(), "progress", p));
}

/* The next line from the driver, parsed; none at its end. */
static jv
line_down(struct err *err)
{
	for (;;) {
		char *nl = state.in.len > 0 ?
		    memchr(state.in.p, '\n', state.in.len) : NULL;

		if (nl != NULL) {
			size_t len = (size_t)(nl - state.in.p);
			jv v = doc_parse(state.in.p, len, err);

			buf_drop(&state.in, len + 1);
			return v;
		}
		if (buf_read(&state.in, state.ui) <= 0) {
			err_set(err, ERR_interrupted,
			    "the driver ended while a question was open");
			return doc_none();
		}
	}
}

static jv
ask_driver(jv question, struct err *err)
{
	long id = ++state.next_ask, got = 0;
	jv down, answer, value;

	question = doc_set_int(question, "id", id);
	send_up(doc_set(doc_object(), "ask", question));
	if (state.ui == -1) {
		err_set(err, ERR_interrupted, "the driver is gone");
		return doc_none();
	}
	do {
		down = line_down(err);
		answer = doc_get(down, "answer");
		doc_int(answer, "id", &got);
		if (got != id && doc_kind(down) != DOC_NONE) {
			doc_free(answer);
			doc_free(down);
			continue;
		}
		break;
	} while (1);
	value = doc_get(answer, "value");
	if (doc_flag(answer, "cancel", 0)) {
		err_set(err, ERR_interrupted, "the question was cancelled");
		err_member(err, "cancel", doc_bool(1));
	} else if (doc_str(answer, "error") != NULL) {
		err_set(err, ERR_misconfigured, "%s",
		    doc_str(answer, "error"));
	}
	doc_free(answer);
	doc_free(down);
	return value;
}

static void
tty_prompt(int fd, jv question, const char *kind)
{
	jv choices = doc_get_kind(question, "choices", DOC_ARRAY);
	char *text = text_printable(doc_str(question, "text"), 1);
	const char *end = strcmp(kind, "pause") == 0 ?
	    "Press Enter to continue" : strcmp(kind, "yesno") == 0 ?
	    "(Y)es/(N)o: " : strcmp(kind, "input") == 0 ?
	    "(Enter 'c' to cancel): " : "Number (c to cancel): ";
	struct buf b;

	buf_init(&b, DOC_MAX);
	buf_addf(&b, "%s\n", text);
	for (size_t i = 0; strcmp(kind, "yesno") != 0 && i < doc_len(choices);
	    i++)
		buf_addf(&b, "%zu: %s\n", i + 1, doc_str_at(choices, i));
	buf_adds(&b, end);
	if (fd_write_all(fd, b.p, b.len) != 0)
		errno = 0;
	buf_release(&b);
	free(text);
	doc_free(choices);
}

/* What a typed line means; none: ask again. */
static jv
tty_value(jv question, const char *kind, const char *line)
{
	jv choices = doc_get_kind(question, "choices", DOC_ARRAY);
	size_t n = doc_len(choices);
	jv value = doc_none(), list;
	char *end;
	long k;

	if (strcmp(kind, "pause") == 0)
		value = doc_bool(1);
	else if (strcmp(kind, "yesno") == 0 && line[0] != '\0' &&
	    strchr("yYnN", line[0]) != NULL)
		value = doc_bool(line[0] == 'y' || line[0] == 'Y');
	else if (strcmp(kind, "input") == 0)
		value = doc_stringn(line, strlen(line));
	else if (strcmp(kind, "menu") == 0 || strcmp(kind, "checklist") == 0) {
		k = strtol(line, &end, 10);
		if (end != line && *end == '\0' && k >= 1 && (size_t)k <= n) {
			list = doc_push(doc_array(),
			    doc_at(choices, (size_t)k - 1));
			if (strcmp(kind, "menu") == 0) {
				value = doc_number((double)(k - 1));
				doc_free(list);
			} else {
				value = list;
			}
		}
	}
	doc_free(choices);
	return value;
}

static jv
ask_terminal(jv question, struct err *err)
{
	const char *kind = doc_str(question, "kind");
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	jv value = doc_none();

	if (fd == -1 || kind == NULL || doc_str(question, "text") == NULL) {
		err_set(err, ERR_misconfigured,
		    "a question cannot be asked without a terminal: %s",
		    doc_str(question, "text") != NULL ?
		    doc_str(question, "text") : "");
		if (fd != -1)
			close(fd);
		doc_free(question);
		return value;
	}
	while (doc_kind(value) == DOC_NONE) {
		char *line;

		tty_prompt(fd, question, kind);
		line = term_read_line(fd);
		if (line == NULL || (strcmp(kind, "yesno") != 0 &&
		    strcmp(kind, "pause") != 0 &&
		    (strcmp(line, "c") == 0 || strcmp(line, "C") == 0))) {
			free(line);
			err_set(err, ERR_interrupted,
			    "the question was cancelled");
			err_member(err, "cancel", doc_bool(1));
			break;
		}
		value = tty_value(question, kind, line);
		free(line);
	}
	close(fd);
	doc_free(question);
	return value;
}

jv
ui_ask(jv question, struct err *err)
{
	return state.ui != -1 ? ask_driver(question, err) :
	    ask_terminal(question, err);
}
