#include "revoked.h"

#include <strings.h>

#include "base/log.h"
#include "pump.h"

int
revoked_matters(const struct config *c)
{
	return !config_flag(c, "dry_run") &&
	    !config_flag(c, "renew_by_default");
}

/* Where the certificate is known it need not be read again to see that it names
 * no responder. */
static int
names_none(jv doc)
{
	return doc_has(doc, "certificate") &&
	    doc_str_find(doc, "certificate", "ocsp", NULL) == NULL;
}

/* autorenew = False makes a certificate never due (spec 4.6). */
static int
is_asked(jv doc, enum revoked_of which)
{
	const char *autorenew = doc_str_find(doc, "renewalparams", "autorenew",
	    NULL);

	if (doc_has(doc, "error") || !doc_has(doc, "lineage") ||
	    names_none(doc))
		return 0;
	return which == REVOKED_DEPLOYED || autorenew == NULL ||
	    strcasecmp(autorenew, "false") != 0;
}

/* What acme-renewal needs of each, in order. */
static jv
questions(jv docs, enum revoked_of which)
{
	jv all = doc_array();

	for (size_t i = 0; i < doc_len(docs); i++) {
		jv doc = doc_at(docs, i), q;

		if (is_asked(doc, which)) {
			q = doc_set_int(doc_object(), "acme", 1);
			q = doc_set(q, "lineage", doc_get(doc, "lineage"));
			all = doc_push(all, q);
		}
		doc_free(doc);
	}
	return all;
}

static void
say_none(jv docs)
{
	for (size_t i = 0; i < doc_len(docs); i++) {
		jv doc = doc_at(docs, i);

		if (names_none(doc))
			log_info("certbot.ocsp",
			    "Cannot extract OCSP URI from %s",
			    doc_str_find(doc, "lineage", "cert", NULL));
		doc_free(doc);
	}
}

static jv
put_answers(jv docs TAKES, enum revoked_of which, jv answers)
{
	for (size_t i = 0, at = 0; i < doc_len(docs); i++) {
		jv doc = doc_at(docs, i), answer;

		if (is_asked(doc, which)) {
			answer = doc_at(answers, at++);
			if (doc_has(answer, "renewal"))
				doc = doc_set(doc, "renewal",
				    doc_get(answer, "renewal"));
			doc_free(answer);
			docs = doc_put(docs, i, doc_copy(doc));
		}
		doc_free(doc);
	}
	return docs;
}

jv
revoked_ask(jv docs, enum revoked_of which)
{
	struct err err = {0};
	jv all = questions(docs, which), answers, args;
	size_t n = doc_len(all);

	say_none(docs);
	if (n == 0 || pump_network(&err) != 0) {
		doc_free(all);
		goto out;
	}
	args = doc_push_str(doc_array(), "acme-renewal");
	if (which == REVOKED_NEWEST)
		args = doc_push_str(args, "--newest");
	answers = pump_stage_all(args, all, &err);
	if (doc_len(answers) == n)
		docs = put_answers(docs, which, answers);
	else if (!err_is_set(&err))
		err_set(&err, ERR_internal,
		    "acme-renewal gave %zu documents for %zu", doc_len(answers),
		    n);
	doc_free(answers);
out:
	if (err_is_set(&err))
		log_warning("certbot.ocsp",
		    "The OCSP status of the certificates is not known: %s",
		    err_text(&err));
	err_clear(&err);
	return docs;
}
