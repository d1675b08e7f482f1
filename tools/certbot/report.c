/* report.c - certbot's closing words. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/names.h"
#include "driver.h"
#include "hooks.h"
#include "json.h"
#include "screen.h"

static int donate;
static int obtained;

void
report_requesting(const struct config *c, jv names, int renew)
{
	int dry = config_flag(c, "dry_run");
	char *text = names_short(names);

	screen_status("%s for %s",
	    renew ? (dry ? "Simulating renewal of an existing certificate" :
			   "Renewing an existing certificate") :
		    (dry ? "Simulating a certificate request" :
			   "Requesting a certificate"),
	    text);
	free(text);
}

static int
manual_without_hook(const struct config *c)
{
	const char *name = config_str(c, "authenticator");

	return name != NULL && strcmp(name, "manual") == 0 &&
	    hook_command(c, "manual_auth_hook") == NULL;
}

static const char *
renewal_advice(const struct config *c)
{
	if (config_str(c, "csr") != NULL)
		return "Certificates created using --csr will not be renewed automatically by Certbot. You will need to renew the certificate before it expires, by running the same Certbot command again.";
	if (manual_without_hook(c))
		return "This certificate will not be renewed automatically. Autorenewal of --manual certificates requires the use of an authentication hook script (--manual-auth-hook) but one was not provided. To renew this certificate, repeat this same certbot command before the certificate's expiry date.";
	if (config_flag(c, "preconfigured_renewal"))
		return NULL;
	return "The certificate will need to be renewed before it expires. Certbot can automatically renew the certificate in the background, but you may need to take steps to enable that functionality. See https://certbot.org/renewal-setup for instructions.";
}

/* How an installer that failed is tried again; malloc'd. */
static char *
installer_advice(const struct config *c, jv doc)
{
	const char *installer = config_str(c, "installer");
	const char *name = doc_str_find(doc, "lineage", "name", NULL);

	if (strcmp(c->verb, "certonly") == 0)
		return xasprintf(
		    "The certificate was saved, but was not successfully loaded by the installer (%s) due to the installer failing to reload. After fixing the error shown below, try reloading %s manually.",
		    installer, installer);
	return xasprintf(
	    "The certificate was saved, but could not be installed (installer: %s). After fixing the error shown below, try installing it again by running:\n  certbot install --cert-name %s",
	    installer, name ? name : "");
}

void
report_next_steps(const struct config *c, jv doc, int is_new, int failed)
{
	const char *renewal = is_new ? renewal_advice(c) : NULL;
	char *again = failed ? installer_advice(c, doc) : NULL;

	if (renewal == NULL && again == NULL)
		return;
	if (screen_is_terminal())
		screen_bold("\nNEXT STEPS:");
	else
		screen_status("NEXT STEPS:");
	if (again != NULL)
		screen_status("- %s", again);
	if (renewal != NULL)
		screen_status("- %s", renewal);
	if (again != NULL) /* the error comes apart */
		screen_status("%s", "");
	free(again);
}

static void
paths_of_lineage(const struct config *c, jv doc, const char *day)
{
	jv lineage = doc_get(doc, "lineage");

	screen_status(
	    "\nSuccessfully received certificate.\nCertificate is saved at: %s\nKey is saved at:         %s\nThis certificate expires on %s.\nThese files will be updated when the certificate renews.%s%s",
	    doc_str(lineage, "fullchain"), doc_str(lineage, "privkey"), day,
	    config_flag(c, "preconfigured_renewal") && !manual_without_hook(c) ?
		"\nCertbot has set up a scheduled task to automatically renew this certificate in the background." :
		"",
	    strcmp(c->verb, "run") == 0 ? "\n" : "");
	doc_free(lineage);
}

static void
paths_of_csr(jv doc, const char *day)
{
	jv saved = doc_get(doc, "saved");

	screen_status(
	    "\nSuccessfully received certificate.\nCertificate is saved at:            %s\nIntermediate CA chain is saved at:  %s\nFull certificate chain is saved at: %s\nThis certificate expires on %s.",
	    doc_str(saved, "cert"), doc_str(saved, "chain"),
	    doc_str(saved, "fullchain"), day);
	doc_free(saved);
}

