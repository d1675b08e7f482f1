#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safefile.h"
#include "store/lineage_links.h"
#include "store/lineage_recover.h"
#include "store/lineage_save.h"

static const char readme[] =
    "This directory contains your keys and certificates.\n"
    "\n"
    "`%sprivkey.pem`  : the private key for your certificate.\n"
    "`%sfullchain.pem`: the certificate file used in most server "
    "software.\n"
    "`%schain.pem`    : used for OCSP stapling in Nginx >=1.3.7.\n"
    "`%scert.pem`     : will break many server configurations, and should "
    "not be used\n"
    "                 without reading further documentation (see link "
    "below).\n"
    "\n"
    "WARNING: DO NOT MOVE OR RENAME THESE FILES!\n"
    "         Certbot expects these files to remain in this location in "
    "order\n"
    "         to function properly!\n"
    "\n"
    "We recommend not moving these files. For more information, see the "
    "Certbot\n"
    "User Guide at "
    "https://certbot.eff.org/docs/using.html#where-are-my-certificates.\n";

enum { NUMBER_MAX = 9999 };

static int
write_readme(const char *dir, const char *prefix, struct err *err)
{
	char *path = path_join(dir, "README");
	char *text = xasprintf(readme, prefix, prefix, prefix, prefix);
	int rc = 0;

	if (access(path, F_OK) < 0)
		rc = safefile_write(path, text, strlen(text), 0644,
		    SAFEFILE_UMASK, err);
	free(text);
	free(path);
	return rc;
}

static int
make_parents(const char *config_dir, struct err *err)
{
	static const struct {
		const char *name;
		mode_t mode;
	} dirs[] = {{"renewal", 0755}, {"archive", 0700}, {"live", 0700}};
	char *dir;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(dirs) && rc == 0; i++) {
		dir = path_join(config_dir, dirs[i].name);
		rc = safefile_mkdirs(dir, safefile_masked(dirs[i].mode), err);
		if (rc == 0 && !strcmp(dirs[i].name, "live"))
			rc = write_readme(dir, "[cert name]/", err);
		free(dir);
	}
	return rc;
}

/* wanted, or the first wanted-NNNN that no renewal file has; malloc'd. */
static char *
free_name(const char *config_dir, const char *wanted, struct err *err)
{
	struct stat st;
	char *name, *path;
	int rc;

	for (int i = 0; i <= NUMBER_MAX; i++) {
		name = i ? xasprintf("%s-%04d", wanted, i) : xstrdup(wanted);
		path = renewal_path(config_dir, name);
		rc = lstat(path, &st);
		free(path);
		if (rc < 0)
			return name;
		free(name);
	}
	err_set(err, ERR_cannotCreate, "too many certificates are named '%s'",
	    wanted);
	return NULL;
}

/* CONFIG/WHAT/NAME must not be there, or be an empty directory. */
static int
check_free(const char *config_dir, const char *what, const char *name,
    struct err *err)
{
	char *path = xasprintf("%s/%s/%s", config_dir, what, name);
	int rc = 0;

	if (rmdir(path) < 0 && errno != ENOENT)
		rc = err_set(err, ERR_cannotCreate,
		    "%s directory exists for %s", what, name);
	free(path);
	return rc;
}

static int
make_dir(const char *path, struct err *err)
{
	if (mkdir(path, 0777) < 0 || chmod(path, safefile_masked(0777)) < 0)
		return err_sys(err, ERR_cannotCreate, errno,
		    "cannot create '%s'", path);
	return 0;
}

/* archive/.NAME.new and live/.NAME.new, whole and flushed. */
static int
build(const struct renewal *r, const struct staging *s,
    const struct lineage_files *f, struct err *err)
{
	char *live = path_dir(r->live[KIND_CERT]);
	char *up = path_relative(live, r->archive_dir), *text, *path;
	int rc = -1;

	if (make_dir(s->archive_new, err) < 0 ||
	    version_write(s->archive_new, 1, f, NULL, err) < 0 ||
	    make_dir(s->live_new, err) < 0)
		goto out;
	for (int k = 0; k < KIND_COUNT; k++) {
		text = xasprintf("%s/%s1.pem", up, kind_names[k]);
		path = xasprintf("%s/%s.pem", s->live_new, kind_names[k]);
		rc = safefile_link(text, path, err);
		free(path);
		free(text);
		if (rc < 0)
			goto out;
	}
	rc = write_readme(s->live_new, "", err);
	if (rc == 0)
		rc = safefile_sync_dir(s->live_new, err);
out:
	free(up);
	free(live);
	return rc;
}

/* The last step makes the lineage one that is listed. */
static int
publish(const struct renewal *r, const struct staging *s, struct err *err)
{
	if (renewal_write(r, s->conf_new, err) < 0 ||
	    safefile_rename(s->archive_new, s->archive, err) < 0 ||
	    safefile_rename(s->live_new, s->live, err) < 0)
		return -1;
	if (safefile_rename(s->conf_new, s->conf, err) == 0)
		return 0;
	/* renamed but not flushed: back, so that it can be undone */
	if (access(s->conf_new, F_OK) < 0 && errno == ENOENT)
		rename(s->conf, s->conf_new);
	return -1;
}

int
lineage_new(struct lineage *l, const char *config_dir, const char *wanted,
    const struct lineage_files *f, jv params, jv tools, struct err *err)
{
	struct renewal r = {0};
	struct staging s = {0};
	char *name = NULL;
	int rc = -1;

	memset(l, 0, sizeof(*l));
	if (renewal_name_check(wanted, err) < 0 ||
	    make_parents(config_dir, err) < 0 ||
	    !(name = free_name(config_dir, wanted, err)))
		goto out;
	staging_init(&s, config_dir, name);
	renewal_new(&r, config_dir, name);
	if (check_free(config_dir, "archive", name, err) < 0 ||
	    check_free(config_dir, "live", name, err) < 0 ||
	    renewal_set(&r, params, tools, err) < 0)
		goto out;
	rc = build(&r, &s, f, err);
	if (rc == 0)
		rc = publish(&r, &s, err);
	if (rc < 0)
		staging_undo(&s, NULL);
out:
	renewal_release(&r);
	staging_release(&s);
	if (rc == 0)
		rc = lineage_open(l, config_dir, name, LINEAGE_LOCKED, err);
	free(name);
	return rc < 0 ? err_prefix(err, "cannot save '%s'", wanted) : 0;
}
