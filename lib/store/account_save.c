/* account_save.c - an account's directory is made, changed, removed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/safefile.h"
#include "base/stage.h"
#include "crypto/jwk.h"
#include "crypto/key.h"
#include "store/account.h"
#include "store/account_dir.h"

static const char *const meta_order[] = {"creation_dt", "creation_host",
    "register_to_eff", NULL};
static const char *const regr_order[] = {"body", "uri", NULL};

/* Is the same key in the file already? */
static int
holds_key(const char *path, EVP_PKEY *key, struct err *err)
{
	EVP_PKEY *old = key_load(path, err);
	int same = old && key_same(old, key);

	if (old && !same)
		err_set(err, ERR_cannotCreate,
		    "'%s' holds another key; move it away", path);
	EVP_PKEY_free(old);
	return same;
}

static int
write_key(const char *dir, EVP_PKEY *key, struct err *err)
{
	char *path = path_join(dir, "private_key.json");
	char *text = NULL;
	int rc = -1;

	if (access(path, F_OK) == 0) {
		rc = holds_key(path, key, err) ? 0 : -1;
		goto out;
	}
	if (!(text = jwk_private_text(key, err)))
		goto out;
	rc = safefile_write(path, text, strlen(text), 0400, SAFEFILE_EXCLUSIVE,
	    err);
out:
	if (text)
		wipe_free(text, strlen(text));
	free(path);
	return rc;
}

/* The directory parent/ID of key, with private_key.json in it. */
static char *
key_dir(const char *parent, EVP_PKEY *key, struct err *err)
{
	char *id = jwk_account_id(key, err), *dir = NULL;

	if (!id)
		return NULL;
	dir = path_join(parent, id);
	if (safefile_mkdirs(dir, 0700, err) < 0 ||
	    write_key(dir, key, err) < 0 ||
	    safefile_sync_dir(parent, err) < 0) {
		(void)rmdir(dir); /* if nothing is in it */
		free(dir);
		dir = NULL;
	}
	free(id);
	return dir;
}

char *
account_key_save(const char *accounts_dir, const char *server, EVP_PKEY *key,
    struct err *err)
{
	char *root = path_absolute(accounts_dir);
	char *server_dir = account_server_dir(root, server, err), *dir = NULL;

	if (server_dir)
		dir = key_dir(server_dir, key, err);
	free(server_dir);
	free(root);
	return dir;
}

static int
write_json(const char *dir, const char *name, jv v, const char *const *order,
    struct err *err)
{
	char *path = path_join(dir, name), *text = doc_text_python(v, order);
	int rc = safefile_write(path, text, strlen(text), 0644,
	    SAFEFILE_UMASK | SAFEFILE_KEEP_MODE, err);

	free(text);
	free(path);
	return rc;
}

static jv
new_meta(void)
{
	char host[256] = "";
	char *now = time_text(time(NULL));
	jv meta = doc_set_str(doc_object(), "creation_dt", now);

	if (gethostname(host, sizeof(host) - 1) < 0 || !host[0])
		snprintf(host, sizeof(host), "localhost");
	free(now);
	return doc_set(meta, "creation_host", doc_stringn(host, strlen(host)));
}

static int
save_meta(const char *dir, const char *eff, int keep_eff, struct err *err)
{
	char *path = path_join(dir, "meta.json");
	jv meta;
	int rc = -1;

	meta = access(path, F_OK) == 0 ? account_member(dir, "meta.json", err) :
					 new_meta();
	if (doc_is(meta, DOC_NONE))
		goto out;
	if (eff)
		meta = doc_set_str(meta, "register_to_eff", eff);
	else if (!keep_eff)
		meta = doc_del(meta, "register_to_eff");
	rc = write_json(dir, "meta.json", meta, meta_order, err);
out:
	doc_free(meta);
	free(path);
	return rc;
}

int
account_save(const char *dir, const char *url, const char *eff, struct err *err)
{
	jv regr;
	int rc;

	if (save_meta(dir, eff, 1, err) < 0)
		return -1;
	regr = doc_set(doc_object(), "body", doc_object());
	regr = doc_set_str(regr, "uri", url);
	rc = write_json(dir, "regr.json", regr, regr_order, err);
	doc_free(regr);
	return rc;
}

int
account_set_eff(const char *dir, const char *eff, struct err *err)
{
	return save_meta(dir, eff, 0, err);
}

int
account_mark_replacing(const char *dir, const char *old_id, struct err *err)
{
	jv note = doc_set_str(doc_object(), "id", old_id);
	int rc = write_json(dir, ACCOUNT_NOTE, note, regr_order, err);

	doc_free(note);
	return rc;
}

int
account_unmark(const char *dir, struct err *err)
{
	char *path = path_join(dir, ACCOUNT_NOTE);
	int rc = unlink(path) == 0 || errno == ENOENT ?
	    safefile_sync_dir(dir, err) :
	    err_sys(err, ERR_cannotCreate, errno, "cannot remove '%s'", path);

	free(path);
	return rc;
}

char *
account_replace_key(const char *dir, EVP_PKEY *key, struct err *err)
{
	char *parent = path_dir(dir), *to = NULL;
	jv acct = account_load(dir, err), meta = doc_none();
	int done = 0;

	if (doc_is(acct, DOC_NONE))
		goto out;
	doc_move(&meta, account_member(dir, "meta.json", err));
	if (doc_is(meta, DOC_NONE) || !(to = key_dir(parent, key, err)))
		goto out;
	if (!strcmp(to, dir)) {
		done = 1;
		goto out;
	}
	done = account_mark_replacing(to, path_base(dir), err) == 0 &&
	    write_json(to, "meta.json", meta, meta_order, err) == 0 &&
	    account_save(to, doc_str(acct, "url"), NULL, err) == 0 &&
	    safefile_remove_tree(dir, err) == 0 &&
	    safefile_sync_dir(parent, err) == 0;
out:
	if (!done) {
		free(to);
		to = NULL;
	}
	doc_free(meta);
	doc_free(acct);
	free(parent);
	return to;
}

int
account_remove(const char *accounts_dir, const char *server, const char *id,
    struct err *err)
{
	char *path = account_server_path(server, err);
	char *root = path_absolute(accounts_dir), *dir = NULL, *real = NULL;
	char *server_dir = NULL;
	int rc = -1;

	if (!path)
		goto out;
	server_dir = path_join(root, path);
	dir = path_join(server_dir, id);
	if (!account_id_ok(id) || !account_is_dir(dir)) {
		err_set(err, ERR_noAccount, "Account at %s does not exist",
		    dir);
		goto out;
	}
	real = account_unlink_chain(root, path, id);
	if (safefile_remove_tree(real, err) < 0)
		goto out;
	rc = safefile_sync_parent(real, err);
	if (account_dir_empty(server_dir)) {
		free(real);
		real = account_unlink_chain(root, path, NULL);
		rmdir(real);
	}
out:
	free(server_dir);
	free(real);
	free(dir);
	free(root);
	free(path);
	return rc;
}
