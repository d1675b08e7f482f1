/* explain.c - the same argument vectors that the pump runs, quoted for sh. */
#include "explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "driver.h"
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
	if (strncmp(word, "$dir/", 5) == 0) {
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
account_args(const struct config *c)
{
	static const char *const verb[] = {"register", NULL};
	jv args = step_account(c, verb);
	const char *email = config_str(c, "email");

	if (email != NULL) {
		args = doc_push_str(args, "-m");
		args = doc_push(args, doc_stringn(email, strlen(email)));
	} else if (config_flag(c, "register_unsafely_without_email")) {
		args = doc_push_str(args, "--no-contact");
	}
	return config_flag(c, "tos") ? doc_push_str(args, "--agree-tos") : args;
}

static jv
plan_args(const struct config *c)
{
	jv args = step_plan(c), names = config_list(c, "domains");

	for (size_t i = 0; i < doc_len(names); i++) {
		args = doc_push_str(args, "-d");
		args = doc_push(args, doc_at(names, i));
	}
	doc_free(names);
	return doc_push_str(args, "-");
}

static jv
finalize_args(const struct config *c)
{
	jv args = step_finalize(c, "$dir/privkey.pem", NULL);
	const char *type = config_str(c, "key_type");
	char bits[32];

	if (config_str(c, "csr") != NULL)
		return args;
	args = doc_push_str(args, "--new-key");
	args = doc_push_str(args, type);
	if (strcmp(type, "rsa") == 0) {
		snprintf(bits, sizeof(bits), "%ld",
		    config_int(c, "rsa_key_size"));
		args = doc_push_str(args, "--rsa-key-size");
		args = doc_push_str(args, bits);
	} else {
		args = doc_push_str(args, "--elliptic-curve");
		args = doc_push_str(args, config_str(c, "elliptic_curve"));
	}
	return config_flag(c, "must_staple") ?
	    doc_push_str(args, "--must-staple") :
	    args;
}

int
explain_certonly(struct config *c, struct err *err)
{
	const char *plugin = config_str(c, "authenticator");
	static const char *const flags[] = {"standalone", "webroot", "manual"};

	for (size_t i = 0; plugin == NULL && i < ARRAY_LEN(flags); i++)
		if (config_flag(c, flags[i]))
			plugin = flags[i];
	if (plugin == NULL)
		return err_set(err, ERR_configuration,
		    "say which plugin shall answer the challenges, as in: certonly --standalone --explain");
	fputs("dir=$(mktemp -d)\n", stdout);
	print_step(account_args(c), " |\n");
	print_step(plan_args(c), " |\n");
	print_step(step_order(c, NULL), " |\n");
	print_step(step_challenge(c, plugin), " |\n");
	print_step(finalize_args(c), config_flag(c, "dry_run") ? "\n" : " |\n");
	if (!config_flag(c, "dry_run"))
		print_step(step_save(c), "\n");
	fputs("rm -r \"$dir\"\n", stdout);
	return 0;
}
