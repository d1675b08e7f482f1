#include "base/term.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { COLUMNS = 80, TAB = 8, LINE_MAX_BYTES = 64 << 10 };

const char term_separator[] = "- - - - - - - - - - - - - - - - - - - - "
			      "- - - - - - - - - - - - - - - - - - - -";

/* Columns of n bytes of UTF-8: certbot counts code points. */
static size_t
columns(const char *p, size_t n)
{
	size_t i, cols = 0;

	for (i = 0; i < n; i++)
		cols += ((unsigned char)p[i] & 0xc0) != 0x80;
	return cols;
}

/* One line (n bytes) with its tabs expanded, other blanks as spaces. */
static void
expand_blanks(struct buf *out, const char *p, size_t n)
{
	size_t i, col = 0;

	for (i = 0; i < n; i++) {
		if (p[i] == '\t') {
			do
				buf_addc(out, ' ');
			while (++col % TAB);
			continue;
		}
		buf_addc(out, p[i]);
		col += columns(p + i, 1);
	}
}

/* Adds the line broken between words; blanks at a break go, leading ones of
 * the line stay, and a word that is too long stays whole. */
static void
wrap_line(struct buf *out, const char *p)
{
	size_t used = 0, blanks, word, cols;
	int first = 1; /* nothing of this line was written yet */

	while (*p) {
		blanks = strspn(p, " ");
		word = strcspn(p + blanks, " ");
		if (!word)
			return;
		cols = columns(p + blanks, word);
		if (used + blanks + cols > COLUMNS) {
			if (!first)
				buf_addc(out, '\n');
			used = 0;
		} else {
			buf_add(out, p, blanks);
			used += blanks;
		}
		buf_add(out, p + blanks, word);
		used += cols;
		first = 0;
		p += blanks + word;
	}
}

char *
term_wrap(const char *text)
{
	struct buf out, line;
	size_t n;

	buf_init(&out, SIZE_MAX / 2);
	buf_init(&line, SIZE_MAX / 2);
	while (*text) {
		n = strcspn(text, "\n\r\v\f");
		buf_reset(&line);
		expand_blanks(&line, text, n);
		wrap_line(&out, line.p ? line.p : "");
		text += n;
		if (text[0] == '\r' && text[1] == '\n')
			text++;
		if (*text && *++text)
			buf_addc(&out, '\n');
	}
	buf_release(&line);
	return buf_detach(&out);
}

/* One byte at a time: what follows the line belongs to whoever reads next,
 * such as a hook. 1, 0 at the end, -1. */
static int
read_byte(int fd, char *c)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;

	while ((n = read(fd, c, 1)) == -1 && errno == EAGAIN) {
		if (poll(&pfd, 1, -1) == -1)
			return -1;
	}
	return (int)n;
}

char *
term_read_line(int fd)
{
	struct buf b;
	char c;
	int r;

	buf_init(&b, LINE_MAX_BYTES);
	errno = 0;
	while ((r = read_byte(fd, &c)) == 1 && c != '\n') {
		if (buf_addc(&b, c) != 0) {
			r = -1;
			break;
		}
	}
	if (r == 1 || (r == 0 && b.len))
		return buf_detach(&b);
	if (r == 0)
		errno = 0;
	buf_release(&b);
	return NULL;
}
