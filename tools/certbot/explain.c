/* explain.c - scripts for sh out of the same argument vectors that the pump
 * runs. */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "decide.h"
#include "explain_renew.h"
#include "explain_script.h"
#include "explain_text.h"
#include "issue.h"
#include "plugins.h"
#include "restore.h"
#include "select.h"
#include "steps.h"

const struct plugin_desc *
explain_plugin(struct config *c, struct err *err)
{
	const struct plugin_desc *d;
	const char *name;

	if (plugins_named(c, err) != 0)
		return NULL;
	name = config_str(c, "authenticator");
	d = name == NULL ? NULL : plugin_set_get(plugins_all(), name);
	if (name == NULL)
		err_set(err, ERR_configuration,
		    "say which plugin shall answer the challenges, as in: certonly --standalone --explain");
	else if (d == NULL)
		plugins_missing(name, err);
	return d;
}

/* The names of -d, else those of the certificate that is named. */
static jv
names_wanted(const struct config *c, struct err *err)
{
	jv names = config_list(c, "domains");

	if (doc_len(names) == 0 && config_str(c, "certname") != NULL)
		doc_move(&names, lineage_names(c, config_str(c, "certname")));
	if (doc_len(names) == 0)
		err_set(err, ERR_configuration,
		    "say which names are wanted, as in: certonly -d example.com --explain");
	return names;
}

/* Post hooks come before the installer. */
static void
print_one(struct script *s)
{
	const struct config *c = s->c;
	struct script_hooks hooks;

	script_hooks_init(&hooks, 0);
	if (config_str(c, "csr") == NULL)
		script_hooks_add(&hooks, c);
	if (!script_hooks_any(&hooks)) {
		script_print(s);
	} else {
		s->hooks = &hooks;
		script_hooks_begin(&hooks);
		explain_line("(");
		script_print(s);
		explain_line(") >\"$hooks/done\" || fail \"$hooks/done\"");
		if (doc_len(hooks.post) > 0)
			explain_line("post");
		script_installs(c, "\"$hooks/done\"");
	}
	script_hooks_release(&hooks);
}

static int
explain_certonly(struct config *c, struct err *err)
{
	struct script s = {c, explain_plugin(c, err), doc_none(), doc_none(),
	    NULL, 0};

	if (s.plugin == NULL)
		return -1;
	if (strcmp(c->verb, "run") == 0 && config_str(c, "installer") == NULL)
		return err_set(err, ERR_configuration,
		    "say which plugin shall install the certificate, as in: run --nginx --explain");
	if (config_str(c, "csr") == NULL)
		doc_move(&s.names, names_wanted(c, err));
	if (!err_is_set(err))
		print_one(&s);
	doc_free(s.names);
	return err_is_set(err) ? -1 : 0;
}

/* The trial of a renewal, with the hooks that certbot reconfigure runs around it;
 * what is made is dropped. */
static void
print_try(struct script *s)
{
	struct script_hooks hooks;

	script_hooks_init(&hooks, 1);
	script_hooks_add(&hooks, s->c);
	if (script_hooks_any(&hooks)) {
		s->hooks = &hooks;
		script_hooks_begin(&hooks);
	}
	explain_line("(");
	script_print(s);
	explain_line(") >/dev/null || exit");
	if (doc_len(hooks.post) > 0)
		explain_line("post");
	script_hooks_release(&hooks);
}

static int
explain_try(const struct config *c, const struct plugin_desc *plugin, jv doc,
    struct err *err)
{
	struct config dry;
	struct script s = {&dry, plugin, doc_none(), doc, NULL, 1};
	int rc;

	config_copy(&dry, c);
	config_give(&dry, "dry_run", doc_bool(1));
	config_put(&dry, "noninteractive_mode", doc_bool(1));
	config_put(&dry, "account", doc_null());
	rc = check_test_server(&dry, err);
	if (rc == 0)
		print_try(&s);
	config_release(&dry);
	return rc;
}

/* The lineage's document with the parameters that it is to have, to where they
 * are saved. */
static void
explain_saving(const struct config *c, jv doc)
{
	jv args = doc_push_str(step_certstore(c, "show"),
	    doc_str_find(doc, "lineage", "name", NULL));
	jv with = issue_with_params(c, doc_copy(doc)), params;
	char *text, *program;

	explain_step(args, " |\n");
	params = doc_get(with, "renewalparams");
	text = doc_text(params);
	program = xasprintf(".renewalparams = %s", text);
	args = doc_push_str(doc_push_str(doc_array(), "jq"), "-c");
	explain_step(doc_push(args, doc_stringn(program, strlen(program))),
	    " |\n");
	explain_step(step_certstore(c, "reconfigure"), "\n");
	free(program);
	free(text);
	doc_free(params);
	doc_free(with);
}

static int
explain_reconfigure(struct config *c, struct err *err)
{
	const char *name = config_str(c, "certname"), *account;
	int only = config_flag(c, "dry_run");
	const struct plugin_desc *plugin = NULL;
	jv all, doc, error;

	if (name == NULL)
		return err_set(err, ERR_configuration,
		    "say which certificate, as in: reconfigure --cert-name example.com --explain");
	all = lineages_show(c, name, err);
	doc = doc_at(all, 0);
	error = doc_get(doc, "error");
	if (doc_is(error, DOC_OBJECT))
		err_from_doc(err, error);
	config_put(c, "dry_run", doc_bool(0));
	c->set = doc_del(doc_take(&c->set), "dry_run");
	account = doc_str_find(doc, "renewalparams", "account", NULL);
	if (!err_is_set(err) && restore_params(c, doc, err) == 0) {
		config_put(c, "account",
		    account != NULL ? doc_string(account) : doc_null());
		plugin = explain_plugin(c, err);
	}
	if (plugin != NULL && explain_try(c, plugin, doc, err) == 0 && !only)
		explain_saving(c, doc);
	doc_free(error);
	doc_free(doc);
	doc_free(all);
	return err_is_set(err) ? -1 : 0;
}

int
explain(struct config *c, struct err *err)
{
	if (strcmp(c->verb, "reconfigure") == 0)
		return explain_reconfigure(c, err);
	if (strcmp(c->verb, "certonly") == 0 || strcmp(c->verb, "run") == 0)
		return explain_certonly(c, err);
	if (strcmp(c->verb, "renew") == 0)
		return explain_renew(c, err);
	return err_set(err, ERR_notSupported,
	    "--explain can be used with run, certonly, renew and reconfigure only");
}
