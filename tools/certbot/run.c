/* run.c - the manual's run, the default: a certificate is obtained and
 * installed (spec installers E4). */
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/buf.h"
#include "driver.h"
#include "install.h"
#include "json.h"
#include "obtain.h"
#include "pump.h"
#include "report.h"
#include "screen.h"
#include "select.h"

/* "https://a, https://b, and https://c" */
static char *
https_names(jv names)
{
	size_t n = doc_len(names);
	struct buf b;

	buf_init(&b, DOC_MAX);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%shttps://%s",
		    i == 0	  ? "" :
			i + 1 < n ? ", " :
			n == 2	  ? " and " :
				    ", and ",
		    doc_str_at(names, i));
	buf_adds(&b, "");
	return buf_detach(&b);
}

static void
say_installed(jv doc, int renewed)
{
	jv names;
	char *text;

	if (renewed) {
		screen_status(
		    "Your existing certificate has been successfully renewed, and the new certificate has been installed.");
		return;
	}
	names = doc_find(doc, "request", "names", NULL);
	text = https_names(names);
	screen_status(
	    "Congratulations! You have successfully enabled HTTPS on %s", text);
	free(text);
	doc_free(names);
}

/* doc: of the last stage, or the plan that keeps a certificate. An error of the
 * installer is told after what is to be done about it. */
static int
run_install(struct config *c, jv doc, int obtained, struct err *err)
{
	const char *action = doc_str_find(doc, "plan", "action", NULL);

	if (install_deploy(c, doc, err) == 0)
		say_installed(doc, strcmp(action, "renew") == 0);
	report_next_steps(c, doc, obtained, err_is_set(err));
	if (err_is_set(err))
		return -1;
	report_donate(c);
	return 0;
}

static int
run_lineage(struct config *c, jv account, struct err *err)
{
	jv doc = obtain_plan(c, account, err), done = doc_none();
	int rc = -1;

	if (err_is_set(err)) {
		rc = -1;
	} else if (obtain_is_keep(doc)) {
		rc = run_install(c, doc, 0, err);
		if (rc == 0)
			json_print_result(doc, "success", NULL);
	} else if (obtain(c, doc, &done, err) == 0) {
		report_saved(c, done);
		rc = run_install(c, done, 1, err);
	}
	doc_free(done);
	doc_free(doc);
	return rc;
}

int
verb_run(struct config *c, struct err *err)
{
	jv account;

	if (pump_network(err) != 0 || plugins_select(c, 1, 1, err) != 0 ||
	    install_check(c, err) != 0)
		return -1;
	account = account_ensure(c, doc_none(), err);
	if (!doc_is(account, DOC_OBJECT))
		return -1;
	return run_lineage(c, account, err);
}
