#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/safefile.h"
#include "crypto/jwk.h"
#include "crypto/key.h"
#include "store/account.h"
#include "store/account_dir.h"

static const char logger[] = "certbot._internal.account";

enum { WALK_DEPTH_MAX = 12 };

static int
has_thumbprint(EVP_PKEY *key, const char *thumbprint)
{
	char *got = jwk_thumbprint(key, NULL);
	int same = got && !strcmp(got, thumbprint);

	free(got);
	return same;
}

/* Search dir and what is below it for the key; *path is its file. */
static EVP_PKEY *
find_key(const char *dir, const char *thumbprint, int depth, char **path)
{
	char *file = path_join(dir, "private_key.json"), *sub;
	EVP_PKEY *key = NULL;
	jv names = doc_array();

	if (access(file, F_OK) == 0) {
		key = key_load(file, NULL);
		if (key && has_thumbprint(key, thumbprint)) {
			*path = file;
			file = NULL;
			goto out;
		}
		EVP_PKEY_free(key);
		key = NULL;
		goto out;
	}
	if (depth < WALK_DEPTH_MAX)
		doc_move(&names, account_entries(dir));
	for (size_t i = 0; i < doc_len(names) && !key; i++) {
		sub = path_join(dir, doc_str_at(names, i));
		if (account_is_dir(sub))
			key = find_key(sub, thumbprint, depth + 1, path);
		free(sub);
	}
out:
	doc_free(names);
	free(file);
	return key;
}

/* The document's own path, for a key that is the one it speaks of. */
static EVP_PKEY *
key_of_path(jv doc, const char *thumbprint, char **path, struct err *err)
{
	const char *file = doc_str_find(doc, "account", "key", NULL);
	EVP_PKEY *key;

	if (!file) {
		err_set(err, ERR_noAccount,
		    "the document names no account key; run acme-account "
		    "register before this, or give --account-dir");
		return NULL;
	}
	if (!(key = key_load(file, err))) {
		err_prefix(err,
		    "account key (--account-dir says where to look)");
		return NULL;
	}
	if (thumbprint && !has_thumbprint(key, thumbprint)) {
		EVP_PKEY_free(key);
		err_set(err, ERR_noAccount,
		    "'%s' is not the key of the document's account", file);
		return NULL;
	}
	*path = xstrdup(file);
	return key;
}

EVP_PKEY *
account_key_for(jv doc, const char *accounts_dir, char **path, struct err *err)
{
	const char *thumbprint = doc_str_find(doc, "account", "thumbprint",
	    NULL);
	char *file = NULL;
	EVP_PKEY *key = NULL;
	struct stat st;

	if (accounts_dir && thumbprint)
		key = find_key(accounts_dir, thumbprint, 0, &file);
	if (!key)
		key = key_of_path(doc, thumbprint, &file, err);
	if (key && stat(file, &st) == 0 && (st.st_mode & 077))
		log_warning(logger,
		    "the account key '%s' can be read by others; run "
		    "chmod 600 on it",
		    file);
	if (path)
		*path = file;
	else
		free(file);
	return key;
}
