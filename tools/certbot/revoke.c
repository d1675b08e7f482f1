/* revoke.c - by account or by the certificate's key, then deletion (5.12). */
#include <unistd.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/safefile.h"
#include "decide.h"
#include "delete.h"
#include "driver.h"
#include "prompts.h"
#include "pump.h"
#include "screen.h"
#include "steps.h"

/* The lineage whose live or archived file path is. */
static jv
lineage_of_path(const struct config *c, const char *path, struct err *err)
{
	jv all = lineages_show(c, NULL, err), found = doc_none();

	for (size_t i = 0; i < doc_len(all) && doc_kind(found) == DOC_NONE;
	     i++) {
		jv doc = doc_at(all, i), lineage = doc_get(doc, "lineage");
		const char *cert = doc_str(lineage, "cert");
		const char *full = doc_str(lineage, "fullchain");
		const char *archive = doc_str(lineage, "archive");
		size_t n = archive != NULL ? strlen(archive) : 0;

		if ((cert != NULL && strcmp(cert, path) == 0) ||
		    (full != NULL && strcmp(full, path) == 0) ||
		    (n > 0 && strncmp(archive, path, n) == 0 &&
			(strncmp(path + n, "/cert", 5) == 0 ||
			    strncmp(path + n, "/fullchain", 10) == 0)))
			doc_move(&found, doc_copy(lineage));
		doc_free(lineage);
		doc_free(doc);
	}
	doc_free(all);
	return found;
}

/* --cert-name: the path, and the server unless it was given. */
static int
from_name(struct config *c, struct err *err)
{
	const char *name = config_str(c, "certname"), *server;
	jv all = lineages_show(c, name, err), one = doc_at(all, 0);
	jv error = doc_get(one, "error");

	if (doc_is(error, DOC_OBJECT))
		err_from_doc(err, error);
	else if (doc_str_find(one, "lineage", "cert", NULL) == NULL &&
	    !err_is_set(err))
		err_set(err, ERR_noLineage, "No certificate found with name %s",
		    name);
	if (!err_is_set(err)) {
		config_put(c, "cert_path",
		    doc_find(one, "lineage", "cert", NULL));
		server = doc_str_find(one, "renewalparams", "server", NULL);
		if (server != NULL && !config_is_set(c, "server"))
			config_put(c, "server", doc_string(server));
	}
	doc_free(error);
	doc_free(one);
	doc_free(all);
	return err_is_set(err) ? -1 : 0;
}

static int
other_uses_archive(const struct config *c, jv lineage, struct err *err)
{
	jv all = lineages_show(c, NULL, err);
	const char *archive = doc_str(lineage, "archive");
	size_t uses = 0;

	for (size_t i = 0; i < doc_len(all); i++) {
		jv doc = doc_at(all, i);
		const char *a = doc_str_find(doc, "lineage", "archive", NULL);

		if (a != NULL && archive != NULL && strcmp(a, archive) == 0)
			uses++;
		doc_free(doc);
	}
	doc_free(all);
	return uses > 1;
}

static int
delete_revoked(struct config *c, struct err *err)
{
	int wanted = config_tri(c, "delete_after_revoke"), rc = 0;
	jv lineage, names;

	if (wanted == -1)
		wanted = prompt_yesno(
		    "Would you like to delete the certificate(s) you just revoked, along with all earlier and later versions of the certificate?",
		    "Yes (recommended)", "No", 1, NULL, 1, err);
	if (wanted != 1)
		return wanted == 0 ? 0 : -1;
	lineage = lineage_of_path(c, config_str(c, "cert_path"), err);
	if (doc_str(lineage, "name") == NULL) {
		rc = err_set(err, ERR_noLineage,
		    "No match found for cert-path %s!",
		    config_str(c, "cert_path"));
	} else if (other_uses_archive(c, lineage, err)) {
		log_warning("certbot._internal.main",
		    "Not deleting revoked certificates due to overlapping archive dirs. More than one certificate is using %s",
		    doc_str(lineage, "archive"));
	} else {
		names = doc_push(doc_array(), doc_get(lineage, "name"));
		rc = delete_named(c, names, err);
		doc_free(names);
	}
	doc_free(lineage);
	return rc;
}

static jv
revoke_args(const struct config *c)
{
	jv args = doc_push_str(doc_array(), "acme-revoke");
	const char *key = config_str(c, "key_path");
	char *dir = path_join(config_str(c, "config_dir"), "accounts");

	args = doc_push_str(args, "--cert");
	args = doc_push_str(args, config_str(c, "cert_path"));
	args = doc_push_str(args, "--reason");
	args = doc_push_str(args, config_str(c, "reason"));
	args = doc_push_str(args, "--server");
	args = doc_push_str(args, config_str(c, "server"));
	args = doc_push_str(args, "--account-dir");
	args = doc_push_str(args, dir);
	free(dir);
	if (config_flag(c, "no_verify_ssl"))
		args = doc_push_str(args, "--no-verify-ssl");
	if (key != NULL) {
		args = doc_push_str(args, "--key");
		return doc_push_str(args, key);
	}
	if (config_str(c, "account") != NULL) {
		args = doc_push_str(args, "--account");
		args = doc_push_str(args, config_str(c, "account"));
	}
	return args;
}

/* As Python says that a file cannot be read. */
static int
check_readable(const char *path, struct err *err)
{
	if (access(path, R_OK) == 0)
		return 0;
	err_set(err, ERR_noInput, "%s: [Errno %d] %s: '%s'",
	    errno == ENOENT ? "FileNotFoundError" : "PermissionError", errno,
	    strerror(errno), path);
	return err_member(err, "unexpected", doc_bool(1));
}

int
verb_revoke(struct config *c, struct err *err)
{
	int by_name = config_str(c, "certname") != NULL;
	int by_path = config_is_set(c, "cert_path");
	jv account, out;
	int rc = -1;

	if (by_name == by_path)
		return err_set(err, ERR_configuration,
		    "Error! Exactly one of --cert-path or --cert-name must be specified!");
	if (by_name && from_name(c, err) != 0)
		return -1;
	if (check_readable(config_str(c, "cert_path"), err) != 0)
		return -1;
	if (pump_network(err) != 0)
		return -1;
	if (config_str(c, "key_path") == NULL) {
		account = account_ensure(c, doc_none(), err);
		doc_free(account);
		if (err_is_set(err))
			return -1;
	}
	out = pump_stage(revoke_args(c), doc_none(), err);
	doc_free(out);
	if (!err_is_set(err))
		rc = delete_revoked(c, err);
	if (rc == 0)
		screen_status(
		    "Congratulations! You have successfully revoked the certificate that was located at %s.",
		    config_str(c, "cert_path"));
	return rc;
}