void
report_saved(const struct config *c, jv doc)
{
	const char *end = doc_str_find(doc, "certificate", "notAfter", NULL);
	char *day;

	json_print_result(doc, "success", NULL);
	if (config_flag(c, "dry_run")) {
		screen_status("The dry run was successful.");
		return;
	}
	obtained = 1;
	day = xstrndup(end != NULL ? end : "", 10);
	if (config_str(c, "csr") != NULL)
		paths_of_csr(doc, day);
	else
		paths_of_lineage(c, doc, day);
	free(day);
}

void
report_donate(const struct config *c)
{
	donate = !config_flag(c, "dry_run") && !config_flag(c, "staging") &&
	    !server_is_test(config_str(c, "server"));
}

void
report_obtained(const struct config *c, jv doc)
{
	report_saved(c, doc);
	report_next_steps(c, doc, !config_flag(c, "dry_run"), 0);
	report_donate(c);
}

int
report_has_obtained(void)
{
	return obtained;
}

void
report_end(void)
{
	if (donate)
		screen_notice(
		    "If you like Certbot, please consider supporting our work by:\n * Donating to ISRG / Let's Encrypt:   https://letsencrypt.org/donate\n * Donating to EFF:                    https://eff.org/donate-le",
		    0);
	donate = 0;
}

/* A problem's type as the report shows it. */
static const char *
short_type(const char *type)
{
	static const char acme[] = "urn:ietf:params:acme:error:";

	if (type == NULL)
		return "None";
	if (strncmp(type, acme, sizeof(acme) - 1) == 0 &&
	    err_acme_description(type) != NULL)
		return type + sizeof(acme) - 1;
	return type;
}

static int
by_type(const void *a, const void *b)
{
	const char *x = doc_str(*(const jv *)a, "type");
	const char *y = doc_str(*(const jv *)b, "type");

	return strcmp(x != NULL ? x : "", y != NULL ? y : "");
}

static void
add_problem(struct buf *b, jv problem)
{
	const char *name = doc_str_find(problem, "identifier", "value", NULL);
	const char *detail = doc_str(problem, "detail");

	buf_addf(b, "  Domain: %s\n  Type:   %s\n  Detail: %s\n\n",
	    name != NULL ? name : "", short_type(doc_str(problem, "type")),
	    detail != NULL ? detail : "");
}

void
report_failed_names(const struct config *c, const struct err *err)
{
	jv list = err->has_members ?
	    doc_get_kind(err->members, "subproblems", DOC_ARRAY) :
	    doc_none();
	size_t n = doc_len(list);
	jv *sorted = xcalloc(n + 1, sizeof(*sorted));
	const char *hint = err->has_members ? doc_str(err->members, "hint") :
					      NULL;
	struct buf b;
	char *text;

	buf_init(&b, DOC_MAX);
	buf_addf(&b,
	    "\nCertbot failed to authenticate some domains (authenticator: %s). The Certificate Authority reported these problems:\n",
	    config_str(c, "authenticator"));
	for (size_t i = 0; i < n; i++) {
		size_t k = i;

		sorted[i] = doc_at(list, i);
		/* stable: the order of the authorizations inside a type */
		while (k > 0 && by_type(&sorted[k - 1], &sorted[k]) > 0) {
			jv swap = sorted[k];

			sorted[k] = sorted[k - 1];
			sorted[k - 1] = swap;
			k--;
		}
	}
	for (size_t i = 0; i < n; i++) {
		add_problem(&b, sorted[i]);
		doc_free(sorted[i]);
	}
	if (hint != NULL)
		buf_addf(&b, "Hint: %s\n", hint);
	text = buf_detach(&b);
	screen_status("%s", text);
	free(text);
	free(sorted);
	doc_free(list);
}
