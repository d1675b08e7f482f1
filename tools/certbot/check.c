/* check.c - the checks that are not argparse's. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/names.h"
#include "base/safefile.h"
#include "crypto/csr.h"
#include "driver.h"
#include "hooks.h"
#include "value.h"

const char server_production[] =
    "https://acme-v02.api.letsencrypt.org/directory";
static const char server_staging[] =
    "https://acme-staging-v02.api.letsencrypt.org/directory";

int
server_is_test(const char *url)
{
	return url != NULL &&
	    (strcmp(url, server_staging) == 0 ||
		strstr(url, "staging") != NULL);
}

static int
any_account(const struct config *c)
{
	char *path = path_join(config_str(c, "config_dir"), "accounts");
	DIR *dir = opendir(path);
	struct dirent *e;
	int any = 0;

	while (dir != NULL && !any && (e = readdir(dir)) != NULL)
		any = strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0;
	if (dir != NULL)
		closedir(dir);
	free(path);
	return any;
}

int
check_test_server(struct config *c, struct err *err)
{
	const char *server = config_str(c, "server");
	int staging = config_flag(c, "staging"),
	    dry = config_flag(c, "dry_run");
	int ours = strcmp(server, server_production) == 0 ||
	    strcmp(server, server_staging) == 0;

	if (!staging && !dry)
		return 0;
	if (staging && !ours)
		return err_set(err, ERR_configuration,
		    "--server value conflicts with --staging");
	if (ours)
		config_put(c, "server", doc_string(server_staging));
	if (!dry)
		return 0;
	if (strcmp(c->verb, "certonly") != 0 && strcmp(c->verb, "renew") != 0 &&
	    strcmp(c->verb, "reconfigure") != 0)
		return err_set(err, ERR_configuration,
		    "--dry-run currently only works with the 'certonly' or 'renew' subcommands ('%s')",
		    c->verb);
	config_put(c, "break_my_certs", doc_bool(1));
	config_put(c, "staging", doc_bool(1));
	if (any_account(c)) {
		config_put(c, "tos", doc_bool(1));
		config_put(c, "register_unsafely_without_email", doc_bool(1));
	}
	return 0;
}

static int
csr_names_agree(struct config *c, jv names, struct err *err)
{
	jv given = config_list(c, "domains");
	char *text, *all;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		char *address = name_address(name);

		rc = address != NULL ? value_add_address(c, address, err) :
				       value_add_domains(c, name, err);
		free(address);
	}
	if (rc == 0 && doc_len(given) > 0 && !names_equal(given, names)) {
		jv both = config_list(c, "domains");

		both = doc_sorted_set(both);
		text = doc_join(names, ", ");
		all = doc_join(both, ", ");
		rc = err_set(err, ERR_configuration,
		    "Inconsistent domain requests:\nFrom the CSR: %s\nFrom command line/config: %s",
		    text, all);
		free(text);
		free(all);
		doc_free(both);
	}
	doc_free(given);
	return rc;
}

const char *
check_unread(const char *path, const struct err *err)
{
	const char *reason = strstr(err_text(err), "': ");
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return strerror(EISDIR);
	return reason != NULL ? reason + 3 : err_text(err);
}

/* Spec 3.6 item 4. */
static int
check_csr(struct config *c, struct err *err)
{
	const char *path = config_str(c, "csr");
	struct buf bytes;
	struct err why = {0};
	unsigned char *der = NULL;
	size_t len;
	jv names = doc_none();
	char *absolute;
	int rc = -1;

	if (path == NULL)
		return 0;
	if (strcmp(c->verb, "certonly") != 0)
		return err_set(err, ERR_configuration,
		    "Currently, a CSR file may only be specified when obtaining a new or replacement via the certonly command. Please try the certonly command instead.");
	if (config_flag(c, "allow_subset_of_names"))
		return err_set(err, ERR_configuration,
		    "--allow-subset-of-names cannot be used with --csr");
	absolute = path_absolute(path);
	buf_init(&bytes, FILE_TEXT_MAX);
	if (safefile_read(absolute, &bytes, &why) != 0) {
		err_set(err, ERR_usage, "argument --csr: %s",
		    check_unread(absolute, &why));
	} else if ((der = csr_read(bytes.p, bytes.len, &len, &names, &why)) ==
	    NULL) {
		if (strstr(err_text(&why), "name") != NULL)
			err_set(err, ERR_configuration,
			    "Unfortunately, your CSR %s needs to have a SubjectAltName for every domain",
			    absolute);
		else
			err_set(err, ERR_configuration,
			    "Failed to parse CSR file: %s", absolute);
	} else {
		config_put(c, "csr", doc_string(absolute));
		rc = csr_names_agree(c, names, err);
	}
	doc_free(names);
	free(der);
	buf_release(&bytes);
	err_clear(&why);
	free(absolute);
	return rc;
}

