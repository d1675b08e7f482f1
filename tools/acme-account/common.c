#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "acme/objects.h"
#include "base/buf.h"
#include "base/safefile.h"
#include "crypto/key.h"
#include "store/account.h"

EVP_PKEY *
account_new_key(const struct tool *t, struct err *err)
{
	const char *type = t->key_type != NULL ? t->key_type : "rsa";
	struct key_spec spec;

	if (key_spec_parse(type, t->rsa_size, t->curve, &spec, err) != 0)
		return NULL;
	return key_new(&spec, err);
}

jv
contact_list(const struct tool *t)
{
	jv contact = doc_array();
	char *url;
	size_t i;

	for (i = 0; i < doc_len(t->emails); i++) {
		url = xasprintf("mailto:%s", doc_str_at(t->emails, i));
		contact = doc_push_str(contact, url);
		free(url);
	}
	return contact;
}

const char *
account_server(const struct tool *t, jv doc, struct err *err)
{
	const char *server = doc_str(doc, "server");

	if (server == NULL)
		server = t->stage->server;
	if (server == NULL)
		err_set(err, ERR_usage,
		    "no server: give --server URL or set ACME_SERVER");
	return server;
}

struct acme_session *
account_session_unsettled(struct tool *t, jv *doc, struct err *err)
{
	if (account_server(t, *doc, err) == NULL)
		return NULL;
	return acme_session_attached(t->acme, doc, t->account, err);
}

int
account_lookup(struct tool *t, struct acme_session *s, jv *account,
    struct err *err)
{
	struct acme_call call = ACME_CALL_INIT;
	int rc = -1;

	call.session = s;
	call.url = acme_session_url(s, "newAccount");
	call.flags = ACME_JWK | ACME_REPEATABLE;
	call.payload = doc_set_flag(doc_object(), "onlyReturnExisting", 1);
	if (acme_call_one(t->acme, &call, err) == 0) {
		doc_move(account,
		    account_check(s, call.location, doc_take(&call.body), err));
		rc = doc_is(*account, DOC_OBJECT) ? 1 : -1;
	} else if (acme_err_is(err, "accountDoesNotExist")) {
		err_clear(err);
		rc = 0;
	}
	doc_free(call.payload);
	acme_call_release(&call);
	return rc;
}

/* What of the server's object travels: not its copy of the public key, nor
 * the binding to an external account. */
static const char *const travels[] = {"url", "read", "status", "contact",
    "termsOfServiceAgreed", "orders"};

int
account_fill(jv *doc, struct acme_session *s, jv object, const char *dir,
    struct err *err)
{
	jv account = doc_object(), params;
	char *key = path_join(dir, "private_key.json");
	const char *id = path_base(dir);
	size_t i;

	for (i = 0; i < ARRAY_LEN(travels); i++)
		if (doc_has(object, travels[i]))
			account = doc_set(account, travels[i],
			    doc_get(object, travels[i]));
	account = doc_set_str(account, "id", id);
	account = doc_set_str(account, "key", key);
	account = doc_set_str(account, "thumbprint",
	    acme_session_thumbprint(s));
	*doc = doc_set(*doc, "account", account);
	*doc = doc_set_str(*doc, "server", acme_session_server(s));
	*doc = doc_set(*doc, "directory", doc_copy(acme_session_directory(s)));
	params = doc_get_kind(*doc, "renewalparams", DOC_OBJECT);
	if (!doc_is(params, DOC_OBJECT))
		doc_move(&params, doc_object());
	params = doc_set_str(params, "account", id);
	params = doc_set_str(params, "server", acme_session_server(s));
	*doc = doc_set(*doc, "renewalparams", params);
	free(key);
	if (doc_str(object, "url") != NULL)
		return 0;
	return err_set(err, ERR_internal, "an account has no URL");
}
