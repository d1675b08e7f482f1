/* eff.c - the choice is kept in the account; the address is sent through
 * acme-net. */
#include "eff.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/safefile.h"
#include "base/stage.h"
#include "net/client.h"
#include "prompts.h"
#include "screen.h"
#include "store/account.h"

static const char subscribe_url[] =
    "https://supporters.eff.org/subscribe/certbot";
enum { EFF_SECONDS = 60, EFF_ANSWER_MAX = 65536 };

static void
report_failure(const char *why)
{
	screen_status(
	    "We were unable to subscribe you the EFF mailing list%s%s. You can try again later by visiting https://act.eff.org.",
	    why != NULL ? " because " : "", why != NULL ? why : "");
}

/* The account of this run as it is on disk; none when there is none. */
static jv
account_of(const struct config *c)
{
	char *accounts = path_join(config_str(c, "config_dir"), "accounts");
	struct err why = {0};
	jv found = account_choose(accounts, config_str(c, "server"),
	    config_str(c, "account"), &why);

	err_clear(&why);
	free(accounts);
	return found;
}

static void
note(const struct config *c, const char *email)
{
	jv account = account_of(c);
	struct err why = {0};

	if (doc_str(account, "dir") != NULL &&
	    account_set_eff(doc_str(account, "dir"), email, &why) != 0)
		log_warning("certbot._internal.eff", "%s", err_text(&why));
	err_clear(&why);
	doc_free(account);
}

int
eff_choose(const struct config *c, struct err *err)
{
	const char *email = config_str(c, "email");
	int choice = config_tri(c, "eff_email");

	if (config_flag(c, "dry_run"))
		return 0;
	if (choice == 1 && email == NULL)
		report_failure("you didn't provide an e-mail address");
	if (choice == -1 && email != NULL)
		choice = prompt_yesno(
		    "Would you be willing, once your first certificate is successfully issued, to share your email address with the Electronic Frontier Foundation, a founding partner of the Let's Encrypt project and the non-profit organization that develops Certbot? We'd like to send you email about our work encrypting the web, EFF news, campaigns, and ways to support digital freedom. ",
		    "Yes", "No", 0, NULL, 0, err);
	if (err_is_set(err))
		return -1;
	if (choice == 1 && email != NULL)
		note(c, email);
	return 0;
}

/* Appends text as a form's value has it. */
static void
add_encoded(struct buf *b, const char *text)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

	for (; *text != '\0'; text++)
		if (strchr(plain, *text) != NULL)
			buf_addc(b, *text);
		else
			buf_addf(b, "%%%02X", (unsigned)(unsigned char)*text);
}

/* What is wrong with the answer: 0 nothing, 1 something unnamed, 2 *why. */
static int
judge(const struct net_answer *a, const char **why)
{
	struct err none = {0};
	jv said;
	int ok, there;

	if (a->fault != NET_OK || a->status >= 400)
		return 1;
	said = doc_parse(a->body != NULL ? a->body : "", a->len, &none);
	there = doc_has(said, "status");
	ok = doc_flag(said, "status", 0);
	doc_free(said);
	err_clear(&none);
	*why = there ? "your e-mail address appears to be invalid" :
		       "there was a problem with the server response";
	return there && ok ? 0 : 2;
}

static void
subscribe(const char *email)
{
	jv headers = doc_set_str(doc_object(), "content-type",
	    "application/x-www-form-urlencoded");
	struct net_request request = {.method = "POST",
	    .url = subscribe_url,
	    .headers = headers,
	    .limit = EFF_ANSWER_MAX,
	    .timeout = EFF_SECONDS,
	    .ca = stage_trust()};
	struct net_answer answer = {0};
	struct err err = {0};
	struct net *net = net_open(&err);
	struct buf form;
	const char *why = NULL;
	int wrong = 1;

	buf_init(&form, 4096);
	buf_adds(&form, "data_type=json&email=");
	add_encoded(&form, email);
	buf_adds(&form, "&form_id=eff_supporters_library_subscribe_form");
	request.body = form.p;
	request.len = form.len;
	log_info("certbot._internal.eff",
	    "Subscribe to the EFF mailing list (email: %s).", email);
	if (net != NULL && net_exchange(net, &request, 1, &answer, &err) == 0)
		wrong = judge(&answer, &why);
	if (answer.reason != NULL || err_is_set(&err))
		log_debug("certbot._internal.eff", "%s",
		    answer.reason != NULL ? answer.reason : err_text(&err));
	if (wrong)
		report_failure(why);
	net_answer_release(&answer);
	if (net != NULL)
		net_close(net);
	err_clear(&err);
	buf_release(&form);
	doc_free(headers);
}

void
eff_subscribe(const struct config *c)
{
	jv account = account_of(c);
	const char *email = doc_str(account, "registerToEff");

	if (email != NULL) {
		subscribe(email);
		note(c, NULL);
	}
	doc_free(account);
}
