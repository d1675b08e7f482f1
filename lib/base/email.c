#include "base/email.h"

#include <ctype.h>
#include <string.h>

/* How many bytes from s on are letters, digits or of also. */
static size_t
span(const char *s, const char *also)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) ||
	    (s[n] != '\0' && strchr(also, s[n]) != NULL))
		n++;
	return n;
}

int
email_matches(const char *text)
{
	size_t user = span(text, "._%+-"), host;

	if (user == 0 || text[user] != '@')
		return 0;
	host = span(text + user + 1, ".-");
	return host > 0 && text[user + 1 + host] == '\0';
}

int
email_is_valid(const char *text)
{
	return email_matches(text) && text[0] != '.' &&
	    strstr(text, "..") == NULL;
}
