#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "challenge.h"
#include "crypto/jwk.h"

static const char *const known[] = {"http-01", "dns-01", "tls-alpn-01"};

static int
is_known(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i], type) == 0)
			return 1;
	return 0;
}

jv
preferred_types(const char *list, struct err *err)
{
	char *copy = xstrdup(list == NULL ? "" : list), *save = NULL;
	jv types = doc_array(), bad = doc_array();

	for (char *word = strtok_r(copy, ", \t", &save); word != NULL;
	     word = strtok_r(NULL, ", \t", &save)) {
		if (strcmp(word, "http") == 0)
			types = doc_push_str(types, "http-01");
		else if (strcmp(word, "dns") == 0)
			types = doc_push_str(types, "dns-01");
		else if (is_known(word))
			types = doc_push_str(types, word);
		else
			bad = doc_push_str(bad, word);
	}
	free(copy);
	if (doc_len(bad) > 0) {
		char *words = doc_join(bad, ", ");
		err_set(err, ERR_usage,
		    "argument --preferred-challenges: Unrecognized "
		    "challenges: %s",
		    words);
		free(words);
		doc_move(&types, doc_none());
	}
	doc_free(bad);
	return types;
}

jv
challenge_complete(jv challenge TAKES, EVP_PKEY *key, struct err *err)
{
	const char *type = doc_str(challenge, "type");
	char *auth = jwk_key_authorization(doc_str(challenge, "token"), key,
	    err);
	char *value = NULL;

	if (auth != NULL)
		value = type != NULL && strcmp(type, "dns-01") == 0 ?
		    jwk_dns_value(auth) :
		    xstrdup(auth);
	if (value != NULL) {
		challenge = doc_set_str(challenge, "keyAuthorization", auth);
		challenge = doc_set_str(challenge, "validation", value);
	} else {
		if (!err_is_set(err))
			err_set(err, ERR_internal,
			    "cannot make a key authorization");
		doc_move(&challenge, doc_none());
	}
	free(auth);
	free(value);
	return challenge;
}

/* Does --for leave this one to us? */
static int
is_ours(struct challenge *c, jv authz)
{
	char *name = authorization_name(authz);
	int ours = doc_len(c->patterns) == 0;

	for (size_t i = 0; name != NULL && i < doc_len(c->patterns); i++)
		ours |= name_matches(doc_str_at(c->patterns, i), name);
	free(name);
	return ours;
}

/* What the plugin prefers for each open authorization of ours, in the order of
 * the indexes; the user's list, where there is one, decides the order. */
static jv
plugin_types(struct challenge *c, struct work *w, struct err *err)
{
	jv names = doc_array(), lists, narrowed;

	for (size_t i = 0; i < w->n_authz; i++) {
		char *name;
		if (!is_open(w->authz[i]) || !is_ours(c, w->authz[i]))
			continue;
		name = authorization_name(w->authz[i]);
		names = doc_push_str(names, name == NULL ? "" : name);
		free(name);
	}
	lists = plugin_preferences(c->plugin, names, err);
	if (doc_is(lists, DOC_NONE) || doc_len(c->types) == 0)
		return lists;
	narrowed = doc_array();
	for (size_t i = 0; i < doc_len(lists); i++) {
		jv has = doc_at(lists, i), one = doc_array();
		for (size_t k = 0; k < doc_len(c->types); k++)
			if (doc_list_has(has, doc_str_at(c->types, k)))
				one = doc_push_str(one,
				    doc_str_at(c->types, k));
		narrowed = doc_push(narrowed, one);
		doc_free(has);
	}
	doc_free(lists);
	return narrowed;
}

/* Without a plugin: what the user named, or the only one that is offered. */
static jv
answer_types(struct challenge *c, jv authz)
{
	jv types = doc_array();

	if (doc_len(c->types) > 0) {
		doc_free(types);
		return doc_copy(c->types);
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		jv one = authorization_challenge(authz, known[i]);
		if (doc_is(one, DOC_OBJECT))
			types = doc_push_str(types, known[i]);
		doc_free(one);
	}
	return types;
}

static void
add_todo(struct work *w, size_t i, jv challenge TAKES)
{
	struct todo *t = &w->todo[w->n_todo];
	jv identifier = doc_get(w->authz[i], "identifier");
	jv wildcard = doc_get(w->authz[i], "wildcard");

	challenge = challenge_complete(challenge, w->key, &w->err);
	if (err_is_set(&w->err)) {
		doc_free(identifier);
		doc_free(wildcard);
		return;
	}
	t->authz = i;
	t->sent = doc_object();
	for (size_t k = 0; k < 4; k++) {
		static const char *const keys[] = {"type", "token",
		    "keyAuthorization", "validation"};
		t->sent = doc_set(t->sent, keys[k],
		    doc_get(challenge, keys[k]));
	}
	t->sent = doc_set(t->sent, "identifier", identifier);
	if (doc_is(wildcard, DOC_BOOL))
		t->sent = doc_set(t->sent, "wildcard", wildcard);
	else
		doc_free(wildcard);
	t->challenge = challenge;
	w->n_todo++;
}

