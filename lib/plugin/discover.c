/* Where plugins are found, and which of those found may be run. */
#include "plugin/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/safefile.h"

static const char path_prefix[] = "certbot-plugin-";
enum { DESCRIBE_MS = 10000, DESCRIBE_MAX = 256 << 10 };

static int
can_run(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

/* Whoever owns our own executable could replace us, so he is trusted too. */
static int
trusted_owner(uid_t uid)
{
	struct stat self;

	return uid == 0 ||
	    (stat("/proc/self/exe", &self) == 0 && self.st_uid == uid);
}

static int
others_can_write(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno != ENOENT;
	if (S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX))
		return !trusted_owner(st.st_uid);
	return !trusted_owner(st.st_uid) || (st.st_mode & S_IWOTH) ||
	    ((st.st_mode & S_IWGRP) && st.st_gid != 0);
}

/* Who can write a directory can put another link, or file, into it. */
static int
safe(const char *exe, const char *descriptor, struct err *err)
{
	char *dir, *real, *real_dir;
	const char *bad = NULL;

	if (geteuid() != 0)
		return 0;
	real = realpath(exe, NULL);
	dir = path_dir(exe);
	real_dir = path_dir(real == NULL ? exe : real);
	if (others_can_write(exe))
		bad = exe;
	else if (others_can_write(dir))
		bad = dir;
	else if (others_can_write(real_dir))
		bad = real_dir;
	else if (others_can_write(descriptor))
		bad = descriptor;
	if (bad != NULL)
		err_set(err, ERR_permission,
		    "refused to run as root: others can write to %s; remove "
		    "that permission or give it to root",
		    bad);
	free(dir);
	free(real_dir);
	free(real);
	return bad == NULL ? 0 : -1;
}

jv
plugin_describe(const char *exe, struct err *err)
{
	const char *argv[] = {exe, "--describe", NULL};
	struct proc p = PROC_INIT;
	struct buf out;
	jv json = doc_none();

	buf_init(&out, DESCRIBE_MAX);
	p.argv = argv;
	p.out = PROC_PIPE;
	p.err = PROC_NULL;
	if (proc_run(&p, NULL, 0, &out, NULL, DESCRIBE_MS, err) == 0) {
		if (proc_exit_code(&p) != 0)
			err_set(err, ERR_badData,
			    "it has no descriptor file, and --describe ended "
			    "with status %d",
			    proc_exit_code(&p));
		else
			json = doc_parse(out.p == NULL ? "" : out.p, out.len,
			    err);
	}
	buf_release(&out);
	return json;
}

/* The plugin whose executable is exe, if there is one. ask: without a file it
 * may be asked. NULL without err: there is no plugin. */
static struct plugin_desc *
load(const char *exe, const char *name, int ask, struct err *err)
{
	char *file = xasprintf("%s.json", exe);
	struct plugin_desc *d = NULL;
	jv json = doc_none();
	int described;

	if (!can_run(exe))
		goto out;
	described = access(file, F_OK) == 0;
	if (!described && !ask)
		goto out;
	if (safe(exe, file, err) == -1)
		goto out;
	json = described ? doc_read_file(file, err) : plugin_describe(exe, err);
	if (!doc_is(json, DOC_NONE))
		d = plugin_desc_parse(json, name, exe, err);
	if (!doc_is(json, DOC_NONE) && d == NULL)
		err_prefix(err, "%s", described ? file : exe);
	else if (d == NULL && !described)
		err_prefix(err, "%s", exe);
out:
	doc_free(json);
	free(file);
	return d;
}

/* Absolute directories of a colon-separated list. */
static jv
list_dirs(jv dirs TAKES, const char *list)
{
	char *copy, *save = NULL;

	if (list == NULL)
		return dirs;
	copy = xstrdup(list);
	for (char *dir = strtok_r(copy, ":", &save); dir != NULL;
	     dir = strtok_r(NULL, ":", &save))
		if (dir[0] == '/')
			dirs = doc_push_str(dirs, dir);
	free(copy);
	return dirs;
}

/* CERTBOT_PLUGIN_PATH, and the installation's own. */
static jv
plugin_dirs(void)
{
	jv dirs = list_dirs(doc_array(), getenv("CERTBOT_PLUGIN_PATH"));
	char *own = proc_plugin_dir();

	if (own != NULL)
		dirs = doc_push_str(dirs, own);
	free(own);
	return dirs;
}

static int
reserved(const char *name)
{
	return strcmp(name, "check") == 0;
}

static const struct plugin_desc *
set_get(const struct plugin_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->list[i]->name, name) == 0)
			return set->list[i];
	return NULL;
}

