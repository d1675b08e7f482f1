/* What ACME objects say, compared with what was asked. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acme/objects.h"
#include "base/buf.h"
#include "base/names.h"
#include "crypto/b64.h"

static const char *const order_way[] = {"pending", "ready", "processing",
    "valid", "invalid", NULL};

static int
order_rank(jv order)
{
	const char *status = doc_str(order, "status");
	int i;

	for (i = 0; status != NULL && order_way[i] != NULL; i++)
		if (strcmp(order_way[i], status) == 0)
			return i;
	return 0;
}

int
order_forward_check(jv before, jv now, struct err *err)
{
	const char *was = doc_str(before, "status");

	if (order_rank(now) >= order_rank(before) || !order_status_known(now))
		return 0;
	return err_set(err, ERR_protocol,
	    "the order %s went back from %s "
	    "to %s",
	    doc_str(now, "url") != NULL ? doc_str(now, "url") : "", was,
	    doc_str(now, "status"));
}

jv
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
order_identifiers_check(jv before, jv now, struct err *err)
{
	jv was = doc_sorted_set(order_names(before));
	jv is = doc_sorted_set(order_names(now));
	char *text;
	int rc = 0;

	if (doc_len(was) > 0 && !doc_equal(was, is)) {
		text = doc_join(is, ", ");
		rc = err_set(err, ERR_protocol,
		    "the order %s is suddenly for other names: %s",
		    doc_str(now, "url") != NULL ? doc_str(now, "url") : "",
		    text);
		free(text);
	}
	doc_free(is);
	doc_free(was);
	return rc;
}

int
authorization_same_check(jv before, jv now, struct err *err)
{
	char *was = authorization_name(before), *is = authorization_name(now);
	int rc = 0;

	if (*was != '\0' && strcmp(was, is) != 0)
		rc = err_set(err, ERR_protocol,
		    "the authorization %s is suddenly for %s",
		    doc_str(now, "url") != NULL ? doc_str(now, "url") : "", is);
	free(is);
	free(was);
	return rc;
}

/* Is it for one of the folded names? Its own is put into *name. */
static int
authorization_wanted(jv names, jv authz, char **name, struct err *err)
{
	char *text = authorization_name(authz);
	int rc = 0;

	*name = name_fold(text);
	if (!doc_list_has(names, *name))
		rc = err_set(err, ERR_protocol,
		    "the server's authorization %s is for %s, which nobody "
		    "asked for",
		    doc_str(authz, "url") != NULL ? doc_str(authz, "url") : "",
		    text);
	free(text);
	return rc;
}

int
order_authorization_check(jv order, jv authz, struct err *err)
{
	jv want = order_names(order);
	char *name = NULL;
	int rc = 0;

	if (doc_len(want) > 0)
		rc = authorization_wanted(want, authz, &name, err);
	free(name);
	doc_free(want);
	return rc;
}

int
order_authorizations_check(jv order, jv authorizations, struct err *err)
{
	jv want = doc_sorted_set(order_names(order)), got = doc_array(), one;
	char *name, *text;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < doc_len(authorizations); i++) {
		one = doc_at(authorizations, i);
		rc = authorization_wanted(want, one, &name, err);
		got = doc_push_str(got, name);
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

int
object_is_expired(jv object)
{
	const char *expires = doc_str(object, "expires");
	int64_t t;

	return expires != NULL && time_parse(expires, &t) == 0 &&
	    t <= (int64_t)time(NULL);
}

int
order_may_end_check(jv order, struct err *err)
{
	if (!object_is_expired(order))
		return 0;
	return err_set(err, ERR_protocol,
	    "the order %s is still %s though it expired at %s: the server "
	    "never ends it",
	    doc_str(order, "url"), doc_str(order, "status"),
	    doc_str(order, "expires"));
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
