#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log_ui.h"

static struct {
	const char *program;
	int verbosity;
	int fd; /* the driver's socket, -1 */
	void (*sink)(void *ctx, jv entry);
	void *ctx;
} to = {.fd = -1};

static const char *const show_names[] = {"log", "out", "err"};

/* The descriptor that ACME_UI names, -1. */
static int
inherited_socket(void)
{
	const char *text = getenv("ACME_UI");
	struct stat st;
	char *end;
	long fd;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return -1;
	fd = strtol(text, &end, 10);
	if (*end != '\0' || fd > 1 << 20 || fstat((int)fd, &st) != 0 ||
	    !S_ISSOCK(st.st_mode))
		return -1;
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	return (int)fd;
}

void
log_begin(const char *program, int verbosity)
{
	int fd = inherited_socket();

	to.program = program;
	to.verbosity = verbosity;
	if (fd != -1)
		to.fd = fd;
	unsetenv("ACME_UI");
}

int
log_to_driver(void)
{
	return to.fd != -1 || to.sink != NULL;
}

int
log_ui_fd(void)
{
	return to.fd;
}

int
log_ui_send(const char *member, jv value)
{
	jv line = doc_set(doc_object(), member, value);
	char *text = doc_text(line);
	size_t len = strlen(text), done = 0;

	doc_free(line);
	text[len++] = '\n'; /* in place of the 0: not a string any more */
	while (to.fd != -1 && done < len) {
		ssize_t n = send(to.fd, text + done, len - done, MSG_NOSIGNAL);
		struct pollfd p = {.fd = to.fd, .events = POLLOUT};

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) {
			(void)poll(&p, 1, -1);
		} else if (errno != EINTR) {
			/* The driver is dead: that is no error of ours. */
			close(to.fd);
			to.fd = -1;
		}
	}
	free(text);
	return done == len ? 0 : -1;
}

void
log_set_sink(void (*fn)(void *ctx, jv entry), void *ctx)
{
	to.sink = fn;
	to.ctx = ctx;
}

static long
threshold(void)
{
	static const enum log_level levels[] = {LOG_ERROR, LOG_WARNING,
	    LOG_INFO, LOG_DEBUG};
	int v = to.verbosity < -1 ? -1 : to.verbosity > 2 ? 2 : to.verbosity;

	return levels[v + 1];
}

/* Lines for a person: "program: text". */
static void
tell(long level, const char *show, const char *text)
{
	const char *program = to.program != NULL ?
	    to.program :
	    program_invocation_short_name;
	int wanted = level >= threshold();
	char *safe, *line;

	if (strcmp(show, "err") == 0)
		wanted = 1;
	else if (strcmp(show, "out") == 0)
		wanted = to.verbosity >= 0;
	if (!wanted)
		return;
	safe = text_printable(text, 1);
	line = xasprintf("%s: %s\n", program, safe);
	(void)fd_write_all(STDERR_FILENO, line, strlen(line));
	free(line);
	free(safe);
}

/* A plugin's entry may lack or mistake any member. */
static jv
completed(jv entry)
{
	const char *show = doc_str(entry, "show");
	struct timespec ts;
	long level;
	size_t i;

	if (doc_int(entry, "level", &level) != 0)
		entry = doc_set_int(entry, "level", LOG_INFO);
	if (doc_str(entry, "logger") == NULL)
		entry = doc_set_str(entry, "logger", "plugin");
	for (i = 0; i < ARRAY_LEN(show_names); i++)
		if (show != NULL && strcmp(show, show_names[i]) == 0)
			break;
	if (i == ARRAY_LEN(show_names))
		entry = doc_set_str(entry, "show", "log");
	if (!doc_has(entry, "time")) {
		clock_gettime(CLOCK_REALTIME, &ts);
		entry = doc_set(entry, "time",
		    doc_number((double)ts.tv_sec +
			(double)(ts.tv_nsec / 1000000) / 1000.0));
	}
	return entry;
}

void
log_pass(jv entry)
{
	long level = LOG_INFO;

	if (doc_str(entry, "text") == NULL) {
		doc_free(entry);
		return;
	}
	entry = completed(entry);
	if (to.sink != NULL) {
		to.sink(to.ctx, entry);
		return;
	}
	if (to.fd != -1 && log_ui_send("log", doc_copy(entry)) == 0) {
		doc_free(entry);
		return;
	}
	(void)doc_int(entry, "level", &level);
	tell(level, doc_str(entry, "show"), doc_str(entry, "text"));
	doc_free(entry);
}

void
log_add(enum log_level level, const char *logger, enum log_show show,
    const char *fmt, ...)
{
	va_list ap;
	char *text;
	jv entry;

	/* Most lines nobody sees: do not make them. */
	if (to.sink == NULL && to.fd == -1 && show == SHOW_LOG &&
	    (long)level < threshold())
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	entry = doc_object();
	entry = doc_set_int(entry, "level", (long)level);
	entry = doc_set(entry, "logger", doc_stringn(logger, strlen(logger)));
	entry = doc_set(entry, "text", doc_stringn(text, strlen(text)));
	entry = doc_set_str(entry, "show", show_names[show]);
	free(text);
	log_pass(entry);
}

void
log_progress(const char *what, size_t done, size_t total)
{
	jv entry;

	if (to.fd == -1 || to.sink != NULL)
		return;
	entry = doc_set(doc_object(), "what", doc_stringn(what, strlen(what)));
	entry = doc_set_int(entry, "done", (long)done);
	entry = doc_set_int(entry, "total", (long)total);
	(void)log_ui_send("progress", entry);
}
