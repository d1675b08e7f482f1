/* accounts.c - update_account, unregister, show_account (spec 5.4). */
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/buf.h"
#include "driver.h"
#include "eff.h"
#include "email.h"
#include "json.h"
#include "prompts.h"
#include "screen.h"

/* certbot's sentence where there is no account. */
static int
failed(const struct config *c, const char *what, struct err *err)
{
	if (err->name == ERR_noAccount && config_str(c, "account") == NULL)
		return plain_error(err, "Could not find %s for server %s.",
		    what, config_str(c, "server"));
	return -1;
}

int
verb_update_account(struct config *c, struct err *err)
{
	int none = config_flag(c, "register_unsafely_without_email");
	const char *email = config_str(c, "email");
	jv out;

	/* as certbot: an empty address takes those away that there are */
	if (email != NULL && *email == '\0') {
		config_put(c, "email", doc_null());
		config_put(c, "register_unsafely_without_email", doc_bool(1));
		none = 1;
	}
	if (config_str(c, "email") == NULL && !none) {
		/* an account must be there before anybody is asked */
		out = account_run(c, "show", err);
		doc_free(out);
		if (err_is_set(err))
			return failed(c, "an existing account", err);
		if (email_ask(c, EMAIL_UPDATE, err) != 0)
			return -1;
	}
	out = account_run(c, "update", err);
	doc_free(out);
	if (err_is_set(err))
		return failed(c, "an existing account", err);
	if (config_str(c, "email") != NULL && eff_choose(c, err) != 0)
		return -1;
	if (config_str(c, "email") != NULL)
		screen_status("Your e-mail address was updated to %s.",
		    config_str(c, "email"));
	else
		screen_status(
		    "Any contact information associated with this account has been removed.");
	return 0;
}

int
verb_unregister(struct config *c, struct err *err)
{
	jv out = account_run(c, "show", err);
	int yes;

	doc_free(out);
	if (err_is_set(err))
		return failed(c, "existing account", err);
	yes = prompt_yesno(
	    "Are you sure you would like to irrevocably deactivate your account?",
	    "Deactivate", "Abort", 1, NULL, 0, err);
	if (yes == 0)
		return plain_error(err, "Deactivation aborted.");
	if (yes == -1)
		return -1;
	out = account_run(c, "deactivate", err);
	doc_free(out);
	if (err_is_set(err))
		return -1;
	screen_status("Account deactivated.");
	return 0;
}

/* The addresses among the account's contacts. */
static jv
addresses_of(jv account)
{
	jv contacts = doc_get_kind(account, "contact", DOC_ARRAY);
	jv addresses = doc_array();

	for (size_t i = 0; i < doc_len(contacts); i++) {
		const char *url = doc_str_at(contacts, i);

		if (url != NULL && strncmp(url, "mailto:", 7) == 0)
			addresses = doc_push_str(addresses, url + 7);
	}
	doc_free(contacts);
	return addresses;
}

/* "Email contact: a", "Email contacts: a, b", "Email contact: none". */
static char *
contacts_text(jv account)
{
	jv addresses = addresses_of(account);
	char *joined, *text;

	joined = doc_join(addresses, ", ");
	text = xasprintf("Email contact%s: %s",
	    doc_len(addresses) > 1 ? "s" : "",
	    doc_len(addresses) > 0 ? joined : "none");
	free(joined);
	doc_free(addresses);
	return text;
}

/* The same for scripts (certbot-certificates(5)). */
static jv
account_json(const struct config *c, jv account)
{
	static const char *const members[] = {"id", "url", "thumbprint",
	    "status"};
	jv out = doc_set_str(doc_object(), "server", config_str(c, "server"));

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		out = doc_set_str(out, members[i],
		    doc_str(account, members[i]));
	return doc_set(out, "emails", addresses_of(account));
}

int
verb_show_account(struct config *c, struct err *err)
{
	jv out = account_run(c, "show", err), account;
	char *contacts;

	if (err_is_set(err)) {
		doc_free(out);
		return failed(c, "an existing account", err);
	}
	account = doc_get(out, "account");
	if (json_wanted())
		json_print(account_json(c, account));
	contacts = contacts_text(account);
	screen_status(
	    "Account details for server %s:\n  Account URL: %s\n  Account Thumbprint: %s\n  %s",
	    config_str(c, "server"), doc_str(account, "url"),
	    doc_str(account, "thumbprint"), contacts);
	free(contacts);
	doc_free(account);
	doc_free(out);
	return 0;
}
