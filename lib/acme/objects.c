#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acme/objects.h"
#include "crypto/b64.h"

enum { IDENTIFIERS_MAX = 100, CHALLENGES_MAX = 32, WORD_MAX = 64 };

static const char *const order_states[] = {"pending", "ready", "processing",
    "valid", "invalid", NULL};
static const char *const authorization_states[] = {"pending", "valid",
    "invalid", "deactivated", "expired", "revoked", NULL};
static const char *const challenge_states[] = {"pending", "processing", "valid",
    "invalid", NULL};
static const char *const account_states[] = {"valid", "deactivated", "revoked",
    NULL};
static const char *const challenge_types[] = {"http-01", "dns-01",
    "tls-alpn-01", "dns-account-01"};

/* words NULL: any word that is not too long. */
static int
word_in(const char *const *words, const char *word)
{
	if (words == NULL)
		return word != NULL && *word != '\0' &&
		    strlen(word) <= WORD_MAX;
	for (; word != NULL && *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return 1;
	return 0;
}

static int
object_begin(const char *kind, const char *url, jv object,
    const char *const *states, struct err *err)
{
	const char *status;

	if (url == NULL)
		return err_set(err, ERR_protocol,
		    "the server does not say where the %s is (Location)", kind);
	if (!doc_is(object, DOC_OBJECT))
		return err_set(err, ERR_protocol, "the %s %s is no JSON object",
		    kind, url);
	status = doc_str(object, "status");
	if (!word_in(states, status))
		return err_set(err, ERR_protocol, "the %s %s has %s%s", kind,
		    url, status == NULL ? "no status" : "the unknown status ",
		    status == NULL ? "" : status);
	return 0;
}

static jv
object_end(const char *url, jv object TAKES)
{
	char *now = time_text((int64_t)time(NULL));

	object = doc_set_str(object, "url", url);
	object = doc_set_str(object, "read", now);
	free(now);
	return object;
}

static int
identifier_check(jv identifier, const char *url, struct err *err)
{
	const char *value = doc_str(identifier, "value");

	if (doc_str(identifier, "type") == NULL || value == NULL ||
	    *value == '\0' || strlen(value) > NAME_TEXT_MAX)
		return err_set(err, ERR_protocol,
		    "%s has an identifier of the wrong form", url);
	return 0;
}

static int
member_url_check(const struct acme_session *s, jv object, const char *member,
    const char *of, struct err *err)
{
	const char *url = doc_str(object, member);

	if (url == NULL)
		return err_set(err, ERR_protocol,
		    "%s has no %s, or one that is no URL", of, member);
	if (url_check(url, acme_session_plain(s), member, err) != 0)
		return err_prefix(err, "%s", of);
	return 0;
}

static int
text_or_absent(jv object, const char *member, const char *of, struct err *err)
{
	jv v = doc_get(object, member);
	int wrong = doc_has(object, member) && !doc_is(v, DOC_NULL) &&
	    doc_text_of(v) == NULL;

	doc_free(v);
	if (wrong)
		return err_set(err, ERR_protocol,
		    "%s has a member %s that is no text", of, member);
	return 0;
}

static int
order_lists_check(const struct acme_session *s, const char *url, jv order,
    struct err *err)
{
	jv identifiers = doc_get_kind(order, "identifiers", DOC_ARRAY);
	jv urls = doc_get_kind(order, "authorizations", DOC_ARRAY);
	jv one;
	size_t i, n = doc_len(identifiers);
	int rc = 0;

	if (n == 0 || n > IDENTIFIERS_MAX || !doc_is(urls, DOC_ARRAY) ||
	    doc_len(urls) > IDENTIFIERS_MAX)
		rc = err_set(err, ERR_protocol,
		    "the order %s has no list of "
		    "identifiers and authorizations, or more than %d",
		    url, IDENTIFIERS_MAX);
	for (i = 0; rc == 0 && i < n; i++) {
		one = doc_at(identifiers, i);
		rc = identifier_check(one, url, err);
		doc_free(one);
	}
	for (i = 0; rc == 0 && i < doc_len(urls); i++) {
		if (doc_str_at(urls, i) == NULL)
			rc = err_set(err, ERR_protocol,
			    "the order %s has an "
			    "authorization that is no URL",
			    url);
		else
			rc = url_check(doc_str_at(urls, i),
			    acme_session_plain(s), "authorization", err);
	}
	doc_free(urls);
	doc_free(identifiers);
	return rc;
}

static jv
order_checked(const struct acme_session *s, const char *url, jv order TAKES,
    const char *const *states, struct err *err)
{
	int certified;

	if (object_begin("order", url, order, states, err) != 0 ||
	    order_lists_check(s, url, order, err) != 0 ||
	    member_url_check(s, order, "finalize", url, err) != 0 ||
	    text_or_absent(order, "expires", url, err) != 0)
		goto fail;
	certified = strcmp(doc_str(order, "status"), "valid") == 0;
	if ((certified || doc_has(order, "certificate")) &&
	    member_url_check(s, order, "certificate", url, err) != 0)
		goto fail;
	return object_end(url, order);
fail:
	doc_free(order);
	return doc_none();
}

jv
order_check(const struct acme_session *s, const char *url, jv order TAKES,
    struct err *err)
{
	return order_checked(s, url, order, order_states, err);
}

jv
order_look_check(const struct acme_session *s, const char *url, jv order TAKES,
    struct err *err)
{
	return order_checked(s, url, order, NULL, err);
}

int
order_status_known(jv order)
{
	return word_in(order_states, doc_str(order, "status"));
}

int
challenge_known(const char *type)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(challenge_types); i++)
		if (strcmp(challenge_types[i], type) == 0)
			return 1;
	return 0;
}

