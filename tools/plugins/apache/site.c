/* Having the server read a file (spec installers C11). */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apache.h"
#include "base/path.h"
#include "lex.h"

static int
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Is there a link in dir that leads to the file? Also planned ones. */
static int
link_is_there(struct apache *a, const char *link, const char *real,
    struct err *err)
{
	const struct planned *p = conf_planned(&a->conf, link);
	struct stat st;
	char *now;
	int same;

	if (p != NULL)
		return 1;
	if (lstat(link, &st) == -1)
		return 0;
	now = realpath(link, NULL);
	same = now != NULL && strcmp(now, real) == 0;
	free(now);
	return same ? 1 :
		      err_set(err, ERR_notSupported,
			  "%s is there already and is no link to %s: move it "
			  "away, then run this again",
			  link, real);
}

static int
enable_link(struct apache *a, const struct file *f, const char *dir,
    struct err *err)
{
	const char *real = edit_real_path(f->edit);
	char *link = path_join(dir, path_base(real));
	int there = link_is_there(a, link, real, err);

	if (there == 0) {
		conf_plan_link(&a->conf, link, real);
		guest_log(a->g, LOG_INFO, SHOW_LOG,
		    "Enabling available site: %s", real);
		apache_note(a, "Enabled site %s", real);
	}
	free(link);
	return there == -1 ? -1 : 0;
}

int
site_enable(struct apache *a, struct file *f, struct err *err)
{
	char *dir = path_join(a->server_root, "sites-enabled");
	const char *real = edit_real_path(f->edit);
	struct file *root;
	char *quoted, *line;
	int rc = 0;

	if (f->reached || conf_includes(&a->conf, f->path) ||
	    conf_includes(&a->conf, real)) {
		rc = 0;
	} else if (a->sys->debian && is_dir(dir)) {
		rc = enable_link(a, f, dir, err);
	} else {
		root = conf_file(&a->conf, a->conf.root_file, err);
		quoted = lex_quote(real);
		line = xasprintf("Include %s", quoted);
		if (root != NULL)
			node_append(root->root, line);
		rc = root == NULL ? -1 : 0;
		apache_note(a, "Added %s to %s", line, a->conf.root_file);
		free(quoted);
		free(line);
	}
	free(dir);
	return rc;
}
