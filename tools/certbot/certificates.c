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
#include "pump.h"
#include "revoked.h"
#include "screen.h"
#include "steps.h"

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

static jv
verify_all(const struct config *c, struct err *err)
{
	return pump_stage_all(step_certstore(c, "verify"), doc_none(), err);
}

int
verb_certificates(struct config *c, struct err *err)
{
	jv all = verify_all(c, err), valid = doc_array(), invalid = doc_array();
	int filtered = config_is_set(c, "certname") ||
	    config_is_set(c, "domains");
	struct buf b;
	size_t shown;
	char *text;

	buf_init(&b, (size_t)DOC_MAX * 16);
	for (size_t i = 0; i < doc_len(all); i++) {
		jv doc = doc_at(all, i), error = doc_get(doc, "error");
		const char *conf = doc_str_find(doc, "lineage", "conf", NULL);

		if (conf != NULL &&
		    (doc_is(error, DOC_OBJECT) ||
			!doc_has(doc, "renewalparams"))) {
			log_warning("certbot._internal.cert_manager",
			    "Renewal configuration file %s produced an unexpected error: %s. Skipping.",
			    conf,
			    doc_is(error, DOC_OBJECT) ?
				doc_str(error, "detail") :
				"it lacks renewalparams");
			invalid = doc_push(invalid, doc_string(conf));
		} else if (doc_has(doc, "certificate") && is_wanted(c, doc)) {
			valid = doc_push(valid, doc_copy(doc));
		}
		doc_free(error);
		doc_free(doc);
	}
	valid = revoked_ask(valid, REVOKED_DEPLOYED);
	shown = doc_len(valid);
	for (size_t i = 0; i < shown; i++) {
		jv doc = doc_at(valid, i);

		describe(&b, doc);
		doc_free(doc);
	}
	if (shown == 0 && doc_len(invalid) == 0 && !filtered) {
		text = xstrdup("No certificates found.");
	} else {
		char *list = buf_detach(&b), *bad = doc_join(invalid, "\n  ");

		text = xasprintf("%s%s%s%s%s",
		    shown == 0 && !filtered ? "" :
			filtered ? "Found the following matching certs:" :
				   "Found the following certs:",
		    list != NULL ? list : "",
		    shown == 0 && filtered ? "\n" : "",
		    doc_len(invalid) > 0 ?
			"\nThe following renewal configurations were invalid:\n  " :
			"",
		    bad);
		free(bad);
		free(list);
	}
	screen_notice(text, 0);
	free(text);
	buf_release(&b);
	doc_free(invalid);
	doc_free(valid);
	doc_free(all);
	return err_is_set(err) ? -1 : 0;
}