static int
is_refused(const struct plugin_set *set, const char *name)
{
	for (size_t i = 0; i < doc_len(set->refused); i++) {
		jv r = doc_at(set->refused, i);
		const char *other = doc_str(r, "name");
		int same = other != NULL && strcmp(other, name) == 0;
		doc_free(r);
		if (same)
			return 1;
	}
	return 0;
}

static void
set_try(struct plugin_set *set, const char *exe, const char *name, int ask)
{
	struct err err = {0};
	struct plugin_desc *d;
	jv r;

	/* The first of a name is the one that would be run. */
	if (set_get(set, name) != NULL || is_refused(set, name))
		return;
	d = load(exe, name, ask, &err);
	if (d != NULL) {
		set->list = xrealloc(set->list,
		    (set->n + 1) * sizeof(set->list[0]));
		set->list[set->n++] = d;
	} else if (err_is_set(&err)) {
		r = doc_set_str(doc_object(), "name", name);
		r = doc_set_str(r, "path", exe);
		r = doc_set_str(r, "why", err_text(&err));
		set->refused = doc_push(set->refused, r);
	}
	err_clear(&err);
}

static void
scan(struct plugin_set *set, const char *dir, int on_path)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL)
		return;
	for (e = readdir(d); e != NULL; e = readdir(d)) {
		size_t n = strlen(e->d_name);
		char *exe, *name;

		if (on_path) {
			if (strncmp(e->d_name, path_prefix,
				sizeof(path_prefix) - 1) != 0 ||
			    strchr(e->d_name, '.') != NULL)
				continue;
			name = xstrdup(e->d_name + sizeof(path_prefix) - 1);
			exe = path_join(dir, e->d_name);
		} else {
			if (n < 6 || strcmp(e->d_name + n - 5, ".json") != 0)
				continue;
			name = xstrndup(e->d_name, n - 5);
			exe = path_join(dir, name);
		}
		if (!on_path || !reserved(name))
			set_try(set, exe, name, on_path);
		free(name);
		free(exe);
	}
	closedir(d);
}

static int
by_name(const void *a, const void *b)
{
	const struct plugin_desc *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

void
plugin_set_load(struct plugin_set *set)
{
	jv dirs = plugin_dirs();
	jv path = list_dirs(doc_array(), getenv("PATH"));

	memset(set, 0, sizeof(*set));
	set->refused = doc_array();
	for (size_t i = 0; i < doc_len(dirs); i++)
		scan(set, doc_str_at(dirs, i), 0);
	for (size_t i = 0; i < doc_len(path); i++)
		scan(set, doc_str_at(path, i), 1);
	if (set->n > 0)
		qsort(set->list, set->n, sizeof(set->list[0]), by_name);
	doc_free(dirs);
	doc_free(path);
}

void
plugin_set_release(struct plugin_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		plugin_desc_free(set->list[i]);
	free(set->list);
	doc_free(set->refused);
	memset(set, 0, sizeof(*set));
}

const char *
plugin_short_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	if (strcmp(name, "certbot-route53:auth") == 0)
		return "dns-route53";
	return colon == NULL ? name : colon + 1;
}

const struct plugin_desc *
plugin_set_get(const struct plugin_set *set, const char *name)
{
	return set_get(set, plugin_short_name(name));
}

static struct plugin_desc *
find_in(jv dirs, const char *name, int on_path, struct err *err)
{
	struct plugin_desc *d = NULL;

	for (size_t i = 0; d == NULL && !err_is_set(err) && i < doc_len(dirs);
	     i++) {
		char *exe = xasprintf("%s/%s%s", doc_str_at(dirs, i),
		    on_path ? path_prefix : "", name);
		d = load(exe, name, on_path, err);
		free(exe);
	}
	return d;
}

struct plugin_desc *
plugin_find(const char *name, struct err *err)
{
	struct plugin_desc *d = NULL;
	jv dirs = plugin_dirs();
	jv path = list_dirs(doc_array(), getenv("PATH"));
	char *where;

	name = plugin_short_name(name);
	err_clear(err);
	if (name[0] != '\0' && strchr(name, '/') == NULL && name[0] != '.') {
		d = find_in(dirs, name, 0, err);
		if (d == NULL && !err_is_set(err) && !reserved(name))
			d = find_in(path, name, 1, err);
	}
	if (d == NULL && !err_is_set(err)) {
		where = doc_join(dirs, ", ");
		err_set(err, ERR_noPlugin,
		    "there is no plugin %s in %s, nor %s%s in PATH", name,
		    where, path_prefix, name);
		free(where);
	}
	doc_free(dirs);
	doc_free(path);
	return d;
}
