/* account.c - accounts that are there: found, listed, loaded. */
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

jv
account_member(const char *dir, const char *name, struct err *err)
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

jv
account_load(const char *dir, struct err *err)
{
	jv meta = doc_none(), acct = doc_none();
	jv regr = account_member(dir, "regr.json", err);
	char *key_path = path_join(dir, "private_key.json");
	EVP_PKEY *key = NULL;

	if (doc_is(regr, DOC_NONE))
		goto out;
	doc_move(&meta, account_member(dir, "meta.json", err));
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

/* The id that the note in server_dir/name has; malloc'd; NULL: no note. */
static char *
note_of(const char *server_dir, const char *name)
{
	char *dir = path_join(server_dir, name);
	char *path = path_join(dir, ACCOUNT_NOTE), *id = NULL;
	jv note = access(path, F_OK) == 0 ?
	    account_member(dir, ACCOUNT_NOTE, NULL) :
	    doc_none();

	if (doc_str(note, "id") != NULL && account_id_ok(doc_str(note, "id")))
		id = xstrdup(doc_str(note, "id"));
	doc_free(note);
	free(path);
	free(dir);
	return id;
}

/* The id of the whole account in server_dir that has taken the place of id;
 * malloc'd; NULL. */
static char *
account_replacement(const char *server_dir, const char *id)
{
	jv names = account_entries(server_dir);
	char *found = NULL;

	for (size_t i = 0; i < doc_len(names) && found == NULL; i++) {
		const char *name = doc_str_at(names, i);
		char *old = note_of(server_dir, name);
		char *dir = path_join(server_dir, name);
		jv acct = old != NULL && strcmp(old, id) == 0 ?
		    account_load(dir, NULL) :
		    doc_none();

		if (doc_is(acct, DOC_OBJECT))
			found = xstrdup(name);
		doc_free(acct);
		free(dir);
		free(old);
	}
	doc_free(names);
	return found;
}

char *
account_replacing(const char *accounts_dir, const char *server, char **old_id)
{
	char *root = path_absolute(accounts_dir), *found = NULL;
	char *dir = account_server_dir(root, server, NULL);
	jv names = dir != NULL ? account_entries(dir) : doc_array();

	*old_id = NULL;
	for (size_t i = 0; i < doc_len(names) && found == NULL; i++) {
		*old_id = note_of(dir, doc_str_at(names, i));
		if (*old_id != NULL)
			found = path_join(dir, doc_str_at(names, i));
	}
	doc_free(names);
	free(dir);
	free(root);
	return found;
}

static jv
list_dir(const char *dir)
{
	jv names = account_entries(dir), list = doc_array();

	for (size_t i = 0; i < doc_len(names); i++) {
		struct err err = {0};
		char *path = path_join(dir, doc_str_at(names, i));
		char *now = account_replacement(dir, doc_str_at(names, i));
		jv acct = now == NULL ? account_load(path, &err) : doc_none();

		free(now);
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

/* A directory that is closed to us is not one without accounts. */
static int
is_closed(const char *dir, struct err *err)
{
	if (access(dir, R_OK | X_OK) == 0 || errno != EACCES)
		return 0;
	err_sys(err, ERR_permission, EACCES, "cannot look for accounts in '%s'",
	    dir);
	return 1;
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
	if (!is_closed(dir, err))
		list = list_path(root, path);
out:
	free(dir);
	free(root);
	free(path);
	return list;
}

int
account_id_ok(const char *id)
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
	if (account_id_ok(id)) {
		char *server_dir = path_join(root, path);
		char *now = account_replacement(server_dir, id);

		dir = now != NULL ? path_join(server_dir, now) :
				    find_id(root, path, id);
		free(now);
		free(server_dir);
	}
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
