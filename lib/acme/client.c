#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acme/session.h"
#include "base/buf.h"
#include "crypto/jwk.h"
#include "crypto/key.h"
#include "store/account.h"

static jv
headers_new(const struct stage *st)
{
	char *own = xasprintf("acme-tools/%s (%s)", acme_tools_version,
	    st->name);
	jv h = doc_object();

	h = doc_set_str(h, "user-agent",
	    st->user_agent != NULL ? st->user_agent : own);
	h = doc_set_str(h, "accept-language", "en");
	free(own);
	return h;
}

struct acme *
acme_new(const struct stage *st)
{
	struct acme *a = xcalloc(1, sizeof(*a));

	a->stage = st;
	a->trace_fd = -1;
	a->get_headers = headers_new(st);
	a->post_headers = doc_set_str(doc_copy(a->get_headers), "content-type",
	    "application/jose+json");
	a->directories = doc_object();
	return a;
}

static void
session_free(struct acme_session *s)
{
	free(s->server);
	doc_free(s->directory);
	EVP_PKEY_free(s->key);
	free(s->kid);
	free(s->thumbprint);
	free(s);
}

void
acme_free(struct acme *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n_sessions; i++)
		session_free(a->sessions[i]);
	free(a->sessions);
	if (a->net != NULL)
		net_close(a->net);
	if (a->trace_fd >= 0)
		close(a->trace_fd);
	doc_free(a->get_headers);
	doc_free(a->post_headers);
	doc_free(a->directories);
	free(a->prefetch);
	free(a);
}

static int
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

struct acme_session *
acme_session(struct acme *a, const char *server, jv directory,
    EVP_PKEY *key TAKES, const char *kid, struct err *err)
{
	struct acme_session *s;
	char *thumbprint;
	size_t i;

	for (i = 0; i < a->n_sessions; i++) {
		s = a->sessions[i];
		if (same_text(s->server, server) && same_text(s->kid, kid) &&
		    key_same(s->key, key)) {
			EVP_PKEY_free(key);
			return s;
		}
	}
	if (kid != NULL &&
	    url_check(kid, acme_plain(server), "the account's URL", err) != 0)
		goto fail;
	if ((thumbprint = jwk_thumbprint(key, err)) == NULL)
		goto fail;
	s = xcalloc(1, sizeof(*s));
	s->server = xstrdup(server);
	s->directory = doc_copy(directory);
	s->key = key;
	s->kid = kid != NULL ? xstrdup(kid) : NULL;
	s->thumbprint = thumbprint;
	s->plain = acme_plain(server);
	a->sessions = xrealloc(a->sessions,
	    (a->n_sessions + 1) * sizeof(*a->sessions));
	return a->sessions[a->n_sessions++] = s;
fail:
	EVP_PKEY_free(key);
	return NULL;
}

struct acme_session *
acme_session_of(struct acme *a, jv *doc, EVP_PKEY *key TAKES, struct err *err)
{
	struct acme_session *s = NULL;
	const char *given = doc_str(*doc, "server");
	const char *kid = doc_str_find(*doc, "account", "url", NULL);
	char *server;
	jv known, directory;

	if (given == NULL)
		given = a->stage->server;
	if (given == NULL) {
		err_set(err, ERR_usage,
		    "no server: the document names none "
		    "and there is neither --server nor ACME_SERVER");
		EVP_PKEY_free(key);
		return NULL;
	}
	server = xstrdup(given);
	known = doc_get_kind(*doc, "directory", DOC_OBJECT);
	directory = acme_directory(a, server, known, err);
	if (doc_is(directory, DOC_OBJECT))
		s = acme_session(a, server, directory, key, kid, err);
	else
		EVP_PKEY_free(key);
	if (s != NULL) {
		*doc = doc_set_str(*doc, "server", server);
		if (!doc_equal(known, directory))
			*doc = doc_set(*doc, "directory", doc_copy(directory));
	}
	doc_free(directory);
	doc_free(known);
	free(server);
	return s;
}

struct acme_session *
acme_session_attached(struct acme *a, jv *doc, const char *id, struct err *err)
{
	const char *dir = a->stage->account_dir;
	EVP_PKEY *key = NULL;

	if (account_attach(doc, dir, a->stage->server, id, err) == 0)
		key = account_key_for(*doc, dir, NULL, err);
	return key == NULL ? NULL : acme_session_of(a, doc, key, err);
}

const char *
acme_session_server(const struct acme_session *s)
{
	return s->server;
}

jv
acme_session_directory(const struct acme_session *s)
{
	return s->directory;
}

EVP_PKEY *
acme_session_key(const struct acme_session *s)
{
	return s->key;
}

const char *
acme_session_thumbprint(const struct acme_session *s)
{
	return s->thumbprint;
}

const char *
acme_session_kid(const struct acme_session *s)
{
	return s->kid;
}

const char *
acme_session_url(const struct acme_session *s, const char *entry)
{
	return doc_str(s->directory, entry);
}

enum net_plain
acme_session_plain(const struct acme_session *s)
{
	return s->plain;
}
