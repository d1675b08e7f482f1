/* covers.c - a server's names against certificates: the one that it has, and
 * the one that is to come. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/names.h"
#include "deploy.h"
#include "text.h"

/* The names of a certificate file, if it is valid today: else none. */
static jv
valid_names(const struct nginx *n, const char *value)
{
	jv info = pair_info(n, value), names = doc_none();
	long end = 0;

	if (doc_int(info, "notAfterUnix", &end) == 0 && end > time(NULL))
		names = doc_get_kind(info, "names", DOC_ARRAY);
	doc_free(info);
	return names;
}

/* Is there a name that the old one covers, and the new one does not? */
static int
loses_name(const struct server *s, jv old, jv new)
{
	for (size_t i = 0; i < s->n_names; i++) {
		const char *name = s->names[i].text;

		/* ".x" means x and all below: as a certificate says it. */
		if (name[0] == '.' && names_cover(old, name + 1) &&
		    !names_cover(new, name + 1))
			return 1;
		if (name[0] != '.' && names_cover(old, name) &&
		    !names_cover(new, name))
			return 1;
	}
	return 0;
}

int
covers_would_break(struct nginx *n, size_t i, const struct deploy *d)
{
	const struct server *s = &n->model->servers[i];
	struct place at, key;
	const char *value;
	size_t len;
	int breaks;
	jv old;

	pair_find(n, s, d, &at, &key);
	if (at.file == NULL || doc_is(d->names, DOC_NONE))
		return 0;
	value = place_text(at, 1);
	if (strcmp(value, d->fullchain) == 0)
		return 0;
	/* A file for each name, found by a variable, is for others, too. */
	if (strchr(value, '$') != NULL)
		return s->n_names != 1 ||
		    server_class(s, d->domain, &len) != CLASS_EXACT;
	old = valid_names(n, value);
	breaks = loses_name(s, old, d->names);
	/* Names that a pattern stands for, and that the old one is good for. */
	if (!breaks && server_class(s, d->domain, &len) == CLASS_REGEX)
		for (size_t k = 0; k < doc_len(old); k++)
			breaks |= doc_str_at(old, k) != NULL &&
			    server_class(s, doc_str_at(old, k), &len) !=
				CLASS_NONE &&
			    !names_cover(d->names, doc_str_at(old, k));
	doc_free(old);
	return breaks;
}

/* Does other speak TLS where s will? Its listens keep their hosts. */
static int
meets(const struct nginx *n, const struct server *s, const struct server *other)
{
	for (size_t i = 0; i < other->n_listens; i++) {
		const struct listen *l = &other->listens[i];

		if (l->is_unix || l->quic || !l->ssl ||
		    l->port > n->https_port || n->https_port > l->last)
			continue;
		for (size_t k = 0; k < s->n_listens; k++)
			if (!s->listens[k].is_unix &&
			    strcmp(s->listens[k].host, l->host) == 0)
				return 1;
	}
	return 0;
}

/* Is this name of s, in lower case, one that others have with TLS? */
static int
takes(const struct nginx *n, const struct server *s, const char *name,
    const struct deploy *d)
{
	for (size_t i = 0; i < n->model->n; i++) {
		const struct server *other = &n->model->servers[i];
		enum name_class class;
		size_t len;

		if (other == s || !meets(n, s, other))
			continue;
		class = server_class(other, name, &len);
		if (class == CLASS_EXACT ||
		    (class != CLASS_NONE && name[0] != '~' &&
			!names_cover(d->names, name)))
			return 1;
	}
	return 0;
}

int
covers_would_take(const struct nginx *n, size_t i, const struct deploy *d)
{
	const struct server *s = &n->model->servers[i];

	for (size_t k = 0; k < s->n_names; k++) {
		const char *text = s->names[k].text;
		char *name;
		int taken;

		if (strcasecmp(text, d->domain) == 0 || strcmp(text, "_") == 0)
			continue;
		name = name_fold(text);
		taken = takes(n, s, name, d) ||
		    (name[0] == '.' && takes(n, s, name + 1, d));
		free(name);
		if (taken)
			return 1;
	}
	return 0;
}
