#include <stdlib.h>

#include "account.h"
#include "acme/objects.h"
#include "base/buf.h"
#include "base/safefile.h"
#include "crypto/key.h"
#include "store/account.h"

/* An account that the server knows by the key in FILE (PEM or JWK). */
int
verb_import(struct tool *t, jv *doc, struct err *err)
{
	const char *server = account_server(t, *doc, err);
	const char *file = doc_str_at(t->stage->rest, 1);
	struct acme_session *s;
	jv account = doc_none();
	EVP_PKEY *key;
	char *dir = NULL;
	int rc = -1, found;

	if (server == NULL || (key = key_load(file, err)) == NULL)
		return -1;
	*doc = doc_del(*doc, "account");
	EVP_PKEY_up_ref(key);
	if ((s = acme_session_of(t->acme, doc, key, err)) == NULL)
		goto out;
	if ((found = account_lookup(t, s, &account, err)) == 0)
		err_set(err, ERR_noAccount,
		    "the server knows no account of the key %s; if it is "
		    "another server's, say --server",
		    file);
	if (found != 1)
		goto out;
	dir = account_key_save(t->stage->account_dir, acme_session_server(s),
	    key, err);
	if (dir != NULL &&
	    account_save(dir, doc_str(account, "url"), NULL, err) == 0)
		rc = account_fill(doc, s, account, dir, err);
out:
	EVP_PKEY_free(key);
	doc_free(account);
	free(dir);
	return rc;
}
