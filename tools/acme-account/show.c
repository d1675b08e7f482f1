#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "acme/objects.h"
#include "base/buf.h"
#include "base/safefile.h"
#include "store/account.h"

int
verb_show(struct tool *t, jv *doc, struct err *err)
{
	struct acme_session *s = account_session(t, doc, err);
	jv account = doc_none();
	char *dir;
	int rc;

	if (s == NULL)
		return -1;
	rc = account_lookup(t, s, &account, err);
	if (rc == 0)
		err_set(err, ERR_noAccount,
		    "the server knows no account of the key %s; 'acme-account "
		    "register' makes one",
		    doc_str_find(*doc, "account", "key", NULL));
	if (rc == 1) {
		dir = path_dir(doc_str_find(*doc, "account", "key", NULL));
		rc = account_fill(doc, s, account, dir, err);
		free(dir);
	} else {
		rc = -1;
	}
	doc_free(account);
	return rc;
}

void
verb_list(struct tool *t)
{
	static const char *const more[] = {"created", "host", "registerToEff"};
	struct stage *st = t->stage;
	struct err err = {0};
	jv list, entry, account, doc;
	size_t i, k;

	if (account_server(t, doc_none(), &err) == NULL) {
		stage_fail_first(st, &err);
		return;
	}
	list = account_list(st->account_dir, st->server, 0, &err);
	if (!doc_is(list, DOC_ARRAY))
		stage_fail_first(st, &err);
	for (i = 0; i < doc_len(list); i++) {
		entry = doc_at(list, i);
		doc = doc_set_int(doc_object(), "acme", 1);
		doc = doc_set_str(doc, "server", st->server);
		account = account_describe(entry, &err);
		for (k = 0; k < ARRAY_LEN(more); k++)
			if (doc_is(account, DOC_OBJECT))
				account = doc_set_str(account, more[k],
				    doc_str(entry, more[k]));
		if (doc_is(account, DOC_OBJECT))
			stage_emit(st, doc_set(doc, "account", account));
		else
			stage_fail(st, doc, &err);
		doc_free(entry);
	}
	doc_free(list);
}
