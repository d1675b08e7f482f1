/* help.c - the short way in. */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "base/term.h"
#include "cli.h"

static const char overview[] =
    "The most common SUBCOMMANDS and flags are:\n"
    "\n"
    "obtain, install, and renew certificates:\n"
    "    certonly        Obtain or renew a certificate, but do not install it\n"
    "    renew           Renew all previously obtained certificates that are near expiry\n"
    "   -d DOMAINS       Comma-separated list of domains to obtain a certificate for\n"
    "\n"
    "  --standalone      Run a standalone webserver for authentication\n"
    "  --webroot         Place files in a server's webroot folder for authentication\n"
    "  --manual          Obtain certificates interactively, or using shell script hooks\n"
    "\n"
    "   -n               Run non-interactively\n"
    "  --test-cert       Obtain a test certificate from a staging server\n"
    "  --dry-run         Test \"renew\" or \"certonly\" without saving any certificates to disk\n"
    "  --explain         Print the equivalent shell pipeline instead of running it\n"
    "\n"
    "manage certificates:\n"
    "    certificates    Display information about certificates you have from Certbot\n"
    "    revoke          Revoke a certificate (supply --cert-name or --cert-path)\n"
    "    delete          Delete a certificate (supply --cert-name)\n"
    "\n"
    "manage your account:\n"
    "    register        Create an ACME account\n"
    "  --agree-tos       Agree to the ACME server's Subscriber Agreement\n"
    "   -m EMAIL         Email address for important account notifications\n";

int
help_asked(jv args)
{
	return doc_list_has(args, "-h") || doc_list_has(args, "--help");
}

void
help_print(void)
{
	printf("\n%s\n%s%s%s\n", term_separator, cli_short_usage, overview,
	    term_separator);
}
