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

const char explain_key_file[] = "$dir/privkey.pem";
const char explain_eab_file[] = "${EAB_HMAC_KEY_FILE:?a file with the key}";

void
explain_quoted(const char *word)
{
	if (is_plain(word)) {
		fputs(word, stdout);
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

/* What a user gave never is the shell's, but for one that gives these very
 * words. */
static void
print_word(const char *word)
{
	if (strcmp(word, explain_key_file) == 0 ||
	    strcmp(word, explain_eab_file) == 0)
		printf("\"%s\"", word);
	else
		explain_quoted(word);
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
