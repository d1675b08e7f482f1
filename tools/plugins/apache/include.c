/* Which files an Include means: as httpd does, name by name, sorted in each
 * directory; of a directory everything below it. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/path.h"
#include "conf.h"
#include "vec.h"

#define DIR_DEPTH_MAX 20
#define FILES_MAX 20000

struct find {
	const struct conf *c;
	char **list;
	size_t n;
	struct err *err;
};

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
free_names(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/* Sorted names in dir (also planned ones) that match the pattern. */
static int
names_in(struct find *f, const char *dir, const char *pattern, char ***names,
    size_t *n)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t kept = 0;

	*names = NULL;
	*n = 0;
	if (d == NULL && errno != ENOENT && errno != ENOTDIR)
		return err_sys(f->err, ERR_ioError, errno, "cannot read %s",
		    dir);
	while (d != NULL && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    fnmatch(pattern, e->d_name, FNM_PERIOD) == 0)
			VEC_ADD(*names, *n, xstrdup(e->d_name));
	if (d != NULL)
		closedir(d);
	for (size_t i = 0; i < f->c->n_planned; i++) {
		const char *path = f->c->planned[i].path;
		char *own = path_dir(path);
		if (fnmatch(pattern, path_base(path), FNM_PERIOD) == 0 &&
		    conf_same_dir(own, dir))
			VEC_ADD(*names, *n, xstrdup(path_base(path)));
		free(own);
	}
	if (*n > 0)
		qsort(*names, *n, sizeof(**names), by_bytes);
	for (size_t i = 0; i < *n; i++) {
		if (kept > 0 && strcmp((*names)[kept - 1], (*names)[i]) == 0)
			free((*names)[i]);
		else
			(*names)[kept++] = (*names)[i];
	}
	*n = kept;
	return 0;
}

/* A file itself, or all files below a directory. */
static int
take(struct find *f, const char *path, int depth)
{
	char **names;
	size_t n;
	int rc;

	if (f->n >= FILES_MAX)
		return err_set(f->err, ERR_badData, "it means too many files");
	if (!is_dir(path)) {
		VEC_ADD(f->list, f->n, xstrdup(path));
		return 0;
	}
	if (depth > DIR_DEPTH_MAX)
		return err_set(f->err, ERR_badData,
		    "the directories below %s are too deep", path);
	rc = names_in(f, path, "*", &names, &n);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		char *sub = path_join(path, names[i]);
		rc = take(f, sub, depth + 1);
		free(sub);
	}
	free_names(names, n);
	return rc;
}

/* rest: the components of the pattern below dir. */
static int
match(struct find *f, const char *dir, const char *rest)
{
	size_t len = strcspn(rest, "/"), n;
	const char *more = rest + len + strspn(rest + len, "/");
	char *pattern = xstrndup(rest, len), **names = NULL;
	int rc = 0;

	n = 0;
	if (strpbrk(pattern, "*?[") != NULL)
		rc = names_in(f, dir, pattern, &names, &n);
	else
		VEC_ADD(names, n, xstrdup(pattern));
	for (size_t i = 0; rc == 0 && i < n; i++) {
		char *path = path_join(dir, names[i]);

		if (*more == '\0')
			rc = take(f, path, 0);
		else if (is_dir(path))
			rc = match(f, path, more);
		free(path);
	}
	free_names(names, n);
	free(pattern);
	return rc;
}

int
include_list(const struct conf *c, const char *path, int optional, char ***list,
    size_t *n, struct err *err)
{
	struct find f = {.c = c, .err = err};
	struct stat st;
	int rc;

	if (strpbrk(path, "*?[") != NULL) {
		rc = match(&f, "/", path + strspn(path, "/"));
	} else if (conf_planned(c, path) != NULL || stat(path, &st) == 0) {
		rc = take(&f, path, 0);
	} else {
		rc = optional ?
		    0 :
		    err_sys(err, ERR_noInput, errno, "cannot read %s", path);
	}
	if (rc == -1) {
		free_names(f.list, f.n);
		return -1;
	}
	*list = f.list;
	*n = f.n;
	return 0;
}
