/* Which names failed, and what the server said of each. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "challenge.h"

static const char logger[] = "certbot._internal.auth_handler";
enum { TEXT_MAX = 8192 };

/* The problems of an authorization, each with its identifier. */
static jv
problems(jv authz, jv all TAKES)
{
	jv errors = authorization_errors(authz);

	for (size_t i = 0; i < doc_len(errors); i++) {
		jv one = doc_at(errors, i);
		if (!doc_is(one, DOC_OBJECT)) {
			doc_free(one);
			continue;
		}
		one = doc_set(one, "identifier", doc_get(authz, "identifier"));
		all = doc_push(all, one);
	}
	doc_free(errors);
	return all;
}

static const char *
short_type(const char *type)
{
	static const char prefix[] = "urn:ietf:params:acme:error:";

	if (type == NULL)
		return "unknown reason";
	return strncmp(type, prefix, sizeof(prefix) - 1) == 0 ?
	    type + sizeof(prefix) - 1 :
	    type;
}

static void
add_sentence(struct buf *b, const char *name, jv authz)
{
	jv errors = authorization_errors(authz);
	jv first = doc_at(errors, 0);
	const char *detail = doc_str(first, "detail");

	(void)buf_addf(b, "%s%s", b->len == 0 ? "" : "; ", name);
	if (doc_is(first, DOC_OBJECT))
		(void)buf_addf(b, " (%s%s%.500s)",
		    short_type(doc_str(first, "type")),
		    detail == NULL ? "" : ": ", detail == NULL ? "" : detail);
	else
		(void)buf_addf(b, " (its authorization is %s)",
		    status_of(authz));
	doc_free(first);
	doc_free(errors);
}

void
report_failure(struct challenge *c, struct work *w)
{
	jv failed = doc_array(), valid = doc_array(), all = doc_array();
	struct buf b;

	(void)c;
	buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < w->n_todo; i++) {
		jv authz = w->authz[w->todo[i].authz];
		char *name = authorization_name(authz);

		if (w->todo[i].invalid) {
			log_info(logger, "Challenge failed for domain %s",
			    name == NULL ? "?" : name);
			failed = doc_push_str(failed, name);
			add_sentence(&b, name, authz);
			all = problems(authz, all);
		}
		free(name);
	}
	for (size_t i = 0; i < w->n_authz; i++) {
		char *name;

		if (strcmp(status_of(w->authz[i]), "valid") != 0)
			continue;
		name = authorization_name(w->authz[i]);
		valid = doc_push_str(valid, name);
		free(name);
	}
	err_set(&w->err, ERR_validationFailed,
	    "the server did not validate %zu of %zu names: %s", doc_len(failed),
	    w->n_authz, b.p == NULL ? "" : b.p);
	err_member(&w->err, "failed", failed);
	err_member(&w->err, "valid", valid);
	err_member(&w->err, "subproblems", all);
	buf_release(&b);
}
