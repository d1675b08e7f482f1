/* steps.c - from a configuration to command lines of stages. */
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "base/buf.h"
#include "base/safefile.h"
#include "options.h"
#include "plugins.h"

jv
step_add(jv args TAKES, const char *option, const char *value)
{
	args = doc_push_str(args, option);
	return value == NULL ?
	    args :
	    doc_push(args, doc_stringn(value, strlen(value)));
}

/* step_add unless there is no value. */
static jv
add_value(jv args, const char *option, const char *value)
{
	return value == NULL ? args : step_add(args, option, value);
}

/* What every stage that talks to the server gets. */
static jv
network_args(jv args, const struct config *c)
{
	char *dir = path_join(config_str(c, "config_dir"), "accounts");

	args = step_add(args, "--account-dir", dir);
	if (config_flag(c, "no_verify_ssl"))
		args = step_add(args, "--no-verify-ssl", NULL);
	if (!config_flag(c, "explain") || config_is_set(c, "user_agent") ||
	    config_is_set(c, "user_agent_comment")) {
		char *agent = agent_text(c);

		args = step_add(args, "--user-agent", agent);
		free(agent);
	}
	free(dir);
	return args;
}

static jv
begin(const char *program, const char *verb)
{
	jv args = doc_push_str(doc_array(), program);

	return verb == NULL ? args : doc_push_str(args, verb);
}

jv
step_account(const struct config *c, const char *const *more)
{
	jv args = begin("acme-account", more[0]);

	args = network_args(args, c);
	args = step_add(args, "--server", config_str(c, "server"));
	args = add_value(args, "--account", config_str(c, "account"));
	for (size_t i = 1; more[i] != NULL; i++)
		args = doc_push(args, doc_stringn(more[i], strlen(more[i])));
	return args;
}

jv
step_certstore(const struct config *c, const char *verb)
{
	jv args = begin("certstore", verb);

	args = step_add(args, "--config-dir", config_str(c, "config_dir"));
	return step_add(args, "--work-dir", config_str(c, "work_dir"));
}

jv
step_match(const struct config *c)
{
	jv args = step_certstore(c, "match");

	args = add_value(args, "--cert-name", config_str(c, "certname"));
	return step_add(args, "-", NULL);
}

jv
step_plan(const struct config *c)
{
	static const struct {
		const char *dest, *option;
	} flags[] = {
	    {"duplicate", "--duplicate"},
	    {"expand", "--expand"},
	    {"renew_by_default", "--force-renewal"},
	    {"reinstall", "--keep-until-expiring"},
	    {"renew_with_new_domains", "--renew-with-new-domains"},
	    {"dry_run", "--dry-run"},
	};
	jv args = step_certstore(c, "plan");

	args = step_add(args, "--server", config_str(c, "server"));
	args = add_value(args, "--cert-name", config_str(c, "certname"));
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (config_flag(c, flags[i].dest))
			args = step_add(args, flags[i].option, NULL);
	if (config_is_set(c, "key_type"))
		args = step_add(args, "--key-type", config_str(c, "key_type"));
	return args;
}

jv
step_order(const struct config *c, const char *how)
{
	jv args = network_args(begin("acme-order", "new"), c);

	return how == NULL ? args : step_add(args, how, NULL);
}

jv
step_deactivate(const struct config *c)
{
	return network_args(begin("acme-challenge", "deactivate"), c);
}

/* What the host of a plugin is told of the run. */
static jv
dir_args(jv args, const struct config *c)
{
	static const struct {
		const char *option, *dest;
	} dirs[] = {
	    {"--config-dir", "config_dir"},
	    {"--work-dir", "work_dir"},
	    {"--logs-dir", "logs_dir"},
	};

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		args = step_add(args, dirs[i].option,
		    config_str(c, dirs[i].dest));
	return config_flag(c, "noninteractive_mode") ?
	    step_add(args, "--non-interactive", NULL) :
	    args;
}

static jv
host_args(jv args, const struct config *c)
{
	return dir_args(network_args(args, c), c);
}

/* A CA that asks for time gets half an hour, as from certbot (spec 5.6). */
static jv
challenge_args(const struct config *c, const char *plugin)
{
	return step_add(host_args(begin("acme-challenge", plugin), c),
	    "--patience", "1800");
}

static jv
preferred(jv args, jv challenges TAKES)
{
	char *list;

	if (doc_len(challenges) > 0) {
		list = doc_join(challenges, ",");
		args = step_add(args, "--preferred-challenges", list);
		free(list);
	}
	doc_free(challenges);
	return args;
}

/* The plugin's own options and the global ones that it uses, when given. */
static jv
plugin_args(jv args, const struct config *c, const char *plugin)
{
	args = plugins_arguments(args, c, plugin);
	return preferred(args, config_list(c, "pref_challs"));
}

jv
step_check(const struct config *c, const char *plugin)
{
	jv args = begin("acme-challenge", plugin);

	args = step_add(args, "check", NULL);
	args = host_args(args, c);
	return plugin_args(args, c, plugin);
}

/* What the host of an installer is told: it talks to no server. */
static jv
install_args(const struct config *c, const char *plugin, const char *verb)
{
	jv args = doc_push_str(begin("acme-install", plugin), verb);

	args = dir_args(args, c);
	return plugins_arguments(args, c, plugin);
}

jv
step_install(const struct config *c, const char *plugin, const char *verb)
{
	return install_args(c, plugin, verb);
}

