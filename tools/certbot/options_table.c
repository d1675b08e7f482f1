/* options_table.c - the rows of the driver's own options (spec 3.5). The help
 * texts are the manual's, the newer ones certbot 5.6's. */
#include "options_table.h"

/* clang-format off: one row is read as one */
const struct option own_options[] = {{"-h --help", "help", OPTION_HELP, NULL,
					 NULL, "every", 0,
					 "show this help message and exit"},
    {"-c --config", "config_file", OPTION_FILE, NULL, "CONFIG_FILE", "every", 0,
	"path to config file (default: /etc/letsencrypt/cli.ini "
	"and ~/.config/letsencrypt/cli.ini)"},
    {"-v --verbose", "verbose_count", OPTION_COUNT, "0", NULL, "gen", 0,
	"This flag can be used multiple times to incrementally "
	"increase the verbosity of output, e.g. -vvv."},
    {"--verbose-level", "verbose_level", OPTION_TEXT, NULL, NULL, "gen", HIDDEN,
	NULL},
    {"-t --text", "text_mode", OPTION_TRUE, NULL, NULL, "gen", HIDDEN, NULL},
    {"--max-log-backups", "max_log_backups", OPTION_NATURAL, "1000",
	"MAX_LOG_BACKUPS", "gen", 0,
	"Specifies the maximum number of backup logs that should "
	"be kept by Certbot's built in log rotation. Setting "
	"this flag to 0 disables log rotation entirely, causing "
	"Certbot to always append to the same log file."},
    {"--preconfigured-renewal", "preconfigured_renewal", OPTION_TRUE, NULL,
	NULL, "gen", HIDDEN, NULL},
    {"-n --non-interactive --noninteractive", "noninteractive_mode",
	OPTION_TRUE, NULL, NULL, "gen automation run certonly enhance", 0,
	"Run without ever asking for user input. This may "
	"require additional command line flags; the client will "
	"try to explain which ones are required if it finds one "
	"missing"},
    {"--force-interactive", "force_interactive", OPTION_TRUE, NULL, NULL,
	"gen register run certonly enhance", 0,
	"Force Certbot to be interactive even if it detects it's "
	"not being run in a terminal. This flag cannot be used "
	"with the renew subcommand."},
    {"-d --domains --domain", "domains", OPTION_DOMAINS, NULL, "DOMAIN",
	"gen run certonly certificates enhance", 0,
	"Domain names to apply. For multiple domains you can use "
	"multiple -d flags or enter a comma separated list of "
	"domains as a parameter. The first domain provided will "
	"be used as the certificate name, and all domains will "
	"be Subject Alternative Names on the certificate. The "
	"first domain will also be used in some software user "
	"interfaces and as the file paths for the certificate "
	"and related material unless otherwise specified or you "
	"already have a certificate with the same name. In the "
	"case of a name collision it will append a number like "
	"0001 to the file path name. (default: Ask)"},
    {"--ip-address", "domains", OPTION_ADDRESS, NULL, "IP_ADDRESSES",
	"gen certonly certificates", 0,
	"IP addresses to include. For multiple IP addresses you "
	"can use multiple --ip-address flags. All IP addresses "
	"will be included as Subject Alternative Names on the "
	"certificate."},
    {"--eab-kid", "eab_kid", OPTION_TEXT, NULL, "EAB_KID",
	"gen run certonly register", 0,
	"Key Identifier for External Account Binding"},
    {"--eab-hmac-key", "eab_hmac_key", OPTION_TEXT, NULL, "EAB_HMAC_KEY",
	"gen run certonly register", SECRET,
	"HMAC key for External Account Binding"},
    {"--eab-hmac-alg", "eab_hmac_alg", OPTION_TEXT, "HS256", "EAB_HMAC_ALG",
	"gen run certonly register", 0,
	"HMAC algorithm for External Account Binding"},
    {"--cert-name", "certname", OPTION_TEXT, NULL, "CERTNAME",
	"gen run certonly manage delete certificates renew enhance reconfigure",
	0,
	"Certificate name to apply. This name is used by Certbot "
	"for housekeeping and in file paths; it doesn't affect "
	"the content of the certificate itself. To see "
	"certificate names, run 'certbot certificates'. When "
	"creating a new certificate, specifies the new "
	"certificate's name. (default: the first provided domain "
	"or the name of an existing certificate on your system "
	"for the same domains)"},
    {"--dry-run", "dry_run", OPTION_TRUE, NULL, NULL,
	"gen testing renew certonly reconfigure", 0,
	"Perform a test run of the client, obtaining test "
	"(invalid) certificates but not saving them to disk. "
	"This can currently only be used with the 'certonly' and "
	"'renew' subcommands. Note: Although --dry-run tries to "
	"avoid making any persistent changes on a system, it is "
	"not completely side-effect free: if used with webserver "
	"authenticator plugins like apache and nginx, it makes "
	"and then reverts temporary config changes in order to "
	"obtain test certificates, and reloads webservers to "
	"deploy and then roll back those changes. It also calls "
	"--pre-hook and --post-hook commands if they are defined "
	"because they may be necessary to accurately simulate "
	"renewal. --deploy-hook commands are not called."},
    {"--run-deploy-hooks", "run_deploy_hooks", OPTION_TRUE, NULL, NULL,
	"testing renew certonly reconfigure", 0,
	"When performing a test run using --dry-run or "
	"reconfigure, run any applicable deploy hooks. This "
	"includes hooks set on the command line, saved in the "
	"certificate's renewal configuration file, or present in "
	"the renewal-hooks directory. To exclude directory "
	"hooks, use --no-directory-hooks. The hook(s) will only "
	"be run if the dry run succeeds, and will use the "
	"current active certificate, not the temporary test "
	"certificate acquired during the dry run. This flag is "
	"recommended when modifying the deploy hook using "
	"reconfigure."},
    {"--register-unsafely-without-email", "register_unsafely_without_email",
	OPTION_TRUE, NULL, NULL, "register automation", 0,
	"Specifying this flag enables registering an account "
	"with no email address. This is strongly discouraged, "
	"because you will be unable to receive notice about "
	"impending expiration or revocation of your certificates "
	"or problems with your Certbot installation that will "
	"lead to failure to renew."},
    {"-m --email", "email", OPTION_TEXT, NULL, "EMAIL",
	"register update_account unregister automation", 0,
	"Email used for registration and recovery contact. Use "
	"comma to register multiple emails, ex: "
	"u1@example.com,u2@example.com. (default: Ask)."},
    {"--eff-email", "eff_email", OPTION_TRUE, "None", NULL,
	"register update_account automation", 0,
	"Share your e-mail address with EFF"},
    {"--no-eff-email", "eff_email", OPTION_FALSE, "None", NULL,
	"register update_account automation", 0,
	"Don't share your e-mail address with EFF"},
    {"--keep-until-expiring --keep --reinstall", "reinstall", OPTION_TRUE, NULL,
	NULL, "automation certonly run", 0,
	"If the requested certificate matches an existing "
	"certificate, always keep the existing one until it is "
	"due for renewal (for the 'run' subcommand this means "
	"reinstall the existing certificate). (default: Ask)"},
    {"--expand", "expand", OPTION_TRUE, NULL, NULL, "automation", 0,
	"If an existing certificate is a strict subset of the "
	"requested names, always expand and replace it with the "
	"additional names. (default: Ask)"},
    {"--version", "version", OPTION_VERSION, NULL, NULL, "automation", 0,
	"show program's version number and exit"},
    {"--force-renewal --renew-by-default", "renew_by_default", OPTION_TRUE,
	NULL, NULL, "automation renew", 0,
	"If a certificate already exists for the requested "
	"domains, renew it now, regardless of whether it is near "
	"expiry. (Often --keep-until-expiring is more "
	"appropriate). Also implies --expand."},
    {"--renew-with-new-domains", "renew_with_new_domains", OPTION_TRUE, NULL,
	NULL, "automation", 0,
	"If a certificate already exists for the requested "
	"certificate name but does not match the requested "
	"domains, renew it now, regardless of whether it is near "
	"expiry."},
    {"--reuse-key", "reuse_key", OPTION_TRUE, NULL, NULL, "automation", SAVED,
	"When renewing, use the same private key as the existing "
	"certificate."},
    {"--no-reuse-key", "reuse_key", OPTION_FALSE, NULL, NULL, "automation",
	SAVED,
	"When renewing, do not use the same private key as the "
	"existing certificate. Not reusing private keys is the "
	"default behavior of Certbot. This option may be used to "
	"unset --reuse-key on an existing certificate."},
    {"--new-key", "new_key", OPTION_TRUE, NULL, NULL, "automation", 0,
	"When renewing or replacing a certificate, generate a "
	"new private key, even if --reuse-key is set on the "
	"existing certificate. Combining --new-key and "
	"--reuse-key will result in the private key being "
	"replaced and then reused in future renewals."},
    {"--allow-subset-of-names", "allow_subset_of_names", OPTION_TRUE, NULL,
	NULL, "automation renew certonly", SAVED,
	"When performing domain validation, do not consider it a "
	"failure if authorizations can not be obtained for a "
	"strict subset of the requested domains. This may be "
	"useful for allowing renewals for multiple domains to "
	"succeed even if some domains no longer point at this "
	"system. This option cannot be used with --csr."},
    {"--agree-tos", "tos", OPTION_TRUE, NULL, NULL, "automation", 0,
	"Agree to the ACME Subscriber Agreement (default: Ask)"},
    {"--account", "account", OPTION_TEXT, NULL, "ACCOUNT_ID",
	"unregister automation", SAVED, "Account ID to use"},
    {"--duplicate", "duplicate", OPTION_TRUE, NULL, NULL, "automation", 0,
	"Allow making a certificate lineage that duplicates an "
	"existing one (both can be renewed in parallel)"},
    {"-q --quiet", "quiet", OPTION_TRUE, NULL, NULL,
	"automation renew certonly run", 0,
	"Silence all output except errors. Useful for automation "
	"via cron. Implies --non-interactive."},
    {"--test-cert --staging", "staging", OPTION_TRUE, NULL, NULL,
	"testing revoke run", 0,
	"Use the staging server to obtain or revoke test "
	"(invalid) certificates; equivalent to --server "
	"https://acme-staging-v02.api.letsencrypt.org/directory"},
    {"--debug", "debug", OPTION_TRUE, NULL, NULL, "testing", 0,
	"Show tracebacks in case of errors"},
    {"--debug-challenges", "debug_challenges", OPTION_TRUE, NULL, NULL,
	"gen certonly run", 0,
	"After setting up challenges, wait for user input before "
	"submitting to CA. When used in combination with the `-v` "
	"option, the challenge URLs or FQDNs and their expected "
	"return values are shown."},
    {"--no-verify-ssl", "no_verify_ssl", OPTION_TRUE, NULL, NULL, "testing", 0,
	"Disable verification of the ACME server's certificate."},
    {"--http-01-port", "http01_port", OPTION_INT, "80", "HTTP01_PORT",
	"testing standalone manual", SAVED,
	"Port used in the http-01 challenge. This only affects "
	"the port Certbot listens on. A conforming ACME server "
	"will still attempt to connect on port 80."},
    {"--http-01-address", "http01_address", OPTION_TEXT, "", "HTTP01_ADDRESS",
	"testing standalone", SAVED,
	"The address the server listens to during http-01 "
	"challenge."},
    {"--https-port", "https_port", OPTION_INT, "443", "HTTPS_PORT",
	"testing nginx", 0,
	"Port used to serve HTTPS. This affects which port Nginx "
	"will listen on after a LE certificate is installed."},
    {"--break-my-certs", "break_my_certs", OPTION_TRUE, NULL, NULL, "testing",
	0,
	"Be willing to replace or renew valid certificates with "
	"invalid (testing/staging) certificates"},
    {"--rsa-key-size", "rsa_key_size", OPTION_INT, "2048", "N", "security",
	SAVED, "Size of the RSA key."},
    {"--key-type", "key_type", OPTION_KEY_TYPE, "rsa", "{rsa,ecdsa}",
	"security", SAVED,
	"Type of generated private key. Only *ONE* per "
	"invocation can be provided at this time."},
    {"--elliptic-curve", "elliptic_curve", OPTION_CURVE, "secp256r1", "N",
	"security", SAVED,
	"The SECG elliptic curve name to use. Please see RFC "
	"8446 for supported values."},
    {"--must-staple", "must_staple", OPTION_TRUE, NULL, NULL, "security", SAVED,
	"Adds the OCSP Must Staple extension to the certificate. "
	"Autoconfigures OCSP Stapling for supported setups "
	"(Apache version >= 2.3.3 )."},
    {"--redirect", "redirect", OPTION_TRUE, "None", NULL, "security enhance", 0,
	"Automatically redirect all HTTP traffic to HTTPS for "
	"the newly authenticated vhost. (default: redirect "
	"enabled for install and run, disabled for enhance)"},
    {"--no-redirect", "redirect", OPTION_FALSE, "None", NULL, "security", 0,
	"Do not automatically redirect all HTTP traffic to HTTPS "
	"for the newly authenticated vhost. (default: redirect "
	"enabled for install and run, disabled for enhance)"},
    {"--hsts", "hsts", OPTION_TRUE, "None", NULL, "security enhance", 0,
	"Add the Strict-Transport-Security header to every HTTP "
	"response. Forcing browser to always use SSL for the "
	"domain. Defends against SSL Stripping."},
    {"--no-hsts", "hsts", OPTION_FALSE, "None", NULL, "security", HIDDEN, NULL},
    {"--uir", "uir", OPTION_TRUE, "None", NULL, "security enhance", 0,
	"Add the \"Content-Security-Policy: "
	"upgrade-insecure-requests\" header to every HTTP "
	"response. Forcing the browser to use https:// for every "
	"http:// resource."},
    {"--no-uir", "uir", OPTION_FALSE, "None", NULL, "security", HIDDEN, NULL},
    {"--staple-ocsp", "staple", OPTION_TRUE, "None", NULL, "security", 0,
	"Enables OCSP Stapling. A valid OCSP response is stapled "
	"to the certificate that the server offers during TLS."},
    {"--no-staple-ocsp", "staple", OPTION_FALSE, "None", NULL, "security",
	HIDDEN, NULL},
    {"--strict-permissions", "strict_permissions", OPTION_TRUE, NULL, NULL,
	"security", 0,
	"Require that all configuration files are owned by the "
	"current user; only needed if your config is somewhere "
	"unsafe like /tmp/"},
    {"--required-profile", "required_profile", OPTION_TEXT, NULL,
	"REQUIRED_PROFILE", "gen certonly renew run", SAVED,
	"Request the given profile name from the ACME server. If "
	"the ACME server returns an error, issuance (or renewal) "
	"will fail."},
    {"--preferred-profile", "preferred_profile", OPTION_TEXT, NULL,
	"PREFERRED_PROFILE", "gen certonly renew run", SAVED,
	"Request the given profile name from the ACME server, or "
	"fallback to default. If the given profile name exists "
	"in the ACME directory, use it to request a certificate. "
	"Otherwise, fall back to requesting a certificate "
	"without a profile (which means the CA will use its "
	"default profile)."},
    {"--preferred-chain", "preferred_chain", OPTION_TEXT, NULL,
	"PREFERRED_CHAIN", "gen certonly renew run", SAVED,
	"Set the preferred certificate chain. If the CA offers "
	"multiple certificate chains, prefer the chain whose "
	"topmost certificate was issued from this Subject Common "
	"Name. If no match, the default offered chain will be "
	"used."},
    {"--preferred-challenges", "pref_challs", OPTION_CHALLENGES, NULL,
	"PREF_CHALLS", "gen manual standalone certonly renew", SAVED,
	"A sorted, comma delimited list of the preferred "
	"challenge to use during authorization with the most "
	"preferred challenge listed first (Eg, \"dns\" or "
	"\"http,dns\"). Not all plugins support all challenges. "
	"See https://certbot.eff.org/docs/using.html#plugins for "
	"details. ACME Challenges are versioned, but if you pick "
	"\"http\" rather than \"http-01\", Certbot will select the "
	"latest version automatically."},
    {"--issuance-timeout", "issuance_timeout", OPTION_NATURAL, "90",
	"ISSUANCE_TIMEOUT", "gen certonly run", 0,
	"This option specifies how long (in seconds) Certbot "
	"will wait for the server to issue a certificate."},
    {"--pre-hook", "pre_hook", OPTION_TEXT, NULL, "PRE_HOOK",
	"renew reconfigure", SAVED,
	"Command to be run in a shell before obtaining any "
	"certificates. Intended primarily for renewal, where it "
	"can be used to temporarily shut down a webserver that "
	"might conflict with the standalone plugin. This will "
	"only be called if a certificate is actually to be "
	"obtained/renewed. When renewing several certificates "
	"that have identical pre-hooks, only the first will be "
	"executed."},
    {"--post-hook", "post_hook", OPTION_TEXT, NULL, "POST_HOOK",
	"renew reconfigure", SAVED,
	"Command to be run in a shell after attempting to "
	"obtain/renew certificates. Can be used to deploy "
	"renewed certificates, or to restart any servers that "
	"were stopped by --pre-hook. This is only run if an "
	"attempt was made to obtain/renew a certificate. If "
	"multiple renewed certificates have identical "
	"post-hooks, only one will be run."},
    {"--deploy-hook", "renew_hook", OPTION_TEXT, NULL, "DEPLOY_HOOK",
	"renew certonly run reconfigure", SAVED,
	"Command to be run in a shell once for each successfully "
	"issued certificate. For this command, the shell "
	"variable $RENEWED_LINEAGE will point to the config live "
	"subdirectory (for example, "
	"\"/etc/letsencrypt/live/example.com\") containing the new "
	"certificates and keys; the shell variable "
	"$RENEWED_DOMAINS will contain a space-delimited list of "
	"renewed certificate domains (for example, \"example.com "
	"www.example.com\")"},
    {"--renew-hook", "renew_hook", OPTION_TEXT, NULL, "RENEW_HOOK", "renew",
	SAVED | HIDDEN, NULL},
    {"--no-random-sleep-on-renew", "random_sleep_on_renew", OPTION_FALSE,
	"True", NULL, "renew", HIDDEN, NULL},
    {"--disable-hook-validation", "validate_hooks", OPTION_FALSE, "True", NULL,
	"renew", 0,
	"Ordinarily the commands specified for "
	"--pre-hook/--post-hook/--deploy-hook will be checked "
	"for validity, to see if the programs being run are in "
	"the $PATH, so that mistakes can be caught early, even "
	"when the hooks aren't being run just yet. The "
	"validation is rather simplistic and fails if you use "
	"more advanced shell constructs, so you can use this "
	"switch to disable it. (default: False)"},
    {"--no-directory-hooks", "directory_hooks", OPTION_FALSE, "True", NULL,
	"renew", 0,
	"Disable running executables found in Certbot's hook "
	"directories during renewal. (default: False)"},
    {"--disable-renew-updates", "disable_renew_updates", OPTION_TRUE, NULL,
	NULL, "renew", 0,
	"Disable automatic updates to your server configuration "
	"that would otherwise be done by the selected installer "
	"plugin, and triggered when the user executes \"certbot "
	"renew\", regardless of if the certificate is renewed. "
	"This setting does not apply to important TLS "
	"configuration updates."},
    {"--no-autorenew", "autorenew", OPTION_FALSE, "True", NULL, "renew", SAVED,
	"Disable auto renewal of certificates."},
    {"--os-packages-only", "os_packages_only", OPTION_TRUE, NULL, NULL, "gen",
	HIDDEN | DEPRECATED, NULL},
    {"--no-self-upgrade", "no_self_upgrade", OPTION_TRUE, NULL, NULL, "gen",
	HIDDEN | DEPRECATED, NULL},
    {"--no-bootstrap", "no_bootstrap", OPTION_TRUE, NULL, NULL, "gen",
	HIDDEN | DEPRECATED, NULL},
    {"--no-permissions-check", "no_permissions_check", OPTION_TRUE, NULL, NULL,
	"gen", HIDDEN | DEPRECATED, NULL},
    {"--auto-hsts", "auto_hsts", OPTION_TRUE, NULL, NULL, "security enhance", 0,
	"Gradually increasing max-age value for HTTP Strict "
	"Transport Security security header"},
    {"--user-agent", "user_agent", OPTION_TEXT, NULL, "USER_AGENT", "gen",
	SAVED,
	"Set a custom user agent string for the client. User "
	"agent strings allow the CA to collect high level "
	"statistics about success rates by OS, plugin and use "
	"case, and to know when to deprecate support for past "
	"Python versions and flags. If you wish to hide this "
	"information from the Let's Encrypt server, set this to "
	"\"\". (default: CertbotACMEClient/1.21.0 (certbot; "
	"OS_NAME OS_VERSION) Authenticator/XXX Installer/YYY "
	"(SUBCOMMAND; flags: FLAGS) Py/major.minor.patchlevel). "
	"The flags encoded in the user agent are: --duplicate, "
	"--force-renew, --allow-subset-of-names, -n, and whether "
	"any hooks are set."},
    {"--user-agent-comment", "user_agent_comment", OPTION_COMMENT, NULL,
	"USER_AGENT_COMMENT", "gen", 0,
	"Add a comment to the default user agent string. May be "
	"used when repackaging Certbot or calling it from "
	"another tool to allow additional statistical data to be "
	"collected. Ignored if --user-agent is set. (Example: "
	"Foo-Wrapper/1.0)"},
    {"--csr", "csr", OPTION_FILE, NULL, "CSR", "certonly", 0,
	"Path to a Certificate Signing Request (CSR) in DER or "
	"PEM format. Currently --csr only works with the "
	"'certonly' subcommand."},
    {"--reason", "reason", OPTION_REASON, "unspecified",
	"{unspecified,keycompromise,affiliationchanged,superseded,cessationofoperation}",
	"revoke", 0, "Specify reason for revoking certificate."},
    {"--delete-after-revoke", "delete_after_revoke", OPTION_TRUE, "None", NULL,
	"revoke", 0,
	"Delete certificates after revoking them, along with all "
	"previous and later versions of those certificates."},
    {"--no-delete-after-revoke", "delete_after_revoke", OPTION_FALSE, "None",
	NULL, "revoke", 0,
	"Do not delete certificates after revoking them. This "
	"option should be used with caution because the 'renew' "
	"subcommand will attempt to renew undeleted revoked "
	"certificates."},
    {"--checkpoints", "checkpoints", OPTION_INT, "1", "N", "rollback", 0,
	"Revert configuration N number of checkpoints."},
    {"--init", "init", OPTION_TRUE, NULL, NULL, "plugins_verb", 0,
	"Initialize plugins."},
    {"--prepare", "prepare", OPTION_TRUE, NULL, NULL, "plugins_verb", 0,
	"Initialize and prepare plugins."},
    {"--authenticators", "ifaces_authenticators", OPTION_TRUE, "None", NULL,
	"plugins_verb", 0, "Limit to authenticator plugins only."},
    {"--installers", "ifaces_installers", OPTION_TRUE, "None", NULL,
	"plugins_verb", 0, "Limit to installer plugins only."},
    {"--cert-path", "cert_path", OPTION_FILE, NULL, "CERT_PATH",
	"paths install revoke certonly manage", 0,
	"Path to where certificate is saved (with certonly "
	"--csr), installed from, or revoked"},
    {"--key-path", "key_path", OPTION_FILE, NULL, "KEY_PATH",
	"paths install revoke", 0,
	"Path to private key for certificate installation or "
	"revocation (if account key is missing)"},
    {"--fullchain-path", "fullchain_path", OPTION_FILE, NULL, "FULLCHAIN_PATH",
	"paths install", 0,
	"Accompanying path to a full certificate chain "
	"(certificate plus chain)."},
    {"--chain-path", "chain_path", OPTION_FILE, NULL, "CHAIN_PATH",
	"paths install", 0, "Accompanying path to a certificate chain."},
    {"--config-dir", "config_dir", OPTION_DIR, "/etc/letsencrypt", "CONFIG_DIR",
	"paths", SAVED, "Configuration directory."},
    {"--work-dir", "work_dir", OPTION_DIR, "/var/lib/letsencrypt", "WORK_DIR",
	"paths", SAVED, "Working directory."},
    {"--logs-dir", "logs_dir", OPTION_DIR, "/var/log/letsencrypt", "LOGS_DIR",
	"paths", SAVED, "Logs directory."},
    {"--server", "server", OPTION_TEXT,
	"https://acme-v02.api.letsencrypt.org/directory", "SERVER",
	"paths show_account", SAVED, "ACME Directory Resource URI."},
    {"--configurator", "configurator", OPTION_TEXT, NULL, "CONFIGURATOR",
	"plugins", 0,
	"Name of the plugin that is both an authenticator and an "
	"installer. Should not be used together with "
	"--authenticator or --installer. (default: Ask)"},
    {"-a --authenticator", "authenticator", OPTION_TEXT, NULL, "AUTHENTICATOR",
	"plugins", SAVED, "Authenticator plugin name."},
    {"-i --installer", "installer", OPTION_TEXT, NULL, "INSTALLER", "plugins",
	SAVED, "Installer plugin name (also used to find domains)."},
    {"--apache", "apache", OPTION_TRUE, NULL, NULL,
	"plugins certonly run install", SELECT,
	"Obtain and install certificates using Apache"},
    {"--nginx", "nginx", OPTION_TRUE, NULL, NULL,
	"plugins certonly run install", SELECT,
	"Obtain and install certificates using Nginx"},
    {"--standalone", "standalone", OPTION_TRUE, NULL, NULL, "plugins certonly",
	SELECT, "Obtain certificates using a \"standalone\" webserver."},
    {"--manual", "manual", OPTION_TRUE, NULL, NULL, "plugins certonly", SELECT,
	"Provide laborious manual instructions for obtaining a "
	"certificate"},
    {"--webroot", "webroot", OPTION_TRUE, NULL, NULL, "plugins certonly",
	SELECT,
	"Obtain certificates by placing files in a webroot "
	"directory."},
    {"--dns-propagation", "dns_propagation", OPTION_TEXT, NULL, "check|SECONDS",
	"plugins", OURS | SAVED,
	"How to wait for TXT records: \"check\" asks the authoritative "
	"name servers until all of them have the records, for as long as "
	"--dns-PLUGIN-propagation-seconds says; a number is slept for."},
    {"--dns-resolvers", "dns_resolvers", OPTION_TEXT, NULL,
	"ADDRESS[:PORT],...", "plugins", OURS | SAVED,
	"Name servers that DNS plugins ask instead of those of the system."},
    {"--dns-no-alias", "dns_no_alias", OPTION_TRUE, NULL, NULL, "plugins",
	OURS | SAVED,
	"Write the TXT record at _acme-challenge even where that name is an "
	"alias (CNAME) of another."},
    {"--dns-cloudflare", "dns_cloudflare", OPTION_TRUE, NULL, NULL,
	"plugins certonly", SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using Cloudflare for DNS)."},
    {"--dns-cloudxns", "dns_cloudxns", OPTION_TRUE, NULL, NULL,
	"plugins certonly", SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using CloudXNS for DNS)."},
    {"--dns-digitalocean", "dns_digitalocean", OPTION_TRUE, NULL, NULL,
	"plugins certonly", SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using DigitalOcean for DNS)."},
    {"--dns-dnsimple", "dns_dnsimple", OPTION_TRUE, NULL, NULL,
	"plugins certonly", SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using DNSimple for DNS)."},
    {"--dns-dnsmadeeasy", "dns_dnsmadeeasy", OPTION_TRUE, NULL, NULL,
	"plugins certonly", SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using DNS Made Easy for DNS)."},
    {"--dns-gehirn", "dns_gehirn", OPTION_TRUE, NULL, NULL, "plugins certonly",
	SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using Gehirn Infrastructure Service for DNS)."},
    {"--dns-google", "dns_google", OPTION_TRUE, NULL, NULL, "plugins certonly",
	SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using Google Cloud DNS)."},
    {"--dns-linode", "dns_linode", OPTION_TRUE, NULL, NULL, "plugins certonly",
	SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using Linode for DNS)."},
    {"--dns-luadns", "dns_luadns", OPTION_TRUE, NULL, NULL, "plugins certonly",
	SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using LuaDNS for DNS)."},
    {"--dns-nsone", "dns_nsone", OPTION_TRUE, NULL, NULL, "plugins certonly",
	SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using NS1 for DNS)."},
    {"--dns-ovh", "dns_ovh", OPTION_TRUE, NULL, NULL, "plugins certonly",
	SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using OVH for DNS)."},
    {"--dns-rfc2136", "dns_rfc2136", OPTION_TRUE, NULL, NULL,
	"plugins certonly", SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using BIND for DNS)."},
    {"--dns-route53", "dns_route53", OPTION_TRUE, NULL, NULL,
	"plugins certonly", SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using Route53 for DNS)."},
    {"--dns-sakuracloud", "dns_sakuracloud", OPTION_TRUE, NULL, NULL,
	"plugins certonly", SELECT,
	"Obtain certificates using a DNS TXT record (if you are "
	"using Sakura Cloud for DNS)."},
    {"--explain", "explain", OPTION_TRUE, NULL, NULL, "gen", OURS,
	"Print the equivalent shell pipeline instead of running "
	"it."},
    {"--json", "json", OPTION_TRUE, NULL, NULL, "gen", OURS,
	"Print results on standard output as JSON, and why a "
	"command has failed, too; implies --non-interactive."},
    {"--jobs", "jobs", OPTION_NATURAL, "4", "N", "renew", OURS,
	"How many certificates are renewed side by side."},
    {"--wait", "wait", OPTION_NATURAL, "0", "SECONDS", "gen", OURS,
	"Wait this long for another instance that holds the "
	"locks."},
    {"--list-options", "list_options", OPTION_TABLE, NULL, NULL, "gen",
	HIDDEN | OURS, NULL},
    {NULL, NULL, OPTION_TRUE, NULL, NULL, NULL, 0, NULL}};
