#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "account.h"
#include "acme/objects.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/safefile.h"
#include "base/stage.h"
#include "crypto/key.h"
#include "store/account.h"

#define LOGGER "certbot._internal.account"
enum { TRIES = 3 };

struct registration {
	struct tool *tool;
	const char *server; /* borrowed */
	jv directory;
	struct acme_session *session;
	char *dir; /* of the account on disk */
	int fresh; /* the key was made now */
	int sent;  /* the CA may know it */
};

/* The account that is there: nothing is asked but the directory. */
static int
use_account(struct tool *t, jv *doc, jv entry, struct err *err)
{
	struct acme_session *s;
	EVP_PKEY *key;
	jv object;
	char *dir;
	int rc = -1;

	if (t->only_new)
		return err_set(err, ERR_accountExists,
		    "there is an account of this server already: %s; it is "
		    "used without --only-new",
		    doc_str(entry, "dir"));
	if ((key = key_load(doc_str(entry, "key"), err)) == NULL)
		return -1;
	*doc = doc_set(*doc, "account", doc_object());
	*doc = doc_set_str(*doc, "server", account_server(t, *doc, err));
	object = doc_set_str(doc_object(), "url", doc_str(entry, "url"));
	dir = xstrdup(doc_str(entry, "dir"));
	s = acme_session_of(t->acme, doc, key, err);
	if (s != NULL)
		rc = account_fill(doc, s, object, dir, err);
	doc_free(object);
	free(dir);
	return rc;
}

static int
terms_check(const struct tool *t, jv directory, struct err *err)
{
	const char *url = doc_str_find(directory, "meta", "termsOfService",
	    NULL);

	if (url == NULL || *url == '\0' || t->agree_tos)
		return 0;
	err_set(err, ERR_termsOfService,
	    "the server has terms of service: "
	    "read them at %s and give --agree-tos to agree",
	    url);
	err_member(err, "url", doc_stringn(url, strlen(url)));
	return err_member(err, "option", doc_string("--agree-tos"));
}

static int
binding_check(const struct tool *t, jv directory, struct err *err)
{
	jv meta = doc_get_kind(directory, "meta", DOC_OBJECT);
	int needed = doc_flag(meta, "externalAccountRequired", 0);

	doc_free(meta);
	if (!needed || t->eab_kid != NULL)
		return 0;
	err_set(err, ERR_externalAccountRequired,
	    "the server requires an "
	    "external account: give --eab-kid and --eab-hmac-key-file");
	return err_member(err, "option", doc_string("--eab-kid"));
}

static int
contact_check(const struct tool *t, struct err *err)
{
	if (doc_len(t->emails) > 0 || t->no_contact)
		return 0;
	err_set(err, ERR_contact,
	    "no e-mail address: give -m EMAIL, or "
	    "--no-contact to register without one");
	return err_member(err, "option", doc_string("-m"));
}

/* The key of a registration that was cut off, or a new one, on disk. */
static EVP_PKEY *
registration_key(struct registration *r, struct err *err)
{
	const char *accounts = r->tool->stage->account_dir;
	EVP_PKEY *key;
	char *path;

	r->dir = account_unfinished(accounts, r->server);
	if (r->dir != NULL) {
		path = path_join(r->dir, "private_key.json");
		log_info(LOGGER, "going on with the registration of %s", path);
		key = key_load(path, err);
		free(path);
		return key;
	}
	return account_new_key(r->tool, err);
}

static int
key_to_disk(struct registration *r, EVP_PKEY *key, struct err *err)
{
	if (r->dir != NULL)
		return 0;
	r->fresh = 1;
	r->dir = account_key_save(r->tool->stage->account_dir, r->server, key,
	    err);
	return r->dir != NULL ? 0 : -1;
}

static int
payload_new(struct registration *r, jv *payload, struct err *err)
{
	jv contact = contact_list(r->tool), binding;

	*payload = doc_object();
	if (doc_len(contact) > 0)
		*payload = doc_set(*payload, "contact", contact);
	else
		doc_free(contact);
	*payload = doc_set_flag(*payload, "termsOfServiceAgreed", 1);
	binding = eab_binding(r->tool, acme_session_key(r->session),
	    acme_session_url(r->session, "newAccount"), err);
	if (doc_is(binding, DOC_OBJECT))
		*payload = doc_set(*payload, "externalAccountBinding", binding);
	return err_is_set(err) ? -1 : 0;
}