static jv
first_offered(jv authz, jv types)
{
	jv found = doc_none();

	for (size_t k = 0; doc_is(found, DOC_NONE) && k < doc_len(types); k++) {
		const char *type = doc_str_at(types, k);
		if (type != NULL)
			found = authorization_challenge(authz, type);
	}
	return found;
}

/* dns-01, and nothing that is not over DNS either (dns-account-01). */
static int
is_over_dns(jv authz)
{
	jv list = doc_get_kind(authz, "challenges", DOC_ARRAY);
	int dns = 0, others = 0;

	for (size_t i = 0; i < doc_len(list); i++) {
		jv one = doc_at(list, i);
		const char *type = doc_str(one, "type");
		dns |= type != NULL && strcmp(type, "dns-01") == 0;
		others |= type == NULL || strncmp(type, "dns-", 4) != 0;
		doc_free(one);
	}
	doc_free(list);
	return dns && !others;
}

static void
no_challenge(struct challenge *c, struct work *w, jv names)
{
	static const char dns_only[] =
	    " You may need to use an authenticator plugin that can do "
	    "challenges over DNS.";
	int over_dns = 0;

	for (size_t i = 0; i < w->n_authz; i++)
		over_dns |= is_open(w->authz[i]) && is_over_dns(w->authz[i]);
	if (c->plugin == NULL)
		err_set(&w->err, ERR_noChallenge,
		    "the server offers several challenges, or none that is "
		    "wanted; name what is in place with "
		    "--preferred-challenges");
	else
		err_set(&w->err, ERR_noChallenge,
		    "Client with the currently selected authenticator does not "
		    "support any combination of challenges that will satisfy "
		    "the CA.%s",
		    over_dns ? dns_only : "");
	err_member(&w->err, "option", doc_string("--preferred-challenges"));
	err_member(&w->err, "names", doc_copy(names));
}

/* Poll the order only if its end is decided by what we answer. */
static int
order_decides(struct work *w)
{
	jv request = doc_get_kind(w->doc, "request", DOC_OBJECT);
	int subset = doc_flag(request, "allowSubset", 0);
	size_t t = 0;

	doc_free(request);
	for (size_t i = 0; i < w->n_authz; i++) {
		if (t < w->n_todo && w->todo[t].authz == i)
			t++;
		else if (strcmp(status_of(w->authz[i]), "valid") != 0)
			return 0;
	}
	return !subset;
}

void
work_choose(struct challenge *c, struct work *w)
{
	jv lists = doc_none(), unfit = doc_array();
	size_t k = 0, open = 0;

	work_todo_release(w, 0);
	free(w->todo);
	w->todo = xcalloc(w->n_authz + 1, sizeof(*w->todo));
	if (strcmp(status_of(w->order), "pending") != 0)
		goto out; /* decided already */
	for (size_t i = 0; i < w->n_authz; i++)
		open += is_open(w->authz[i]) && is_ours(c, w->authz[i]);
	if (open == 0)
		goto out;
	if (c->desc != NULL) {
		if (c->plugin == NULL) {
			jv why = err_to_doc(&c->plugin_err, NULL);
			(void)err_from_doc(&w->err, why);
			doc_free(why);
			goto out;
		}
		lists = plugin_types(c, w, &w->err);
		if (err_is_set(&w->err))
			goto out;
	}
	for (size_t i = 0; i < w->n_authz && !err_is_set(&w->err); i++) {
		jv types, found;

		if (!is_open(w->authz[i]) || !is_ours(c, w->authz[i]))
			continue;
		types = c->desc == NULL ? answer_types(c, w->authz[i]) :
					  doc_at(lists, k++);
		found = c->desc == NULL && doc_len(c->types) == 0 &&
			doc_len(types) != 1 ?
		    doc_none() :
		    first_offered(w->authz[i], types);
		doc_free(types);
		if (doc_is(found, DOC_OBJECT)) {
			add_todo(w, i, found);
		} else {
			char *name = authorization_name(w->authz[i]);
			unfit = doc_push_str(unfit, name == NULL ? "?" : name);
			free(name);
		}
	}
	if (!err_is_set(&w->err) && doc_len(unfit) > 0 &&
	    (c->all || w->n_todo == 0 || doc_len(c->patterns) > 0))
		no_challenge(c, w, unfit);
	else if (!err_is_set(&w->err) && doc_len(unfit) > 0) {
		char *names = doc_join(unfit, ", ");
		log_warning("acme-challenge",
		    "left to another stage, since %s cannot do them: %s",
		    c->desc == NULL ? "this one" : c->desc->name, names);
		free(names);
	}
	if (c->desc != NULL && c->desc->single && w->n_todo > 1) {
		w->more = 1;
		work_todo_release(w, 1);
	}
	w->by_order = order_decides(w);
out:
	doc_free(lists);
	doc_free(unfit);
}
