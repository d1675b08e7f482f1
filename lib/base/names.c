/* names.c - names compared and counted; name_normalise is in name_check.c, for
 * the few programs that need libidn2. */
#include "base/names.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

char *
name_address(const char *text)
{
	static const int families[] = {AF_INET, AF_INET6};
	unsigned char bytes[sizeof(struct in6_addr)];
	char clean[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (inet_pton(families[i], text, bytes) == 1 &&
		    inet_ntop(families[i], bytes, clean, sizeof(clean)) != NULL)
			return xstrdup(clean);
	return NULL;
}

char *
name_fold(const char *name)
{
	size_t n = strlen(name);
	char *s = xstrdup(name), *p;

	if (n > 1 && s[n - 1] == '.')
		s[n - 1] = '\0';
	for (p = s; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return s;
}

static int
folded_match(const char *pattern, const char *name)
{
	size_t n = strlen(name), m;

	if (!strcmp(pattern, name))
		return 1;
	if (strncmp(pattern, "*.", 2) != 0)
		return 0;
	m = strlen(pattern + 1);
	return m > 1 && n > m && !strcmp(name + n - m, pattern + 1);
}

int
name_matches(const char *pattern, const char *name)
{
	char *p = name_fold(pattern), *n = name_fold(name);
	int match = !strcmp(pattern, "*") || folded_match(p, n);

	free(p);
	free(n);
	return match;
}

const char *
name_base(const char *name)
{
	return strncmp(name, "*.", 2) == 0 ? name + 2 : name;
}

/* --- sets ---------------------------------------------------------------- */

struct set {
	char **names; /* folded, sorted */
	size_t n;
};

static int
order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
set_begin(struct set *s, jv array)
{
	size_t i, n = doc_is(array, DOC_ARRAY) ? doc_len(array) : 0;
	const char *name;

	s->names = xcalloc(n, sizeof(*s->names));
	s->n = 0;
	for (i = 0; i < n; i++) {
		if ((name = doc_str_at(array, i)))
			s->names[s->n++] = name_fold(name);
	}
	if (s->n)
		qsort(s->names, s->n, sizeof(*s->names), order);
}

static void
set_end(struct set *s)
{
	while (s->n)
		free(s->names[--s->n]);
	free(s->names);
}

static int
set_has(const struct set *s, const char *folded)
{
	return s->n &&
	    bsearch(&folded, s->names, s->n, sizeof(*s->names), order);
}

static int
set_within(const struct set *small, const struct set *large)
{
	size_t i;

	for (i = 0; i < small->n; i++) {
		if (!set_has(large, small->names[i]))
			return 0;
	}
	return 1;
}

int
name_covers(const char *pattern, const char *name)
{
	char *p = name_fold(pattern), *n = name_fold(name);
	const char *dot = strchr(n, '.');
	int rc = strcmp(p, n) == 0 ||
	    (strncmp(p, "*.", 2) == 0 && dot != NULL && *n != '*' &&
		strcmp(p + 1, dot) == 0);

	free(p);
	free(n);
	return rc;
}

int
names_cover(jv names, const char *name)
{
	for (size_t i = 0; i < doc_len(names); i++) {
		const char *pattern = doc_str_at(names, i);

		if (pattern != NULL && name_covers(pattern, name))
			return 1;
	}
	return 0;
}

int
names_equal(jv a, jv b)
{
	struct set sa, sb;
	int equal;

	set_begin(&sa, a);
	set_begin(&sb, b);
	equal = set_within(&sa, &sb) && set_within(&sb, &sa);
	set_end(&sa);
	set_end(&sb);
	return equal;
}

int
names_subset(jv small, jv large)
{
	struct set s, l;
	int within;

	set_begin(&s, small);
	set_begin(&l, large);
	within = set_within(&s, &l);
	set_end(&s);
	set_end(&l);
	return within;
}

jv
names_minus(jv a, jv b)
{
	size_t i, n = doc_is(a, DOC_ARRAY) ? doc_len(a) : 0;
	jv out = doc_array();
	const char *name;
	struct set s;
	char *folded;

	set_begin(&s, b);
	for (i = 0; i < n; i++) {
		if (!(name = doc_str_at(a, i)))
			continue;
		folded = name_fold(name);
		if (!set_has(&s, folded))
			out = doc_push_str(out, name);
		free(folded);
	}
	set_end(&s);
	return out;
}

char *
names_short(jv names)
{
	size_t n = doc_is(names, DOC_ARRAY) ? doc_len(names) : 0;
	const char *first = doc_str_at(names, 0);
	const char *second = doc_str_at(names, 1);

	if (!first)
		return xstrdup("");
	if (n == 1)
		return xstrdup(first);
	if (n == 2 && second)
		return xasprintf("%s and %s", first, second);
	return xasprintf("%s and %zu more domains", first, n - 1);
}
