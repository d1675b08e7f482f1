#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/safefile.h"
#include "base/stage.h"
#include "crypto/jwk.h"
#include "crypto/key.h"
#include "store/account.h"
#include "store/account_dir.h"

static const char logger[] = "certbot._internal.account";
static const char *const meta_order[] = {"creation_dt", "creation_host",
    "register_to_eff", NULL};
static const char *const regr_order[] = {"body", "uri", NULL};

enum { ID_TEXT_MAX = 128 };

char *
account_server_dir(const char *accounts_dir, const char *server,
    struct err *err)
{
	char *path = account_server_path(server, err), *dir = NULL;

	if (path)
		dir = path_join(accounts_dir, path);
	free(path);
	return dir;
}

static jv
read_member_file(const char *dir, const char *name, struct err *err)
{
	char *path = path_join(dir, name);
	jv v = doc_read_file(path, err);

	if (doc_is(v, DOC_NONE))
		goto out;
	if (!doc_is(v, DOC_OBJECT)) {
		err_set(err, ERR_badData, "'%s' holds no JSON object", path);
		doc_move(&v, doc_none());
	}
out:
	free(path);
	return v;
}

/* The account in dir, whose three files must load. */
static jv
account_load(const char *dir, struct err *err)
{
	jv meta = doc_none(), acct = doc_none();
	jv regr = read_member_file(dir, "regr.json", err);
	char *key_path = path_join(dir, "private_key.json");
	EVP_PKEY *key = NULL;

	if (doc_is(regr, DOC_NONE))
		goto out;
	doc_move(&meta, read_member_file(dir, "meta.json", err));
	if (doc_is(meta, DOC_NONE))
		goto out;
	if (!doc_str(regr, "uri")) {
		err_set(err, ERR_badData, "'%s/regr.json' has no \"uri\"", dir);
		goto out;
	}
	if (!(key = key_load(key_path, err)))
		goto out;
	acct = doc_object();
	acct = doc_set_str(acct, "id", path_base(dir));
	acct = doc_set_str(acct, "dir", dir);
	acct = doc_set_str(acct, "key", key_path);
	acct = doc_set_str(acct, "url", doc_str(regr, "uri"));
	acct = doc_set_str(acct, "created", doc_str(meta, "creation_dt"));
	acct = doc_set_str(acct, "host", doc_str(meta, "creation_host"));
	acct = doc_set_str(acct, "registerToEff",
	    doc_str(meta, "register_to_eff"));
out:
	EVP_PKEY_free(key);
	free(key_path);
	doc_free(meta);
	doc_free(regr);
	return acct;
}

static jv
list_dir(const char *dir)
{
	jv names = account_entries(dir), list = doc_array();

	for (size_t i = 0; i < doc_len(names); i++) {
		struct err err = {0};
		char *path = path_join(dir, doc_str_at(names, i));
		jv acct = account_load(path, &err);

		if (doc_is(acct, DOC_NONE))
			log_debug(logger, "Account loading problem: %s",
			    err_text(&err));
		else
			list = doc_push(list, doc_copy(acct));
		doc_free(acct);
		err_clear(&err);
		free(path);
	}
	doc_free(names);
	return list;
}

/* list_dir of the server's path; of the older server's when there is none. */
static jv
list_path(const char *accounts_dir, const char *server_path)
{
	char *dir = path_join(accounts_dir, server_path), *older_dir = NULL;
	const char *older = account_older_path(server_path);
	jv list = list_dir(dir), old;
	struct err err = {0};

	if (doc_len(list) > 0 || !older)
		goto out;
	old = list_path(accounts_dir, older);
	if (doc_len(old) == 0) {
		doc_free(old);
		goto out;
	}
	doc_free(old);
	older_dir = path_join(accounts_dir, older);
	if (account_link_server(older_dir, dir, &err) == 0)
		doc_move(&list, list_dir(dir));
	else
		log_debug(logger, "%s", err_text(&err));
out:
	err_clear(&err);
	free(older_dir);
	free(dir);
	return list;
}

