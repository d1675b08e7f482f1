#include "help_layout.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"

enum {
	FALLBACK_COLUMNS = 80,
	SPARE_COLUMNS = 2,
	INDENT = 2,
	HELP_COLUMN = 24,
	LEAST_TEXT = 11,   /* columns that a text gets at least */
	LEAST_BESIDE = 20, /* a narrower terminal moves the help column */
	LEAST_HELP_COLUMN = 2 * INDENT
};

/* As Python's shutil.get_terminal_size(). */
static int
terminal_columns(void)
{
	const char *given = getenv("COLUMNS");
	long n = given != NULL ? strtol(given, NULL, 10) : 0;
	struct winsize size;

	if (n > 0 && n < INT_MAX)
		return (int)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return FALLBACK_COLUMNS;
}

static int
at_least(int n, int least)
{
	return n < least ? least : n;
}

/* Columns of n bytes of UTF-8. */
static int
columns(const char *p, size_t n)
{
	int cols = 0;

	for (size_t i = 0; i < n; i++)
		cols += ((unsigned char)p[i] & 0xc0) != 0x80;
	return cols;
}

/* Bytes of the first cols columns of n bytes. */
static size_t
bytes_of(const char *p, size_t n, int cols)
{
	size_t i = 0;

	for (; i < n; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80 && cols-- == 0)
			break;
	return i;
}

static int
is_letter(const char *text, size_t i)
{
	unsigned char c = (unsigned char)text[i];

	return isalpha(c) || c == '_' || c >= 0x80;
}

static int
is_in_word(const char *text, size_t i)
{
	return is_letter(text, i) || isdigit((unsigned char)text[i]) ||
	    (text[i] != '\0' && strchr("!\"'&.,?", text[i]) != NULL);
}

/* May the line end after the hyphen at i: "post-|hook", "x-b-|cd", but not
 * "http-01" or "-d"? */
static int
hyphen_breaks(const char *text, size_t i)
{
	int after;

	if (text[i] != '-' || i < 2)
		return 0;
	after = is_letter(text, i + 1) &&
	    is_letter(text, text[i + 2] == '-' ? i + 3 : i + 2);
	if (!after || (is_letter(text, i - 2) && is_letter(text, i - 1)))
		return after;
	return i >= 3 && is_letter(text, i - 3) && text[i - 2] == '-' &&
	    is_in_word(text, i - 1);
}

/* Bytes of the dash of two or more hyphens at i between words; 0. */
static size_t
dash_at(const char *text, size_t i)
{
	size_t n = strspn(text + i, "-");

	return i > 0 && n >= 2 && is_in_word(text, i - 1) &&
		(is_letter(text, i + n) ||
		    isdigit((unsigned char)text[i + n])) ?
	    n :
	    0;
}

/* Bytes of what stays on one line, from start: blanks, a word or a part of
 * one. textwrap's wordsep_re. */
static size_t
piece(const char *text, size_t start)
{
	size_t i = start, dash = dash_at(text, start);

	if (text[i] == ' ')
		return strspn(text + i, " ");
	if (dash > 0)
		return dash;
	while (text[++i] != '\0' && text[i] != ' ') {
		if (hyphen_breaks(text, i))
			return i + 1 - start;
		if (dash_at(text, i) > 0)
			break;
	}
	return i - start;
}

/* How much of a piece of n bytes, too long for any line, fits into room
 * columns: up to its last hyphen, if there is one. */
static size_t
cut_piece(const char *p, size_t n, int room)
{
	size_t fits = bytes_of(p, n, room);

	for (size_t i = fits; i-- > 1;)
		if (p[i] == '-' && strspn(p, "-") < i)
			return i + 1;
	return fits;
}

/* Bytes of the next line of width columns; *end is without blanks at its
 * end. */
static size_t
line_of(const char *text, int width, size_t *end)
{
	size_t at = 0;
	int used = 0;

	*end = 0;
	while (text[at] != '\0') {
		size_t n = piece(text, at);
		int cols = columns(text + at, n);

		if (cols > width) {
			at += cut_piece(text + at, n, width - used);
			*end = at;
			return at;
		}
		if (used + cols > width)
			return at;
		used += cols;
		if (text[at] != ' ')
			*end = at + n;
		at += n;
	}
	return at;
}

/* The text with every run of white space as one blank, none at the ends. */
static char *
one_line(const char *text)
{
	char *line = xmalloc(strlen(text) + 1), *to = line;

	for (; *text != '\0'; text++) {
		if (!isspace((unsigned char)*text))
			*to++ = *text;
		else if (to > line && to[-1] != ' ')
			*to++ = ' ';
	}
	if (to > line && to[-1] == ' ')
		to--;
	*to = '\0';
	return line;
}

/* Print the text in lines of width columns from column indent on; the first
 * line begins where the cursor is. */
static void
print_wrapped(const char *text, int width, int indent)
{
	char *all = one_line(text), *p = all;
	size_t end;

	while (*p != '\0') {
		size_t n = line_of(p, width, &end);

		printf("%*s%.*s\n", p == all ? 0 : indent, "", (int)end, p);
		p += n;
		p += strspn(p, " ");
	}
	free(all);
}

void
layout_heading(const char *name, const char *about)
{
	int width = terminal_columns() - SPARE_COLUMNS;

	printf("\n%s:\n", name);
	if (about == NULL)
		return;
	printf("%*s", INDENT, "");
	print_wrapped(about, at_least(width - 2 * INDENT, LEAST_TEXT - INDENT),
	    INDENT);
}

void
layout_row(const char *typed, const char *help)
{
	int width = terminal_columns() - SPARE_COLUMNS;
	int column = at_least(width - LEAST_BESIDE, LEAST_HELP_COLUMN);
	int cols = columns(typed, strlen(typed));

	if (column > HELP_COLUMN)
		column = HELP_COLUMN;
	if (cols > column - 2 * INDENT)
		printf("%*s%s\n%*s", INDENT, "", typed, column, "");
	else
		printf("%*s%s%*s", INDENT, "", typed, column - INDENT - cols,
		    "");
	print_wrapped(help, at_least(width - column, LEAST_TEXT), column);
}
