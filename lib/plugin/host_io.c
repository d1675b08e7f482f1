/* What a plugin says, taken in and passed on. */
#include "plugin/host_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

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
void
host_log_errout(struct plugin *p, int all)
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

void
host_log_entry(struct plugin *p, jv entry TAKES)
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

void
host_read_errout(struct plugin *p)
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
	host_log_errout(p, p->proc.err_fd == -1);
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
int
host_listen(struct plugin *p, int for_write, int ms, int deaf)
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
		host_read_errout(p);
	if (fds[0].revents != 0)
		read_out(p);
	else if (fds[2].revents != 0) /* it ended, its output may be held */
		p->ended = 1;
	return 0;
}
