#include "base/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

jv
stage_names(jv doc)
{
	jv names = doc_find(doc, "request", "names", NULL);
	jv identifiers = doc_find(doc, "order", "identifiers", NULL);

	if (!doc_is(names, DOC_ARRAY) || doc_len(names) == 0) {
		doc_free(names);
		names = doc_array();
		for (size_t i = 0; i < doc_len(identifiers); i++) {
			jv one = doc_at(identifiers, i);

			if (doc_str(one, "value") != NULL)
				names = doc_push_str(names,
				    doc_str(one, "value"));
			doc_free(one);
		}
	}
	doc_free(identifiers);
	return names;
}

/* What %n stands for; malloc'd, NULL when no name is known. */
static char *
name_of(jv doc)
{
	jv plan = doc_get(doc, "plan"), lineage = doc_get(doc, "lineage");
	jv names = stage_names(doc);
	const char *name = doc_str(plan, "lineage");
	char *copy;

	if (name == NULL)
		name = doc_str(lineage, "name");
	if (name == NULL) {
		name = doc_str_at(names, 0);
		if (name != NULL && strncmp(name, "*.", 2) == 0)
			name += 2;
	}
	copy = name != NULL ? xstrdup(name) : NULL;
	doc_free(plan);
	doc_free(lineage);
	doc_free(names);
	return copy;
}

/* pattern with every %n replaced; malloc'd. */
static char *
replaced(const char *pattern, const char *name)
{
	struct buf b;
	const char *at;
	char *out;

	buf_init(&b, (size_t)-1 / 2);
	while ((at = strstr(pattern, "%n")) != NULL) {
		(void)buf_add(&b, pattern, (size_t)(at - pattern));
		(void)buf_adds(&b, name);
		pattern = at + 2;
	}
	(void)buf_adds(&b, pattern);
	out = buf_detach(&b);
	return out;
}

char *
stage_expand(const char *pattern, jv doc, struct err *err)
{
	char *name, *out = NULL;

	if (strstr(pattern, "%n") == NULL)
		return xstrdup(pattern);
	name = name_of(doc);
	if (name == NULL)
		err_set(err, ERR_badDocument,
		    "the document has no name to put into '%s'", pattern);
	else if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL)
		err_set(err, ERR_badDocument,
		    "the document's name '%s' cannot be put into '%s'", name,
		    pattern);
	else
		out = replaced(pattern, name);
	free(name);
	return out;
}
