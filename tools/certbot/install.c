/* install.c - the manual's install, and what it shares (spec installers E5). */
#include "install.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "choose.h"
#include "decide.h"
#include "driver.h"
#include "names.h"
#include "prompts.h"
#include "pump.h"
#include "select.h"
#include "steps.h"

int
install_check(const struct config *c, struct err *err)
{
	if (strcmp(c->verb, "run") == 0 && config_flag(c, "must_staple") &&
	    !installer_can(c, "staple-ocsp"))
		return err_set(err, ERR_notSupported,
		    "Must-Staple extension requested, but OCSP stapling is not supported by the selected installer (%s)\n\nYou can either:\n * remove the --must-staple option from the command line and obtain a certificate without the Must-Staple extension, or;\n * use the `certonly` subcommand and manually install the certificate into the  intended service (e.g. webserver). You must also then manually enable OCSP stapling, as it is required for certificates with the Must-Staple extension to function properly.\n * choose a different installer plugin (such as --nginx or --apache), if possible.",
		    config_str(c, "installer"));
	if (config_flag(c, "auto_hsts") && !installer_can(c, "auto-hsts"))
		return err_set(err, ERR_notSupported,
		    "One or more of the requested enhancements are not supported by the selected installer");
	return 0;
}

int
install_deploy(const struct config *c, jv doc, struct err *err)
{
	jv out = pump_stage(step_install_with(c, "deploy", 1), doc_copy(doc),
	    err);

	doc_free(out);
	return err_is_set(err) ? -1 : 0;
}

int
install_restart(const struct config *c, struct err *err)
{
	jv out = pump_stage(
	    step_install(c, config_str(c, "installer"), "restart"), doc_none(),
	    err);

	doc_free(out);
	return err_is_set(err) ? -1 : 0;
}

int
install_choose_lineage(struct config *c, const char *question, struct err *err)
{
	jv names, q, box;
	long at = -1;

	if (config_str(c, "certname") != NULL)
		return 0;
	names = lineages_all(c, err);
	if (!doc_is(names, DOC_ARRAY))
		return -1;
	q = doc_set_str(doc_object(), "kind", "menu");
	q = doc_set_str(q, "text", question);
	q = doc_set(q, "choices", doc_copy(names));
	q = doc_set_str(q, "flag", "--cert-name");
	q = doc_set_flag(q, "force", 1);
	box = doc_set(doc_object(), "v", prompt_ask(q, err));
	if (err->has_members && doc_flag(err->members, "cancel", 0))
		err_set(err, ERR_interrupted, "User ended interaction.");
	if (!err_is_set(err) && doc_int(box, "v", &at) == 0)
		config_put(c, "certname", doc_at(names, (size_t)at));
	doc_free(box);
	doc_free(names);
	return err_is_set(err) ? -1 : 0;
}

jv
install_lineage(const struct config *c, const char *name, struct err *err)
{
	jv all = lineages_show(c, name, err), doc = doc_at(all, 0);

	doc_free(all);
	if (!err_is_set(err) && !doc_has(doc, "error"))
		return doc;
	doc_free(doc);
	return doc_none();
}

/* The lineage with the paths that the user has given instead. */
static jv
with_paths(const struct config *c, jv doc TAKES)
{
	static const struct {
		const char *dest, *member;
	} paths[] = {
	    {"cert_path", "cert"},
	    {"key_path", "privkey"},
	    {"chain_path", "chain"},
	    {"fullchain_path", "fullchain"},
	};
	jv lineage = doc_get_kind(doc, "lineage", DOC_OBJECT);

	if (!doc_is(lineage, DOC_OBJECT))
		lineage = doc_object();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		lineage = doc_set_str(lineage, paths[i].member,
		    config_str(c, paths[i].dest));
	return doc_set(doc, "lineage", lineage);
}

static int
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int
check_files(jv doc, struct err *err)
{
	const char *cert = doc_str_find(doc, "lineage", "cert", NULL);
	const char *key = doc_str_find(doc, "lineage", "privkey", NULL);

	if (cert == NULL || key == NULL)
		return err_set(err, ERR_configuration,
		    "Path to certificate or key was not defined. If your certificate is managed by Certbot, please use --cert-name to define which certificate you would like to install.");
	if (!is_file(cert))
		return err_set(err, ERR_configuration,
		    "Error while reading certificate from path %s", cert);
	if (!is_file(key))
		return err_set(err, ERR_configuration,
		    "Error while reading private key from path %s", key);
	return 0;
}

/* What is to be installed: a lineage, or files. */
static jv
what(struct config *c, struct err *err)
{
	jv doc = doc_none();

	if (config_str(c, "certname") != NULL)
		doc_move(&doc,
		    install_lineage(c, config_str(c, "certname"), err));
	else if (config_flag(c, "auto_hsts"))
		err_set(err, ERR_configuration,
		    "One or more of the requested enhancements require --cert-name to be provided");
	if (err_is_set(err))
		return doc;
	if (!doc_is(doc, DOC_OBJECT))
		doc = doc_set_int(doc_object(), "acme", 1);
	doc = with_paths(c, doc);
	(void)check_files(doc, err);
	return doc;
}

int
verb_install(struct config *c, struct err *err)
{
	jv doc, names, request;

	if (plugins_select(c, 0, 1, err) != 0)
		return -1;
	if ((config_str(c, "key_path") == NULL ||
		config_str(c, "cert_path") == NULL) &&
	    install_choose_lineage(c,
		"Which certificate would you like to install?", err) != 0)
		return -1;
	if (install_check(c, err) != 0)
		return -1;
	doc = what(c, err);
	names = err_is_set(err) ? doc_none() : names_of_request(c, err);
	if (doc_is(names, DOC_ARRAY)) {
		request = doc_set(doc_object(), "names", doc_copy(names));
		doc = doc_set(doc, "request", request);
		(void)install_deploy(c, doc, err);
	}
	doc_free(names);
	doc_free(doc);
	return err_is_set(err) ? -1 : 0;
}
