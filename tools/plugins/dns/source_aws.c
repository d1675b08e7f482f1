/* AWS's chain: environment, role, web identity, SSO, shared files, a program,
 * boto's files. The metadata services are the provider file's. */
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "encode.h"
#include "source.h"

enum { PROCESS_MS = 60000 };

static const char *
profile_name(void)
{
	const char *name = env_text("AWS_DEFAULT_PROFILE");

	name = name != NULL ? name : env_text("AWS_PROFILE");
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
		char *section = i == 0 && strcmp(name, "default") != 0 &&
			strncmp(name, "sso-session ", 12) != 0 ?
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
	cred_take(d, "access_key", doc_str(v, "AccessKeyId"), 0);
	cred_take(d, "secret_key", doc_str(v, "SecretAccessKey"), 0);
	cred_take(d, "token", doc_str(v, "SessionToken"), 0);
	doc_free(v);
	buf_release(&out);
	return err_is_set(err) ? -1 : 0;
}

/* The token that `aws sso login` has left for the profile's session or start
 * page. */
static int
aws_sso(struct dns *d, jv profile, struct err *err)
{
	const char *session = doc_str(profile, "sso_session");
	const char *start = doc_str(profile, "sso_start_url");
	const char *of = session != NULL ? session : start;
	jv more = doc_object(), cache;
	char *hash, *section, *file, *path;
	struct err why = {0};

	if (of == NULL)
		return 0;
	if (session != NULL) {
		section = xasprintf("sso-session %s", session);
		doc_move(&more, aws_profile(section));
		free(section);
	}
	hash = hash_hex("SHA1", of, strlen(of));
	file = xasprintf(".aws/sso/cache/%s.json", hash);
	path = home_file("", file);
	cache = doc_read_file(path, &why);
	if (doc_str(cache, "accessToken") == NULL)
		err_set(err, ERR_misconfigured,
		    "there is no SSO token for the AWS profile %s (%s): run "
		    "\"aws sso login\"",
		    profile_name(), path);
	cred_take(d, "sso_token", doc_str(cache, "accessToken"), 0);
	cred_take(d, "sso_expires", doc_str(cache, "expiresAt"), 1);
	cred_take(d, "sso_region",
	    doc_str(session != NULL ? more : profile, "sso_region"), 1);
	cred_take(d, "sso_account_id", doc_str(profile, "sso_account_id"), 1);
	cred_take(d, "sso_role_name", doc_str(profile, "sso_role_name"), 1);
	err_clear(&why);
	doc_free(cache);
	doc_free(more);
	free(hash);
	free(file);
	free(path);
	return err_is_set(err) ? -1 : 0;
}

/* Keys of boto's own files, which are older than the others. */
static void
aws_boto(struct dns *d)
{
	char *const files[] = {xstrdup("/etc/boto.cfg"),
	    home_file("BOTO_CONFIG", ".boto")};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct err err = {0};
		struct ini *ini = ini_read(files[i], &err);
		jv keys = ini == NULL ? doc_object() :
					ini_section(ini, "Credentials");

		if (doc_str(keys, "aws_access_key_id") != NULL) {
			cred_take(d, "access_key",
			    doc_str(keys, "aws_access_key_id"), 0);
			cred_take(d, "secret_key",
			    doc_str(keys, "aws_secret_access_key"), 0);
		}
		doc_free(keys);
		ini_free(ini);
		err_clear(&err);
		free(files[i]);
	}
}

static void
aws_keys(struct dns *d, jv profile)
{
	cred_take(d, "access_key", doc_str(profile, "aws_access_key_id"), 0);
	cred_take(d, "secret_key", doc_str(profile, "aws_secret_access_key"),
	    0);
	cred_take(d, "token", doc_str(profile, "aws_session_token"), 0);
}

/* The role of a profile, to be taken with the keys of this machine or
 * container: how says which. */
