#include <stdlib.h>

#include "crypto/jwk.h"
#include "crypto/key.h"
#include "store/account.h"

static int
many_accounts(jv list, const char *server, struct err *err)
{
	static const char *const shown[] = {"id", "created", "host"};
	jv all = doc_array(), entry, row;
	size_t i, k;

	for (i = 0; i < doc_len(list); i++) {
		entry = doc_at(list, i);
		row = doc_object();
		for (k = 0; k < ARRAY_LEN(shown); k++)
			row = doc_set_str(row, shown[k],
			    doc_str(entry, shown[k]));
		all = doc_push(all, row);
		doc_free(entry);
	}
	err_set(err, ERR_manyAccounts,
	    "there are %zu accounts of %s: choose one with --account ID",
	    doc_len(list), server);
	err_member(err, "accounts", all);
	return err_member(err, "option", doc_string("--account"));
}

jv
account_choose(const char *accounts_dir, const char *server, const char *id,
    struct err *err)
{
	jv list, entry = doc_none();

	if (server == NULL || accounts_dir == NULL) {
		err_set(err, ERR_usage, "%s is missing: say which account",
		    server == NULL ? "--server" : "--account-dir");
		return entry;
	}
	if (id != NULL)
		return account_get(accounts_dir, server, id, err);
	list = account_list(accounts_dir, server, 0, err);
	if (!doc_is(list, DOC_ARRAY))
		return entry;
	if (doc_len(list) == 1)
		entry = doc_at(list, 0);
	else if (doc_len(list) > 1)
		many_accounts(list, server, err);
	else
		err_set(err, ERR_noAccount,
		    "there is no account of %s in %s: "
		    "run acme-account register",
		    server, accounts_dir);
	doc_free(list);
	return entry;
}

jv
account_describe(jv entry, struct err *err)
{
	static const char *const kept[] = {"id", "url", "key"};
	EVP_PKEY *key = key_load(doc_str(entry, "key"), err);
	char *thumbprint = key != NULL ? jwk_thumbprint(key, err) : NULL;
	jv account = doc_none();
	size_t i;

	EVP_PKEY_free(key);
	if (thumbprint == NULL)
		return account;
	account = doc_object();
	for (i = 0; i < ARRAY_LEN(kept); i++)
		account = doc_set_str(account, kept[i],
		    doc_str(entry, kept[i]));
	account = doc_set_str(account, "thumbprint", thumbprint);
	free(thumbprint);
	return account;
}

int
account_attach(jv *doc, const char *accounts_dir, const char *server,
    const char *id, struct err *err)
{
	jv entry, account;
	const char *of;

	if (doc_str_find(*doc, "account", "url", NULL) != NULL && id == NULL)
		return 0;
	of = doc_str(*doc, "server") != NULL ? doc_str(*doc, "server") : server;
	entry = account_choose(accounts_dir, of, id, err);
	if (!doc_is(entry, DOC_OBJECT))
		return -1;
	account = account_describe(entry, err);
	doc_free(entry);
	if (!doc_is(account, DOC_OBJECT))
		return -1;
	*doc = doc_set(*doc, "account", account);
	return 0;
}
