/* update and deactivate: POSTs to the account's URL (RFC 8555 7.3.2, 7.3.6). */
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "acme/objects.h"
#include "base/buf.h"
#include "base/safefile.h"
#include "store/account.h"

static int
account_post(struct tool *t, struct acme_session *s, jv payload TAKES,
    jv *object, struct err *err)
{
	struct acme_call call = ACME_CALL_INIT;
	const char *url = acme_session_kid(s);
	int rc;

	call.session = s;
	call.url = url;
	call.flags = ACME_REPEATABLE;
	call.payload = payload;
	rc = acme_call_one(t->acme, &call, err);
	if (rc == 0) {
		doc_move(object,
		    account_check(s, url, doc_take(&call.body), err));
		rc = doc_is(*object, DOC_OBJECT) ? 0 : -1;
	}
	doc_free(payload);
	acme_call_release(&call);
	return rc;
}

static int
fill(jv *doc, struct acme_session *s, jv object, struct err *err)
{
	char *dir = path_dir(doc_str_find(*doc, "account", "key", NULL));
	int rc = account_fill(doc, s, object, dir, err);

	free(dir);
	return rc;
}

int
verb_update(struct tool *t, jv *doc, struct err *err)
{
	struct acme_session *s;
	jv object = doc_none(), payload;
	int rc = -1;

	if ((doc_len(t->emails) > 0) == t->no_contact)
		return err_set(err, ERR_usage,
		    "update needs -m EMAIL or --no-contact, one of them");
	if ((s = account_session(t, doc, err)) == NULL)
		return -1;
	payload = doc_set(doc_object(), "contact", contact_list(t));
	if (account_post(t, s, payload, &object, err) == 0)
		rc = fill(doc, s, object, err);
	doc_free(object);
	return rc;
}

int
verb_deactivate(struct tool *t, jv *doc, struct err *err)
{
	struct acme_session *s = account_session(t, doc, err);
	jv object = doc_none(), payload;
	const char *id;
	int rc;

	if (s == NULL)
		return -1;
	payload = doc_set_str(doc_object(), "status", "deactivated");
	rc = account_post(t, s, payload, &object, err);
	if (rc == 0)
		rc = fill(doc, s, object, err);
	doc_free(object);
	if (rc != 0)
		return -1;
	id = doc_str_find(*doc, "account", "id", NULL);
	return account_remove(t->stage->account_dir, acme_session_server(s), id,
	    err);
}
