#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safefile.h"
#include "store/lineage_links.h"

/* Key and full chain, which servers read together, change next to each other. */
static const enum store_kind move_order[KIND_COUNT] = {KIND_CERT, KIND_PRIVKEY,
    KIND_FULLCHAIN, KIND_CHAIN};

static char *
previous_path(const struct renewal *r, int kind)
{
	char *dir = path_dir(r->live[kind]);
	char *path = xasprintf("%s/previous_%s.pem", dir, kind_names[kind]);

	free(dir);
	return path;
}

static int
is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* ".KIND…pem.tmp-…", ".previous_KIND.pem.tmp-…", ".NAME.conf.tmp-…" or
 * "..NAME.new.tmp-…": names that nobody else gives. */
static int
is_temporary(const char *name)
{
	static const char previous[] = "previous_";
	const char *end = strstr(name, ".tmp-"), *p = name + 1;
	size_t n;

	if (name[0] != '.' || !end)
		return 0;
	n = (size_t)(end - name);
	if ((n > 5 && !strncmp(end - 5, ".conf", 5)) ||
	    (n > 5 && name[1] == '.' && !strncmp(end - 4, ".new", 4)) ||
	    !strncmp(name, ".README.", 8))
		return 1;
	if (!strncmp(p, previous, sizeof(previous) - 1))
		p += sizeof(previous) - 1;
	for (int k = 0; k < KIND_COUNT; k++)
		if (!strncmp(p, kind_names[k], strlen(kind_names[k])))
			return n > 4 && !strncmp(end - 4, ".pem", 4);
	return 0;
}

void
store_clear_temporary(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (is_temporary(e->d_name))
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

/* Each directory that holds one of the links, once. */
static int
for_each_dir(const struct renewal *r, int (*fn)(const char *, struct err *),
    struct err *err)
{
	char *dir[KIND_COUNT] = {NULL};
	int rc = 0, seen;

	for (int k = 0; k < KIND_COUNT && rc == 0; k++) {
		dir[k] = path_dir(r->live[k]);
		seen = 0;
		for (int i = 0; i < k; i++)
			seen |= !strcmp(dir[i], dir[k]);
		if (!seen)
			rc = fn(dir[k], err);
	}
	for (int k = 0; k < KIND_COUNT; k++)
		free(dir[k]);
	return rc;
}

static int
clear_dir(const char *dir, struct err *err)
{
	(void)err;
	store_clear_temporary(dir);
	return 0;
}

static int
drop_previous(const struct renewal *r, struct err *err)
{
	char *path;
	int rc = 0, found = 0;

	for (int k = 0; k < KIND_COUNT && rc == 0; k++) {
		path = previous_path(r, k);
		if (is_link(path)) {
			found = 1;
			if (unlink(path) < 0)
				rc = err_sys(err, ERR_ioError, errno,
				    "cannot remove '%s'", path);
		}
		free(path);
	}
	return rc == 0 && found ? for_each_dir(r, safefile_sync_dir, err) : rc;
}

int
links_recover(const struct renewal *r, struct err *err)
{
	char *noted[KIND_COUNT] = {NULL}, *path;
	int n = 0, rc = 0;

	if (links_moving(r)) {
		for (int k = 0; k < KIND_COUNT; k++) {
			path = previous_path(r, k);
			if (access(path, F_OK) == 0)
				noted[k] = path_readlink(path);
			n += noted[k] != NULL;
			free(path);
		}
		for (int k = 0; k < KIND_COUNT && n == KIND_COUNT && rc == 0;
		     k++)
			rc = safefile_link(noted[k], r->live[k], err);
		if (rc == 0 && n == KIND_COUNT)
			rc = for_each_dir(r, safefile_sync_dir, err);
		if (rc == 0)
			rc = drop_previous(r, err);
	}
	for (int k = 0; k < KIND_COUNT; k++)
		free(noted[k]);
	if (rc == 0)
		rc = for_each_dir(r, clear_dir, err);
	return rc;
}

int
links_moving(const struct renewal *r)
{
	char *path;
	int found = 0;

	for (int k = 0; k < KIND_COUNT && !found; k++) {
		path = previous_path(r, k);
		found = is_link(path);
		free(path);
	}
	return found;
}

int
links_read(const struct renewal *r, char *target[KIND_COUNT], struct err *err)
{
	char *text, *dir, *joined;

	for (int k = 0; k < KIND_COUNT; k++) {
		text = path_readlink(r->live[k]);
		if (!text)
			return err_set(err, ERR_brokenLineage,
			    "expected %s to be a symlink", r->live[k]);
		dir = path_dir(r->live[k]);
		joined = text[0] == '/' ? xstrdup(text) : path_join(dir, text);
		free(target[k]);
		target[k] = path_absolute(joined);
		free(joined);
		free(dir);
		free(text);
	}
	return 0;
}

static int
links_are(const struct renewal *r, char *const text[KIND_COUNT])
{
	int same = 1;

	for (int k = 0; k < KIND_COUNT; k++) {
		char *now = path_readlink(r->live[k]);

		same = same && now && !strcmp(now, text[k]);
		free(now);
	}
	return same;
}

/* Point link k to text[k], those that lead elsewhere; then flush. */
static int
point(const struct renewal *r, char *const text[KIND_COUNT], struct err *err)
{
	int rc = 0;

	for (int i = 0; i < KIND_COUNT && rc == 0; i++) {
		enum store_kind k = move_order[i];
		char *now = path_readlink(r->live[k]);

		if (!now || strcmp(now, text[k]) != 0)
			rc = safefile_link(text[k], r->live[k], err);
		free(now);
	}
	return rc == 0 ? for_each_dir(r, safefile_sync_dir, err) : rc;
}

int
links_move(const struct renewal *r, char *const text[KIND_COUNT],
    char *const target[KIND_COUNT], struct err *err)
{
	char *before[KIND_COUNT], *path;
	int rc = 0;

	for (int k = 0; k < KIND_COUNT; k++)
		before[k] = path_readlink(r->live[k]);
	for (int k = 0; k < KIND_COUNT && rc == 0; k++) {
		path = previous_path(r, k);
		rc = before[k] ? safefile_link(target[k], path, err) :
				 err_set(err, ERR_brokenLineage,
				     "expected %s to be a symlink", r->live[k]);
		free(path);
	}
	if (rc == 0)
		rc = for_each_dir(r, safefile_sync_dir, err);
	if (rc == 0)
		rc = point(r, text, err);
	if (rc == 0)
		rc = drop_previous(r, err);
	/* Back, in the words of before; the notes stay where that fails. */
	if (rc < 0 && before[0] && before[1] && before[2] && before[3]) {
		point(r, before, NULL);
		if (links_are(r, before))
			drop_previous(r, NULL);
	}
	for (int k = 0; k < KIND_COUNT; k++)
		free(before[k]);
	return rc;
}
