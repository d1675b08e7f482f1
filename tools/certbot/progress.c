/* progress.c - the line that is rewritten. */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "json.h"

enum { USUAL_COLUMNS = 80, FEWEST_COLUMNS = 20 };

static struct {
	int on;
	int drawn;
	char *text; /* NULL: nothing is being waited for */
	size_t batch_done, batch;
} line;

void
progress_configure(const struct config *c)
{
	const char *term = getenv("TERM");

	line.on = isatty(STDERR_FILENO) && !config_flag(c, "quiet") &&
	    !json_wanted() && term != NULL && strcmp(term, "dumb") != 0;
}

/* Bytes of text that fit into the columns: a byte that goes on with a
 * character (UTF-8) takes no column of its own. */
static size_t
fitting(const char *text)
{
	struct winsize w = {0};
	size_t columns, n = 0, i;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 ||
	    w.ws_col < FEWEST_COLUMNS)
		w.ws_col = USUAL_COLUMNS;
	columns = (size_t)w.ws_col - 1;
	for (i = 0; text[i] != '\0'; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && n++ == columns)
			break;
	return i;
}

void
progress_hide(void)
{
	if (!line.drawn)
		return;
	fflush(stdout);
	fputs("\r\033[K", stderr);
	fflush(stderr);
	line.drawn = 0;
}

void
progress_again(void)
{
	if (!line.on || line.text == NULL)
		return;
	fflush(stdout);
	fprintf(stderr, "\r%.*s\033[K", (int)fitting(line.text), line.text);
	fflush(stderr);
	line.drawn = 1;
}

void
progress_show(const char *whose, const char *what, size_t done, size_t total,
    const char *unit)
{
	struct buf b;

	if (!line.on)
		return;
	buf_init(&b, DOC_MAX);
	if (line.batch > 0)
		buf_addf(&b, "[%zu of %zu done] ", line.batch_done, line.batch);
	if (whose != NULL)
		buf_addf(&b, "%s: ", whose);
	buf_adds(&b, what);
	if (total > 0)
		buf_addf(&b, " (%zu of %zu %s)", done, total, unit);
	free(line.text);
	line.text = text_printable(b.p, 0);
	buf_release(&b);
	progress_again();
}

void
progress_batch(size_t done, size_t total)
{
	line.batch_done = done;
	line.batch = total;
}

void
progress_end(void)
{
	progress_hide();
	free(line.text);
	line.text = NULL;
}
