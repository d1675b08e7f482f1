/* account.c - acme-account is run again with the answer to each question that
 * its error asks for. */
#include "account.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "driver.h"
#include "eff.h"
#include "email.h"
#include "prompts.h"
#include "pump.h"
#include "screen.h"
#include "steps.h"

enum { MORE_MAX = 64 };

/* A list of further arguments; texts are owned by `texts`. */
struct more {
	const char *list[MORE_MAX + 1];
	size_t n;
	jv texts;
	int secret; /* descriptor that holds the MAC key, -1 */
};

static void
more_add(struct more *m, const char *option, const char *value)
{
	if (m->n + 2 > MORE_MAX)
		return;
	m->list[m->n++] = option;
	if (value != NULL)
		m->list[m->n++] = value;
	m->list[m->n] = NULL;
}

/* The MAC key goes through a memory file, never through arguments. */
static void
more_eab(struct more *m, const struct config *c)
{
	const char *kid = config_str(c, "eab_kid");
	const char *key = config_str(c, "eab_hmac_key");
	char *path;

	if (kid == NULL || key == NULL)
		return;
	m->secret = memfd_create("eab", MFD_CLOEXEC);
	if (m->secret == -1 || fd_write_all(m->secret, key, strlen(key)) != 0)
		return;
	path = xasprintf("/proc/%ld/fd/%d", (long)getpid(), m->secret);
	m->texts = doc_push_str(m->texts, path);
	free(path);
	more_add(m, "--eab-kid", kid);
	more_add(m, "--eab-hmac-key-file",
	    doc_str_at(m->texts, doc_len(m->texts) - 1));
	more_add(m, "--eab-hmac-alg", config_str(c, "eab_hmac_alg"));
}

static void
more_contact(struct more *m, const struct config *c)
{
	const char *email = config_str(c, "email");
	char *copy, *save = NULL;

	if (email == NULL || config_flag(c, "dry_run")) {
		if (config_flag(c, "register_unsafely_without_email") ||
		    config_flag(c, "dry_run"))
			more_add(m, "--no-contact", NULL);
		return;
	}
	copy = xstrdup(email);
	for (char *w = strtok_r(copy, ",", &save); w != NULL;
	     w = strtok_r(NULL, ",", &save))
		m->texts = doc_push_str(m->texts, w);
	free(copy);
	/* only addresses are there so far */
	for (size_t i = 0; i < doc_len(m->texts); i++)
		more_add(m, "-m", doc_str_at(m->texts, i));
}

static int
ask_terms(struct config *c, const char *url, struct err *err)
{
	char *text = xasprintf(
	    "Please read the Terms of Service at: %s\nYou must agree in order to register with the ACME server. Do you agree?",
	    url);
	int yes = prompt_yesno(text, "Yes", "No", -1, "--agree-tos", 1, err);

	free(text);
	if (yes == -1)
		return -1;
	if (!yes)
		return err_set(err, ERR_termsOfService,
		    "Unable to register an account with ACME server. Registration cannot proceed without accepting Terms of Service.");
	config_put(c, "tos", doc_bool(1));
	return 0;
}

/* Several accounts: the person chooses. */
static int
ask_account(struct config *c, jv accounts, struct err *err)
{
	jv q = doc_object(), labels = doc_array(), answer, box, one;
	long at = -1;

	for (size_t i = 0; i < doc_len(accounts); i++) {
		jv a = doc_at(accounts, i);
		char *label = xasprintf("%s@%s (%.4s)", doc_str(a, "host"),
		    doc_str(a, "created"), doc_str(a, "id"));

		labels = doc_push(labels, doc_stringn(label, strlen(label)));
		free(label);
		doc_free(a);
	}
	q = doc_set_str(q, "kind", "menu");
	q = doc_set_str(q, "text", "Please choose an account");
	q = doc_set(q, "choices", labels);
	q = doc_set_flag(q, "force", 1);
	answer = prompt_ask(q, err);
	box = doc_set(doc_object(), "v", answer);
	if (doc_int(box, "v", &at) == 0 && at >= 0) {
		one = doc_at(accounts, (size_t)at);
		config_put(c, "account", doc_get(one, "id"));
		doc_free(one);
	} else if (err->has_members && doc_flag(err->members, "cancel", 0)) {
		err_set(err, ERR_manyAccounts, "No account has been chosen.");
	}
	doc_free(box);
	return err_is_set(err) ? -1 : 0;
}

