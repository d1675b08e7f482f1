/* screen.c - entries of the log go to the file and, by level, to the person. */
#include "screen.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/term.h"
#include "json.h"
#include "logfile.h"
#include "problem.h"
#include "progress.h"

static struct {
	int level; /* of standard error */
	int quiet;
	int fatal;
	struct page *page;
} screen = {.level = LOG_WARNING};

static void
show_text(FILE *out, const char *text, int red)
{
	char *safe = text_printable(text, 1);

	progress_hide();
	fflush(out == stdout ? stderr : stdout);
	if (red && isatty(STDERR_FILENO))
		fprintf(out, "\033[31m%s\033[0m\n", safe);
	else
		fprintf(out, "%s\n", safe);
	fflush(out);
	progress_again();
	free(safe);
}

static void
keep(struct page *p, jv entry TAKES)
{
	if (!doc_is(p->kept, DOC_ARRAY))
		doc_move(&p->kept, doc_array());
	p->kept = doc_push(doc_take(&p->kept), entry);
}

/* Eats entry. */
static void
sink(void *ctx, jv entry)
{
	const char *show = doc_str(entry, "show"), *text;
	long level = LOG_INFO;

	(void)ctx;
	if (screen.page != NULL && !screen.page->live) {
		keep(screen.page, entry);
		return;
	}
	doc_int(entry, "level", &level);
	text = doc_str(entry, "text");
	if (show != NULL && strcmp(show, "out") == 0) {
		entry = doc_set_flag(entry, "notified", 1);
		text = doc_str(entry, "text");
		if (!screen.quiet && !json_wanted() && text != NULL)
			show_text(stdout, text, 0);
	} else if (text != NULL &&
	    (level >= screen.level ||
		(show != NULL && strcmp(show, "err") == 0))) {
		show_text(stderr, text, level >= LOG_WARNING);
	}
	logfile_add(entry);
}

void
screen_begin(void)
{
	logfile_begin();
	log_begin("certbot", 2);
	log_set_sink(sink, NULL);
}

void
screen_configure(const struct config *c)
{
	const char *set = config_str(c, "verbose_level");

	screen.quiet = config_flag(c, "quiet");
	screen.level = LOG_WARNING - 10 * (int)config_int(c, "verbose_count");
	if (set != NULL)
		screen.level = LOG_WARNING - 10 * (int)strtol(set, NULL, 10);
	if (screen.quiet)
		screen.level = LOG_ERROR;
	if (screen.level < LOG_DEBUG)
		screen.level = LOG_DEBUG;
	logfile_configure(config_int(c, "max_log_backups"));
}

int
screen_open_log(const struct config *c, struct err *err)
{
	if (logfile_open(config_str(c, "logs_dir"), err) != 0)
		return -1;
	if (!screen.quiet) {
		fprintf(stderr, "Saving debug log to %s\n", logfile_path());
		fflush(stderr);
	}
	return 0;
}

void
screen_end(void)
{
	logfile_end();
	log_set_sink(NULL, NULL);
}

static void
add_out(const char *text)
{
	log_add(LOG_DEBUG, "certbot._internal.display.obj", SHOW_OUT, "%s",
	    text);
}

void
screen_status(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	add_out(text);
	free(text);
}

void
screen_bold(const char *text)
{
	progress_hide();
	fflush(stderr);
	printf("\033[1m%s\033[0m\n", text);
	fflush(stdout);
	log_add(LOG_DEBUG, "certbot._internal.display.obj", SHOW_LOG,
	    "Notifying user: %s", text);
}

void
screen_notice(const char *text, int wrap)
{
	char *body = wrap ? term_wrap(text) : xstrdup(text), *framed;

	framed = xasprintf("\n%s\n%s\n%s", term_separator, body,
	    term_separator);
	add_out(framed);
	free(framed);
	free(body);
}

static void
error_line(const char *text)
{
	log_add(LOG_ERROR, "certbot._internal.log", SHOW_LOG, "%s", text);
}

/* Advice, no entry of the log: neither red nor in the file. */
static void
footer(void)
{
	const char *path;
	char *text;

	if (screen.quiet)
		return;
	path = logfile_path();
	if (path == NULL)
		return;
	text = xasprintf(
	    "Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile %s or re-run Certbot with -v for more details.",
	    path);
	show_text(stderr, text, 0);
	free(text);
}

/* What certbot does not word itself: exceptions of libraries. */
static int
is_unexpected(const struct err *err)
{
	switch (err->name) {
	case ERR_unreachable:
	case ERR_netProcess:
	case ERR_protocol:
	case ERR_internal:
		return 1;
	default:
		/* a stage's question has met the end of input */
		return strcmp(err_text(err), "EOFError") == 0 ||
		    (err->has_members &&
			doc_flag(err->members, "unexpected", 0));
	}
}

/* For --debug: where it arose, and all that is known of it. */
static void
all_of_error(const struct err *err)
{
	jv problem = err_to_doc(err, "certbot");
	char *text = doc_text(problem);

	error_line("Exiting abnormally:");
	error_line(text);
	free(text);
	doc_free(problem);
}

void
screen_fatal(const struct config *c, const struct err *err)
{
	char *text;

	progress_end();
	if (json_wanted())
		json_print_error(err);
	if (err->has_members && doc_flag(err->members, "plain", 0)) {
		fflush(stdout);
		fprintf(stderr, "%s\n", err_text(err));
		return;
	}
	if (config_flag(c, "debug"))
		all_of_error(err);
	if (err->name == ERR_acme) {
		text = problem_fatal(err);
		error_line("An unexpected error occurred:");
		error_line(text);
		free(text);
	} else if (is_unexpected(err)) {
		error_line("An unexpected error occurred:");
		error_line(err_text(err));
	} else {
		error_line(err_text(err));
	}
	footer();
}

int
screen_level(void)
{
	return screen.level;
}

int
screen_written(struct err *err)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	/* held by /dev/null (proc_hold_stdio), or a pipe without a reader */
	if ((fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY ||
	    (poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0))
		return 0;
	return err_set(err, ERR_ioError,
	    "What was printed could not be written to standard output: is its disk full?");
}

int
screen_is_terminal(void)
{
	return !screen.quiet && !json_wanted() && isatty(STDOUT_FILENO);
}

struct page *
screen_page(struct page *p)
{
	struct page *before = screen.page;

	screen.page = p;
	return before;
}

struct page *
screen_page_now(void)
{
	return screen.page;
}

void
page_show(struct page *p)
{
	struct page *before = screen_page(NULL);
	jv kept = doc_take(&p->kept);

	p->live = 1;
	for (size_t i = 0; i < doc_len(kept); i++)
		sink(NULL, doc_at(kept, i));
	doc_free(kept);
	screen_page(before);
}
