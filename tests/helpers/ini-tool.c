/* ini-tool [-e EDITS] FILE... - for each file one line of JSON:
 *
 *	{"data": [[KEY, VALUE]..., [SECTION, [...]]...], "text": REWRITTEN}
 *	{"error": TEXT}
 *
 * EDITS is an array of ["set", SECTION, KEY, VALUE], ["del", SECTION, KEY],
 * ["add", SECTION] and ["drop", SECTION], made before the output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini.h"

static jv
data_of(const struct ini *ini, const char *section)
{
	jv keys = ini_keys(ini, section), subs = ini_subsections(ini, section);
	jv out = doc_array(), row;
	const char *name;
	char *path;
	size_t i;

	for (i = 0; i < doc_len(keys); i++) {
		name = doc_str_at(keys, i);
		row = doc_push_str(doc_array(), name);
		out = doc_push(out, doc_push(row, ini_get(ini, section, name)));
	}
	for (i = 0; i < doc_len(subs); i++) {
		name = doc_str_at(subs, i);
		path = *section ? xasprintf("%s\n%s", section, name) :
				  xstrdup(name);
		row = doc_push_str(doc_array(), name);
		out = doc_push(out, doc_push(row, data_of(ini, path)));
		free(path);
	}
	doc_free(keys);
	doc_free(subs);
	return out;
}

static void
edit(struct ini *ini, jv row)
{
	const char *what = doc_str_at(row, 0), *section = doc_str_at(row, 1);
	const char *key = doc_str_at(row, 2);

	if (!strcmp(what, "set"))
		ini_set(ini, section, key, doc_at(row, 3));
	else if (!strcmp(what, "del"))
		ini_del(ini, section, key);
	else if (!strcmp(what, "add"))
		ini_add_section(ini, section);
	else if (!strcmp(what, "drop"))
		ini_del_section(ini, section);
	else
		exit(64);
}

static jv
answer(const char *path, jv edits)
{
	struct err err = {0};
	struct ini *ini = ini_read(path, &err);
	jv out = doc_object(), row;
	char *text = NULL;
	size_t i;

	for (i = 0; ini && i < doc_len(edits); i++) {
		row = doc_at(edits, i);
		edit(ini, row);
		doc_free(row);
	}
	if (ini && (text = ini_text(ini, &err))) {
		out = doc_set(out, "data", data_of(ini, ""));
		out = doc_set_str(out, "text", text);
	} else {
		out = doc_set_str(out, "error", err_text(&err));
	}
	err_clear(&err);
	free(text);
	ini_free(ini);
	return out;
}

int
main(int argc, char *argv[])
{
	jv edits = doc_array(), out;
	char *text;
	int i = 1;

	if (argc > 2 && !strcmp(argv[1], "-e")) {
		doc_move(&edits, doc_parse(argv[2], strlen(argv[2]), NULL));
		i = 3;
	}
	for (; i < argc; i++) {
		out = answer(argv[i], edits);
		text = doc_text(out);
		puts(text);
		free(text);
		doc_free(out);
	}
	doc_free(edits);
	return fflush(stdout) == 0 ? 0 : 74;
}