/* The error is one that a person can answer: 0 to try again. */
static int
answer_error(struct config *c, struct err *why, struct err *err)
{
	jv accounts;
	int rc;

	switch (why->name) {
	case ERR_contact:
		return email_ask(c, EMAIL_REGISTER, err);
	case ERR_acme:
		return email_refused(c, why, err);
	case ERR_termsOfService:
		return ask_terms(c, doc_str(why->members, "url"), err);
	case ERR_manyAccounts:
		accounts = doc_get(why->members, "accounts");
		rc = ask_account(c, accounts, err);
		doc_free(accounts);
		return rc;
	default:
		return -1;
	}
}

/* certbot's sentence for a registration that failed. */
static int
registration_failed(struct err *why, struct err *err)
{
	const char *server = why->name == ERR_acme ?
	    "Error returned by the ACME server: " :
	    "";

	if (why->name == ERR_externalAccountRequired)
		err_set(why, ERR_externalAccountRequired,
		    "Server requires external account binding. Please use --eab-kid and --eab-hmac-key.");
	if (why->name == ERR_unreachable || why->name == ERR_netProcess ||
	    why->name == ERR_protocol || why->name == ERR_timeout ||
	    why->name == ERR_retryLater || why->name == ERR_noAccount ||
	    why->name == ERR_interrupted) {
		err_move(err, why);
		return -1;
	}
	return err_set(err, why->name,
	    "Unable to register an account with ACME server. %s%s", server,
	    err_text(why));
}

static jv
run_once(struct config *c, const char *verb, jv doc, const char *flag,
    struct err *why)
{
	struct more m = {.texts = doc_array(), .secret = -1};
	char bits[32];
	jv out;

	more_add(&m, verb, NULL);
	snprintf(bits, sizeof(bits), "%ld", config_int(c, "rsa_key_size"));
	more_add(&m, "--rsa-key-size", bits);
	more_contact(&m, c);
	more_eab(&m, c);
	if (config_flag(c, "tos"))
		more_add(&m, "--agree-tos", NULL);
	if (flag != NULL)
		more_add(&m, flag, NULL);
	if (doc_is(doc, DOC_OBJECT))
		more_add(&m, "-", NULL);
	out = pump_stage(step_account(c, m.list), doc_copy(doc), why);
	if (m.secret != -1)
		close(m.secret);
	doc_free(m.texts);
	return out;
}

/* The stage, again with the answer to each question that its error asks. */
static jv
run_asking(struct config *c, const char *verb, jv doc, const char *flag,
    struct err *why, struct err *err)
{
	for (;;) {
		jv out = run_once(c, verb, doc, flag, why);

		if (!err_is_set(why))
			return out;
		doc_free(out);
		if (answer_error(c, why, err) != 0)
			return doc_none();
		err_clear(why);
	}
}

static jv
ensure(struct config *c, jv doc, const char *flag, struct err *err)
{
	struct err why = {0};
	jv out, account;

	if (pump_network(err) != 0) {
		doc_free(doc);
		return doc_none();
	}
	out = run_asking(c, "register", doc, flag, &why, err);
	doc_free(doc);
	account = doc_get(out, "account");
	if (doc_str(account, "id") != NULL)
		config_put(c, "account", doc_get(account, "id"));
	if (doc_flag(account, "new", 0)) {
		if (eff_choose(c, err) == 0)
			screen_status("Account registered.");
		else
			doc_move(&out, doc_none());
	}
	doc_free(account);
	if (err_is_set(&why) && !err_is_set(err))
		registration_failed(&why, err);
	err_clear(&why);
	return out;
}

jv
account_ensure(struct config *c, jv doc, struct err *err)
{
	return ensure(c, doc, NULL, err);
}

int
verb_register(struct config *c, struct err *err)
{
	jv out = ensure(c, doc_none(), "--only-new", err);

	doc_free(out);
	if (err->name == ERR_accountExists)
		return plain_error(err,
		    "There is an existing account; registration of a duplicate account with this command is currently unsupported.");
	return err_is_set(err) ? -1 : 0;
}

jv
account_run(struct config *c, const char *verb, struct err *err)
{
	struct err why = {0};
	jv out = pump_network(err) != 0 ?
	    doc_none() :
	    run_asking(c, verb, doc_none(), NULL, &why, err);

	if (err_is_set(&why) && !err_is_set(err))
		err_move(err, &why);
	err_clear(&why);
	return out;
}
