/* options.c - the table as a whole, and questions about its rows. */
#include "options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "options_table.h"
#include "plugins.h"

const struct verb verbs[] = {{"run", "everything"}, {"certonly", "auth"},
    {"renew", NULL}, {"certificates", NULL}, {"revoke", NULL}, {"delete", NULL},
    {"register", NULL}, {"update_account", NULL}, {"unregister", NULL},
    {"show_account", NULL}, {"update_symlinks", NULL}, {"plugins", NULL},
    {"install", NULL}, {"reconfigure", NULL}, {"enhance", NULL},
    {"rollback", NULL}, {NULL, NULL}};

const char *
verb_find(const char *word)
{
	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (strcmp(v->name, word) == 0 ||
		    (v->alias != NULL && strcmp(v->alias, word) == 0))
			return v->name;
	return NULL;
}

const struct option *
options_all(size_t *n)
{
	static struct option *all;
	static size_t count;
	size_t own = 0, theirs;
	struct option *plugins;

	if (all == NULL) {
		plugins = plugins_options(&theirs);
		while (own_options[own].spellings != NULL)
			own++;
		all = xcalloc(own + theirs + 1, sizeof(*all));
		memcpy(all, own_options, own * sizeof(*all));
		if (theirs > 0)
			memcpy(all + own, plugins, theirs * sizeof(*all));
		free(plugins);
		count = own + theirs;
	}
	*n = count;
	return all;
}

/* Does spelling ("--domain", "-d") belong to the row? */
static int
option_spelled(const struct option *o, const char *spelling)
{
	const char *s = o->spellings;
	size_t want = strlen(spelling);

	while (*s != '\0') {
		size_t len = strcspn(s, " ");

		if (len == want && memcmp(s, spelling, len) == 0)
			return 1;
		s += len;
		s += strspn(s, " ");
	}
	return 0;
}

const struct option *
options_by_name(const char *spelling)
{
	size_t n;
	const struct option *all = own_options;

	for (; all->spellings != NULL; all++)
		if (option_spelled(all, spelling))
			return all;
	all = options_all(&n);
	for (size_t i = 0; i < n; i++)
		if (option_spelled(&all[i], spelling))
			return &all[i];
	return NULL;
}

/* By dest, then by place in the table. */
static int
order_of(const void *a, const void *b)
{
	const struct option *const *x = a, *const *y = b;
	int order = strcmp((*x)->dest, (*y)->dest);

	return order != 0 ? order : *x < *y ? -1 : *x > *y;
}

/* Of rows with the same dest it has the first: each lineage of thousands asks
 * for many. */
static const struct option **
index_by_dest(size_t *count)
{
	size_t n, kept = 0;
	const struct option *all = options_all(&n), **rows;

	rows = xcalloc(n + 1, sizeof(*rows));
	for (size_t i = 0; i < n; i++)
		rows[i] = &all[i];
	qsort(rows, n, sizeof(*rows), order_of);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 ||
		    strcmp(rows[kept - 1]->dest, rows[i]->dest) != 0)
			rows[kept++] = rows[i];
	*count = kept;
	return rows;
}

static int
dest_of(const void *dest, const void *row)
{
	return strcmp(dest, (*(const struct option *const *)row)->dest);
}

const struct option *
options_by_dest(const char *dest)
{
	static const struct option **rows;
	static size_t n;
	const struct option **found;

	if (rows == NULL)
		rows = index_by_dest(&n);
	found = bsearch(dest, rows, n, sizeof(*rows), dest_of);
	return found == NULL ? NULL : *found;
}

char *
option_spelling(const struct option *o, size_t i)
{
	const char *s = o->spellings;

	for (; *s != '\0'; i--) {
		size_t len = strcspn(s, " ");

		if (i == 0)
			return xstrndup(s, len);
		s += len;
		s += strspn(s, " ");
	}
	return NULL;
}

char *
option_title(const struct option *o)
{
	char *title = xstrdup(o->spellings);

	for (char *p = title; *p != '\0'; p++)
		if (*p == ' ')
			*p = '/';
	return title;
}

int
option_is_flag(const struct option *o)
{
	return o->type == OPTION_TRUE || o->type == OPTION_FALSE ||
	    o->type == OPTION_COUNT || o->type == OPTION_VERSION ||
	    o->type == OPTION_TABLE || o->type == OPTION_HELP;
}

char *
option_metavar(const struct option *o)
{
	char *metavar;

	if (option_is_flag(o))
		return NULL;
	if (o->metavar != NULL)
		return xstrdup(o->metavar);
	metavar = xstrdup(o->dest);
	for (char *p = metavar; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return metavar;
}

static jv
default_flag(const struct option *o)
{
	if (o->fallback == NULL)
		return doc_bool(0);
	if (strcmp(o->fallback, "None") == 0)
		return doc_null();
	return doc_bool(strcmp(o->fallback, "True") == 0);
}

jv
option_default(const struct option *o)
{
	switch (o->type) {
	case OPTION_TRUE:
	case OPTION_FALSE:
	case OPTION_VERSION:
	case OPTION_TABLE:
	case OPTION_HELP:
		return default_flag(o);
	case OPTION_LIST:
	case OPTION_DOMAINS:
	case OPTION_ADDRESS:
	case OPTION_CHALLENGES:
	case OPTION_WEBROOT:
		return doc_array();
	case OPTION_WEBROOT_MAP:
		return doc_object();
	case OPTION_COUNT:
	case OPTION_INT:
	case OPTION_NATURAL:
		return o->fallback == NULL ?
		    doc_null() :
		    doc_number((double)strtol(o->fallback, NULL, 10));
	default:
		return o->fallback == NULL ? doc_null() :
					     doc_string(o->fallback);
	}
}

char *
option_default_text(const struct option *o)
{
	static const char *const words[][2] = {{"null", "None"},
	    {"true", "True"}, {"false", "False"}};
	jv v = option_default(o);
	char *text;

	if (doc_is(v, DOC_STRING)) {
		text = xstrdup(doc_text_of(v));
	} else {
		text = doc_text(v);
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (strcmp(text, words[i][0]) == 0) {
				free(text);
				text = xstrdup(words[i][1]);
			}
	}
	doc_free(v);
	return text;
}