jv
step_install_with(const struct config *c, const char *verb, int redirect)
{
	static const struct {
		const char *dest, *option;
	} flags[] = {
	    {"hsts", "--hsts"},
	    {"staple", "--staple-ocsp"},
	    {"uir", "--uir"},
	    {"auto_hsts", "--auto-hsts"},
	};
	jv args = install_args(c, config_str(c, "installer"), verb);

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (config_flag(c, flags[i].dest))
			args = step_add(args, flags[i].option, NULL);
	if (config_flag(c, "redirect"))
		args = step_add(args, "--redirect", NULL);
	else if (redirect && config_tri(c, "redirect") == -1)
		args = step_add(args, "--try-redirect", NULL);
	return args;
}

jv
step_challenge(const struct config *c, const char *plugin)
{
	jv args = challenge_args(c, plugin);

	args = plugin_args(args, c, plugin);
	/* the last of its pass: a name that it cannot do is an error */
	args = step_add(args, "--all", NULL);
	if (config_flag(c, "debug_challenges"))
		args = step_add(args, "--debug-challenges", NULL);
	if (config_flag(c, "debug_challenges") &&
	    config_int(c, "verbose_count") > 0)
		args = step_add(args, "-v", NULL);
	return args;
}

/* An option of a stage that was saved with its pattern. */
static jv
saved_option(jv args, const char *plugin, const char *dest, jv value)
{
	const struct plugin_desc *d = plugin_set_get(plugins_all(), plugin);
	const struct plugin_option *po = d == NULL ?
	    NULL :
	    plugin_option_dest(d, dest);
	const struct plugin_global *g = plugin_global(dest);

	if (strcmp(dest, "pref_challs") == 0)
		return preferred(args, value);
	if (po != NULL)
		return plugins_argument(args, po->flag, value);
	if (g != NULL)
		return plugins_argument(args, g->flag, value);
	doc_free(value);
	return args;
}

jv
step_challenge_for(const struct config *c, jv entry)
{
	const char *plugin = doc_str(entry, "plugin");
	jv args = challenge_args(c, plugin != NULL ? plugin : "");
	jv patterns = doc_get_kind(entry, "for", DOC_ARRAY);
	jv options = doc_get_kind(entry, "options", DOC_OBJECT);
	jv keys = doc_keys(options);

	for (size_t i = 0; i < doc_len(patterns); i++)
		args = add_value(args, "--for", doc_str_at(patterns, i));
	for (size_t i = 0; plugin != NULL && i < doc_len(keys); i++)
		args = saved_option(args, plugin, doc_str_at(keys, i),
		    doc_get(options, doc_str_at(keys, i)));
	doc_free(keys);
	doc_free(options);
	doc_free(patterns);
	return args;
}

jv
step_finalize(const struct config *c, const char *key_out, const char *reuse)
{
	jv args = network_args(begin("acme-finalize", NULL), c);
	char number[32];

	if (config_str(c, "csr") != NULL)
		args = step_add(args, "--csr", config_str(c, "csr"));
	else if (reuse != NULL)
		args = step_add(args, "--key", reuse);
	else
		args = step_add(args, "--key-out", key_out);
	snprintf(number, sizeof(number), "%ld",
	    config_int(c, "issuance_timeout"));
	args = step_add(args, "--timeout", number);
	return add_value(args, "--preferred-chain",
	    config_str(c, "preferred_chain"));
}

jv
step_save(const struct config *c)
{
	return add_value(step_certstore(c, "save"), "--cert-name",
	    config_str(c, "certname"));
}

static jv
key_request(const struct config *c)
{
	const char *type = config_str(c, "key_type");
	jv key = doc_set_str(doc_object(), "type", type);

	if (strcmp(type, "rsa") == 0)
		return doc_set_int(key, "size", config_int(c, "rsa_key_size"));
	return doc_set_str(key, "curve", config_str(c, "elliptic_curve"));
}

jv
request_document(const struct config *c, jv names)
{
	jv request = doc_object();

	request = doc_set(request, "names", doc_copy(names));
	if (config_str(c, "csr") != NULL)
		request = doc_set_str(request, "csr", config_str(c, "csr"));
	else
		request = doc_set(request, "key", key_request(c));
	request = doc_set_flag(request, "mustStaple",
	    config_flag(c, "must_staple"));
	request = doc_set_str(request, "preferredChain",
	    config_str(c, "preferred_chain"));
	request = doc_set_str(request, "requiredProfile",
	    config_str(c, "required_profile"));
	request = doc_set_str(request, "preferredProfile",
	    config_str(c, "preferred_profile"));
	request = doc_set_flag(request, "allowSubset",
	    config_flag(c, "allow_subset_of_names"));
	return doc_set(doc_set_int(doc_object(), "acme", 1), "request",
	    request);
}

/* Kept when the user gave it, or when it was restored or changed. */
static int
is_kept(const struct config *c, const struct option *o)
{
	return (o->flags & SAVED) &&
	    (config_is_set(c, o->dest) || doc_flag(c->restored, o->dest, 0));
}

jv
saved_params(const struct config *c)
{
	size_t n;
	const struct option *all = options_all(&n);
	jv params = doc_object();

	for (size_t i = 0; i < n; i++)
		if (is_kept(c, &all[i]))
			params = doc_set(params, all[i].dest,
			    config_get(c, all[i].dest));
	params = doc_set_str(params, "server", config_str(c, "server"));
	params = doc_set_str(params, "key_type", config_str(c, "key_type"));
	return params;
}
