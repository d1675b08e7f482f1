/* logfile.c - spec 7.9: the log of this run, or a temporary one. */
#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
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

enum { LOG_KEEP_MAX = 2000, LOG_FILE_MAX = 1 << 20 };

static struct {
	int fd; /* -1 */
	char *path;
	size_t size;
	long backups;
	jv kept;  /* entries before the file is open */
	int lost; /* some could not be written */
} logfile = {.fd = -1};

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
	logfile.fd = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
	logfile.size = 0;
	if (logfile.fd == -1)
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
	if (logfile.backups > 0 && logfile.size + strlen(line) > LOG_FILE_MAX) {
		close(logfile.fd);
		rotate(logfile.path, logfile.backups);
		open_file(logfile.path, NULL);
	}
	if (logfile.fd != -1 &&
	    fd_write_all(logfile.fd, line, strlen(line)) == -1 &&
	    !logfile.lost) {
		logfile.lost = 1;
		fprintf(stderr, "cannot write the log %s: %s\n", logfile.path,
		    strerror(errno));
	}
	logfile.size += strlen(line);
	free(line);
}

static void
write_kept(void)
{
	for (size_t i = 0; i < doc_len(logfile.kept); i++) {
		jv entry = doc_at(logfile.kept, i);

		write_entry(entry);
		doc_free(entry);
	}
	doc_free(doc_take(&logfile.kept));
}

void
logfile_begin(void)
{
	logfile.kept = doc_array();
}

void
logfile_configure(long backups)
{
	logfile.backups = backups;
}

int
logfile_open(const char *dir, struct err *err)
{
	char *path = path_join(dir, "letsencrypt.log");

	if (logfile.backups > 0) {
		/* certbot's first run leaves an empty ".1", too */
		if (access(path, F_OK) != 0 && open_file(path, NULL) == 0)
			close(logfile.fd);
		rotate(path, logfile.backups);
	}
	if (open_file(path, err) != 0) {
		free(path);
		return -1;
	}
	free(logfile.path);
	logfile.path = path;
	write_kept();
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
		free(logfile.path);
		logfile.path = path_join(dir, "log");
		old = umask(0177);
		if (open_file(logfile.path, NULL) == 0)
			write_kept();
		umask(old);
	}
	doc_free(doc_take(&logfile.kept));
	free(dir);
}

void
logfile_add(jv entry TAKES)
{
	if (logfile.fd != -1)
		write_entry(entry);
	else if (doc_is(logfile.kept, DOC_ARRAY) &&
	    doc_len(logfile.kept) < LOG_KEEP_MAX)
		logfile.kept = doc_push(doc_take(&logfile.kept),
		    doc_copy(entry));
	doc_free(entry);
}

const char *
logfile_path(void)
{
	if (logfile.fd == -1)
		open_temporary();
	return logfile.path;
}

void
logfile_end(void)
{
	if (logfile.fd != -1)
		close(logfile.fd);
	logfile.fd = -1;
	doc_free(doc_take(&logfile.kept));
	free(logfile.path);
	logfile.path = NULL;
}
