/* email.c - certbot's words around an address. */
#include "email.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/email.h"
#include "base/log.h"
#include "prompts.h"

static const char skip_text[] =
    "\n\nIf you really want to skip this, you can run the client with --register-unsafely-without-email but you will then be unable to receive notice about impending expiration or revocation of your certificates or problems with your Certbot installation that will lead to failure to renew.\n\n";

static char *
question_text(enum email_for what, int failed, int empty)
{
	return xasprintf("%s%s%s",
	    failed && !empty ? "There seem to be problems with that address. " :
			       "",
	    failed && what == EMAIL_REGISTER ? skip_text : "",
	    "Enter email address (used for urgent renewal and security notices)\n");
}

static int
cancelled(enum email_for what, struct err *err)
{
	if (err->has_members && doc_flag(err->members, "cancel", 0))
		err_set(err, ERR_configuration,
		    what == EMAIL_UPDATE ?
			"An e-mail address must be provided." :
			"An e-mail address or --register-unsafely-without-email must be provided.");
	return -1;
}

static int
ask(struct config *c, enum email_for what, int failed, struct err *err)
{
	int empty = 0;

	for (;; failed = 1) {
		char *text = question_text(what, failed, empty);
		jv q = doc_set_str(doc_object(), "kind", "input"), answer;
		const char *typed;
		int good;

		q = doc_set_str(q, "text", text);
		q = doc_set_flag(q, "force", 1);
		free(text);
		answer = prompt_ask(q, err);
		if (err_is_set(err)) {
			doc_free(answer);
			return cancelled(what, err);
		}
		typed = doc_text_of(answer);
		empty = typed == NULL || *typed == '\0';
		good = typed != NULL && email_is_valid(typed);
		if (good)
			config_put(c, "email", doc_copy(answer));
		else if (typed != NULL && !email_matches(typed))
			log_error("certbot.util", "Invalid email address: %s.",
			    typed);
		doc_free(answer);
		if (good)
			return 0;
	}
}

int
email_ask(struct config *c, enum email_for what, struct err *err)
{
	if (config_flag(c, "noninteractive_mode"))
		return err_set(err, ERR_configuration,
		    "You should register before running non-interactively, or provide --agree-tos and --email <email_address> flags.");
	return ask(c, what, 0, err);
}

int
email_refused(struct config *c, const struct err *why, struct err *err)
{
	static const char prefix[] = "urn:ietf:params:acme:error:";
	const char *type = doc_str(why->members, "type");
	const char *email = config_str(c, "email");

	if (type == NULL || strncmp(type, prefix, sizeof(prefix) - 1) != 0 ||
	    email == NULL)
		return -1;
	type += sizeof(prefix) - 1;
	if (strcmp(type, "invalidEmail") != 0 &&
	    strcmp(type, "invalidContact") != 0)
		return -1;
	if (config_flag(c, "noninteractive_mode"))
		return err_set(err, ERR_contact,
		    "Unable to register an account with ACME server. The ACME server believes %s is an invalid email address. Please ensure it is a valid email and attempt registration again.",
		    email);
	return ask(c, EMAIL_REGISTER, 1, err);
}
