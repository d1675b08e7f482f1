/* explain.c - the same argument vectors that the pump runs, quoted for sh. */
#include "explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "decide.h"
#include "driver.h"
#include "plugins.h"
#include "revoked.h"
#include "select.h"
#include "steps.h"

static int
is_plain(const char *word)
{
	return *word != '\0' &&
	    word[strspn(word,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"%+,-./:=@_")] == '\0';
}

static void
print_word(const char *word)
{
	if (is_plain(word)) {
		fputs(word, stdout);
		return;
	}
	if (strncmp(word, "$dir/", 5) == 0 || strncmp(word, "${", 2) == 0) {
		printf("\"%s\"", word);
		return;
	}
	putchar('\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	putchar('\'');
}

/* Eats args. */
static void
print_step(jv args, const char *end)
{
	for (size_t i = 0; i < doc_len(args); i++) {
		if (i > 0)
			putchar(' ');
		print_word(doc_str_at(args, i));
	}
	fputs(end, stdout);
	doc_free(args);
}

static jv
add(jv args, const char *option, const char *value)
{
	args = doc_push_str(args, option);
	return value == NULL ?
	    args :
	    doc_push(args, doc_stringn(value, strlen(value)));
}

static jv
account_args(const struct config *c)
{
	static const char *const verb[] = {"register", NULL};
	jv args = step_account(c, verb);
	const char *email = config_str(c, "email");

	if (email != NULL)
		args = add(args, "-m", email);
	else if (config_flag(c, "register_unsafely_without_email"))
		args = add(args, "--no-contact", NULL);
	if (config_str(c, "eab_kid") != NULL &&
	    config_str(c, "eab_hmac_key") != NULL) {
		args = add(args, "--eab-kid", config_str(c, "eab_kid"));
		args = add(args, "--eab-hmac-alg",
		    config_str(c, "eab_hmac_alg"));
		/* A secret is not printed. */
		args = add(args, "--eab-hmac-key-file",
		    "${EAB_HMAC_KEY_FILE:?a file with the key}");
	}
	return config_flag(c, "tos") ? add(args, "--agree-tos", NULL) : args;
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

static jv
add_names(jv args, jv names)
{
	for (size_t i = 0; i < doc_len(names); i++)
		args = add(args, "-d", doc_str_at(names, i));
	return add(args, "-", NULL);
}

/* The decision, and before it what it may depend on. */
static void
print_plan(const struct config *c, jv names)
{
	jv args;

	if (!revoked_matters(c) || config_flag(c, "duplicate")) {
		print_step(add_names(step_plan(c), names), " |\n");
		return;
	}
	args = step_certstore(c, "match");
	if (config_str(c, "certname") != NULL)
		args = add(args, "--cert-name", config_str(c, "certname"));
	print_step(add_names(args, names), " |\n");
	print_step(add(doc_array(), "acme-renewal", "--newest"), " |\n");
	print_step(add(step_plan(c), "-", NULL), " |\n");
}

static jv
order_args(const struct config *c)
{
	jv args = step_order(c, NULL);

	if (config_str(c, "csr") != NULL)
		return add(args, "--csr", config_str(c, "csr"));
	return config_flag(c, "allow_subset_of_names") ?
	    add(args, "--allow-subset", NULL) :
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
			args = add(args, out[i].option,
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
		args = add(args, out[i].option, path);
		free(path);
	}
	return args;
}

static jv
finalize_args(const struct config *c)
{
	jv args = step_finalize(c, "$dir/privkey.pem", NULL);
	const char *type = config_str(c, "key_type");
	int rsa = strcmp(type, "rsa") == 0;
	char bits[32];

	if (config_str(c, "csr") != NULL)
		return config_flag(c, "dry_run") ? args : csr_outputs(args, c);
	args = add(args, "--new-key", type);
	snprintf(bits, sizeof(bits), "%ld", config_int(c, "rsa_key_size"));
	if (rsa && config_is_set(c, "rsa_key_size"))
		args = add(args, "--rsa-key-size", bits);
	if (!rsa && config_is_set(c, "elliptic_curve"))
		args = add(args, "--elliptic-curve",
		    config_str(c, "elliptic_curve"));
	return config_flag(c, "must_staple") ?
	    add(args, "--must-staple", NULL) :
	    args;
}

/* Does a stage of the pipeline save this renewal parameter by itself? */
static int
is_stages_own(const struct config *c, const struct plugin_desc *d,
    const char *dest)
{
	static const char *const own[] = {"account", "server", "authenticator",
	    "key_type", "must_staple", "preferred_chain", "pref_challs"};
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

/* What certbot saves of options that are no stage's; NULL: nothing. */
static jv
note_args(const struct config *c, const struct plugin_desc *d)
{
	jv params = saved_params(c), rest = doc_object(), args;
	jv keys = doc_keys(params);
	char *text, *program;

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
	text = doc_text(rest);
	program = xasprintf(".renewalparams += %s", text);
	args = add(add(doc_array(), "jq", "-c"), program, NULL);
	free(program);
	free(text);
	doc_free(rest);
	return args;
}

static void
print_pipeline(const struct config *c, const struct plugin_desc *d, jv names)
{
	int saves = !config_flag(c, "dry_run") && config_str(c, "csr") == NULL;
	jv note = saves ? note_args(c, d) : doc_none();

	fputs("dir=$(mktemp -d)\ntrap 'rm -r \"$dir\"' EXIT\n", stdout);
	print_step(account_args(c), " |\n");
	if (config_str(c, "csr") == NULL)
		print_plan(c, names);
	print_step(order_args(c), " |\n");
	print_step(step_challenge(c, d->name), " |\n");
	print_step(finalize_args(c), saves ? " |\n" : "\n");
	if (doc_is(note, DOC_ARRAY))
		print_step(note, " |\n");
	if (saves)
		print_step(step_save(c), "\n");
}

int
explain(struct config *c, struct err *err)
{
	const struct plugin_desc *d;
	const char *plugin;
	jv names = doc_none();

	if (strcmp(c->verb, "certonly") != 0)
		return err_set(err, ERR_notSupported,
		    "--explain can be used with certonly only");
	if (plugins_named(c, err) != 0)
		return -1;
	plugin = config_str(c, "authenticator");
	d = plugin == NULL ? NULL : plugin_set_get(plugins_all(), plugin);
	if (plugin == NULL)
		return err_set(err, ERR_configuration,
		    "say which plugin shall answer the challenges, as in: certonly --standalone --explain");
	if (d == NULL)
		return err_set(err, ERR_noPlugin,
		    "The requested %s plugin does not appear to be installed",
		    plugin);
	if (config_str(c, "csr") == NULL)
		doc_move(&names, names_wanted(c, err));
	if (!err_is_set(err))
		print_pipeline(c, d, names);
	doc_free(names);
	return err_is_set(err) ? -1 : 0;
}
