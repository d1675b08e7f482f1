#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acme/objects.h"
#include "base/buf.h"
#include "base/names.h"
#include "crypto/b64.h"

enum { IDENTIFIERS_MAX = 100, CHALLENGES_MAX = 32, TOKEN_MAX = 1024 };

static const char *const order_states[] = {
    "pending", "ready", "processing", "valid", "invalid", NULL};
static const char *const authorization_states[] = {"pending", "valid",
    "invalid", "deactivated", "expired", "revoked", NULL};
static const char *const challenge_states[] = {
    "pending", "processing", "valid", "invalid", NULL};
static const char *const account_states[] = {
    "valid", "deactivated", "revoked", NULL};
static const char *const challenge_types[] = {"http-01", "dns-01",
    "tls-alpn-01", "dns-account-01"};

static int
word_in(const char *const *words, const char *word)
{
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
		return err_set(err, ERR_protocol,
		    "the %s %s is no JSON object", kind, url);
	status = doc_str(object, "status");
	if (!word_in(states, status))
		return err_set(err, ERR_protocol,
		    "the %s %s has %s%s", kind, url,
		    status == NULL ? "no status" : "the unknown status ",
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
		rc = err_set(err, ERR_protocol, "the order %s has no list of "
		    "identifiers and authorizations, or more than %d", url,
		    IDENTIFIERS_MAX);
	for (i = 0; rc == 0 && i < n; i++) {
		one = doc_at(identifiers, i);
		rc = identifier_check(one, url, err);
		doc_free(one);
	}
	for (i = 0; rc == 0 && i < doc_len(urls); i++) {
		if (doc_str_at(urls, i) == NULL)
			rc = err_set(err, ERR_protocol, "the order %s has an "
			    "authorization that is no URL", url);
		else
			rc = url_check(doc_str_at(urls, i),
			    acme_session_plain(s), "authorization", err);
	}
	doc_free(urls);
	doc_free(identifiers);
	return rc;
}

jv
order_check(const struct acme_session *s, const char *url, jv order TAKES,
    struct err *err)
{
	int certified;

	if (object_begin("order", url, order, order_states, err) != 0 ||
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

static int
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
		return err_set(err, ERR_protocol, "the authorization %s has a "
		    "%s token that is not of 1 to %d characters of the "
		    "base64url alphabet", url, type, TOKEN_MAX);
	if (doc_has(challenge, "status") &&
	    !word_in(challenge_states, doc_str(challenge, "status")))
		return err_set(err, ERR_protocol, "the authorization %s has a "
		    "challenge of unknown status", url);
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
		rc = err_set(err, ERR_protocol, "the authorization %s has no "
		    "list of challenges, or more than %d", url,
		    CHALLENGES_MAX);
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

static int
order_rank(jv order)
{
	const char *status = doc_str(order, "status");
	int i;

	for (i = 0; status != NULL && order_states[i] != NULL; i++)
		if (strcmp(order_states[i], status) == 0)
			return i;
	return 0;
}

int
order_forward_check(jv before, jv now, struct err *err)
{
	const char *was = doc_str(before, "status");

	if (order_rank(now) >= order_rank(before))
		return 0;
	return err_set(err, ERR_protocol, "the order %s went back from %s "
	    "to %s", doc_str(now, "url") != NULL ? doc_str(now, "url") : "",
	    was, doc_str(now, "status"));
}

static jv
order_names(jv order)
{
	jv identifiers = doc_get_kind(order, "identifiers", DOC_ARRAY), one;
	jv names = doc_array();
	char *name;
	size_t i;

	for (i = 0; i < doc_len(identifiers); i++) {
		one = doc_at(identifiers, i);
		if (doc_str(one, "value") != NULL) {
			name = name_fold(doc_str(one, "value"));
			names = doc_push_str(names, name);
			free(name);
		}
		doc_free(one);
	}
	doc_free(identifiers);
	return names;
}

int
order_names_check(jv order, jv names, struct err *err)
{
	jv got = doc_sorted_set(order_names(order));
	jv want = doc_array();
	char *text, *name;
	size_t i;
	int rc = 0;

	for (i = 0; i < doc_len(names); i++) {
		if (doc_str_at(names, i) == NULL)
			continue;
		name = name_fold(doc_str_at(names, i));
		want = doc_push_str(want, name);
		free(name);
	}
	want = doc_sorted_set(want);
	if (!doc_equal(got, want)) {
		text = doc_join(got, ", ");
		rc = err_set(err, ERR_protocol,
		    "the server's order is for other names than asked: %s",
		    text);
		free(text);
	}
	doc_free(want);
	doc_free(got);
	return rc;
}

int
order_authorizations_check(jv order, jv authorizations, struct err *err)
{
	jv want = doc_sorted_set(order_names(order)), got = doc_array(), one;
	char *name, *folded, *text;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < doc_len(authorizations); i++) {
		one = doc_at(authorizations, i);
		name = authorization_name(one);
		folded = name_fold(name);
		if (!doc_list_has(want, folded))
			rc = err_set(err, ERR_protocol, "the server's "
			    "authorization %s is for %s, which nobody asked "
			    "for", doc_str(one, "url") != NULL ?
			    doc_str(one, "url") : "", name);
		got = doc_push_str(got, folded);
		free(folded);
		free(name);
		doc_free(one);
	}
	got = doc_sorted_set(got);
	if (rc == 0 && !doc_equal(got, want)) {
		one = names_minus(want, got);
		text = doc_join(one, ", ");
		rc = err_set(err, ERR_protocol,
		    "the server's order has no authorization for %s", text);
		free(text);
		doc_free(one);
	}
	doc_free(got);
	doc_free(want);
	return rc;
}

int
object_is_stale(jv object, long max_age)
{
	const char *text = doc_str(object, "read");
	int64_t then, now = (int64_t)time(NULL);

	if (text == NULL || time_parse(text, &then) != 0)
		return 1;
	return then > now + 5 || now - then > max_age;
}

char *
authorization_name(jv authz)
{
	const char *value = doc_str_find(authz, "identifier", "value", NULL);

	if (value == NULL)
		return xstrdup("");
	if (doc_flag(authz, "wildcard", 0) && strncmp(value, "*.", 2) != 0)
		return xasprintf("*.%s", value);
	return xstrdup(value);
}

jv
authorization_challenge(jv authz, const char *type)
{
	jv challenges = doc_get_kind(authz, "challenges", DOC_ARRAY), one;
	const char *got, *token;
	size_t i;

	for (i = 0; i < doc_len(challenges); i++) {
		one = doc_at(challenges, i);
		got = doc_str(one, "type");
		token = doc_str(one, "token");
		if (got != NULL && strcmp(got, type) == 0 &&
		    challenge_known(type) && token != NULL &&
		    b64url_token_ok(token, TOKEN_MAX) &&
		    doc_str(one, "url") != NULL) {
			doc_free(challenges);
			return one;
		}
		doc_free(one);
	}
	doc_free(challenges);
	return doc_none();
}

jv
authorization_errors(jv authz)
{
	jv challenges = doc_get_kind(authz, "challenges", DOC_ARRAY);
	jv errors = doc_array(), one, error;
	size_t i;

	for (i = 0; i < doc_len(challenges); i++) {
		one = doc_at(challenges, i);
		error = doc_get_kind(one, "error", DOC_OBJECT);
		if (doc_is(error, DOC_OBJECT))
			errors = doc_push(errors, error);
		else
			doc_free(error);
		doc_free(one);
	}
	doc_free(challenges);
	return errors;
}

typedef jv check_fn(const struct acme_session *s, const char *url,
    jv object TAKES, struct err *err);

static void
call_begin(struct acme_call *c, struct acme_session *s, const char *url)
{
	*c = (struct acme_call)ACME_CALL_INIT;
	c->session = s;
	c->url = url;
	c->flags = ACME_REPEATABLE;
}

static int
objects_read(struct acme *a, struct acme_session *const *sessions, jv *objects,
    size_t n, struct err *errs, check_fn *check, struct err *err)
{
	struct acme_call *calls = xcalloc(n + 1, sizeof(*calls));
	jv now;
	size_t i, k, *which = xcalloc(n + 1, sizeof(*which));
	const char *url;
	int rc;

	for (i = k = 0; i < n; i++) {
		url = doc_is(objects[i], DOC_STRING) ?
			doc_text_of(objects[i]) : doc_str(objects[i], "url");
		if (url == NULL) {
			err_set(&errs[i], ERR_badDocument,
			    "an order or authorization has no url");
			continue;
		}
		call_begin(&calls[k], sessions[i], url);
		which[k++] = i;
	}
	rc = acme_perform(a, calls, k, err);
	for (; k > 0; k--) {
		i = which[k - 1];
		if (rc == 0 && err_is_set(&calls[k - 1].err)) {
			err_move(&errs[i], &calls[k - 1].err);
		} else if (rc == 0) {
			now = check(sessions[i], calls[k - 1].url,
			    doc_take(&calls[k - 1].body), &errs[i]);
			if (doc_is(now, DOC_OBJECT) &&
			    calls[k - 1].retry_after > 0)
				now = doc_set_int(now, "retryAfter",
				    calls[k - 1].retry_after);
			if (doc_is(now, DOC_OBJECT) && check == order_check &&
			    doc_is(objects[i], DOC_OBJECT))
				order_forward_check(objects[i], now, &errs[i]);
			if (doc_is(now, DOC_OBJECT) && !err_is_set(&errs[i]))
				doc_move(&objects[i], now);
			else
				doc_free(now);
		}
		acme_call_release(&calls[k - 1]);
	}
	free(which);
	free(calls);
	return rc;
}

int
order_read(struct acme *a, struct acme_session *const *sessions, jv *objects,
    size_t n, struct err *errs, struct err *err)
{
	return objects_read(a, sessions, objects, n, errs, order_check, err);
}

int
authorization_read(struct acme *a, struct acme_session *const *sessions,
    jv *objects, size_t n, struct err *errs, struct err *err)
{
	return objects_read(a, sessions, objects, n, errs,
	    authorization_check, err);
}
