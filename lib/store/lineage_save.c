#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/safefile.h"
#include "crypto/key.h"
#include "store/lineage_links.h"
#include "store/lineage_save.h"

static const char logger[] = "certbot._internal.storage";

enum { PRUNE_MAX = 10000 }; /* numbers looked at */

static char *
version_path(const char *dir, int kind, long version)
{
	return xasprintf("%s/%s%ld.pem", dir, kind_names[kind], version);
}

/* Group and wider mode of the version before: spec 1.7, step 2. */
static int
lend_mode(const char *path, const char *prior, struct err *err)
{
	struct stat st;

	if (!prior || stat(prior, &st) < 0)
		return 0;
	if (chown(path, (uid_t)-1, st.st_gid) < 0)
		return err_sys(err, ERR_cannotCreate, errno,
		    "cannot give '%s' the group of '%s'", path, prior);
	if (chmod(path, 0600 | (st.st_mode & 0074)) < 0)
		return err_sys(err, ERR_cannotCreate, errno,
		    "cannot give '%s' the mode of '%s'", path, prior);
	return 0;
}

static int
write_key(const char *path, EVP_PKEY *key, const char *prior, struct err *err)
{
	struct buf pem;
	int rc = -1;

	buf_init(&pem, FILE_TEXT_MAX);
	if (key_pem(key, &pem, err) == 0 &&
	    safefile_write(path, pem.p, pem.len, 0600, SAFEFILE_EXCLUSIVE,
		err) == 0)
		rc = lend_mode(path, prior, err);
	buf_release(&pem);
	return rc;
}

static int
write_text(const char *dir, int kind, long version, const char *a,
    const char *b, struct err *err)
{
	char *path = version_path(dir, kind, version);
	char *text = xasprintf("%s%s", a, b);
	int rc = safefile_write(path, text, strlen(text), 0666,
	    SAFEFILE_UMASK | SAFEFILE_EXCLUSIVE, err);

	free(text);
	free(path);
	return rc;
}

void
version_remove(const char *dir, long version)
{
	char *path;

	for (int k = 0; k < KIND_COUNT; k++) {
		path = version_path(dir, k, version);
		if (unlink(path) < 0 && errno != ENOENT)
			log_debug(logger, "Failed to clean up %s", path);
		free(path);
	}
}

int
version_write(const char *dir, long version, const struct lineage_files *f,
    const char *prior_key, struct err *err)
{
	char *path = version_path(dir, KIND_PRIVKEY, version);
	int rc = write_key(path, f->key, prior_key, err);

	if (rc == 0)
		rc = write_text(dir, KIND_CERT, version, f->cert, "", err);
	if (rc == 0)
		rc = write_text(dir, KIND_CHAIN, version, f->chain, "", err);
	if (rc == 0)
		rc = write_text(dir, KIND_FULLCHAIN, version, f->cert, f->chain,
		    err);
	if (rc == 0)
		rc = safefile_sync_dir(dir, err);
	if (rc < 0)
		version_remove(dir, version);
	free(path);
	return rc;
}

/* certbot counts by the certificates' files. */
static void
prune(const struct lineage *l)
{
	const char *dir = l->conf.archive_dir;
	long v = l->latest - LINEAGE_KEEP - 1;
	long end = v > PRUNE_MAX ? v - PRUNE_MAX : 0;
	char *path;

	for (; v > end; v--) {
		path = version_path(dir, KIND_CERT, v);
		if (access(path, F_OK) == 0)
			version_remove(dir, v);
		free(path);
	}
}

/* The file's text as it is, to be written back when the rest fails. */
static int
restore_conf(const struct renewal *r, const struct buf *text)
{
	return safefile_write(r->path, text->p ? text->p : "", text->len, 0644,
	    SAFEFILE_KEEP_MODE | SAFEFILE_UMASK, NULL);
}

/* Does a link lead to the version, or could a recovery still decide so? */
static int
in_use(const struct lineage *l, long version)
{
	char *target[KIND_COUNT] = {NULL}, *path;
	int used = links_moving(&l->conf);

	if (!used && links_read(&l->conf, target, NULL) == 0)
		for (int k = 0; k < KIND_COUNT; k++) {
			path = version_path(l->conf.archive_dir, k, version);
			used |= !strcmp(target[k], path);
			free(path);
		}
	for (int k = 0; k < KIND_COUNT; k++)
		free(target[k]);
	return used;
}

/* Renewal file, then links: the order of certbot. On failure both are as
 * before, and the version is removed. */
static int
put_in_force(struct lineage *l, long version, struct err *err)
{
	struct buf before;
	int rc, written = 0;

	buf_init(&before, FILE_TEXT_MAX);
	rc = safefile_read(l->conf.path, &before, err);
	if (rc == 0) {
		written = 1;
		rc = renewal_write(&l->conf, NULL, err);
	}
	if (rc == 0)
		rc = lineage_deploy(l, version, err);
	if (rc < 0 && !in_use(l, version)) {
		version_remove(l->conf.archive_dir, version);
		if (written && restore_conf(&l->conf, &before) < 0)
			log_warning(logger,
			    "%s keeps options of a certificate that could not "
			    "be put in place",
			    l->conf.path);
	}
	buf_release(&before);
	return rc;
}

int
lineage_successor(struct lineage *l, const struct lineage_files *f, jv params,
    jv tools, struct err *err)
{
	const char *dir = l->conf.archive_dir;
	long version = l->highest + 1;
	char *prior = version_path(dir, KIND_PRIVKEY, l->latest);
	int rc = -1;

	if (renewal_set(&l->conf, params, tools, err) < 0)
		goto out;
	if (version_write(dir, version, f, prior, err) < 0)
		goto out;
	rc = put_in_force(l, version, err);
	if (rc == 0)
		prune(l);
out:
	free(prior);
	return rc < 0 ? err_prefix(err, "cannot save '%s'", l->conf.name) : 0;
}

int
lineage_holds(const struct lineage *l, long version,
    const struct lineage_files *f)
{
	char *path = version < 1 ? NULL :
				   lineage_file(l, KIND_FULLCHAIN, version);
	char *want = xasprintf("%s%s", f->cert, f->chain);
	struct buf b;
	int same;

	buf_init(&b, FILE_TEXT_MAX);
	same = path && safefile_read(path, &b, NULL) == 0 &&
	    b.len == strlen(want) && !memcmp(b.p, want, b.len);
	buf_release(&b);
	free(want);
	free(path);
	return same;
}
