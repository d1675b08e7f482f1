/* agent.c - CAs count clients by this text: its shape is certbot's. */
#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "store/renewal.h"
#include "base/safefile.h"
#include "hooks.h"

/* PRETTY_NAME of os-release, else the kernel's name and release; malloc'd. */
static char *
os_text(void)
{
	struct buf b;
	struct utsname u;
	char *at, *text = NULL;

	buf_init(&b, 64 << 10);
	if (safefile_read("/etc/os-release", &b, NULL) == 0 && b.p != NULL &&
	    (at = strstr(b.p, "PRETTY_NAME=\"")) != NULL) {
		at += strlen("PRETTY_NAME=\"");
		text = xstrndup(at, strcspn(at, "\"\n"));
	}
	buf_release(&b);
	if (text != NULL)
		return text;
	if (uname(&u) != 0)
		return xstrdup("unknown");
	return xasprintf("%s %s", u.sysname, u.release);
}

static char *
flags_text(const struct config *c)
{
	static const struct {
		const char *dest, *word;
	} flags[] = {
	    {"duplicate", "dup"},
	    {"renew_by_default", "frn"},
	    {"allow_subset_of_names", "asn"},
	    {"noninteractive_mode", "n"},
	};
	static const char *const hooks[] = {"pre_hook", "post_hook",
	    "renew_hook", "manual_auth_hook", "manual_cleanup_hook"};
	jv words = doc_array();
	char *text;
	int any = 0;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (config_flag(c, flags[i].dest))
			words = doc_push_str(words, flags[i].word);
	for (size_t i = 0; i < ARRAY_LEN(hooks); i++)
		any = any || hook_command(c, hooks[i]) != NULL;
	if (any)
		words = doc_push_str(words, "hook");
	text = doc_join(words, " ");
	doc_free(words);
	return text;
}

/* A role's plugin; revoke names none. */
static const char *
plugin_text(const struct config *c, const char *role)
{
	const char *name = strcmp(c->verb, "revoke") == 0 ? NULL :
							    config_str(c, role);

	return name != NULL ? name : "None";
}

char *
agent_text(const struct config *c)
{
	const char *given = config_str(c, "user_agent");
	const char *comment = config_str(c, "user_agent_comment");
	char *os, *flags, *text;

	if (given != NULL)
		return xstrdup(given);
	os = os_text();
	flags = flags_text(c);
	text = xasprintf(
	    "CertbotACMEClient/%s (certbot; %s%s%s) Authenticator/%s Installer/%s (%s; flags: %s) C/acme-tools",
	    renewal_version, os, comment != NULL ? "; " : "",
	    comment != NULL ? comment : "", plugin_text(c, "authenticator"),
	    plugin_text(c, "installer"), c->verb, flags);
	free(flags);
	free(os);
	return text;
}
