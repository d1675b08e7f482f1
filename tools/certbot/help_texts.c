/* help_texts.c - certbot's words. */
#include "help_texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "options.h"
#include "plugins.h"

const struct help_group help_groups[] = {
    {"automation", NULL, "Flags for automating execution & other tweaks", NULL,
	NULL},
    {"security", NULL, "Security parameters & server settings", NULL, NULL},
    {"testing", NULL,
	"The following flags are meant for testing and integration purposes "
	"only.",
	NULL, NULL},
    {"paths", NULL, "Flags for changing execution paths & servers", NULL, NULL},
    {"manage", NULL,
	"Various subcommands and flags are available for managing your "
	"certificates:",
	NULL, NULL},
    {"run", NULL, "Options for obtaining & installing certificates",
	"Obtain/renew a certificate, and install it", NULL},
    {"certonly", NULL, "Options for modifying how a certificate is obtained",
	"Obtain or renew a certificate, but do not install it",
	"\n\n  certbot certonly [options] [-d DOMAIN] [-d DOMAIN] ...\n\n"
	"This command obtains a TLS/SSL certificate without installing it "
	"anywhere."},
    {"renew", NULL,
	"The 'renew' subcommand will attempt to renew any certificates "
	"previously obtained if they are close to expiry, and print a summary "
	"of the results. By default, 'renew' will reuse the plugins and "
	"options used to obtain or most recently renew each certificate. You "
	"can test whether future renewals will succeed with `--dry-run`. "
	"Individual certificates can be renewed with the `--cert-name` "
	"option. Hooks are available to run commands before and after "
	"renewal; see https://certbot.eff.org/docs/using.html#renewal for "
	"more information on these.",
	"Renew all certificates (or one specified with --cert-name)",
	"\n\n  certbot renew [--cert-name CERTNAME] [options]"},
    {"certificates", NULL, "List certificates managed by Certbot",
	"List certificates managed by Certbot",
	"\n\n  certbot certificates [options] ...\n\n"
	"Print information about the status of certificates managed by "
	"Certbot."},
    {"delete", NULL, "Options for deleting a certificate",
	"Clean up all files related to a certificate",
	"\n\n  certbot delete --cert-name CERTNAME"},
    {"revoke", NULL, "Options for revocation of certificates",
	"Revoke a certificate specified with --cert-path or --cert-name",
	"\n\n  certbot revoke [--cert-path /path/to/fullchain.pem | "
	"--cert-name example.com] [options]"},
    {"register", NULL, "Options for account registration",
	"Register for account with Let's Encrypt / other ACME server",
	"\n\n  certbot register --email user@example.com [options]"},
    {"update_account", NULL, "Options for account modification",
	"Update existing account with Let's Encrypt / other ACME server",
	"\n\n  certbot update_account --email updated_email@example.com "
	"[options]"},
    {"unregister", NULL, "Options for account deactivation.",
	"Irrevocably deactivate your account",
	"\n\n  certbot unregister [options]"},
    {"install", NULL, "Options for modifying how a certificate is deployed",
	"Install an arbitrary certificate in a server",
	"\n\n  certbot install --cert-path /path/to/fullchain.pem  "
	"--key-path /path/to/private-key [options]"},
    {"rollback", NULL, "Options for rolling back server configuration changes",
	"Roll back server conf changes made during certificate installation",
	"\n\n  certbot rollback --checkpoints 3 [options]"},
    {"plugins_verb", "plugins", "Options for the \"plugins\" subcommand",
	"List plugins that are installed and available on your system",
	"\n\n  certbot plugins [options]"},
    {"update_symlinks", NULL,
	"Recreates certificate and key symlinks in /etc/letsencrypt/live, if "
	"you changed them by hand or edited a renewal configuration file",
	"Recreate symlinks in your /etc/letsencrypt/live/ directory",
	"\n\n  certbot update_symlinks [options]"},
    {"enhance", NULL,
	"Helps to harden the TLS configuration by adding security "
	"enhancements to already existing configuration.",
	"Add security enhancements to your existing configuration",
	"\n\n  certbot enhance [options]"},
    {"show_account", NULL,
	"Options useful for the \"show_account\" subcommand:",
	"Show account details from an ACME server",
	"\n\n  certbot show_account [options]"},
    {"reconfigure", NULL,
	"Common options useful for the \"reconfigure\" subcommand:",
	"Update renewal configuration for a certificate specified by "
	"--cert-name",
	"\n\n  certbot reconfigure --cert-name CERTNAME [options]"},
    {"plugins", NULL,
	"Plugin Selection: Certbot client supports an extensible plugins "
	"architecture. See 'certbot plugins' for a list of all installed "
	"plugins and their names. You can force a particular plugin by "
	"setting options provided below. Running --help <plugin_name> will "
	"list flags specific to that plugin.",
	NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL}};

const struct help_group *
help_group(const char *topic)
{
	for (const struct help_group *g = help_groups; g->topic != NULL; g++)
		if (strcmp(g->topic, topic) == 0)
			return g;
	return NULL;
}

