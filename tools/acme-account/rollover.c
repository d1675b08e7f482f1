/* Another key for the account (RFC 8555 7.3.5). The new key is on disk before
 * the server hears of it; the old one goes last. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "acme/objects.h"
#include "base/buf.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/safefile.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "crypto/key.h"
#include "store/account.h"
#include "store/renewal_account.h"

#define LOGGER "certbot._internal.account"

/* The object that keyChange wants: signed by the new key, about both. */
static jv
key_change(struct acme_session *s, EVP_PKEY *new_key, struct err *err)
{
	const char *url = acme_session_url(s, "keyChange");
	struct jws_header header = {url, NULL, NULL};
	jv inner = doc_object(), old, signed_ = doc_none();
	char *text = NULL, *jws = NULL;

	old = jwk_public(acme_session_key(s), err);
	if (!doc_is(old, DOC_OBJECT))
		goto out;
	inner = doc_set_str(inner, "account", acme_session_kid(s));
	inner = doc_set(inner, "oldKey", doc_copy(old));
	text = doc_text(inner);
	if ((jws = jws_sign(new_key, &header, text, err)) != NULL)
		signed_ = doc_parse(jws, strlen(jws), err);
out:
	free(jws);
	free(text);
	doc_free(old);
	doc_free(inner);
	return signed_;
}

static struct acme_session *
session_with(struct tool *t, struct acme_session *old, EVP_PKEY *key,
    const char *kid, struct err *err)
{
	EVP_PKEY_up_ref(key);
	return acme_session(t->acme, acme_session_server(old),
	    acme_session_directory(old), key, kid, err);
}

/* Does the server know the account by the new key? 1, 0, -1. */
static int
took_effect(struct tool *t, struct acme_session *old, EVP_PKEY *key,
    struct err *err)
{
	struct acme_session *s = session_with(t, old, key, NULL, err);
	jv account = doc_none();
	int found = s != NULL ? account_lookup(t, s, &account, err) : -1;

	doc_free(account);
	return found;
}

static int
send_change(struct tool *t, struct acme_session *s, EVP_PKEY *key,
    struct err *err)
{
	struct acme_call call = ACME_CALL_INIT;
	struct err lost = {0};
	int rc = -1;

	call.session = s;
	call.url = acme_session_url(s, "keyChange");
	call.payload = key_change(s, key, err);
	if (!doc_is(call.payload, DOC_OBJECT))
		return -1;
	rc = acme_call_one(t->acme, &call, err);
	if (rc != 0 && call.lost) {
		log_warning(LOGGER, "%s: looking up which key the account has",
		    err_text(err));
		if (took_effect(t, s, key, &lost) == 1) {
			err_clear(err);
			rc = 0;
		}
		err_clear(&lost);
	}
	doc_free(call.payload);
	acme_call_release(&call);
	return rc;
}

/* A key that an earlier rollover left, if the account has it already. */
static EVP_PKEY *
unfinished_key(struct tool *t, struct acme_session *s, char **dir, int *done,
    struct err *err)
{
	EVP_PKEY *key;
	char *path;
	int found;

	*done = 0;
	*dir = account_unfinished(t->stage->account_dir,
	    acme_session_server(s));
	if (*dir == NULL)
		return account_new_key(t, err);
	path = path_join(*dir, "private_key.json");
	key = key_load(path, err);
	free(path);
	if (key == NULL)
		return NULL;
	if ((found = took_effect(t, s, key, err)) < 0) {
		EVP_PKEY_free(key);
		return NULL;
	}
	*done = found;
	return key;
}

/* The configuration directory around an account directory; malloc'd, NULL when
 * it stands alone. */
static char *
config_dir_of(const char *account_dir)
{
	char *whole = path_absolute(account_dir), *dir = path_dir(whole);
	char *renewal = path_join(dir, "renewal");

	if (strcmp(path_base(whole), "accounts") != 0 ||
	    access(renewal, F_OK) != 0) {
		free(dir);
		dir = NULL;
	}
	free(renewal);
	free(whole);
	return dir;
}

int
rollover_follow(struct tool *t, const char *old, const char *new,
    struct err *err)
{
	char *dir = config_dir_of(t->stage->account_dir);
	struct lock lock = LOCK_INIT;
	jv renamed = doc_none();
	int rc;

	if (dir == NULL) {
		log_warning(LOGGER,
		    "the account %s is now called %s: where renewal configurations name it, run certstore account %s %s --config-dir DIR",
		    old, new, old, new);
		return 0;
	}
	if (lock_take(&lock, dir, t->stage->timeout, err) == 0)
		doc_move(&renamed, renewal_rename_account(dir, old, new, err));
	lock_release(&lock);
	if (doc_is(renamed, DOC_ARRAY))
		log_warning(LOGGER,
		    "the account %s is now called %s; renewal configurations in %s that follow: %zu",
		    old, new, dir, doc_len(renamed));
	else
		err_prefix(err,
		    "the account has its new key, but renewal configurations still call it %s; run certstore account %s %s --config-dir %s",
		    old, old, new, dir);
	free(dir);
	rc = doc_is(renamed, DOC_ARRAY) ? 0 : -1;
	doc_free(renamed);
	return rc;
}

static int
finish(struct tool *t, jv *doc, struct acme_session *s, EVP_PKEY *key,
    struct err *err)
{
	jv old = doc_get(*doc, "account"), object = doc_object();
	char *old_dir = path_dir(doc_str(old, "key"));
	char *dir = account_replace_key(old_dir, key, err);
	struct acme_session *new_session;
	int rc = -1;

	if (dir == NULL ||
	    rollover_follow(t, path_base(old_dir), path_base(dir), err) != 0 ||
	    account_unmark(dir, err) != 0)
		goto out;
	new_session = session_with(t, s, key, acme_session_kid(s), err);
	if (new_session == NULL)
		goto out;
	object = doc_set_str(object, "url", acme_session_kid(s));
	rc = account_fill(doc, new_session, object, dir, err);
out:
	doc_free(object);
	doc_free(old);
	free(old_dir);
	free(dir);
	return rc;
}

int
rollover_account(struct tool *t, jv *doc, struct err *err)
{
	struct acme_session *s = account_session_unsettled(t, doc, err);
	const char *accounts = t->stage->account_dir;
	EVP_PKEY *key = NULL;
	struct err ignored = {0};
	char *dir = NULL;
	int done, rc = -1;

	if (s == NULL)
		return -1;
	if (acme_session_url(s, "keyChange") == NULL)
		return err_set(err, ERR_notSupported,
		    "the server has no keyChange: it cannot change keys");
	if ((key = unfinished_key(t, s, &dir, &done, err)) == NULL)
		goto out;
	if (dir == NULL &&
	    (dir = account_key_save(accounts, acme_session_server(s), key,
		 err)) == NULL)
		goto out;
	if (account_mark_replacing(dir,
		doc_str_find(*doc, "account", "id", NULL), err) != 0)
		goto out;
	if (!done && send_change(t, s, key, err) != 0) {
		if (err->name == ERR_acme)
			account_remove(accounts, acme_session_server(s),
			    path_base(dir), &ignored);
		goto out;
	}
	rc = finish(t, doc, s, key, err);
out:
	err_clear(&ignored);
	EVP_PKEY_free(key);
	free(dir);
	return rc;
}
