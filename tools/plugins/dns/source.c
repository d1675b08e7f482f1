/* Credentials of clouds, in the files and variables where their own programs
 * look for them. */
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "dns.h"

enum { PROCESS_MS = 60000 };

static const char *
env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

static void
take(struct dns *d, const char *key, const char *value, int plain)
{
	if (value == NULL)
		return;
	d->cred = doc_set_str(d->cred, key, value);
	if (plain)
		d->shown = doc_set_str(d->shown, key, value);
	else
		secret_add(d, value);
}

/* The variables that the descriptor names go to the provider file. */
static void
take_environment(struct dns *d)
{
	jv names = doc_get_kind(d->spec, "environment", DOC_ARRAY);
	jv all = doc_object();

	for (size_t i = 0; i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		const char *value = name == NULL ? NULL : env(name);
		if (value == NULL)
			continue;
		all = doc_set_str(all, name, value);
		if (strstr(name, "TOKEN") != NULL ||
		    strstr(name, "SECRET") != NULL ||
		    strstr(name, "HEADER") != NULL)
			secret_add(d, value);
	}
	d->shown = doc_set(d->shown, "env", all);
	doc_free(names);
}

static char *
home_file(const char *variable, const char *in_home)
{
	const char *given = env(variable);
	char *tilde = xasprintf("~/%s", in_home);
	char *path = path_expand(given != NULL ? given : tilde);

	free(tilde);
	return path;
}

/* --- AWS ---------------------------------------------------------------------------------- */

static const char *
profile_name(void)
{
	const char *name = env("AWS_DEFAULT_PROFILE");

	name = name != NULL ? name : env("AWS_PROFILE");
	return name != NULL ? name : "default";
}

/* The section of a profile in both files: credentials before config. */
static jv
aws_profile(const char *name)
{
	static const char *const files[][2] = {
	    {"AWS_CONFIG_FILE", ".aws/config"},
	    {"AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"}};
	jv all = doc_object();

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char *path = home_file(files[i][0], files[i][1]);
		struct err err = {0};
		struct ini *ini = ini_read(path, &err);
		char *section = i == 0 && strcmp(name, "default") != 0 ?
		    xasprintf("profile %s", name) :
		    xstrdup(name);

		if (ini != NULL && !ini_has_section(ini, section)) {
			free(section);
			section = xstrdup(name);
		}
		if (ini != NULL && ini_has_section(ini, section))
			all = doc_merge(all, ini_section(ini, section));
		ini_free(ini);
		err_clear(&err);
		free(section);
		free(path);
	}
	return all;
}

static int
aws_process(struct dns *d, const char *command, struct err *err)
{
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct proc p = PROC_INIT;
	struct buf out;
	jv v;

	buf_init(&out, 64 << 10);
	p.argv = argv;
	p.out = PROC_PIPE;
	if (proc_run(&p, NULL, 0, &out, NULL, PROCESS_MS, err) == -1 ||
	    proc_exit_code(&p) != 0) {
		buf_release(&out);
		return err_set(err, ERR_misconfigured,
		    "the credential_process of the AWS profile failed");
	}
	v = doc_parse(out.p == NULL ? "" : out.p, out.len, err);
	take(d, "access_key", doc_str(v, "AccessKeyId"), 0);
	take(d, "secret_key", doc_str(v, "SecretAccessKey"), 0);
	take(d, "token", doc_str(v, "SessionToken"), 0);
	doc_free(v);
	buf_release(&out);
	return err_is_set(err) ? -1 : 0;
}

static int
load_aws(struct dns *d, struct err *err)
{
	jv p = aws_profile(profile_name()), source;
	const char *from, *token = env("AWS_SESSION_TOKEN");
	int rc = 0;

	take(d, "access_key", env("AWS_ACCESS_KEY_ID"), 0);
	take(d, "secret_key", env("AWS_SECRET_ACCESS_KEY"), 0);
	take(d, "token", token != NULL ? token : env("AWS_SECURITY_TOKEN"), 0);
	take(d, "region", doc_str(p, "region"), 1);
	if (doc_has(d->cred, "access_key")) {
		doc_free(p);
		return 0;
	}
	take(d, "role_arn", doc_str(p, "role_arn"), 1);
	take(d, "external_id", doc_str(p, "external_id"), 1);
	from = doc_str(p, "source_profile");
	source = from == NULL ? doc_copy(p) : aws_profile(from);
	take(d, "access_key", doc_str(source, "aws_access_key_id"), 0);
	take(d, "secret_key", doc_str(source, "aws_secret_access_key"), 0);
	take(d, "token", doc_str(source, "aws_session_token"), 0);
	if (!doc_has(d->cred, "access_key") &&
	    doc_str(source, "credential_process") != NULL)
		rc = aws_process(d, doc_str(source, "credential_process"), err);
	doc_free(source);
	doc_free(p);
	return rc;
}