static const char *
title_of(const struct help_group *g)
{
	return g->title != NULL ? g->title : g->topic;
}

int
help_group_present(const struct help_group *g)
{
	return g->does == NULL || verb_find(title_of(g)) != NULL;
}

/* A line of the overview; it is there if the subcommand is, and says so if the
 * plugin is not. */
static const struct {
	const char *verb, *plugin, *line;
} overview[] = {
    {NULL, NULL, "The most common SUBCOMMANDS and flags are:\n"},
    {NULL, NULL, "obtain, install, and renew certificates:"},
    {"run", NULL,
	"    (default) run   Obtain & install a certificate in your current "
	"webserver"},
    {"certonly", NULL,
	"    certonly        Obtain or renew a certificate, but do not install "
	"it"},
    {"renew", NULL,
	"    renew           Renew all previously obtained certificates that "
	"are near expiry"},
    {"enhance", NULL,
	"    enhance         Add security enhancements to your existing "
	"configuration"},
    {NULL, NULL,
	"   -d DOMAINS       Comma-separated list of domains to obtain a "
	"certificate for\n"},
    {NULL, "apache",
	"  --apache          Use the Apache plugin for authentication & "
	"installation"},
    {NULL, NULL,
	"  --standalone      Run a standalone webserver for authentication"},
    {NULL, "nginx",
	"  --nginx           Use the Nginx plugin for authentication & "
	"installation"},
    {NULL, NULL,
	"  --webroot         Place files in a server's webroot folder for "
	"authentication"},
    {NULL, NULL,
	"  --manual          Obtain certificates interactively, or using "
	"shell script hooks\n"},
    {NULL, NULL, "   -n               Run non-interactively"},
    {NULL, NULL,
	"  --test-cert       Obtain a test certificate from a staging server"},
    {NULL, NULL,
	"  --dry-run         Test \"renew\" or \"certonly\" without saving any "
	"certificates to disk\n"},
    {NULL, NULL, "manage certificates:"},
    {"certificates", NULL,
	"    certificates    Display information about certificates you have "
	"from Certbot"},
    {"revoke", NULL,
	"    revoke          Revoke a certificate (supply --cert-name or "
	"--cert-path)"},
    {"delete", NULL,
	"    delete          Delete a certificate (supply --cert-name)"},
    {"reconfigure", NULL,
	"    reconfigure     Update a certificate's configuration (supply "
	"--cert-name)"},
    {NULL, NULL, "\nmanage your account:"},
    {"register", NULL, "    register        Create an ACME account"},
    {"unregister", NULL, "    unregister      Deactivate an ACME account"},
    {"update_account", NULL, "    update_account  Update an ACME account"},
    {"show_account", NULL, "    show_account    Display account details"},
    {NULL, NULL,
	"  --agree-tos       Agree to the ACME server's Subscriber Agreement"},
    {NULL, NULL,
	"   -m EMAIL         Email address for important account "
	"notifications"},
};

const char help_more[] =
    "\nMore detailed help:\n"
    "\n"
    "  -h, --help [TOPIC]    print this message, or detailed help on a topic;\n"
    "                        the available TOPICS are:\n"
    "\n"
    "   all, automation, commands, paths, security, testing, or any of the\n"
    "   subcommands or plugins (certonly, renew, install, register, nginx,\n"
    "   apache, standalone, webroot, etc.)\n"
    "  -h all                print a detailed help page including all topics\n"
    "  --version             print the version number\n";

char *
help_overview(void)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < ARRAY_LEN(overview); i++) {
		const char *verb = overview[i].verb;
		const char *plugin = overview[i].plugin;

		if (verb != NULL && verb_find(verb) == NULL)
			continue;
		if (plugin != NULL &&
		    plugin_set_get(plugins_all(), plugin) == NULL)
			buf_addf(&b,
			    "  (the certbot %s plugin is not installed)\n",
			    plugin);
		else
			buf_addf(&b, "%s\n", overview[i].line);
	}
	return buf_detach(&b);
}

static int
by_title(const void *a, const void *b)
{
	const struct help_group *const *x = a, *const *y = b;

	return strcmp(title_of(*x), title_of(*y));
}

char *
help_commands(void)
{
	const struct help_group *sorted[ARRAY_LEN(help_groups)];
	size_t n = 0;
	struct buf b;

	for (const struct help_group *g = help_groups; g->topic != NULL; g++)
		if (g->does != NULL && help_group_present(g))
			sorted[n++] = g;
	qsort(sorted, n, sizeof(sorted[0]), by_title);
	buf_init(&b, SIZE_MAX / 2);
	buf_adds(&b, "The full list of available SUBCOMMANDS is:\n\n");
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%-15s     %s\n",
		    strcmp(sorted[i]->topic, "run") == 0 ? "run (default)" :
							   title_of(sorted[i]),
		    sorted[i]->does);
	buf_adds(&b,
	    "\nYou can get more help on a specific subcommand with --help "
	    "SUBCOMMAND\n");
	return buf_detach(&b);
}
