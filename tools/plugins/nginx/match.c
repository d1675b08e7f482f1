/* match.c - server names against a domain name. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "model.h"

enum { MATCH_LIMIT = 100000 }; /* steps: patterns of others are not trusted */

/* As nginx: anywhere in the name; without case if the pattern has a capital. */
static int
regex_matches(const char *pattern, const char *domain)
{
	uint32_t options = 0;
	size_t at;
	int code, rc = PCRE2_ERROR_NOMATCH;
	pcre2_code *re;
	pcre2_match_data *data;
	pcre2_match_context *ctx = pcre2_match_context_create(NULL);

	for (const char *p = pattern; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			options = PCRE2_CASELESS;
	re = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options,
	    &code, &at, NULL);
	if (re != NULL && ctx != NULL) {
		data = pcre2_match_data_create_from_pattern(re, NULL);
		pcre2_set_match_limit(ctx, MATCH_LIMIT);
		if (data != NULL)
			rc = pcre2_match(re, (PCRE2_SPTR)domain, strlen(domain),
			    0, 0, data, ctx);
		pcre2_match_data_free(data);
	}
	pcre2_code_free(re);
	pcre2_match_context_free(ctx);
	return rc >= 0;
}

static int
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcasecmp(text + n - m, end) == 0;
}

static enum name_class
name_class(const char *name, const char *domain)
{
	size_t len = strlen(name);

	if (name[0] == '~')
		return domain[0] != '*' && regex_matches(name + 1, domain) ?
		    CLASS_REGEX :
		    CLASS_NONE;
	if (len > 0 && strcasecmp(name, domain) == 0)
		return CLASS_EXACT;
	if (name[0] == '.' && len > 1) {
		if (strcasecmp(name + 1, domain) == 0 ||
		    (domain[0] == '*' && strcasecmp(name, domain + 1) == 0))
			return CLASS_EXACT;
		return domain[0] != '*' && ends_with(domain, name) ?
		    CLASS_LEAD :
		    CLASS_NONE;
	}
	if (domain[0] == '*')
		return CLASS_NONE;
	if (strncmp(name, "*.", 2) == 0)
		return ends_with(domain, name + 1) ? CLASS_LEAD : CLASS_NONE;
	if (len > 2 && strcmp(name + len - 2, ".*") == 0 &&
	    strncasecmp(name, domain, len - 1) == 0)
		return CLASS_TRAIL;
	return CLASS_NONE;
}

/* The best of the names, too: NULL when none fits. */
static enum name_class
best_name(const struct server *s, const char *domain, size_t *len,
    const char **name)
{
	enum name_class best = CLASS_NONE;

	*len = 0;
	*name = NULL;
	for (size_t i = 0; i < s->n_names; i++) {
		const char *text = s->names[i].text;
		enum name_class class = name_class(text, domain);
		/* ".x" and "*.x" are the same to nginx. */
		size_t n = strlen(text) - (text[0] == '*' ? 1 : 0);

		if (class < best || (class == best && n > *len)) {
			best = class;
			*len = n;
			*name = text;
		}
	}
	return best;
}

enum name_class
server_class(const struct server *s, const char *domain, size_t *len)
{
	const char *name;

	return best_name(s, domain, len, &name);
}

static int
is_on(const struct server *s, const char *key)
{
	for (size_t i = 0; i < s->n_listens; i++)
		if (!s->listens[i].quic && strcmp(s->listens[i].key, key) == 0)
			return 1;
	return 0;
}

/* nginx ignores ".x" altogether where "x" has come before on the socket: only a
 * warning says so, and what is below x is another server's. */
static int
is_ignored(const struct model *m, size_t at, const char *key, const char *name)
{
	for (size_t i = 0; i <= at; i++) {
		const struct server *s = &m->servers[i];

		if (!is_on(s, key))
			continue;
		for (size_t k = 0; k < s->n_names; k++) {
			if (s->names[k].text == name)
				return 0;
			if (strcasecmp(s->names[k].text, name + 1) == 0)
				return 1;
		}
	}
	return 0;
}

/* What nginx takes on one socket so far. */
struct choice {
	const char *key;
	size_t named, dflt; /* servers, or SIZE_MAX */
	enum name_class class;
	size_t len;
	int has_default;
};

static struct choice *
choice_of(struct choice **list, size_t *n, const char *key)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp((*list)[i].key, key) == 0)
			return &(*list)[i];
	*list = xrealloc(*list, (*n + 1) * sizeof(**list));
	(*list)[*n] = (struct choice){.key = key,
	    .named = SIZE_MAX,
	    .dflt = SIZE_MAX,
	    .class = CLASS_NONE};
	return &(*list)[(*n)++];
}

/* The first of equals wins; of wildcards the longest. */
static void
consider(struct choice *c, size_t at, const struct listen *l,
    enum name_class class, size_t len)
{
	int longer = len > c->len &&
	    (class == CLASS_LEAD || class == CLASS_TRAIL);

	if (class != CLASS_NONE &&
	    (class < c->class || (class == c->class && longer))) {
		c->named = at;
		c->class = class;
		c->len = len;
	}
	if (c->dflt == SIZE_MAX || (l->is_default && !c->has_default)) {
		c->dflt = at;
		c->has_default = l->is_default;
	}
}

void
model_serves(const struct model *m, const char *domain, int tls, long port,
    unsigned char *serves)
{
	struct choice *list = NULL;
	const char *name;
	size_t n = 0, len;

	for (size_t i = 0; i < m->n; i++) {
		const struct server *s = &m->servers[i];
		enum name_class class = best_name(s, domain, &len, &name);
		/* Of ".x" also what fits it as "*.x" does. */
		int below = name != NULL && name[0] == '.' &&
		    strcasecmp(name + 1, domain) != 0;

		for (size_t j = 0; j < s->n_listens; j++) {
			const struct listen *l = &s->listens[j];

			if (l->is_unix || l->quic || l->ssl != tls ||
			    (port != 0 && (l->port > port || port > l->last)))
				continue;
			consider(choice_of(&list, &n, l->key), i, l,
			    below && is_ignored(m, i, l->key, name) ?
				CLASS_NONE :
				class,
			    len);
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i].named != SIZE_MAX)
			serves[list[i].named] |= SERVES_NAME;
		else if (list[i].dflt != SIZE_MAX)
			serves[list[i].dflt] |= SERVES_DEFAULT;
	}
	free(list);
}
