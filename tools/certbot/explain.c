/* explain.c - scripts for sh out of the same argument vectors that the pump
 * runs. */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "decide.h"
#include "explain_steps.h"
#include "explain_text.h"
#include "issue.h"
#include "plugins.h"
#include "restore.h"
#include "revoked.h"
#include "select.h"
#include "steps.h"

/* What is printed for one certificate. */
struct script {
	const struct config *c;
	const struct plugin_desc *plugin;
	jv names; /* array; none: the documents have them */
	jv doc;	  /* of the lineage, for renew; none */
};

static int
saves(const struct config *c)
{
	return !config_flag(c, "dry_run") && config_str(c, "csr") == NULL;
}

static void
optional_step(jv args TAKES)
{
	if (doc_is(args, DOC_ARRAY))
		explain_step(args, " |\n");
	else
		doc_free(args);
}

/* The decision, and before it what it may depend on. */
static void
print_plan(const struct script *s, const char *end)
{
	const struct config *c = s->c;
	int asks = revoked_matters(c) && !config_flag(c, "duplicate");
	int is_known = doc_is(s->doc, DOC_OBJECT);

	if (!asks) {
		explain_step(explain_plan(c, s->names), end);
		return;
	}
	if (!is_known)
		explain_step(explain_match(c, s->names), " |\n");
	explain_step(
	    doc_push_str(doc_push_str(doc_array(), "acme-renewal"), "--newest"),
	    " |\n");
	explain_step(explain_plan(c, doc_none()), end);
}

/* Where documents come from, up to what is to be ordered. */
static void
print_source(const struct script *s, const char *end)
{
	int has_plan = config_str(s->c, "csr") == NULL;
	jv show, server;
	const char *url = config_str(s->c, "server");
	const char *had = doc_str(s->doc, "server");

	if (!doc_is(s->doc, DOC_OBJECT)) {
		explain_step(explain_account(s->c, 0), has_plan ? " |\n" : end);
		optional_step(explain_key(s->c));
		if (has_plan)
			print_plan(s, end);
		return;
	}
	show = step_certstore(s->c, "show");
	show = doc_push_str(show,
	    doc_str_find(s->doc, "lineage", "name", NULL));
	explain_step(show, " |\n");
	optional_step(explain_key(s->c));
	print_plan(s, " |\n");
	if (had == NULL || strcmp(had, url) != 0) {
		char *text = xasprintf(".server = \"%s\" | del(.directory)",
		    url);

		server = doc_push_str(doc_array(), "jq");
		server = doc_push_str(doc_push_str(server, "-c"), text);
		explain_step(server, " |\n");
		free(text);
	}
	explain_step(explain_account(s->c, 1), end);
}

/* challenge and finalize; the first reads as `from` says. */
static void
print_issue(const struct script *s, const char *from, const char *end)
{
	jv steps = issue_challenge_steps(s->c, s->doc);
	char *first = xasprintf("%s |\n", from);

	for (size_t i = 0; i < doc_len(steps); i++)
		explain_step(doc_at(steps, i), i == 0 ? first : " |\n");
	explain_step(explain_finalize(s->c), end);
	free(first);
	doc_free(steps);
}

/* What an installer does then: run deploys also what is kept; certonly and renew
 * have what is new loaded; renew asks for updates in any case. */
static jv
install_steps(const struct config *c)
{
	const char *name = config_str(c, "installer");
	int renews = strcmp(c->verb, "renew") == 0;
	int updates = renews && !config_flag(c, "disable_renew_updates");
	jv steps = doc_array(), reload;

	if (name == NULL)
		return steps;
	if (strcmp(c->verb, "run") == 0)
		return doc_push(steps, step_install_with(c, "deploy", 1));
	reload = step_install(c, name, "renew-deploy");
	if (!updates)
		reload = doc_push_str(reload, "--disable-renew-updates");
	steps = doc_push(steps, reload);
	return updates ?
	    doc_push(steps, step_install(c, name, "generic-updates")) :
	    steps;
}

/* From a certificate to its lineage, and into a server. */
static void
print_save(const struct script *s, jv note TAKES, const char *from)
{
	jv steps = doc_array(), more = install_steps(s->c);

	if (doc_is(note, DOC_ARRAY))
		steps = doc_push(steps, note);
	else
		doc_free(note);
	steps = doc_push(steps, step_save(s->c));
	for (size_t i = 0; i < doc_len(more); i++)
		steps = doc_push(steps, doc_at(more, i));
	for (size_t i = 0; i < doc_len(steps); i++) {
		char *end = xasprintf("%s%s\n", i == 0 ? from : "",
		    i + 1 < doc_len(steps) ? " |" : "");

		explain_step(doc_at(steps, i), end);
		free(end);
	}
	doc_free(more);
	doc_free(steps);
}

/* What a trial has validated is withdrawn at its end, however it ends. */
static void
print_withdrawal(const struct config *c)
{
	explain_line("withdraw() {");
	explain_step(doc_push_str(step_deactivate(c), "--again"),
	    " <\"$dir/done\" >\"$dir/withdrawn\"\n}\n");
	explain_line(
	    "dir=$(mktemp -d)\n"
	    "trap '[ ! -s \"$dir/done\" ] || withdraw; rm -r \"$dir\"' EXIT");
}

/* A trial validates anew: what is valid already is withdrawn. */
static void
print_trial(const struct script *s)
{
	print_source(s, " |\n");
	explain_step(explain_order(s->c, NULL), " >\"$dir/doc\" || exit\n");
	explain_line(
	    "if jq -e 'any(.authorizations[]?; .status == \"valid\")' \"$dir/doc\" >\"$dir/valid\"\nthen");
	explain_step(step_deactivate(s->c), " <\"$dir/doc\" |\n");
	explain_step(explain_order(s->c, "--replace"),
	    " >\"$dir/again\" || exit\nmv \"$dir/again\" \"$dir/doc\"\nfi\n");
}

