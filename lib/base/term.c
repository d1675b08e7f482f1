/* term.c - text for terminals, as certbot lays it out. */
#include "base/term.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { COLUMNS = 80, LINE_MAX_BYTES = 64 << 10 };

const char term_separator[] = "- - - - - - - - - - - - - - - - - - - - "
			      "- - - - - - - - - - - - - - - - - - - -";

/* Columns of n bytes of UTF-8, one for each character. */
static size_t
columns(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += ((unsigned char)s[i] & 0xc0) != 0x80;
	return count;
}

/* One line: leading blanks and inner runs are kept, those at a break go. */
static void
wrap_line(struct buf *out, const char *line, size_t len)
{
	size_t at = 0, used = 0;

	while (len > 0 && line[len - 1] == ' ')
		len--;
	while (at < len) {
		size_t blanks = 0, word = 0;

		while (at + blanks < len && line[at + blanks] == ' ')
			blanks++;
		while (at + blanks + word < len &&
		    line[at + blanks + word] != ' ')
			word++;
		if (used > 0 && used + blanks +
		    columns(line + at + blanks, word) > COLUMNS) {
			buf_addc(out, '\n');
			used = 0;
			at += blanks;
			blanks = 0;
		}
		for (size_t i = 0; i < blanks + word; i++)
			buf_addc(out, line[at + i]);
		used += blanks + columns(line + at + blanks, word);
		at += blanks + word;
	}
}

char *
term_wrap(const char *text)
{
	struct buf out, flat;
	size_t len = strlen(text);
	const char *p;

	buf_init(&out, len * 2 + 64);
	buf_init(&flat, len * 8 + 64);
	if (len > 0 && text[len - 1] == '\n')
		len--;
	for (size_t i = 0; i < len; i++)
		buf_addc(&flat, text[i] == '\t' ? ' ' : text[i]);
	for (p = flat.p != NULL ? flat.p : "";;) {
		size_t n = strcspn(p, "\n");

		wrap_line(&out, p, n);
		if (p[n] == '\0')
			break;
		buf_addc(&out, '\n');
		p += n + 1;
	}
	buf_release(&flat);
	return buf_detach(&out);
}

char *
term_read_line(int fd)
{
	struct buf b;
	char c = 0;
	ssize_t n;

	buf_init(&b, LINE_MAX_BYTES);
	/* byte by byte: what follows the line belongs to the next reader */
	while ((n = read(fd, &c, 1)) == 1 || (n == -1 && errno == EINTR)) {
		if (n == -1)
			continue;
		if (c == '\n')
			break;
		if (buf_addc(&b, c) != 0)
			break;
	}
	if (n == 0 && b.len == 0) {
		errno = 0;
		buf_release(&b);
		return NULL;
	}
	if (n == -1) {
		buf_release(&b);
		return NULL;
	}
	return buf_detach(&b);
}