/* newAccount; after a lost answer the account is looked up by its key first
 * (design: a refused or lost one is looked up before it counts as failed). */
static int
new_account(struct registration *r, jv payload, jv *account, struct err *err)
{
	struct tool *t = r->tool;
	struct acme_call call;
	int lost = 1, found, try, rc = -1;

	for (try = 0; rc != 0 && lost && try < TRIES; try++) {
		if (err->name == ERR_netProcess)
			break; /* nobody is left to ask */
		if (try > 0) {
			log_warning(LOGGER,
			    "%s: looking up whether the "
			    "account was made",
			    err_text(err));
			err_clear(err);
			found = account_lookup(t, r->session, account, err);
			if (found != 0)
				return found > 0 ? 0 : -1;
			log_warning(LOGGER,
			    "it was not: newAccount is sent again");
		}
		call = (struct acme_call)ACME_CALL_INIT;
		call.session = r->session;
		call.url = acme_session_url(r->session, "newAccount");
		call.flags = ACME_JWK;
		call.payload = payload;
		rc = acme_call_one(t->acme, &call, err);
		lost = call.lost;
		r->sent = r->sent || lost || rc == 0;
		if (rc == 0) {
			doc_move(account,
			    account_check(r->session, call.location,
				doc_take(&call.body), err));
			rc = doc_is(*account, DOC_OBJECT) ? 0 : -1;
			lost = 0;
		}
		acme_call_release(&call);
	}
	return rc;
}

static int
status_check(jv account, struct err *err)
{
	const char *status = doc_str(account, "status");

	if (strcmp(status, "valid") == 0)
		return 0;
	return err_set(err, ERR_refused, "the account %s is %s",
	    doc_str(account, "url"), status);
}

static int
register_now(struct registration *r, jv *doc, struct err *err)
{
	struct tool *t = r->tool;
	jv payload = doc_none(), account = doc_none();
	EVP_PKEY *key;
	int rc = -1;

	acme_prefetch(t->acme, r->server);
	if ((key = registration_key(r, err)) == NULL)
		return -1;
	r->directory = acme_directory(t->acme, r->server, doc_none(), err);
	if (!doc_is(r->directory, DOC_OBJECT) ||
	    binding_check(t, r->directory, err) != 0 ||
	    terms_check(t, r->directory, err) != 0 ||
	    key_to_disk(r, key, err) != 0) {
		EVP_PKEY_free(key);
		return -1;
	}
	r->session = acme_session(t->acme, r->server, r->directory, key, NULL,
	    err);
	if (r->session == NULL || payload_new(r, &payload, err) != 0 ||
	    new_account(r, payload, &account, err) != 0 ||
	    status_check(account, err) != 0 ||
	    account_save(r->dir, doc_str(account, "url"), t->eff_email, err))
		goto out;
	rc = account_fill(doc, r->session, account, r->dir, err);
	if (rc == 0)
		*doc = doc_set(*doc, "account",
		    doc_set_flag(doc_get(*doc, "account"), "new", 1));
out:
	doc_free(account);
	doc_free(payload);
	return rc;
}

static int
register_new(struct tool *t, jv *doc, struct err *err)
{
	struct registration r = {.tool = t};
	struct err ignored = {0};
	char *server;
	int rc;

	if (contact_check(t, err) != 0)
		return -1;
	server = xstrdup(account_server(t, *doc, err));
	r.server = server;
	rc = register_now(&r, doc, err);
	if (rc != 0 && r.fresh && !r.sent && r.dir != NULL)
		account_remove(t->stage->account_dir, server, path_base(r.dir),
		    &ignored);
	err_clear(&ignored);
	doc_free(r.directory);
	free(r.dir);
	free(server);
	return rc;
}

int
verb_register(struct tool *t, jv *doc, struct err *err)
{
	const char *server = account_server(t, *doc, err);
	jv entry;
	int rc;

	if (server == NULL || rollover_settle(t, doc, server, err) != 0)
		return -1;
	entry = account_choose(t->stage->account_dir, server, t->account, err);
	if (doc_is(entry, DOC_OBJECT)) {
		rc = use_account(t, doc, entry, err);
	} else if (err->name == ERR_noAccount && t->account == NULL) {
		err_clear(err);
		rc = register_new(t, doc, err);
	} else {
		rc = -1;
	}
	doc_free(entry);
	return rc;
}
