/* screen.c - entries of the log go to the file and, by level, to the person. */
#include "screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/path.h"
#include "base/safefile.h"
#include "base/term.h"
#include "json.h"
#include "problem.h"
#include "progress.h"

enum { LOG_KEEP_MAX = 2000, LOG_FILE_MAX = 1 << 20 };

static struct {
	int level; /* of standard error */
	int quiet;
	int fd;	    /* log file, -1 */
	char *path; /* of the log file, or the temporary one's */
	size_t size;
	long backups;
	jv kept; /* entries before the file is open */
	int fatal;
	struct page *page;
} screen = {.level = LOG_WARNING, .fd = -1};

static const char *
level_name(long level)
{
	return level >= LOG_CRITICAL ? "CRITICAL" :
	    level >= LOG_ERROR	     ? "ERROR" :
	    level >= LOG_WARNING     ? "WARNING" :
	    level >= LOG_INFO	     ? "INFO" :
				       "DEBUG";
}

/* .N-1 becomes .N, …, .log becomes .log.1 */
static void
rotate(const char *path, long backups)
{
	long last = 0;
	char *from, *to;

	for (; last < backups; last++) {
		to = xasprintf("%s.%ld", path, last + 1);
		if (access(to, F_OK) != 0) {
			free(to);
			break;
		}
		free(to);
	}
	if (last >= backups)
		last = backups - 1;
	for (long i = last; i >= 0; i--) {
		from = i == 0 ? xstrdup(path) : xasprintf("%s.%ld", path, i);
		to = xasprintf("%s.%ld", path, i + 1);
		rename(from, to);
		free(from);
		free(to);
	}
}

static int
open_file(const char *path, struct err *err)
{
	screen.fd = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
	screen.size = 0;
	if (screen.fd == -1)
		return err_sys(err, ERR_cannotCreate, errno, "cannot open '%s'",
		    path);
	return 0;
}

static void
write_entry(jv entry)
{
	long level = LOG_INFO;
	struct timespec ts;
	struct tm tm;
	char stamp[32], *line;
	const char *text = doc_str(entry, "text");
	const char *logger = doc_str(entry, "logger");

	doc_int(entry, "level", &level);
	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	line = xasprintf("%s,%03ld:%s:%s:%s%s\n", stamp, ts.tv_nsec / 1000000,
	    level_name(level), logger != NULL ? logger : "certbot",
	    doc_flag(entry, "notified", 0) ? "Notifying user: " : "",
	    text != NULL ? text : "");
	if (screen.backups > 0 && screen.size + strlen(line) > LOG_FILE_MAX) {
		close(screen.fd);
		rotate(screen.path, screen.backups);
		open_file(screen.path, NULL);
	}
	if (screen.fd != -1)
		fd_write_all(screen.fd, line, strlen(line));
	screen.size += strlen(line);
	free(line);
}

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
	if (screen.fd != -1)
		write_entry(entry);
	else if (doc_is(screen.kept, DOC_ARRAY) &&
	    doc_len(screen.kept) < LOG_KEEP_MAX)
		screen.kept = doc_push(doc_take(&screen.kept), doc_copy(entry));
	doc_free(entry);
}

void
screen_begin(void)
{
	screen.kept = doc_array();
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
	screen.backups = config_int(c, "max_log_backups");
}

int
screen_open_log(const struct config *c, struct err *err)
{
	char *path = path_join(config_str(c, "logs_dir"), "letsencrypt.log");

	if (screen.backups > 0) {
		/* certbot's first run leaves an empty ".1", too */
		if (access(path, F_OK) != 0 && open_file(path, NULL) == 0)
			close(screen.fd);
		rotate(path, screen.backups);
	}
	if (open_file(path, err) != 0) {
		free(path);
		return -1;
	}
	free(screen.path);
	screen.path = path;
	for (size_t i = 0; i < doc_len(screen.kept); i++) {
		jv entry = doc_at(screen.kept, i);

		write_entry(entry);
		doc_free(entry);
	}
	doc_free(doc_take(&screen.kept));
	if (!screen.quiet) {
		fprintf(stderr, "Saving debug log to %s\n", path);
		fflush(stderr);
	}
	return 0;
}

/* Python's eight characters; mkdtemp() makes six. */
static char *
temporary_directory(void)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	unsigned char r[2] = {0, 0};
	char *dir;

	if (getrandom(r, sizeof(r), 0) != sizeof(r))
		r[0] = (unsigned char)getpid();
	dir = xasprintf("%s/certbot-log-%c%cXXXXXX", path_temporary(),
	    set[r[0] % (sizeof(set) - 1)], set[r[1] % (sizeof(set) - 1)]);
	return dir;
}

/* What was kept goes to TMPDIR/certbot-log-XXXXXXXX/log. */
static void
open_temporary(void)
{
	char *dir = temporary_directory();
	mode_t old;

	if (mkdtemp(dir) != NULL && chmod(dir, 0700) == 0) {
		free(screen.path);
		screen.path = path_join(dir, "log");
		old = umask(0177);
		if (open_file(screen.path, NULL) == 0)
			for (size_t i = 0; i < doc_len(screen.kept); i++) {
				jv entry = doc_at(screen.kept, i);

				write_entry(entry);
				doc_free(entry);
			}
		umask(old);
	}
	doc_free(doc_take(&screen.kept));
	free(dir);
}

void
screen_end(void)
{
	if (screen.fd != -1)
		close(screen.fd);
	screen.fd = -1;
	doc_free(doc_take(&screen.kept));
	free(screen.path);
	screen.path = NULL;
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
screen_print(const char *text)
{
	add_out(text);
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
	char *text;

	if (screen.quiet)
		return;
	if (screen.fd == -1)
		open_temporary();
	if (screen.path == NULL)
		return;
	text = xasprintf(
	    "Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile %s or re-run Certbot with -v for more details.",
	    screen.path);
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
screen_quiet(void)
{
	return screen.quiet;
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
