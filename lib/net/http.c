#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "net/client.h"

enum { YEAR_SECONDS = 366 * 24 * 3600, LINKS_MAX = 64 };

void
net_answer_release(struct net_answer *a)
{
	if (!a)
		return;
	free(a->reason);
	free(a->body);
	doc_free(a->headers);
	memset(a, 0, sizeof(*a));
	a->headers = doc_none();
}

/* Value number i of a header, borrowed from a; NULL. */
static const char *
header_at(const struct net_answer *a, const char *name, size_t i)
{
	jv v = doc_get(a->headers, name);
	const char *s = NULL;

	if (doc_is(v, DOC_ARRAY))
		s = doc_str_at(v, i);
	else if (i == 0)
		s = doc_text_of(v);
	doc_free(v);
	return s;
}

const char *
net_header(const struct net_answer *a, const char *name)
{
	return header_at(a, name, 0);
}

/* An HTTP date in one of its three forms (RFC 9110 5.6.7); -1. */
static int64_t
http_date(const char *text)
{
	static const char *const forms[] = {
	    "%a, %d %b %Y %H:%M:%S GMT",
	    "%A, %d-%b-%y %H:%M:%S GMT",
	    "%a %b %e %H:%M:%S %Y",
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(forms); i++) {
		struct tm tm = {0};
		const char *end = strptime(text, forms[i], &tm);

		if (end && !*end)
			return (int64_t)timegm(&tm);
	}
	return -1;
}

long
net_retry_after(const struct net_answer *a)
{
	const char *text = net_header(a, "retry-after");
	size_t digits;
	int64_t when;

	if (!text)
		return -1;
	digits = strspn(text, "0123456789");
	if (digits && !text[digits]) {
		long n = digits > 9 ? YEAR_SECONDS : strtol(text, NULL, 10);

		return n > YEAR_SECONDS ? YEAR_SECONDS : n;
	}
	when = http_date(text);
	if (when < 0)
		return -1;
	when -= (int64_t)time(NULL);
	if (when < 0)
		return 0;
	return when > YEAR_SECONDS ? YEAR_SECONDS : (long)when;
}

/* Is word one of the blank-separated words of list[0..n-1]? */
static int
has_word(const char *list, size_t n, const char *word)
{
	size_t want = strlen(word), i = 0;

	while (i < n) {
		size_t start;

		while (i < n && (list[i] == ' ' || list[i] == '\t'))
			i++;
		start = i;
		while (i < n && list[i] != ' ' && list[i] != '\t')
			i++;
		if (i - start == want &&
		    strncasecmp(list + start, word, want) == 0)
			return 1;
	}
	return 0;
}

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* One ";name=value" at *p: moves *p behind it. The value's bytes in *val, *n;
 * backslashes of a quoted string stay. */
static void
link_param(const char **p, const char **name, size_t *name_len,
    const char **val, size_t *n)
{
	const char *s = skip_blanks(*p);

	*name = s;
	s += strcspn(s, "=;, \t");
	*name_len = (size_t)(s - *name);
	s = skip_blanks(s);
	*val = s;
	*n = 0;
	if (*s == '=') {
		s = skip_blanks(s + 1);
		if (*s == '"') {
			*val = ++s;
			while (*s && *s != '"')
				s += s[0] == '\\' && s[1] ? 2 : 1;
			*n = (size_t)(s - *val);
			s += *s == '"';
		} else {
			*val = s;
			s += strcspn(s, ";, \t");
			*n = (size_t)(s - *val);
		}
	}
	*p = s + strcspn(s, ";,");
}

/* Does the link whose parameters start at *p have this rel? Only the first rel
 * counts (RFC 8288 3.3). *p ends behind the link. */
static int
link_has_rel(const char **p, const char *rel)
{
	int seen = 0, found = 0;

	*p += strcspn(*p, ";,");
	while (**p == ';') {
		const char *name, *val;
		size_t name_len, n;

		(*p)++;
		link_param(p, &name, &name_len, &val, &n);
		if (!seen && name_len == 3 &&
		    strncasecmp(name, "rel", 3) == 0) {
			seen = 1;
			found = has_word(val, n, rel);
		}
	}
	return found;
}

static jv
links_of(jv urls TAKES, const char *p, const char *rel, const char *base)
{
	while ((p = strchr(p, '<')) && doc_len(urls) < LINKS_MAX) {
		const char *end = strchr(++p, '>');
		char *ref, *url;

		if (!end)
			break;
		ref = xstrndup(p, (size_t)(end - p));
		p = end + 1;
		if (link_has_rel(&p, rel) && (url = url_resolve(base, ref))) {
			urls = doc_push_str(urls, url);
			free(url);
		}
		free(ref);
	}
	return urls;
}

jv
net_links(const struct net_answer *a, const char *rel, const char *base)
{
	jv urls = doc_array();
	const char *text;
	size_t i;

	for (i = 0; i < LINKS_MAX && (text = header_at(a, "link", i)); i++)
		urls = links_of(urls, text, rel, base);
	return urls;
}

int
net_fault_err(const struct net_answer *a, struct err *err)
{
	const char *why = a->reason ? a->reason : "the request failed";
	long patience = net_retry_after(a);

	switch (a->fault) {
	case NET_REFUSED:
	case NET_UNRESOLVED:
		return err_set(err, ERR_unreachable, "%s", why);
	case NET_LOST:
		err_set(err, a->timed_out ? ERR_timeout : ERR_retryLater, "%s",
		    why);
		if (patience > 0)
			err_retry_after(err, patience);
		return -1;
	case NET_BROKEN:
		return err_set(err, ERR_protocol, "%s", why);
	case NET_GONE:
		return err_set(err, ERR_netProcess, "acme-net ended");
	case NET_OK:
		break;
	}
	return err_set(err, ERR_internal, "the request did not fail");
}
