/* Secrets, which messages and logs do not show. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dns.h"
#include "encode.h"

enum { SECRET_MIN = 4 };

void
secret_add(struct dns *d, const char *text)
{
	char *encoded;

	if (text == NULL || strlen(text) < SECRET_MIN ||
	    doc_list_has(d->secrets, text))
		return;
	d->secrets = doc_push_str(d->secrets, text);
	encoded = percent_encode(text, 0);
	if (strcmp(encoded, text) != 0)
		d->secrets = doc_push_str(d->secrets, encoded);
	wipe_free(encoded, strlen(encoded));
}

void
secret_add_all(struct dns *d, jv v)
{
	jv keys;

	if (doc_is(v, DOC_STRING)) {
		const char *text = doc_text_of(v);
		if (text != NULL && strlen(text) >= 2 * SECRET_MIN)
			secret_add(d, text);
		return;
	}
	keys = doc_is(v, DOC_OBJECT) ? doc_keys(v) : doc_array();
	for (size_t i = 0; i < doc_len(v); i++) {
		const char *key = doc_str_at(keys, i);
		jv one = doc_is(v, DOC_OBJECT) ?
		    doc_get(v, key == NULL ? "" : key) :
		    doc_at(v, i);
		secret_add_all(d, one);
		doc_free(one);
	}
	doc_free(keys);
}

static char *
replaced(char *text TAKES, const char *what)
{
	size_t n = strlen(what);
	char *at;

	while ((at = strstr(text, what)) != NULL) {
		char *all = xasprintf("%.*s***%s", (int)(at - text), text,
		    at + n);
		wipe_free(text, strlen(text));
		text = all;
	}
	return text;
}

char *
redact(const struct dns *d, const char *text)
{
	char *copy = xstrdup(text);

	for (size_t i = 0; i < doc_len(d->secrets); i++)
		copy = replaced(copy, doc_str_at(d->secrets, i));
	return copy;
}

void
dns_log(struct dns *d, enum log_level level, enum log_show show,
    const char *fmt, ...)
{
	va_list ap;
	char *text, *clean;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	clean = redact(d, text);
	guest_log(d->g, level, show, "%s", clean);
	wipe_free(text, strlen(text));
	free(clean);
}
