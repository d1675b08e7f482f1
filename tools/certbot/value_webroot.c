/* Which name has which web root: -w beside -d, and --webroot-map (spec 3.6). */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/safefile.h"
#include "value.h"

/* Every name so far without a path gets path. */
static void
map_unmapped(struct config *c, const char *path)
{
	jv map = config_get(c, "webroot_map"),
	   names = config_list(c, "domains");

	for (size_t i = 0; i < doc_len(names); i++)
		if (!doc_has(map, doc_str_at(names, i)))
			map = doc_set_str(map, doc_str_at(names, i), path);
	doc_free(names);
	config_put(c, "webroot_map", map);
}

static int
check_directory(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return err_set(err, ERR_badData,
		    "%s does not exist or is not a directory", path);
	return 0;
}

/* -w pairs with the names that follow it (spec 3.6). */
int
value_add_webroot(struct config *c, const struct option *o, const char *text,
    struct err *err)
{
	jv paths = config_list(c, o->dest), names = config_list(c, "domains");
	size_t n = doc_len(paths);
	char *path;
	int rc = 0;

	if (n == 0 && doc_len(names) > 0)
		config_put(c, "webroot_after_domains", doc_bool(1));
	if (n > 0 && config_flag(c, "webroot_after_domains"))
		rc = err_set(err, ERR_configuration,
		    "If you specify multiple webroot paths, one of them must precede all domain flags");
	else if (n > 0)
		map_unmapped(c, doc_str_at(paths, n - 1));
	doc_free(names);
	if (rc != 0 || check_directory(text, err) != 0) {
		doc_free(paths);
		return -1;
	}
	path = path_absolute(text);
	config_give(c, o->dest, doc_push_str(paths, path));
	free(path);
	return 0;
}

void
value_finish_webroots(struct config *c)
{
	jv paths = config_list(c, "webroot_path");
	size_t n = doc_len(paths);

	if (n > 0)
		map_unmapped(c, doc_str_at(paths, n - 1));
	doc_free(paths);
}

/* {"a,b": "/dir"}: the names join -d. */
int
value_add_webroot_map(struct config *c, const struct option *o,
    const char *title, const char *text, struct err *err)
{
	jv given = doc_parse(text, strlen(text), err), keys, map;
	int rc = 0;

	if (!doc_is(given, DOC_OBJECT)) {
		doc_free(given);
		return err_set(err, ERR_badData,
		    "argument %s: the value is no JSON object of names and directories: %s",
		    title, text);
	}
	keys = doc_keys(given);
	for (size_t i = 0; rc == 0 && i < doc_len(keys); i++) {
		const char *names = doc_str_at(keys, i);
		const char *dir = doc_str(given, names);
		char *copy, *save = NULL, *path;

		if (dir == NULL || check_directory(dir, err) != 0) {
			rc = dir == NULL ?
			    err_set(err, ERR_badData,
				"argument %s: the directory of %s is no text",
				title, names) :
			    -1;
			break;
		}
		if ((rc = value_add_domains(c, names, err)) != 0)
			break;
		path = path_absolute(dir);
		map = config_get(c, o->dest);
		copy = xstrdup(names);
		for (char *w = strtok_r(copy, ", ", &save); w != NULL;
		     w = strtok_r(NULL, ", ", &save)) {
			char *name = value_domain(w, NULL);

			if (name != NULL)
				map = doc_set_str(map, name, path);
			free(name);
		}
		config_give(c, o->dest, map);
		free(copy);
		free(path);
	}
	doc_free(keys);
	doc_free(given);
	return rc;
}
