#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/safefile.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "store/lineage_links.h"
#include "store/lineage_recover.h"
#include "store/lineage_save.h"

static const char logger[] = "certbot._internal.storage";

int
lineage_fix(struct lineage *l, struct err *err)
{
	char *live, *up, *text;
	int rc = 0;

	for (int k = 0; k < KIND_COUNT && rc == 0; k++) {
		live = path_dir(l->conf.live[k]);
		up = path_relative(live, l->conf.archive_dir);
		text = path_join(up, path_base(l->target[k]));
		rc = safefile_link(text, l->conf.live[k], err);
		if (rc == 0)
			rc = safefile_sync_dir(live, err);
		free(text);
		free(up);
		free(live);
	}
	return rc;
}

static int
key_fits(const struct lineage *l, const struct lineage_texts *t,
    struct err *err)
{
	const struct buf *pem = &t->text[KIND_PRIVKEY];
	struct err why = {0};
	EVP_PKEY *key = key_read(pem->p ? pem->p : "", pem->len, &why);
	int fits = key && cert_matches_key(t->text[KIND_CERT].p, key);

	if (!fits)
		err_set(err, ERR_brokenLineage,
		    "verifying the certificate located at %s matches the "
		    "private key located at %s has failed. Details: %s",
		    l->conf.live[KIND_CERT], l->conf.live[KIND_PRIVKEY],
		    key ? "key values mismatch" : err_text(&why));
	EVP_PKEY_free(key);
	err_clear(&why);
	return fits ? 0 : -1;
}

int
lineage_verify(const struct lineage *l, const struct lineage_texts *t,
    struct err *err)
{
	const struct buf *cert = &t->text[KIND_CERT];
	const struct buf *chain = &t->text[KIND_CHAIN];
	const struct buf *full = &t->text[KIND_FULLCHAIN];
	struct err why = {0};

	if (cert_verify_issuer(cert->p ? cert->p : "", chain->p ? chain->p : "",
		&why) < 0) {
		err_set(err, ERR_brokenLineage,
		    "verifying the signature of the certificate located "
		    "at %s has failed. Details: %s",
		    l->conf.live[KIND_CERT], err_text(&why));
		err_clear(&why);
		return -1;
	}
	if (full->len != cert->len + chain->len ||
	    memcmp(full->p, cert->p, cert->len) != 0 ||
	    memcmp(full->p + cert->len, chain->p, chain->len) != 0)
		return err_set(err, ERR_brokenLineage,
		    "fullchain does not match cert + chain for %s!",
		    l->conf.name);
	return key_fits(l, t, err);
}

/* Is path strictly below dir? */
static int
below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && path[n] == '/' && path[n + 1];
}

static void
remove_links(const struct renewal *r)
{
	char *dir = path_dir(r->live[KIND_CERT]), *other, *file;
	int together = 1;

	for (int k = 0; k < KIND_COUNT; k++) {
		if (unlink(r->live[k]) < 0)
			log_debug(logger, "Unable to delete %s", r->live[k]);
		other = path_dir(r->live[k]);
		together = together && !strcmp(other, dir);
		free(other);
	}
	if (together) {
		file = path_join(dir, "README");
		unlink(file);
		free(file);
		if (rmdir(dir) < 0)
			log_debug(logger, "Unable to remove %s", dir);
	}
	free(dir);
}

/* A directory outside of ours is not removed with what else may be in it:
 * only our files, and the directory if it is empty then. */
static void
remove_archive(const struct lineage *l, const char *config_dir)
{
	const char *dir = l->conf.archive_dir;

	if (below(dir, config_dir)) {
		safefile_remove_tree(dir, NULL);
		return;
	}
	store_clear_temporary(dir);
	for (long v = l->highest; v > 0; v--)
		version_remove(dir, v);
	rmdir(dir);
}

/* From here on there is no such lineage; lineage_recover finds what is under
 * way. */
static int
retire_conf(const struct renewal *r, const char *retired, struct err *err)
{
	if (rename(r->path, retired) < 0)
		return err_sys(err, ERR_ioError, errno, "cannot remove '%s'",
		    r->path);
	log_info(logger, "Removed %s", r->path);
	return safefile_sync_parent(r->path, err);
}

/* The links last: they tell where versions are. */
static void
remove_files(const struct lineage *l, const char *config_dir,
    const char *retired)
{
	remove_archive(l, config_dir);
	remove_links(&l->conf);
	unlink(retired);
}

/* Does it know where its files are, open or not? */
static int
is_known(const struct lineage *l)
{
	return l->conf.live[KIND_COUNT - 1] != NULL;
}

void
lineage_delete_rest(const char *config_dir, const char *name)
{
	char *retired = lineage_retired(config_dir, name);
	struct lineage l;

	(void)lineage_open_from(&l, config_dir, name, retired,
	    LINEAGE_LOCKED | LINEAGE_ANY_TARGET, NULL);
	if (is_known(&l))
		remove_files(&l, config_dir, retired);
	lineage_release(&l);
	free(retired);
}

int
lineage_delete(const char *config_dir, const char *name, struct err *err)
{
	char *retired = lineage_retired(config_dir, name);
	struct lineage l;
	struct err why = {0};
	int rc = -1;

	(void)lineage_open(&l, config_dir, name,
	    LINEAGE_LOCKED | LINEAGE_ANY_TARGET, &why);
	if (is_known(&l)) {
		rc = retire_conf(&l.conf, retired, err);
		if (rc == 0)
			remove_files(&l, config_dir, retired);
	} else if (why.name == ERR_brokenLineage) {
		log_error(logger,
		    "Could not parse %s. You may wish to manually delete "
		    "the contents of %s/live/%s and %s/archive/%s.",
		    l.conf.path, config_dir, name, config_dir, name);
		if (retire_conf(&l.conf, retired, err) == 0) {
			unlink(retired);
			err_move(err, &why);
		}
	} else if (err) {
		err_move(err, &why);
	}
	err_clear(&why);
	lineage_release(&l);
	free(retired);
	return rc;
}
