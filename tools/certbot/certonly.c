/* certonly.c - the manual's certonly: decision, issuance, report. */
#include "account.h"
#include "base/log.h"
#include "certonly_csr.h"
#include "driver.h"
#include "install.h"
#include "json.h"
#include "obtain.h"
#include "pump.h"
#include "report.h"
#include "screen.h"
#include "select.h"

/* An installer that was named gets the new certificate by a reload; that it
 * fails is told after the certificate (spec 10.2). */
static int
certonly_obtain(struct config *c, jv doc, struct err *err)
{
	struct err failed = {0};
	jv done;

	if (obtain(c, doc, &done, err) != 0)
		return -1;
	if (config_str(c, "installer") != NULL && !config_flag(c, "dry_run")) {
		log_info("certbot._internal.main",
		    "Reloading %s server after certificate issuance",
		    config_str(c, "installer"));
		(void)install_restart(c, &failed);
	}
	report_saved(c, done);
	report_next_steps(c, done, !config_flag(c, "dry_run"),
	    err_is_set(&failed));
	doc_free(done);
	if (err_is_set(&failed)) {
		err_move(err, &failed);
		return -1;
	}
	report_donate(c);
	return 0;
}

static int
certonly_lineage(struct config *c, jv account, struct err *err)
{
	jv doc = obtain_plan(c, account, err);
	int rc = -1;

	if (err_is_set(err)) {
		rc = -1;
	} else if (obtain_is_keep(doc)) {
		screen_notice(
		    "Certificate not yet due for renewal; no action taken.", 1);
		json_print_result(doc, "skipped", NULL);
		rc = 0;
	} else {
		rc = certonly_obtain(c, doc, err);
	}
	doc_free(doc);
	return rc;
}

int
verb_certonly(struct config *c, struct err *err)
{
	jv account;

	if (config_str(c, "csr") != NULL && csr_paths_check(c, err) != 0)
		return -1;
	if (pump_network(err) != 0 || plugins_select(c, 1, 0, err) != 0)
		return -1;
	account = account_ensure(c, doc_none(), err);
	if (!doc_is(account, DOC_OBJECT))
		return -1;
	if (config_str(c, "csr") != NULL)
		return certonly_csr(c, account, err);
	return certonly_lineage(c, account, err);
}
