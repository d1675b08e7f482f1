/* err.c - errors as sentences, problem documents and exit statuses. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/doc.h"

static const char own_prefix[] = "urn:acme-tools:error:";
static const char acme_prefix[] = "urn:ietf:params:acme:error:";

static const struct {
	const char *name;
	int status;
	const char *title;
} rows[] = {
    [ERR_none] = {"none", 0, ""},
#define ROW(name, status, title) [ERR_##name] = {#name, status, title},
    ERR_LIST(ROW)
#undef ROW
	[ERR_acme] = {"acme", 77, "The server refused"},
};

/* What of a problem's members is ours to say, not the server's. */
static const char *const own_members[] = {"context", "retryAfter", "stage"};

static void
set_text(struct err *e, char *text)
{
	char *safe = text_printable(text, 1);

	free(text);
	free(e->text);
	e->text = safe;
}

int
err_set(struct err *e, enum err_name name, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (e == NULL)
		return -1;
	/* the arguments may be e's own text */
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	err_clear(e);
	e->name = name;
	set_text(e, text);
	return -1;
}

int
err_sys(struct err *e, enum err_name fallback, int errnum, const char *fmt, ...)
{
	va_list ap;
	char *text, *whole;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	whole = xasprintf("%s: %s", text, strerror(errnum));
	err_clear(e);
	e->name = errnum == ENOENT ? ERR_noInput :
	    errnum == EACCES || errnum == EPERM || errnum == EROFS ?
				     ERR_permission :
				     fallback;
	set_text(e, whole);
	free(text);
	return -1;
}

/* The same, keeping our own members. */
static int
set_problem(struct err *e, int http_status, jv problem TAKES)
{
	const char *detail, *title, *type, *context;
	char *text;

	if (doc_is(problem, DOC_STRING))
		problem = doc_set(doc_object(), "detail", problem);
	else if (!doc_is(problem, DOC_OBJECT)) {
		doc_free(problem);
		problem = doc_object();
	}
	if (doc_str(problem, "type") == NULL)
		problem = doc_set_str(problem, "type", "about:blank");
	if (http_status != 0)
		problem = doc_set_int(problem, "status", http_status);
	detail = doc_str(problem, "detail");
	title = doc_str(problem, "title");
	type = doc_str(problem, "type");
	context = doc_str(problem, "context");
	if (detail != NULL)
		text = xstrdup(detail);
	else if (title != NULL)
		text = xstrdup(title);
	else if (err_acme_description(type) != NULL)
		text = xstrdup(err_acme_description(type));
	else
		text = xasprintf("the server answered with HTTP status %d",
		    http_status);
	err_clear(e);
	e->name = ERR_acme;
	set_text(e,
	    context != NULL ? xasprintf("%s: %s", context, text) :
			      xstrdup(text));
	free(text);
	e->members = problem;
	e->has_members = 1;
	return -1;
}

int
err_problem(struct err *e, int http_status, jv problem)
{
	if (e == NULL) {
		doc_free(problem);
		return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(own_members); i++)
		problem = doc_del(problem, own_members[i]);
	return set_problem(e, http_status, problem);
}

/* A server's detail stays its own: what we say goes into "context". */
static void
add_context(struct err *e, const char *prefix)
{
	const char *old = doc_str(e->members, "context");
	char *both = old != NULL ? xasprintf("%s: %s", prefix, old) :
				   xstrdup(prefix);

	e->members = doc_set_str(e->members, "context", both);
	free(both);
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	va_list ap;
	char *prefix;

	if (e == NULL || e->name == ERR_none)
		return -1;
	va_start(ap, fmt);
	prefix = xvasprintf(fmt, ap);
	va_end(ap);
	if (e->name == ERR_acme)
		add_context(e, prefix);
	set_text(e, xasprintf("%s: %s", prefix, err_text(e)));
	free(prefix);
	return -1;
}

int
err_member(struct err *e, const char *key, jv val)
{
	if (e == NULL) {
		doc_free(val);
		return -1;
	}
	if (!e->has_members)
		e->members = doc_object();
	e->has_members = 1;
	e->members = doc_set(e->members, key, val);
	return -1;
}

int
err_retry_after(struct err *e, long seconds)
{
	if (e != NULL)
		e->retry_after = seconds;
	return -1;
}

int
err_is_set(const struct err *e)
{
	return e != NULL && e->name != ERR_none;
}

void
err_clear(struct err *e)
{
	if (e == NULL)
		return;
	free(e->text);
	if (e->has_members)
		doc_free(e->members);
	*e = (struct err){0};
}

void
err_move(struct err *to, struct err *from)
{
	if (to == NULL) {
		err_clear(from);
		return;
	}
	if (to == from)
		return;
	err_clear(to);
	*to = *from;
	*from = (struct err){0};
}

const char *
err_text(const struct err *e)
{
	return e != NULL && e->text != NULL ? e->text : "";
}

int
err_exit_status(const struct err *e)
{
	if (e->name == ERR_acme)
		return err_doc_exit_status(e->members);
	return rows[e->name].status;
}

