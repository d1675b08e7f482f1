#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/doc.h"
#include "base/safefile.h"
#include "store/lineage_links.h"
#include "store/lineage_recover.h"

void
staging_init(struct staging *s, const char *config_dir, const char *name)
{
	s->archive = xasprintf("%s/archive/%s", config_dir, name);
	s->archive_new = xasprintf("%s/archive/.%s.new", config_dir, name);
	s->live = xasprintf("%s/live/%s", config_dir, name);
	s->live_new = xasprintf("%s/live/.%s.new", config_dir, name);
	s->conf = xasprintf("%s/renewal/%s.conf", config_dir, name);
	s->conf_new = xasprintf("%s/renewal/.%s.new", config_dir, name);
}

void
staging_release(struct staging *s)
{
	free(s->archive);
	free(s->archive_new);
	free(s->live);
	free(s->live_new);
	free(s->conf);
	free(s->conf_new);
	memset(s, 0, sizeof(*s));
}

static int
there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* certbot leaves an empty renewal file when a directory is in its way. */
static int
conf_counts(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size);
}

static int
remove_file(const char *path, struct err *err)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(err, ERR_ioError, errno, "cannot remove '%s'",
		    path);
	return 0;
}

/* Deepest first: the staging names and the marker go last, so that a second
 * try knows the same things. */
int
staging_undo(const struct staging *s, struct err *err)
{
	int moved = there(s->conf_new) && !conf_counts(s->conf);

	if (moved && !there(s->live_new) &&
	    safefile_remove_tree(s->live, err) < 0)
		return -1;
	if (moved && !there(s->archive_new) &&
	    safefile_remove_tree(s->archive, err) < 0)
		return -1;
	if (moved && remove_file(s->conf, err) < 0)
		return -1;
	if (remove_file(s->conf_new, err) < 0 ||
	    safefile_remove_tree(s->live_new, err) < 0)
		return -1;
	return safefile_remove_tree(s->archive_new, err);
}

/* Names NAME of the entries ".NAME" + suffix in CONFIG/WHAT, added to names. */
static jv
leftovers(jv names TAKES, const char *config_dir, const char *what,
    const char *suffix)
{
	char *dir = path_join(config_dir, what);
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n, end = strlen(suffix);

	while (d && (e = readdir(d))) {
		n = strlen(e->d_name);
		if (e->d_name[0] == '.' && n > end + 1 &&
		    !strcmp(e->d_name + n - end, suffix))
			names = doc_push(names,
			    doc_stringn(e->d_name + 1, n - end - 1));
	}
	if (d)
		closedir(d);
	free(dir);
	return names;
}

char *
lineage_retired(const char *config_dir, const char *name)
{
	return xasprintf("%s/renewal/.%s.deleted", config_dir, name);
}

/* Deletions that were cut off. Has somebody made the lineage anew, nothing of the
 * old one was there any more. */
static void
finish_deletions(const char *config_dir)
{
	jv names = leftovers(doc_array(), config_dir, "renewal", ".deleted");

	for (size_t i = 0; i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		char *conf = renewal_path(config_dir, name);
		char *retired = lineage_retired(config_dir, name);

		if (conf_counts(conf)) {
			unlink(retired);
		} else {
			unlink(conf);
			lineage_delete_rest(config_dir, name);
		}
		free(retired);
		free(conf);
	}
	doc_free(names);
}

int
lineage_recover(const char *config_dir, struct err *err)
{
	jv names = doc_array();
	struct staging s;
	char *dir;
	int rc = 0;

	names = leftovers(names, config_dir, "archive", ".new");
	names = leftovers(names, config_dir, "live", ".new");
	names = doc_sorted_set(leftovers(names, config_dir, "renewal", ".new"));
	for (size_t i = 0; i < doc_len(names) && rc == 0; i++) {
		staging_init(&s, config_dir, doc_str_at(names, i));
		rc = staging_undo(&s, err);
		staging_release(&s);
	}
	doc_free(names);
	finish_deletions(config_dir);
	dir = path_join(config_dir, "renewal");
	store_clear_temporary(dir);
	free(dir);
	return rc < 0 ? err_prefix(err, "cannot clear an unfinished save") : 0;
}
