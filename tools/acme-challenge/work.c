#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "challenge.h"
#include "crypto/b64.h"
#include "store/account.h"

enum { AUTHORIZATIONS_MAX = 200 };

const char *
status_of(jv object)
{
	const char *s = doc_str(object, "status");

	return s == NULL ? "" : s;
}

int
is_open(jv authz)
{
	return strcmp(status_of(authz), "pending") == 0 ||
	    status_of(authz)[0] == '\0';
}

/* Tokens become names of files and words for hooks, whoever wrote them. */
static int
tokens_check(jv authz, struct err *err)
{
	jv list = doc_get_kind(authz, "challenges", DOC_ARRAY);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < doc_len(list); i++) {
		jv one = doc_at(list, i);
		const char *type = doc_str(one, "type");
		const char *token = doc_str(one, "token");

		if (type != NULL && challenge_known(type) && token != NULL &&
		    !b64url_token_ok(token, TOKEN_MAX))
			rc = err_set(err, ERR_badDocument,
			    "the document's authorization %s has a %s token "
			    "that is not of 1 to %d characters of the base64url "
			    "alphabet",
			    doc_str(authz, "url"), type, TOKEN_MAX);
		doc_free(one);
	}
	doc_free(list);
	return rc;
}

static int
take_authorizations(struct work *w)
{
	jv list = doc_get_kind(w->doc, "authorizations", DOC_ARRAY);
	jv urls = doc_get_kind(w->order, "authorizations", DOC_ARRAY);
	size_t n = doc_len(list) > 0 ? doc_len(list) : doc_len(urls);
	int rc = 0;

	if (n > AUTHORIZATIONS_MAX)
		rc = err_set(&w->err, ERR_badDocument,
		    "the order has more than %d authorizations",
		    AUTHORIZATIONS_MAX);
	w->authz = xcalloc(n + 1, sizeof(*w->authz));
	for (size_t i = 0; rc == 0 && i < n; i++) {
		jv one = doc_len(list) > 0 ?
		    doc_at(list, i) :
		    doc_set_str(doc_object(), "url", doc_str_at(urls, i));
		w->authz[w->n_authz++] = one;
		if (doc_str(one, "url") == NULL)
			rc = err_set(&w->err, ERR_badDocument,
			    "authorization %zu of the document has no url",
			    i + 1);
		else
			rc = tokens_check(one, &w->err);
	}
	doc_free(list);
	doc_free(urls);
	return rc;
}

static int
take_session(struct challenge *c, struct work *w)
{
	const char *server = doc_str(w->doc, "server");
	const char *kid = doc_str_find(w->doc, "account", "url", NULL);
	jv known = doc_get_kind(w->doc, "directory", DOC_OBJECT);
	jv directory = doc_none();
	EVP_PKEY *key;

	if (server == NULL)
		server = c->st.server;
	if (server == NULL || kid == NULL) {
		doc_free(known);
		return err_set(&w->err, ERR_badDocument,
		    "the document names no %s; let acme-account and acme-order "
		    "write it",
		    server == NULL ? "server" : "account");
	}
	directory = acme_directory(c->acme, server, known, &w->err);
	doc_free(known);
	if (doc_is(directory, DOC_NONE))
		return -1;
	key = account_key_for(w->doc, c->st.account_dir, NULL, &w->err);
	if (key != NULL)
		w->session = acme_session(c->acme, server, directory, key, kid,
		    &w->err);
	doc_free(directory);
	if (w->session == NULL)
		return -1;
	w->key = acme_session_key(w->session);
	return 0;
}

void
work_begin(struct challenge *c, struct work *w, jv doc TAKES)
{
	memset(w, 0, sizeof(*w));
	w->doc = doc;
	w->order = doc_get_kind(doc, "order", DOC_OBJECT);
	if (doc_is(w->order, DOC_NONE) || doc_str(w->order, "url") == NULL) {
		err_set(&w->err, ERR_badDocument,
		    "the document has no order; make one with acme-order new");
		return;
	}
	if (take_authorizations(w) == 0)
		(void)take_session(c, w);
}

void
work_todo_release(struct work *w, size_t n)
{
	while (w->n_todo > n) {
		struct todo *t = &w->todo[--w->n_todo];
		doc_free(t->challenge);
		doc_free(t->sent);
	}
}