jv
account_list(const char *accounts_dir, const char *server, int make,
    struct err *err)
{
	char *path = account_server_path(server, err);
	char *root = path_absolute(accounts_dir), *dir = NULL;
	jv list = doc_none();

	if (!path)
		goto out;
	dir = path_join(root, path);
	if (make && safefile_mkdirs(dir, 0700, err) < 0)
		goto out;
	list = list_path(root, path);
out:
	free(dir);
	free(root);
	free(path);
	return list;
}

static int
id_ok(const char *id)
{
	return id[0] && id[0] != '.' && !strchr(id, '/') &&
	    strlen(id) <= ID_TEXT_MAX;
}

/* Directory of an account that exists; links are made as spec 1.3 says. */
static char *
find_id(const char *root, const char *server_path, const char *id)
{
	char *server_dir = path_join(root, server_path), *old;
	char *dir = path_join(server_dir, id);
	const char *older = account_older_path(server_path);
	struct err err = {0};

	if (!account_is_dir(dir)) {
		old = older ? find_id(root, older, id) : NULL;
		if (!old ||
		    (account_is_dir(server_dir) &&
			account_link_one(old, server_dir, id, &err) < 0))
			log_debug(logger, "%s", err_text(&err));
		if (!old || !account_is_dir(dir)) {
			free(dir);
			dir = old ? xstrdup(old) : NULL;
		}
		free(old);
	}
	err_clear(&err);
	free(server_dir);
	return dir;
}

jv
account_get(const char *accounts_dir, const char *server, const char *id,
    struct err *err)
{
	char *path = account_server_path(server, err);
	char *root = path_absolute(accounts_dir), *dir = NULL;
	jv acct = doc_none();

	if (!path)
		goto out;
	if (id_ok(id))
		dir = find_id(root, path, id);
	if (dir)
		acct = account_load(dir, err);
	else
		err_set(err, ERR_noAccount,
		    "Account at %s/%s/%s does not exist", root, path, id);
out:
	free(dir);
	free(root);
	free(path);
	return acct;
}

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

	meta = access(path, F_OK) == 0 ?
	    read_member_file(dir, "meta.json", err) :
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

static int
is_unfinished(const char *dir)
{
	char *regr = path_join(dir, "regr.json");
	char *key_path = path_join(dir, "private_key.json");
	EVP_PKEY *key = NULL;
	int found = 0;

	if (access(regr, F_OK) < 0 && errno == ENOENT) {
		key = key_load(key_path, NULL);
		found = key != NULL;
	}
	EVP_PKEY_free(key);
	free(key_path);
	free(regr);
	return found;
}

char *
account_unfinished(const char *accounts_dir, const char *server)
{
	char *root = path_absolute(accounts_dir), *found = NULL;
	char *dir = account_server_dir(root, server, NULL);
	jv names = dir ? account_entries(dir) : doc_array();

	for (size_t i = 0; i < doc_len(names) && !found; i++) {
		found = path_join(dir, doc_str_at(names, i));
		if (!is_unfinished(found)) {
			free(found);
			found = NULL;
		}
	}
	doc_free(names);
	free(dir);
	free(root);
	return found;
}

char *
account_replace_key(const char *dir, EVP_PKEY *key, struct err *err)
{
	char *parent = path_dir(dir), *to = NULL;
	jv acct = account_load(dir, err), meta = doc_none();
	int done = 0;

	if (doc_is(acct, DOC_NONE))
		goto out;
	doc_move(&meta, read_member_file(dir, "meta.json", err));
	if (doc_is(meta, DOC_NONE) || !(to = key_dir(parent, key, err)))
		goto out;
	if (!strcmp(to, dir)) {
		done = 1;
		goto out;
	}
	done = write_json(to, "meta.json", meta, meta_order, err) == 0 &&
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
	if (!id_ok(id) || !account_is_dir(dir)) {
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
