#include "obtain.h"

#include <string.h>

#include "base/log.h"
#include "decide.h"
#include "hooks.h"
#include "issue.h"
#include "names.h"
#include "report.h"
#include "steps.h"

int
obtain_is_keep(jv doc)
{
	const char *action = doc_str_find(doc, "plan", "action", NULL);

	return action != NULL && strcmp(action, "keep") == 0;
}

jv
obtain_plan(struct config *c, jv account, struct err *err)
{
	jv names = names_of_request(c, err), doc;

	if (!doc_is(names, DOC_ARRAY)) {
		doc_free(account);
		return doc_none();
	}
	doc = doc_merge(account, request_document(c, names));
	doc_free(names);
	doc = decide_plan(c, doc, err);
	if (!err_is_set(err) &&
	    doc_str_find(doc, "plan", "action", NULL) == NULL)
		err_set(err, ERR_internal, "certstore made no plan");
	if (!err_is_set(err) && obtain_is_keep(doc))
		log_info("certbot._internal.main",
		    "Keeping the existing certificate");
	return doc;
}

int
obtain(struct config *c, jv doc, jv *done, struct err *err)
{
	const char *name = doc_str_find(doc, "plan", "lineage", NULL);
	int renew = strcmp(doc_str_find(doc, "plan", "action", NULL),
			"renew") == 0;
	jv names = doc_find(doc, "request", "names", NULL), lineage, none;
	struct issue is = {0};
	const char *reuse = NULL;
	int rc;

	hooks_pre(c, 0);
	report_requesting(c, names, renew);
	rc = decide_guards(c, doc, err);
	if (rc == 0)
		rc = decide_reuse(c, doc, &reuse, err);
	if (rc == 0) {
		rc = issue_start(&is, c, doc_copy(doc), name, reuse);
		if (rc == 0)
			rc = issue_run(&is);
		if (rc != 0)
			err_move(err, &is.err);
	}
	if (rc == 0) /* they may have become fewer */
		doc_move(&names, doc_find(is.doc, "request", "names", NULL));
	/* of a dry run only --run-deploy-hooks, for the lineage that is there */
	if (rc == 0 && (renew || !config_flag(c, "dry_run"))) {
		lineage = doc_get(is.doc, "lineage");
		hooks_deploy(c, 0, doc_str(lineage, "path"), names);
		doc_free(lineage);
	}
	none = doc_array();
	hooks_post(c, rc == 0 && !config_flag(c, "dry_run") ? names : none);
	doc_free(none);
	*done = rc == 0 ? doc_copy(is.doc) : doc_none();
	issue_release(&is);
	doc_free(names);
	return rc;
}