jv
err_to_doc(const struct err *e, const char *stage)
{
	jv doc = e->has_members ? doc_copy(e->members) : doc_object();
	char *type;

	if (e->name != ERR_acme) {
		type = xasprintf("%s%s", own_prefix, rows[e->name].name);
		doc = doc_set_str(doc, "type", type);
		doc = doc_set_str(doc, "title", rows[e->name].title);
		doc = doc_set_str(doc, "detail", err_text(e));
		free(type);
	}
	if (stage != NULL)
		doc = doc_set_str(doc, "stage", stage);
	if (e->retry_after > 0)
		doc = doc_set_int(doc, "retryAfter", e->retry_after);
	return doc;
}

static enum err_name
row_of(const char *type)
{
	size_t n = sizeof(own_prefix) - 1;

	if (type == NULL || strncmp(type, own_prefix, n) != 0)
		return ERR_none;
	for (size_t i = 1; i < ARRAY_LEN(rows); i++)
		if (i != ERR_acme && strcmp(rows[i].name, type + n) == 0)
			return (enum err_name)i;
	return ERR_none;
}

int
err_from_doc(struct err *e, jv error)
{
	enum err_name name = row_of(doc_str(error, "type"));
	const char *detail = doc_str(error, "detail");
	long status = 0;

	if (e == NULL)
		return -1;
	error = doc_copy(error);
	if (name == ERR_none) {
		doc_int(error, "status", &status);
		set_problem(e, (int)status, doc_copy(error));
	} else {
		err_set(e, name, "%s", detail != NULL ? detail : "");
		e->members = doc_copy(error);
		e->has_members = 1;
	}
	doc_int(error, "retryAfter", &e->retry_after);
	doc_free(error);
	return -1;
}

static int
is_listed(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(name, *list) == 0)
			return 1;
	return 0;
}

int
err_doc_exit_status(jv error)
{
	static const char *const later[] = {"rateLimited", "serverInternal",
	    "badNonce", "orderNotReady", NULL};
	static const char *const validation[] = {"connection", "dns", "tls",
	    "incorrectResponse", "dnssec", "unknownHost", NULL};
	const char *type = doc_str(error, "type");
	enum err_name name = row_of(type);
	long status = 0;

	if (name != ERR_none)
		return rows[name].status;
	if (!doc_is(error, DOC_OBJECT))
		return rows[ERR_protocol].status;
	/* A name of ours that this version does not know. */
	if (type != NULL &&
	    strncmp(type, own_prefix, sizeof(own_prefix) - 1) == 0)
		return rows[ERR_internal].status;
	doc_int(error, "status", &status);
	if (type != NULL &&
	    strncmp(type, acme_prefix, sizeof(acme_prefix) - 1) == 0) {
		const char *code = type + sizeof(acme_prefix) - 1;

		if (is_listed(code, later))
			return 75;
		if (is_listed(code, validation))
			return 68;
	}
	if (status == 429 || (status >= 500 && status <= 599))
		return 75;
	return 77;
}

const char *
err_acme_description(const char *type)
{
	static const struct {
		const char *code, *text;
	} known[] = {
	    {"accountDoesNotExist",
		"The request specified an account that does not exist"},
	    {"alreadyRevoked",
		"The request specified a certificate to be revoked that has already been revoked"},
	    {"badCSR", "The CSR is unacceptable (e.g., due to a short key)"},
	    {"badNonce", "The client sent an unacceptable anti-replay nonce"},
	    {"badPublicKey",
		"The JWS was signed by a public key the server does not support"},
	    {"badRevocationReason",
		"The revocation reason provided is not allowed by the server"},
	    {"badSignatureAlgorithm",
		"The JWS was signed with an algorithm the server does not support"},
	    {"caa",
		"Certification Authority Authorization (CAA) records forbid the CA from issuing a certificate"},
	    {"compound",
		"Specific error conditions are indicated in the \"subproblems\" array"},
	    {"connection",
		"The server could not connect to the client to verify the domain"},
	    {"dns",
		"There was a problem with a DNS query during identifier validation"},
	    {"dnssec", "The server could not validate a DNSSEC signed domain"},
	    {"incorrectResponse",
		"Response received didn't match the challenge's requirements"},
	    {"invalidEmail",
		"The provided email for a registration was invalid"},
	    {"invalidContact", "The provided contact URI was invalid"},
	    {"malformed", "The request message was malformed"},
	    {"rejectedIdentifier",
		"The server will not issue certificates for the identifier"},
	    {"orderNotReady",
		"The request attempted to finalize an order that is not ready to be finalized"},
	    {"rateLimited", "There were too many requests of a given type"},
	    {"serverInternal", "The server experienced an internal error"},
	    {"tls",
		"The server experienced a TLS error during domain verification"},
	    {"unauthorized", "The client lacks sufficient authorization"},
	    {"unsupportedContact",
		"A contact URL for an account used an unsupported protocol scheme"},
	    {"unknownHost", "The server could not resolve a domain name"},
	    {"unsupportedIdentifier",
		"An identifier is of an unsupported type"},
	    {"externalAccountRequired",
		"The server requires external account binding"},
	};

	if (strncmp(type, acme_prefix, sizeof(acme_prefix) - 1) == 0)
		type += sizeof(acme_prefix) - 1;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].code, type) == 0)
			return known[i].text;
	return NULL;
}