static int
aws_role(struct dns *d, jv p, const char *how, struct err *err)
{
	if (doc_str(p, "source_profile") != NULL)
		return err_set(err, ERR_misconfigured,
		    "the AWS profile %s has both source_profile and "
		    "credential_source; leave one out",
		    profile_name());
	if (strcmp(how, "Environment") == 0)
		return err_set(err, ERR_misconfigured,
		    "the AWS profile %s has credential_source = Environment, "
		    "but AWS_ACCESS_KEY_ID is not set",
		    profile_name());
	if (strcmp(how, "EcsContainer") == 0 &&
	    env_text("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") == NULL &&
	    env_text("AWS_CONTAINER_CREDENTIALS_FULL_URI") == NULL)
		return err_set(err, ERR_misconfigured,
		    "the AWS profile %s has credential_source = EcsContainer, "
		    "but neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
		    "AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
		    profile_name());
	if (strcmp(how, "EcsContainer") != 0 &&
	    strcmp(how, "Ec2InstanceMetadata") != 0)
		return err_set(err, ERR_misconfigured,
		    "the AWS profile %s has credential_source = %s, which is "
		    "none of Environment, Ec2InstanceMetadata, EcsContainer",
		    profile_name(), how);
	cred_take(d, "role_arn", doc_str(p, "role_arn"), 1);
	cred_take(d, "role_source", how, 1);
	return 0;
}

/* What cannot be done must not be mistaken for a machine without keys. */
static int
aws_source_ok(struct dns *d, jv p, jv source, struct err *err)
{
	const char *from = doc_str(p, "source_profile");
	int found = doc_has(d->cred, "access_key") ||
	    doc_has(d->cred, "sso_token") ||
	    doc_has(d->cred, "web_identity_token");

	if (from != NULL && doc_len(source) == 0)
		return err_set(err, ERR_misconfigured,
		    "the AWS profile %s has source_profile = %s, and there is "
		    "no such profile",
		    profile_name(), from);
	if (found || doc_str(p, "role_arn") == NULL)
		return 0;
	if (from != NULL)
		return err_set(err, ERR_misconfigured,
		    "the AWS profile %s, which is the source_profile of %s, "
		    "has no keys of its own%s",
		    from, profile_name(),
		    doc_str(source, "role_arn") == NULL ?
			"" :
			"; a role by way of another role is not supported");
	return err_set(err, ERR_misconfigured,
	    "the AWS profile %s has a role_arn, but neither source_profile nor "
	    "credential_source",
	    profile_name());
}

/* The profile's keys, or those of the profile that it names. */
static int
aws_files(struct dns *d, jv p, struct err *err)
{
	const char *from = doc_str(p, "source_profile");
	const char *how = doc_str(p, "credential_source");
	const char *file = env_text("AWS_WEB_IDENTITY_TOKEN_FILE"), *program;
	jv source;
	int rc = 0;

	cred_take(d, "external_id", doc_str(p, "external_id"), 1);
	cred_take(d, "role_session_name", doc_str(p, "role_session_name"), 1);
	if (how != NULL && doc_str(p, "role_arn") != NULL)
		return aws_role(d, p, how, err);
	source = from == NULL ? doc_copy(p) : aws_profile(from);
	if (file == NULL)
		file = doc_str(p, "web_identity_token_file");
	cred_take(d, "role_arn",
	    doc_str(p, "role_arn") == NULL && file != NULL ?
		env_text("AWS_ROLE_ARN") :
		doc_str(p, "role_arn"),
	    1);
	if (from != NULL)
		aws_keys(d, source);
	else
		cred_take_file(d, "web_identity_token", file);
	if (!doc_has(d->cred, "access_key") &&
	    !doc_has(d->cred, "web_identity_token"))
		rc = aws_sso(d, source, err);
	if (rc == 0 && !doc_has(d->cred, "web_identity_token") &&
	    !doc_has(d->cred, "sso_token")) {
		aws_keys(d, source);
		program = doc_str(source, "credential_process");
		if (!doc_has(d->cred, "access_key") && program != NULL)
			rc = aws_process(d, program, err);
		if (!doc_has(d->cred, "access_key") && rc == 0)
			aws_boto(d);
	}
	if (rc == 0)
		rc = aws_source_ok(d, p, source, err);
	doc_free(source);
	return rc;
}

int
aws_load(struct dns *d, struct err *err)
{
	jv p = aws_profile(profile_name());
	const char *token = env_text("AWS_SESSION_TOKEN");
	int rc = 0;

	cred_take(d, "access_key", env_text("AWS_ACCESS_KEY_ID"), 0);
	cred_take(d, "secret_key", env_text("AWS_SECRET_ACCESS_KEY"), 0);
	cred_take(d, "token",
	    token != NULL ? token : env_text("AWS_SECURITY_TOKEN"), 0);
	cred_take(d, "region", doc_str(p, "region"), 1);
	if (!doc_has(d->cred, "access_key"))
		rc = aws_files(d, p, err);
	doc_free(p);
	return rc;
}
