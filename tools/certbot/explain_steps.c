/* explain_steps.c - see explain_steps.h. */
#include "explain_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "explain_text.h"
#include "plugins.h"
#include "steps.h"

static jv
contacts(jv args, const struct config *c)
{
	const char *email = config_flag(c, "dry_run") ? NULL :
							config_str(c, "email");
	char *copy, *save = NULL;

	if (email == NULL)
		return config_flag(c, "register_unsafely_without_email") ||
			config_flag(c, "dry_run") ?
		    step_add(args, "--no-contact", NULL) :
		    args;
	copy = xstrdup(email);
	for (char *w = strtok_r(copy, ",", &save); w != NULL;
	     w = strtok_r(NULL, ",", &save))
		args = step_add(args, "-m", w);
	free(copy);
	return args;
}

jv
explain_account(const struct config *c, int reads)
{
	static const char *const verb[] = {"register", NULL};
	jv args = contacts(step_account(c, verb), c);

	if (config_str(c, "eab_kid") != NULL &&
	    config_str(c, "eab_hmac_key") != NULL) {
		args = step_add(args, "--eab-kid", config_str(c, "eab_kid"));
		args = step_add(args, "--eab-hmac-alg",
		    config_str(c, "eab_hmac_alg"));
		/* A secret is not printed. */
		args = step_add(args, "--eab-hmac-key-file", explain_eab_file);
	}
	if (config_flag(c, "tos"))
		args = step_add(args, "--agree-tos", NULL);
	return reads ? step_add(args, "-", NULL) : args;
}

/* jq -c 'ASSIGN VALUE' */
static jv
explain_jq(const char *assign, jv value TAKES)
{
	char *text = doc_text(value), *program;
	jv args = step_add(doc_array(), "jq", "-c");

	program = xasprintf("%s %s", assign, text);
	args = step_add(args, program, NULL);
	free(program);
	free(text);
	doc_free(value);
	return args;
}

jv
explain_key(const struct config *c)
{
	jv document, args;

	if (config_str(c, "csr") != NULL || config_is_set(c, "key_type") ||
	    (!config_is_set(c, "rsa_key_size") &&
		!config_is_set(c, "elliptic_curve")))
		return doc_none();
	document = request_document(c, doc_array());
	args = explain_jq(".request.key =",
	    doc_find(document, "request", "key", NULL));
	doc_free(document);
	return args;
}

static jv
add_names(jv args, jv names)
{
	for (size_t i = 0; i < doc_len(names); i++)
		args = step_add(args, "-d", doc_str_at(names, i));
	return step_add(args, "-", NULL);
}

jv
explain_match(const struct config *c, jv names)
{
	jv args = step_certstore(c, "match");

	if (config_str(c, "certname") != NULL)
		args = step_add(args, "--cert-name", config_str(c, "certname"));
	return add_names(args, names);
}

jv
explain_plan(const struct config *c, jv names)
{
	jv args = step_plan(c);

	if (config_flag(c, "break_my_certs") && !config_flag(c, "dry_run"))
		args = step_add(args, "--break-my-certs", NULL);
	return add_names(args, names);
}

jv
explain_order(const struct config *c, const char *how)
{
	const char *required = config_str(c, "required_profile");
	const char *preferred = config_str(c, "preferred_profile");
	jv args = step_order(c, how);

	if (required != NULL)
		args = step_add(args, "--required-profile", required);
	if (preferred != NULL)
		args = step_add(args, "--preferred-profile", preferred);
	if (config_str(c, "csr") != NULL)
		return step_add(args, "--csr", config_str(c, "csr"));
	return config_flag(c, "allow_subset_of_names") ?
	    step_add(args, "--allow-subset", NULL) :
	    args;
}

/* Where certbot puts the certificate of a user's own request. */
static jv
csr_outputs(jv args, const struct config *c)
{
	static const struct {
		const char *option, *dest, *name;
	} out[] = {
	    {"--cert-out", "cert_path", "cert.pem"},
	    {"--chain-out", "chain_path", "chain.pem"},
	    {"--fullchain-out", "fullchain_path", "chain.pem"},
	};
	int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(out); i++) {
		char *path = NULL, name[32];

		if (config_str(c, out[i].dest) != NULL) {
			args = step_add(args, out[i].option,
			    config_str(c, out[i].dest));
			continue;
		}
		for (n = i < 2 ? 0 : n; path == NULL; n++) {
			snprintf(name, sizeof(name), "%04d_%s", n, out[i].name);
			path = path_absolute(name);
			if (access(path, F_OK) == 0) {
				free(path);
				path = NULL;
			}
		}
		args = step_add(args, out[i].option, path);
		free(path);
	}
	return args;
}

/* The kind of key as options; without --key-type the document's. */
static jv
key_options(jv args, const struct config *c)
{
	const char *type = config_str(c, "key_type");
	int rsa = strcmp(type, "rsa") == 0;
	char bits[32];

	if (config_flag(c, "reuse_key") && !config_flag(c, "new_key"))
		args = step_add(args, "--reuse-key", NULL);
	if (!config_is_set(c, "key_type") &&
	    !doc_flag(c->restored, "key_type", 0))
		return args;
	args = step_add(args, "--new-key", type);
	snprintf(bits, sizeof(bits), "%ld", config_int(c, "rsa_key_size"));
	if (rsa &&
	    (config_is_set(c, "rsa_key_size") ||
		doc_flag(c->restored, "rsa_key_size", 0)))
		args = step_add(args, "--rsa-key-size", bits);
	if (!rsa &&
	    (config_is_set(c, "elliptic_curve") ||
		doc_flag(c->restored, "elliptic_curve", 0)))
		args = step_add(args, "--elliptic-curve",
		    config_str(c, "elliptic_curve"));
	return args;
}

jv
explain_finalize(const struct config *c)
{
	jv args = step_finalize(c, explain_key_file, NULL);

	if (config_str(c, "csr") != NULL)
		return config_flag(c, "dry_run") ? args : csr_outputs(args, c);
	args = key_options(args, c);
	return config_flag(c, "must_staple") ?
	    step_add(args, "--must-staple", NULL) :
	    args;
}

/* Does a stage of the pipeline save this renewal parameter by itself? */
static int
is_stages_own(const struct config *c, const struct plugin_desc *d,
    const char *dest)
{
	static const char *const own[] = {"account", "server", "authenticator",
	    "key_type", "must_staple", "preferred_chain", "pref_challs",
	    "required_profile", "preferred_profile"};
	const char *type = config_str(c, "key_type");

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (strcmp(dest, own[i]) == 0)
			return 1;
	if (strcmp(dest, "rsa_key_size") == 0)
		return strcmp(type, "rsa") == 0;
	if (strcmp(dest, "elliptic_curve") == 0)
		return strcmp(type, "ecdsa") == 0;
	return plugin_option_dest(d, dest) != NULL || plugin_uses(d, dest);
}

jv
explain_note(const struct config *c, const struct plugin_desc *d)
{
	jv params = saved_params(c), rest = doc_object();
	jv keys = doc_keys(params);

	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);

		if (!is_stages_own(c, d, key))
			rest = doc_set(rest, key, doc_get(params, key));
	}
	doc_free(keys);
	doc_free(params);
	if (doc_len(rest) == 0) {
		doc_free(rest);
		return doc_none();
	}
	return explain_jq(".renewalparams +=", rest);
}