static int
check_wildcard_subset(struct config *c, struct err *err)
{
	jv names = config_list(c, "domains");
	int rc = 0;

	for (size_t i = 0; i < doc_len(names); i++)
		if (strncmp(doc_str_at(names, i), "*.", 2) == 0)
			rc = -1;
	doc_free(names);
	if (rc != 0 && config_flag(c, "allow_subset_of_names"))
		return err_set(err, ERR_configuration,
		    "Using --allow-subset-of-names with a wildcard domain is not supported.");
	return 0;
}

/* An installer has nothing to do for an address (spec 9.6). */
static int
check_addresses(const struct config *c, struct err *err)
{
	jv names = config_list(c, "domains");
	char *last = doc_len(names) == 0 ?
	    NULL :
	    name_address(doc_str_at(names, doc_len(names) - 1));

	doc_free(names);
	free(last);
	return last == NULL || strcmp(c->verb, "run") != 0 ?
	    0 :
	    err_set(err, ERR_configuration,
		"installation of IP address certificate not supported");
}

static void
make_absolute(struct config *c, const char *dest)
{
	const char *value = config_str(c, dest);
	char *path;

	if (value == NULL)
		return;
	path = path_absolute(value);
	config_put(c, dest, doc_string(path));
	free(path);
}

/* Plugins' files are to be found again by a renewal from anywhere. */
static void
make_plugins_absolute(struct config *c)
{
	size_t n;
	const struct option *all = options_all(&n);

	for (size_t i = 0; i < n; i++) {
		const char *value = (all[i].flags & PLUGIN) != 0 &&
			all[i].type == OPTION_FILE ?
		    config_str(c, all[i].dest) :
		    NULL;
		char *path = value == NULL ? NULL : path_expand(value);

		if (path == NULL)
			continue;
		config_put(c, all[i].dest, doc_string(path));
		make_absolute(c, all[i].dest);
		free(path);
	}
}

/* Its text is looked at late in certbot, and so is no usage error. */
static int
check_verbose_level(const struct config *c, struct err *err)
{
	const char *text = config_str(c, "verbose_level");
	long n;

	if (text == NULL || value_int(text, &n) == 0)
		return 0;
	err_set(err, ERR_badData,
	    "ValueError: invalid literal for int() with base 10: '%s'", text);
	return err_member(err, "unexpected", doc_bool(1));
}

int
check_config(struct config *c, struct err *err)
{
	static const char *const paths[] = {"config_dir", "work_dir",
	    "logs_dir", "cert_path", "key_path", "fullchain_path",
	    "chain_path"};
	int renew = strcmp(c->verb, "renew") == 0;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		make_absolute(c, paths[i]);
	make_plugins_absolute(c);
	if (config_str(c, "certname") != NULL &&
	    *config_str(c, "certname") == '\0')
		config_put(c, "certname", doc_null());
	if (check_verbose_level(c, err) != 0)
		return -1;
	if (renew && config_flag(c, "force_interactive"))
		return err_set(err, ERR_configuration,
		    "--force-interactive cannot be used with renew");
	if (renew)
		config_put(c, "noninteractive_mode", doc_bool(1));
	else if (config_flag(c, "noninteractive_mode") &&
	    config_flag(c, "force_interactive"))
		return err_set(err, ERR_configuration,
		    "Flag for non-interactive mode and --force-interactive conflict");
	/* reconfigure always tries first, with a configuration of its own */
	if (strcmp(c->verb, "reconfigure") != 0 &&
	    check_test_server(c, err) != 0)
		return -1;
	if (check_csr(c, err) != 0)
		return -1;
	if (config_flag(c, "must_staple"))
		config_put(c, "staple", doc_bool(1));
	if (config_flag(c, "validate_hooks") && hooks_validate(c, err) != 0)
		return -1;
	if (check_wildcard_subset(c, err) != 0 || check_addresses(c, err) != 0)
		return -1;
	if (config_tri(c, "hsts") == 1 && config_flag(c, "auto_hsts"))
		return err_set(err, ERR_configuration,
		    "Parameters --hsts and --auto-hsts cannot be used simultaneously.");
	if (config_int(c, "http01_port") == config_int(c, "https_port"))
		return err_set(err, ERR_configuration,
		    "Trying to run http-01 and https-port on the same port (%ld)",
		    config_int(c, "https_port"));
	value_finish_webroots(c);
	return 0;
}
