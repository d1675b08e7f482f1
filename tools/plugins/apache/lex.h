/* lex.h - httpd's own reader of configuration lines: physical lines joined by
 * a backslash before the line end (in comments and section headers too), blanks
 * taken from both ends, words as httpd's getword does it. Bytes, no encoding. */
#ifndef APACHE_LEX_H
#define APACHE_LEX_H

#include "base/base.h"

/* One logical line. */
struct lex_line {
	size_t start,
	    end;	 /* bytes [start, end) of the text, line end included */
	unsigned number; /* of its first physical line, from 1 */
	char *text;	 /* joined and without blanks at both ends; owned */
};

/* The line at *at (which moves behind it; *number likewise). 0 at the end.
 * line->text is to be freed. */
int lex_next(const char *p, size_t len, size_t *at, unsigned *number,
    struct lex_line *line);

/* Does httpd take this byte for a blank? */
int lex_blank(char c);

/* The next word of *s, unquoted ("" and '' with \ before the quote and before
 * \); *s moves behind it and the blanks that follow. "" at the end. malloc'd. */
char *lex_word(const char **s);

/* value as one argument: quoted when it must be; malloc'd. */
char *lex_quote(const char *value);

/* The blanks at the start of the line that holds offset at: their length. */
size_t lex_indent(const char *p, size_t len, size_t at);
/* "\r\n" when the text's first line ends so, else "\n". */
const char *lex_newline(const char *p, size_t len);
/* What has to stand behind the text before another line may: nothing, a line
 * end, or a blank first where a line end alone would join the two. */
const char *lex_open_end(const char *p, size_t len);

#endif
