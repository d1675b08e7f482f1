#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/renewal_tools.h"

static const char tools_section[] = "acme_tools";
static const char prefix[] = "challenge_";

static char *
below(const char *section, const char *name)
{
	return xasprintf("%s\n%s", section, name);
}

jv
renewal_section_doc(const struct ini *ini, const char *section)
{
	jv subs = ini_subsections(ini, section);
	jv obj = ini_section(ini, section);
	char *path;

	if (!doc_is(obj, DOC_OBJECT))
		doc_move(&obj, doc_object());
	for (size_t i = 0; i < doc_len(subs); i++) {
		path = below(section, doc_str_at(subs, i));
		obj = doc_set(obj, doc_str_at(subs, i),
		    renewal_section_doc(ini, path));
		free(path);
	}
	doc_free(subs);
	return obj;
}

static int
key_ok(const char *key)
{
	return key && key[0] && !strpbrk(key, "\n\r");
}

static int
text_ok(jv v)
{
	const char *s = doc_text_of(v);

	return s && !strchr(s, '\r');
}

int
renewal_value_ok(jv v, int sections)
{
	int ok = 1;
	jv keys, item;

	switch (doc_kind(v)) {
	case DOC_NULL:
	case DOC_BOOL:
	case DOC_NUMBER:
		return 1;
	case DOC_STRING:
		return text_ok(v);
	case DOC_ARRAY:
		for (size_t i = 0; i < doc_len(v) && ok; i++)
			ok = doc_str_at(v, i) &&
			    !strpbrk(doc_str_at(v, i), "\n\r");
		return ok;
	case DOC_OBJECT:
		break;
	default:
		return 0;
	}
	if (sections <= 0)
		return 0;
	keys = doc_keys(v);
	for (size_t i = 0; i < doc_len(keys) && ok; i++) {
		ok = key_ok(doc_str_at(keys, i));
		item = ok ? doc_get(v, doc_str_at(keys, i)) : doc_none();
		ok = ok && renewal_value_ok(item, sections - 1);
		doc_free(item);
	}
	doc_free(keys);
	return ok;
}

void
renewal_section_set(struct ini *ini, const char *section, const char *key,
    jv v TAKES)
{
	char *path;
	jv keys;

	if (!doc_is(v, DOC_OBJECT)) {
		ini_set(ini, section, key, v);
		return;
	}
	path = below(section, key);
	keys = doc_keys(v);
	ini_del(ini, section, key);
	ini_del_section(ini, path);
	ini_add_section(ini, path);
	for (size_t i = 0; i < doc_len(keys); i++)
		renewal_section_set(ini, path, doc_str_at(keys, i),
		    doc_get(v, doc_str_at(keys, i)));
	doc_free(keys);
	doc_free(v);
	free(path);
}

static jv
as_list(jv obj TAKES, const char *key)
{
	const char *s = doc_str(obj, key);
	jv list;

	if (!s)
		return obj;
	list = doc_push_str(doc_array(), s);
	return doc_set(obj, key, list);
}

jv
renewal_tools_get(const struct ini *ini)
{
	jv list = doc_array(), one;
	char *path;

	for (int i = 1;; i++) {
		path = xasprintf("%s\n%s%d", tools_section, prefix, i);
		if (!ini_has_section(ini, path)) {
			free(path);
			break;
		}
		one = as_list(renewal_section_doc(ini, path), "for");
		list = doc_push(list, one);
		free(path);
	}
	if (doc_len(list) == 0) {
		doc_free(list);
		return doc_none();
	}
	return doc_set(doc_object(), "challenges", list);
}

static void
drop_challenges(struct ini *ini)
{
	jv subs = ini_subsections(ini, tools_section), left, keys;
	char *path;

	for (size_t i = 0; i < doc_len(subs); i++) {
		if (strncmp(doc_str_at(subs, i), prefix, strlen(prefix)) != 0)
			continue;
		path = below(tools_section, doc_str_at(subs, i));
		ini_del_section(ini, path);
		free(path);
	}
	left = ini_subsections(ini, tools_section);
	keys = ini_keys(ini, tools_section);
	if (doc_len(left) + doc_len(keys) == 0)
		ini_del_section(ini, tools_section);
	doc_free(keys);
	doc_free(left);
	doc_free(subs);
}

int
renewal_tools_set(struct ini *ini, jv tools, struct err *err)
{
	jv list = doc_get_kind(tools, "challenges", DOC_ARRAY), one;
	char name[32];
	int rc = 0;

	drop_challenges(ini);
	if (doc_len(list) && !ini_has_section(ini, tools_section))
		ini_add_section(ini, tools_section);
	for (size_t i = 0; i < doc_len(list) && rc == 0; i++) {
		one = doc_at(list, i);
		if (!doc_is(one, DOC_OBJECT) || !doc_str(one, "plugin") ||
		    !renewal_value_ok(one, 3)) {
			rc = err_set(err, ERR_badDocument,
			    "acmeTools.challenges[%zu] has a form that a "
			    "renewal file cannot hold",
			    i);
			doc_free(one);
			break;
		}
		snprintf(name, sizeof(name), "%s%zu", prefix, i + 1);
		renewal_section_set(ini, tools_section, name, one);
	}
	doc_free(list);
	return rc;
}
