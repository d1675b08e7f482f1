/* certificates.c - the list of what there is (spec 7.6). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "base/stage.h"
#include "base/term.h"
#include "decide.h"
#include "driver.h"
#include "json.h"
#include "pump.h"
#include "revoked.h"
#include "screen.h"
#include "steps.h"
#include "verify.h"

/* "VALID: 89 days", "INVALID: TEST_CERT, EXPIRED"; malloc'd. */
static char *
validity(jv doc, int64_t end)
{
	const char *server = doc_str_find(doc, "renewalparams", "server", NULL);
	int64_t left = end - (int64_t)time(NULL);
	long days = (long)(left / 86400);
	int test = server_is_test(server), expired = left <= 0;
	jv renewal = doc_get(doc, "renewal");
	int revoked = !expired && doc_flag(renewal, "revoked", 0);

	doc_free(renewal);
	if (test || expired || revoked)
		return xasprintf("INVALID: %s%s%s", test ? "TEST_CERT" : "",
		    test && (expired || revoked) ? ", " : "",
		    expired	? "EXPIRED" :
			revoked ? "REVOKED" :
				  "");
	if (days == 1)
		return xstrdup("VALID: 1 day");
	if (days < 1)
		return xasprintf("VALID: %ld hour(s)", (long)(left / 3600));
	return xasprintf("VALID: %ld days", days);
}

static void
describe(struct buf *b, jv doc)
{
	jv lineage = doc_get(doc, "lineage"),
	   cert = doc_get(doc, "certificate");
	jv names = doc_get(cert, "names");
	char *joined = doc_join(names, " "), *state;
	const char *type = doc_str(cert, "keyType");
	const char *after = doc_str(cert, "notAfter");
	int64_t end = 0;

	time_parse(after != NULL ? after : "", &end);
	state = validity(doc, end);
	buf_addf(b,
	    "\n  Certificate Name: %s\n    Serial Number: %s\n"
	    "    Key Type: %s\n    Domains: %s\n"
	    "    Expiry Date: %.10s %.8s+00:00 (%s)\n"
	    "    Certificate Path: %s\n    Private Key Path: %s",
	    doc_str(lineage, "name"), doc_str(cert, "serial"),
	    type != NULL && strcmp(type, "ecdsa") == 0 ? "ECDSA" : "RSA",
	    joined, after, after + 11, state, doc_str(lineage, "fullchain"),
	    doc_str(lineage, "privkey"));
	free(state);
	free(joined);
	doc_free(names);
	doc_free(cert);
	doc_free(lineage);
}

/* --cert-name and -d as filters. */
static int
is_wanted(const struct config *c, jv doc)
{
	const char *name = config_str(c, "certname");
	const char *own = doc_str_find(doc, "lineage", "name", NULL);
	jv wanted = config_list(c, "domains");
	jv has = doc_find(doc, "certificate", "names", NULL);
	int yes = (name == NULL || (own != NULL && strcmp(name, own) == 0)) &&
	    names_subset(wanted, has);

	doc_free(wanted);
	doc_free(has);
	return yes;
}

/* What can be listed, and what is broken: documents. */
struct listing {
	jv valid, invalid;
	int filtered; /* some can be listed, and --cert-name or -d chooses */
	size_t parsed;
};

/* A document of a lineage that cannot be used gets an error, if it has none. */
static jv
with_error(jv doc TAKES)
{
	struct err why = {0};

	if (doc_has(doc, "error") || doc_has(doc, "renewalparams"))
		return doc;
	err_set(&why, ERR_brokenLineage, "it lacks renewalparams");
	doc = doc_set(doc, "error", err_to_doc(&why, NULL));
	err_clear(&why);
	return doc;
}

static void
listing_take(struct listing *l, const struct config *c, jv doc TAKES)
{
	const char *conf = doc_str_find(doc, "lineage", "conf", NULL);

	doc = with_error(doc);
	if (conf != NULL && doc_has(doc, "error")) {
		log_warning("certbot._internal.cert_manager",
		    "Renewal configuration file %s produced an unexpected error: %s. Skipping.",
		    doc_str_find(doc, "lineage", "conf", NULL),
		    doc_str_find(doc, "error", "detail", NULL));
		l->invalid = doc_push(doc_take(&l->invalid), doc);
		return;
	}
	l->parsed += (size_t)doc_has(doc, "certificate");
	if (doc_has(doc, "certificate") && is_wanted(c, doc))
		l->valid = doc_push(doc_take(&l->valid), doc);
	else
		doc_free(doc);
}

static struct listing
listing_make(const struct config *c, struct err *err)
{
	jv all = lineages_verify(c, err), names = config_list(c, "domains");
	struct listing l = {doc_array(), doc_array(),
	    config_str(c, "certname") != NULL || doc_len(names) > 0, 0};

	doc_free(names);
	for (size_t i = 0; i < doc_len(all); i++)
		listing_take(&l, c, doc_at(all, i));
	doc_free(all);
	l.filtered = l.filtered && l.parsed > 0;
	l.valid = revoked_ask(doc_take(&l.valid), REVOKED_DEPLOYED);
	return l;
}

/* One array, in the order of the text: what is valid, then what is broken. */
static void
print_json(const struct listing *l)
{
	jv out = doc_array();

	for (size_t i = 0; i < doc_len(l->valid); i++) {
		jv doc = doc_at(l->valid, i);

		out = doc_push(out, json_lineage(doc));
		doc_free(doc);
	}
	for (size_t i = 0; i < doc_len(l->invalid); i++) {
		jv doc = doc_at(l->invalid, i);
		jv one = json_lineage(doc);

		one = doc_set_flag(one, "valid", 0);
		one = doc_set(one, "error", doc_get(doc, "error"));
		out = doc_push(out, one);
		doc_free(doc);
	}
	json_print(out);
}

static const char *
heading(const struct listing *l)
{
	if (l->filtered)
		return "Found the following matching certs:";
	return doc_len(l->valid) > 0 ? "Found the following certs:" : "";
}

static void
print_text(const struct listing *l)
{
	size_t shown = doc_len(l->valid), bad = doc_len(l->invalid);
	struct buf b;

	buf_init(&b, (size_t)DOC_MAX * 16);
	if (shown == 0 && bad == 0 && !l->filtered)
		buf_adds(&b, "No certificates found.");
	else
		buf_adds(&b, heading(l));
	for (size_t i = 0; i < shown; i++) {
		jv doc = doc_at(l->valid, i);

		describe(&b, doc);
		doc_free(doc);
	}
	if (shown == 0 && l->filtered)
		buf_adds(&b, "\n");
	if (bad > 0)
		buf_addf(&b,
		    "%s\nThe following renewal configurations were invalid:",
		    shown > 0 ? "\n" : "");
	for (size_t i = 0; i < bad; i++) {
		jv doc = doc_at(l->invalid, i);

		buf_addf(&b, "\n  %s",
		    doc_str_find(doc, "lineage", "conf", NULL));
		doc_free(doc);
	}
	screen_notice(b.p != NULL ? b.p : "", 0);
	buf_release(&b);
}

int
verb_certificates(struct config *c, struct err *err)
{
	struct listing l = listing_make(c, err);

	if (!err_is_set(err) && json_wanted())
		print_json(&l);
	else if (!err_is_set(err))
		print_text(&l);
	doc_free(l.invalid);
	doc_free(l.valid);
	return err_is_set(err) ? -1 : 0;
}
