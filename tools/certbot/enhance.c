/* enhance.c - the manual's enhance: a configuration is hardened for a
 * certificate that is there (spec installers E6). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "decide.h"
#include "driver.h"
#include "install.h"
#include "prompts.h"
#include "pump.h"
#include "select.h"
#include "steps.h"

static int
any_requested(const struct config *c)
{
	static const char *const dests[] = {"hsts", "redirect", "uir", "staple",
	    "auto_hsts"};

	for (size_t i = 0; i < ARRAY_LEN(dests); i++)
		if (config_flag(c, dests[i]))
			return 1;
	return 0;
}

/* All of the certificate's names, or those that a person chooses. */
static jv
names_wanted(const struct config *c, jv all, struct err *err)
{
	jv chosen;

	if (config_flag(c, "noninteractive_mode"))
		return doc_copy(all);
	chosen = prompt_checklist(
	    "Which domain names would you like to enable the selected enhancements for?",
	    doc_copy(all), NULL, err);
	if (err->has_members && doc_flag(err->members, "cancel", 0))
		err_clear(err);
	if (!err_is_set(err) && doc_len(chosen) == 0)
		err_set(err, ERR_interrupted,
		    "User cancelled the domain selection. No domains defined, exiting.");
	return chosen;
}

static int
enhance(struct config *c, struct err *err)
{
	const char *name = config_str(c, "certname");
	jv doc = install_lineage(c, name, err), all, names, request, lineage;

	all = doc_find(doc, "certificate", "names", NULL);
	if (!err_is_set(err) && doc_len(all) == 0)
		err_set(err, ERR_noLineage,
		    "Could not find the list of domains for the given certificate name.");
	names = err_is_set(err) ? doc_none() : names_wanted(c, all, err);
	if (!err_is_set(err)) {
		request = doc_set(doc_object(), "names", doc_copy(names));
		doc = doc_set(doc, "request", request);
		lineage = doc_get(doc, "lineage");
		lineage = doc_set_str(lineage, "chain",
		    config_str(c, "chain_path"));
		doc = doc_set(doc, "lineage", lineage);
		doc_move(&doc,
		    pump_stage(step_install_with(c, "enhance", 0),
			doc_copy(doc), err));
	}
	doc_free(names);
	doc_free(all);
	doc_free(doc);
	return err_is_set(err) ? -1 : 0;
}

int
verb_enhance(struct config *c, struct err *err)
{
	if (!any_requested(c)) {
		log_error("certbot._internal.main",
		    "Please specify one or more enhancement types to configure. To list the available enhancement types, run:\n\ncertbot --help enhance\n");
		return err_set(err, ERR_configuration,
		    "No enhancements requested, exiting.");
	}
	if (plugins_select(c, 0, 1, err) != 0 || install_check(c, err) != 0)
		return -1;
	if (install_choose_lineage(c,
		"Which certificate would you like to use to enhance your configuration?",
		err) != 0)
		return -1;
	return enhance(c, err);
}
