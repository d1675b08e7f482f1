/* renew_load.c - can a renewal file be used (spec 6.2)? */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "renew.h"
#include "restore.h"
#include "select.h"
#include "value.h"

static const char logger[] = "certbot._internal.renewal";

/* The file cannot be used: one of spec 6.2's sentences. */
static int parse_failed(struct err *err, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

static int
parse_failed(struct err *err, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	log_error(logger, "%s", text);
	if (!err_is_set(err))
		err_set(err, ERR_brokenLineage, "%s", text);
	free(text);
	return -1;
}

/* Do the options ask for one plugin a role? */
static int
requests_agree(const struct config *c, struct err *err)
{
	struct config named;
	int rc;

	config_copy(&named, c);
	rc = plugins_named(&named, err);
	config_release(&named);
	return rc;
}

/* Names that a certificate of ours cannot have (addresses are another kind). */
static int
check_names(jv doc, const char *conf, struct err *err)
{
	jv names = doc_find(doc, "certificate", "names", NULL);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		char *good;

		if (strchr(name, ':') != NULL ||
		    name[strspn(name, "0123456789.")] == '\0')
			continue;
		good = value_domain(name, err);
		free(good);
		if (good == NULL)
			rc = parse_failed(err,
			    "Renewal configuration file %s references a certificate that contains an invalid domain name. The problem was: %s. Skipping.",
			    conf, err_text(err));
	}
	doc_free(names);
	return rc;
}

int
renew_load(jv doc, const char *conf, struct config *c, struct err *why)
{
	jv error = doc_get(doc, "error");

	if (doc_is(error, DOC_OBJECT))
		err_from_doc(why, error);
	doc_free(error);
	/* a file that cannot be read is another thing to certbot */
	if (why->name == ERR_brokenLineage &&
	    !(why->has_members && doc_has(why->members, "file")))
		return parse_failed(why,
		    "Renewal configuration file %s is broken.\nThe error was: %s\nSkipping.",
		    conf, err_text(why));
	if (err_is_set(why))
		return parse_failed(why,
		    "Renewal configuration file %s (cert: %s) produced an unexpected error: %s. Skipping.",
		    conf, doc_str_find(doc, "lineage", "name", NULL),
		    err_text(why));
	if (!doc_has(doc, "renewalparams"))
		return parse_failed(why,
		    "Renewal configuration file %s lacks renewalparams. Skipping.",
		    conf);
	if (doc_str_find(doc, "renewalparams", "authenticator", NULL) == NULL)
		return parse_failed(why,
		    "Renewal configuration file %s does not specify an authenticator. Skipping.",
		    conf);
	if (requests_agree(c, why) != 0 || restore_params(c, doc, why) != 0)
		return parse_failed(why,
		    "An error occurred while parsing %s. The error was %s. Skipping the file.",
		    conf, err_text(why));
	return check_names(doc, conf, why);
}