/* Names that are not validated, or that the CA refuses, are left out until the
 * others have a certificate. */
static void
print_loop(const struct script *s)
{
	int dry = config_flag(s->c, "dry_run");

	if (!dry)
		print_source(s, " >\"$dir/doc\" || exit\n");
	explain_line("until");
	explain_step(explain_order(s->c, dry ? "--again" : NULL),
	    " <\"$dir/doc\" |\n");
	print_issue(s, "", " >\"$dir/done\"\n");
	explain_line(
	    "do\nfailed=$?\n"
	    "jq -ce '.request.names as $all |\n"
	    "\t(.error.valid // ($all - [.error.subproblems[]?.identifier.value])) as $good |\n"
	    "\t($all - ($all - $good)) as $rest |\n"
	    "\tif ($rest | length) > 0 and ($rest | length) < ($all | length)\n"
	    "\tthen .request.names = $rest | del(.order, .authorizations, .error)\n"
	    "\telse empty end' \"$dir/done\" >\"$dir/doc\" || exit $failed\ndone");
}

static void
print_script(const struct script *s)
{
	const struct config *c = s->c;
	int dry = config_flag(c, "dry_run");
	int loop = config_flag(c, "allow_subset_of_names") &&
	    config_str(c, "csr") == NULL;
	jv note = saves(c) ? explain_note(c, s->plugin) : doc_none();

	if (dry)
		print_withdrawal(c);
	else
		explain_line("dir=$(mktemp -d)\ntrap 'rm -r \"$dir\"' EXIT");
	if (dry)
		print_trial(s);
	if (loop) {
		print_loop(s);
		if (saves(c))
			print_save(s, note, " <\"$dir/done\"");
		else
			explain_line("cat \"$dir/done\"");
		return;
	}
	if (!dry) {
		print_source(s, " |\n");
		explain_step(explain_order(c, NULL), " |\n");
	}
	print_issue(s, dry ? " <\"$dir/doc\"" : "",
	    saves(c) ?
		" |\n" :
		dry ?
		" >\"$dir/done\"\nfailed=$?\ncat \"$dir/done\"\n(exit $failed)\n" :
		"\n");
	if (saves(c))
		print_save(s, note, "");
	else
		doc_free(note);
}

/* The plugin that the options, or the lineage, name. */
static const struct plugin_desc *
plugin_of(struct config *c, struct err *err)
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
		err_set(err, ERR_noPlugin,
		    "The requested %s plugin does not appear to be installed",
		    name);
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

static int
explain_certonly(struct config *c, struct err *err)
{
	struct script s = {c, plugin_of(c, err), doc_none(), doc_none()};

	if (s.plugin == NULL)
		return -1;
	if (strcmp(c->verb, "run") == 0 && config_str(c, "installer") == NULL)
		return err_set(err, ERR_configuration,
		    "say which plugin shall install the certificate, as in: run --nginx --explain");
	if (config_str(c, "csr") == NULL)
		doc_move(&s.names, names_wanted(c, err));
	if (!err_is_set(err))
		print_script(&s);
	doc_free(s.names);
	return err_is_set(err) ? -1 : 0;
}

/* One lineage as renew goes through it; what cannot be used is said in the
 * script's place. */
static void
explain_lineage(const struct config *run, jv doc, int alone)
{
	struct config c;
	struct err why = {0};
	struct script s = {&c, NULL, doc_none(), doc};
	const char *name = doc_str_find(doc, "lineage", "name", NULL);
	jv error = doc_get(doc, "error");
	char *text;

	config_copy(&c, run);
	if (doc_is(error, DOC_OBJECT))
		err_from_doc(&why, error);
	else if (restore_params(&c, doc, &why) == 0)
		s.plugin = plugin_of(&c, &why);
	config_put(&c, "certname", doc_stringn(name, strlen(name)));
	if (!alone) {
		text = xasprintf("# %s\n(", name);
		explain_line(text);
		free(text);
	}
	if (s.plugin != NULL) {
		print_script(&s);
	} else {
		text = text_printable(err_text(&why), 0);
		explain_step(
		    doc_push_str(doc_push_str(doc_array(), "echo"), text),
		    " >&2\nexit 78\n");
		free(text);
	}
	if (!alone)
		explain_line(") || failed=$?");
	doc_free(error);
	err_clear(&why);
	config_release(&c);
}

static int
explain_renew(struct config *c, struct err *err)
{
	const char *name = config_str(c, "certname");
	jv all = lineages_show(c, name, err);

	for (size_t i = 0; !err_is_set(err) && i < doc_len(all); i++) {
		jv doc = doc_at(all, i);

		explain_lineage(c, doc, name != NULL);
		doc_free(doc);
	}
	if (!err_is_set(err) && name == NULL)
		explain_line("exit ${failed:-0}");
	doc_free(all);
	return err_is_set(err) ? -1 : 0;
}

/* A renewal is tried as certbot reconfigure tries it; what is made is dropped. */
static int
explain_try(const struct config *c, const struct plugin_desc *plugin, jv doc,
    struct err *err)
{
	struct config dry;
	struct script s = {&dry, plugin, doc_none(), doc};
	int rc;

	config_copy(&dry, c);
	config_give(&dry, "dry_run", doc_bool(1));
	config_put(&dry, "noninteractive_mode", doc_bool(1));
	config_put(&dry, "account", doc_null());
	rc = check_test_server(&dry, err);
	if (rc == 0) {
		explain_line("(");
		print_script(&s);
		explain_line(") >/dev/null || exit");
	}
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
		plugin = plugin_of(c, err);
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
