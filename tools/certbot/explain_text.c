/* explain_text.c - quoting for sh. */
#include "explain_text.h"

#include <stdio.h>
#include <string.h>

static int
is_plain(const char *word)
{
	return *word != '\0' &&
	    word[strspn(word,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"%+,-./:=@_")] == '\0';
}

static void
print_word(const char *word)
{
	if (is_plain(word)) {
		fputs(word, stdout);
		return;
	}
	if (strncmp(word, "$dir/", 5) == 0 || strncmp(word, "${", 2) == 0) {
		printf("\"%s\"", word);
		return;
	}
	putchar('\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	putchar('\'');
}

void
explain_step(jv args, const char *end)
{
	for (size_t i = 0; i < doc_len(args); i++) {
		if (i > 0)
			putchar(' ');
		print_word(doc_str_at(args, i));
	}
	fputs(end, stdout);
	doc_free(args);
}

void
explain_line(const char *line)
{
	puts(line);
}