static void
work_release(struct work *w)
{
	work_todo_release(w, 0);
	free(w->todo);
	for (size_t i = 0; i < w->n_authz; i++)
		doc_free(w->authz[i]);
	free(w->authz);
	doc_free(w->order);
	doc_free(w->doc);
	err_clear(&w->err);
	memset(w, 0, sizeof(*w));
	w->done = 1;
}

/* Objects of all documents that are read again in one go. */
struct batch {
	jv *objects;
	struct acme_session **sessions;
	struct work **owners;
	jv **places;
	struct err *errs;
	size_t n;
};

static void
batch_init(struct batch *b, size_t max)
{
	b->objects = xcalloc(max + 1, sizeof(*b->objects));
	b->sessions = xcalloc(max + 1, sizeof(*b->sessions));
	b->owners = xcalloc(max + 1, sizeof(*b->owners));
	b->places = xcalloc(max + 1, sizeof(*b->places));
	b->errs = xcalloc(max + 1, sizeof(*b->errs));
	b->n = 0;
}

static void
batch_release(struct batch *b)
{
	free(b->objects);
	free(b->sessions);
	free(b->owners);
	free(b->places);
	free(b->errs);
}

static void
batch_add(struct batch *b, struct work *w, jv *place)
{
	b->objects[b->n] = doc_copy(*place);
	b->sessions[b->n] = w->session;
	b->owners[b->n] = w;
	b->places[b->n++] = place;
}

static void
batch_store(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct work *w = b->owners[i];

		if (!err_is_set(&b->errs[i]) && b->places[i] != &w->order)
			(void)order_authorization_check(w->order, b->objects[i],
			    &b->errs[i]);
		if (err_is_set(&b->errs[i])) {
			if (!err_is_set(&w->err))
				err_move(&w->err, &b->errs[i]);
			err_clear(&b->errs[i]);
			doc_free(b->objects[i]);
		} else {
			doc_move(b->places[i], b->objects[i]);
		}
	}
}

/* An order or authorization that could be acted on, but whose status is old. */
static int
wants_order(const struct work *w)
{
	return !err_is_set(&w->err) &&
	    strcmp(status_of(w->order), "pending") == 0 &&
	    object_is_stale(w->order, OBJECT_FRESH_SECONDS);
}

static int
wants_authz(const struct work *w, size_t i)
{
	return !err_is_set(&w->err) &&
	    strcmp(status_of(w->order), "pending") == 0 &&
	    is_open(w->authz[i]) &&
	    (status_of(w->authz[i])[0] == '\0' ||
		object_is_stale(w->authz[i], OBJECT_FRESH_SECONDS));
}

int
works_refresh(struct challenge *c, struct work *works, size_t n,
    struct err *err)
{
	struct batch b;
	size_t max = n;
	int rc;

	for (size_t i = 0; i < n; i++)
		max += works[i].n_authz;
	batch_init(&b, max);
	for (size_t i = 0; i < n; i++)
		if (wants_order(&works[i]))
			batch_add(&b, &works[i], &works[i].order);
	rc = b.n == 0 ?
	    0 :
	    order_read(c->acme, b.sessions, b.objects, b.n, b.errs, err);
	batch_store(&b);
	batch_release(&b);
	if (rc == -1)
		return -1;
	batch_init(&b, max);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < works[i].n_authz; k++)
			if (wants_authz(&works[i], k))
				batch_add(&b, &works[i], &works[i].authz[k]);
	rc = b.n == 0 ? 0 :
			authorization_read(c->acme, b.sessions, b.objects, b.n,
			    b.errs, err);
	batch_store(&b);
	batch_release(&b);
	return rc;
}

void
work_write(struct challenge *c, struct work *w)
{
	jv list = doc_array();
	struct err err = {0};
	jv doc = doc_take(&w->doc);

	for (size_t i = 0; i < w->n_authz; i++)
		list = doc_push(list, doc_take(&w->authz[i]));
	if (doc_is(w->order, DOC_OBJECT))
		doc = doc_set(doc, "order", doc_take(&w->order));
	if (w->n_authz > 0)
		doc = doc_set(doc, "authorizations", list);
	else
		doc_free(list);
	err_move(&err, &w->err);
	work_release(w);
	if (err_is_set(&err))
		stage_fail(&c->st, doc, &err);
	else
		stage_emit(&c->st, doc);
}