/* The token of a web identity, which the environment names by its file. */
static void
load_web_identity(struct dns *d)
{
	const char *file = env("AWS_WEB_IDENTITY_TOKEN_FILE");
	struct err err = {0};
	struct buf b;

	if (file == NULL)
		return;
	buf_init(&b, 64 << 10);
	if (safefile_read(file, &b, &err) == 0 && b.p != NULL)
		take(d, "web_identity_token", b.p, 0);
	buf_release(&b);
	err_clear(&err);
}

/* --- Google ---------------------------------------------------------------------------------- */

static int
load_google(struct dns *d, const char *path, struct err *err)
{
	static const char *const plain[] = {"type", "client_email",
	    "private_key_id", "token_uri", "project_id", "client_id",
	    "quota_project_id"};
	static const char *const secret[] = {"private_key", "client_secret",
	    "refresh_token"};
	const char *named = path != NULL ?
	    path :
	    env("GOOGLE_APPLICATION_CREDENTIALS");
	char *file = named != NULL ?
	    xstrdup(named) :
	    home_file("",
		".config/gcloud/application_default_credentials.json");
	struct buf b;
	struct err why = {0};
	jv v = doc_object();

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(file, &b, &why) == 0)
		doc_move(&v, doc_parse(b.p == NULL ? "" : b.p, b.len, &why));
	if (err_is_set(&why) && named != NULL)
		err_set(err, ERR_misconfigured,
		    "Error parsing credentials file '%s': %s", file,
		    err_text(&why));
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		take(d, plain[i], doc_str(v, plain[i]), 1);
	for (size_t i = 0; i < ARRAY_LEN(secret); i++)
		take(d, secret[i], doc_str(v, secret[i]), 0);
	err_clear(&why);
	buf_release(&b);
	doc_free(v);
	free(file);
	return err_is_set(err) ? -1 : 0;
}

/* --- Oracle ----------------------------------------------------------------------------------- */

static int
load_oci(struct dns *d, const char *path, struct err *err)
{
	static const char *const keys[] = {"tenancy", "user", "region",
	    "fingerprint", "key_file"};
	const char *profile = doc_str(d->config, "profile");
	char *file = path != NULL ? path_expand(path) :
				    path_expand("~/.oci/config");
	struct ini *ini = ini_read(file, err);
	struct buf b;
	char *key;

	free(file);
	if (ini == NULL)
		return -1;
	profile = profile == NULL ? "DEFAULT" : profile;
	for (size_t i = 0; i < ARRAY_LEN(keys) && !err_is_set(err); i++) {
		char *v = ini_get_text(ini, profile, keys[i]);
		if (v == NULL)
			err_set(err, ERR_misconfigured,
			    "profile %s of the OCI configuration has no %s",
			    profile, keys[i]);
		take(d, keys[i], v, 1);
		free(v);
	}
	ini_free(ini);
	if (err_is_set(err))
		return -1;
	key = path_expand(doc_str(d->cred, "key_file"));
	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(key, &b, err) == 0 && b.p != NULL)
		take(d, "private_key", b.p, 0);
	buf_release(&b);
	free(key);
	return err_is_set(err) ? -1 : 0;
}

int
source_load(struct dns *d, const char *source, const char *path,
    struct err *err)
{
	take_environment(d);
	if (strcmp(source, "aws") == 0) {
		load_web_identity(d);
		return load_aws(d, err);
	}
	if (strcmp(source, "google") == 0)
		return load_google(d, path, err);
	if (strcmp(source, "oci") == 0)
		return load_oci(d, path, err);
	return err_set(err, ERR_badData,
	    "the descriptor's source \"%s\" is unknown", source);
}