static int
challenge_check(const struct acme_session *s, const char *url, jv challenge,
    struct err *err)
{
	const char *type = doc_str(challenge, "type");

	if (type == NULL)
		return err_set(err, ERR_protocol,
		    "the authorization %s has a challenge without type", url);
	if (!challenge_known(type) || !doc_has(challenge, "token"))
		return 0;
	if (doc_str(challenge, "token") == NULL ||
	    !b64url_token_ok(doc_str(challenge, "token"), TOKEN_MAX))
		return err_set(err, ERR_protocol,
		    "the authorization %s has a "
		    "%s token that is not of 1 to %d characters of the "
		    "base64url alphabet",
		    url, type, TOKEN_MAX);
	if (doc_has(challenge, "status") &&
	    !word_in(challenge_states, doc_str(challenge, "status")))
		return err_set(err, ERR_protocol,
		    "the authorization %s has a "
		    "challenge of unknown status",
		    url);
	return member_url_check(s, challenge, "url", url, err);
}

static int
challenges_check(const struct acme_session *s, const char *url, jv authz,
    struct err *err)
{
	jv challenges = doc_get_kind(authz, "challenges", DOC_ARRAY), one;
	size_t i;
	int rc = 0;

	if (!doc_is(challenges, DOC_ARRAY) ||
	    doc_len(challenges) > CHALLENGES_MAX)
		rc = err_set(err, ERR_protocol,
		    "the authorization %s has no "
		    "list of challenges, or more than %d",
		    url, CHALLENGES_MAX);
	for (i = 0; rc == 0 && i < doc_len(challenges); i++) {
		one = doc_at(challenges, i);
		rc = challenge_check(s, url, one, err);
		doc_free(one);
	}
	doc_free(challenges);
	return rc;
}

jv
authorization_check(const struct acme_session *s, const char *url,
    jv authz TAKES, struct err *err)
{
	jv identifier = doc_none();

	if (object_begin("authorization", url, authz, authorization_states,
		err) != 0)
		goto fail;
	identifier = doc_get(authz, "identifier");
	if (identifier_check(identifier, url, err) != 0 ||
	    challenges_check(s, url, authz, err) != 0 ||
	    text_or_absent(authz, "expires", url, err) != 0)
		goto fail;
	doc_free(identifier);
	return object_end(url, authz);
fail:
	doc_free(identifier);
	doc_free(authz);
	return doc_none();
}

jv
account_check(const struct acme_session *s, const char *url, jv account TAKES,
    struct err *err)
{
	jv contact = doc_none();
	size_t i;

	if (object_begin("account", url, account, account_states, err) != 0)
		goto fail;
	if (doc_has(account, "orders") &&
	    member_url_check(s, account, "orders", url, err) != 0)
		goto fail;
	contact = doc_get(account, "contact");
	if (doc_has(account, "contact") && !doc_is(contact, DOC_NULL)) {
		for (i = 0; i < doc_len(contact); i++)
			if (doc_str_at(contact, i) == NULL)
				break;
		if (!doc_is(contact, DOC_ARRAY) || i < doc_len(contact)) {
			err_set(err, ERR_protocol,
			    "the account %s has contacts of the wrong form",
			    url);
			goto fail;
		}
	}
	doc_free(contact);
	return object_end(url, account);
fail:
	doc_free(contact);
	doc_free(account);
	return doc_none();
}
