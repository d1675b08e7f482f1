#include <string.h>
#include <time.h>

#include "acme/session.h"
#include "base/buf.h"

static const char *const entries[] = {"newNonce", "newAccount", "newOrder",
    "newAuthz", "revokeCert", "keyChange", "renewalInfo"};
enum { ENTRIES_NEEDED = 3 };

static int
meta_check(jv directory, struct err *err)
{
	jv meta, tos;
	int rc = 0;

	if (!doc_has(directory, "meta"))
		return 0;
	meta = doc_get(directory, "meta");
	tos = doc_get(meta, "termsOfService");
	if (!doc_is(meta, DOC_OBJECT) ||
	    (doc_has(meta, "termsOfService") && !doc_is(tos, DOC_NULL) &&
		doc_text_of(tos) == NULL))
		rc = err_set(err, ERR_protocol,
		    "the directory's meta member has the wrong form");
	doc_free(tos);
	doc_free(meta);
	return rc;
}

static int
directory_check(const char *server, jv directory, struct err *err)
{
	enum net_plain plain = acme_plain(server);
	const char *url;
	size_t i;

	if (!doc_is(directory, DOC_OBJECT))
		return err_set(err, ERR_protocol,
		    "%s is no ACME directory: it answers no JSON object",
		    server);
	for (i = 0; i < ARRAY_LEN(entries); i++) {
		if (!doc_has(directory, entries[i])) {
			if (i >= ENTRIES_NEEDED)
				continue;
			return err_set(err, ERR_protocol,
			    "%s is no ACME directory: it has no %s", server,
			    entries[i]);
		}
		if ((url = doc_str(directory, entries[i])) == NULL)
			return err_set(err, ERR_protocol,
			    "the directory %s has a %s that is no URL", server,
			    entries[i]);
		if (url_check(url, plain, entries[i], err) != 0)
			return err_prefix(err, "directory %s", server);
	}
	return meta_check(directory, err);
}

void
acme_prefetch(struct acme *a, const char *server)
{
	struct err err = {0};
	struct net_request req;
	struct net *net;
	enum net_plain plain = acme_plain(server);

	if (a->prefetch != NULL || doc_has(a->directories, server) ||
	    url_check(server, plain, "--server", &err) != 0)
		goto out;
	if ((net = acme_net(a, &err)) == NULL)
		goto out;
	req = acme_request(a, "GET", server, plain);
	if (net_send(net, &req, &a->prefetch_id, &err) == 0)
		a->prefetch = xstrdup(server);
out:
	err_clear(&err);
}

static jv
directory_fetch(struct acme *a, const char *server, struct err *err)
{
	struct acme_call call = ACME_CALL_INIT;
	jv directory = doc_none();
	char *now;

	call.url = server;
	call.flags = ACME_GET | ACME_REPEATABLE;
	if (acme_call_one(a, &call, err) != 0)
		goto out;
	if (directory_check(server, call.body, err) != 0)
		goto out;
	now = time_text((int64_t)time(NULL));
	directory = doc_set_str(doc_take(&call.body), "read", now);
	free(now);
out:
	acme_call_release(&call);
	return directory;
}

jv
acme_directory(struct acme *a, const char *server, jv known, struct err *err)
{
	struct err ignored = {0};
	jv directory;

	if (url_check(server, acme_plain(server), "the server", err) != 0) {
		if (err->name == ERR_protocol)
			err->name = ERR_usage;
		return doc_none();
	}
	if (doc_has(a->directories, server))
		return doc_get(a->directories, server);
	if (doc_is(known, DOC_OBJECT) &&
	    directory_check(server, known, &ignored) == 0)
		directory = doc_copy(known);
	else
		directory = directory_fetch(a, server, err);
	err_clear(&ignored);
	if (doc_is(directory, DOC_OBJECT))
		a->directories = doc_set(a->directories, server,
		    doc_copy(directory));
	return directory;
}
