/* delete.c - lineages removed, after certbot's questions (spec 7.7). */
#include "delete.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "decide.h"
#include "driver.h"
#include "pending.h"
#include "prompts.h"
#include "pump.h"
#include "screen.h"
#include "steps.h"

static jv
choose(const struct config *c, struct err *err)
{
	jv names = lineages_all(c, err), chosen;

	if (!doc_is(names, DOC_ARRAY))
		return names;
	chosen = prompt_checklist(
	    "Which certificate(s) would you like to delete?", names,
	    "--cert-name", err);
	if (err->has_members && doc_flag(err->members, "cancel", 0))
		err_set(err, ERR_interrupted, "User ended interaction.");
	return chosen;
}

static int
confirm(jv names, struct err *err)
{
	struct buf b;
	char *text;
	int yes;

	buf_init(&b, DOC_MAX);
	buf_adds(&b,
	    "The following certificate(s) are selected for deletion:\n\n");
	for (size_t i = 0; i < doc_len(names); i++)
		buf_addf(&b, "  * %s\n", doc_str_at(names, i));
	buf_adds(&b,
	    "\nWARNING: Before continuing, ensure that the listed certificates are not being used by any installed server software (e.g. Apache, nginx, mail servers). Deleting a certificate that is still being used will cause the server software to stop working. See https://certbot.org/deleting-certs for information on deleting certificates safely.\n\nAre you sure you want to delete the above certificate(s)?");
	text = buf_detach(&b);
	yes = prompt_yesno(text, "Yes", "No", 1, NULL, 0, err);
	free(text);
	return yes;
}

int
delete_named(struct config *c, jv names, struct err *err)
{
	int yes = confirm(names, err);

	if (yes == 0)
		log_info("certbot._internal.cert_manager",
		    "Deletion of certificate(s) canceled.");
	for (size_t i = 0; yes == 1 && i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		jv out = pump_stage(
		    doc_push_str(step_certstore(c, "delete"), name), doc_none(),
		    err);

		doc_free(out);
		if (err_is_set(err))
			return -1;
		pending_forget(c, name);
		screen_status("Deleted all files relating to certificate %s.",
		    name);
	}
	return yes == -1 ? -1 : 0;
}

int
verb_delete(struct config *c, struct err *err)
{
	const char *name = config_str(c, "certname");
	jv names = name != NULL ? doc_push_str(doc_array(), name) :
				  choose(c, err);
	int rc = doc_is(names, DOC_ARRAY) ? delete_named(c, names, err) : -1;

	doc_free(names);
	return rc;
}
