#include "lex.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

int
lex_blank(char c)
{
	return c != '\0' && strchr(" \t\n\v\f\r", c) != NULL;
}

/* The physical line at `at` ends here (behind its line feed); *text is the
 * length without the line end, *joins whether a backslash joins the next. */
static size_t
physical(const char *p, size_t len, size_t at, size_t *text, int *joins)
{
	const char *lf = memchr(p + at, '\n', len - at);
	size_t end = lf == NULL ? len : (size_t)(lf - p) + 1;
	size_t n = end - at;

	*joins = 0;
	if (lf != NULL) {
		n--;
		if (n > 0 && p[at + n - 1] == '\r')
			n--;
		if (n > 0 && p[at + n - 1] == '\\') {
			n--;
			*joins = 1;
		}
	}
	*text = n;
	return end;
}

static void
trim(char *s)
{
	size_t n = strlen(s), lead = 0;

	while (n > 0 && lex_blank(s[n - 1]))
		s[--n] = '\0';
	while (lex_blank(s[lead]))
		lead++;
	memmove(s, s + lead, n - lead + 1);
}

int
lex_next(const char *p, size_t len, size_t *at, unsigned *number,
    struct lex_line *line)
{
	struct buf b;
	size_t n;
	int joins = 1;

	if (*at >= len)
		return 0;
	buf_init(&b, len);
	line->start = *at;
	line->number = *number;
	while (joins && *at < len) {
		size_t end = physical(p, len, *at, &n, &joins);
		(void)buf_add(&b, p + *at, n);
		*at = end;
		(*number)++;
	}
	line->end = *at;
	line->text = b.p == NULL ? xstrdup("") : buf_detach(&b);
	buf_release(&b);
	trim(line->text);
	return 1;
}

char *
lex_word(const char **s)
{
	const char *p = *s;
	char quote, *word, *out;

	while (lex_blank(*p))
		p++;
	quote = *p == '"' || *p == '\'' ? *p++ : '\0';
	word = out = xmalloc(strlen(p) + 1);
	while (*p != '\0' && (quote ? *p != quote : !lex_blank(*p))) {
		if (*p == '\\' && (p[1] == '\\' || (quote && p[1] == quote)))
			p++;
		*out++ = *p++;
	}
	*out = '\0';
	if (quote && *p == quote)
		p++;
	while (lex_blank(*p))
		p++;
	*s = p;
	return word;
}

char *
lex_quote(const char *value)
{
	struct buf b;

	if (value[0] != '\0' && strpbrk(value, " \t\v\f\r\n\"'\\") == NULL)
		return xstrdup(value);
	buf_init(&b, 2 * strlen(value) + 2);
	(void)buf_add_quoted(&b, value);
	return buf_detach(&b);
}

size_t
lex_indent(const char *p, size_t len, size_t at)
{
	size_t n = 0;

	while (at + n < len && (p[at + n] == ' ' || p[at + n] == '\t'))
		n++;
	return n;
}

const char *
lex_newline(const char *p, size_t len)
{
	const char *lf = len > 0 ? memchr(p, '\n', len) : NULL;

	return lf != NULL && lf > p && lf[-1] == '\r' ? "\r\n" : "\n";
}

const char *
lex_open_end(const char *p, size_t len)
{
	int crlf = lex_newline(p, len)[0] == '\r';

	if (len == 0)
		return "";
	if (p[len - 1] == '\n') {
		size_t n = len > 1 && p[len - 2] == '\r' ? len - 2 : len - 1;

		if (n == 0 || p[n - 1] != '\\')
			return "";
		return crlf ? "\r\n" : "\n";
	}
	if (p[len - 1] == '\\' || p[len - 1] == '\r')
		return crlf ? " \r\n" : " \n";
	return crlf ? "\r\n" : "\n";
}
