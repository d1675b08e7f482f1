/* Google's application default credentials: a file of one of several types, or
 * none (the metadata service is the provider file's). */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/proc.h"
#include "base/safefile.h"
#include "source.h"

enum { WORDS_MAX = 64, COMMAND_MS = 30000, COMMAND_MAX_MS = 120000 };

/* The members that the provider file may see, and the others. */
static void
take_members(struct dns *d, jv v)
{
	static const char *const plain[] = {"type", "client_email",
	    "private_key_id", "token_uri", "project_id", "client_id",
	    "quota_project_id", "audience", "subject_token_type", "token_url",
	    "service_account_impersonation_url"};
	static const char *const secret[] = {"private_key", "client_secret",
	    "refresh_token"};

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		cred_take(d, plain[i], doc_str(v, plain[i]), 1);
	for (size_t i = 0; i < ARRAY_LEN(secret); i++)
		cred_take(d, secret[i], doc_str(v, secret[i]), 0);
}

/* The token in what an executable has said: an OpenID Connect or SAML token. */
static int
take_response(struct dns *d, jv said, const char *command, struct err *err)
{
	const char *type = doc_str(said, "token_type");
	const char *token = type != NULL && strstr(type, "saml2") != NULL ?
	    doc_str(said, "saml_response") :
	    doc_str(said, "id_token");
	const char *why = doc_str(said, "message");

	if (!doc_flag(said, "success", 0))
		return err_set(err, ERR_misconfigured,
		    "the external account's command %s gave no token: %s",
		    command,
		    why != NULL ? why : "its output has no \"success\": true");
	if (token == NULL)
		return err_set(err, ERR_misconfigured,
		    "the external account's command %s gave neither id_token "
		    "nor saml_response",
		    command);
	cred_take(d, "subject_token", token, 0);
	return 0;
}

/* What it said last, while that holds. */
static int
is_cached(struct dns *d, jv source)
{
	const char *file = doc_str(source, "output_file");
	struct err err = {0};
	jv said = file == NULL ? doc_none() : doc_read_file(file, &err);
	long end = 0;

	if (doc_flag(said, "success", 0) &&
	    doc_int(said, "expiration_time", &end) == 0 &&
	    end > time(NULL) + 60)
		(void)take_response(d, said, file, &err);
	err_clear(&err);
	doc_free(said);
	return doc_has(d->cred, "subject_token");
}

/* Run the words of the command as google-auth does: no shell, and only where
 * the user allows it. */
static int
take_command(struct dns *d, jv v, jv source, struct err *err)
{
	const char *command = doc_str(source, "command");
	const char *allow = env_text(
	    "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES");
	const char *audience = doc_str(v, "audience");
	const char *type = doc_str(v, "subject_token_type");
	const char *argv[WORDS_MAX + 1] = {NULL};
	char *words, *save = NULL, *env[3];
	struct proc p = PROC_INIT;
	long ms = COMMAND_MS;
	struct buf out;
	size_t n = 0;
	jv said;

	if (allow == NULL || strcmp(allow, "1") != 0)
		return err_set(err, ERR_misconfigured,
		    "the external account's credential_source is a command; to "
		    "have it run, set GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES "
		    "to 1");
	if (is_cached(d, source))
		return 0;
	words = xstrdup(command == NULL ? "" : command);
	for (char *w = strtok_r(words, " \t", &save);
	     w != NULL && n < WORDS_MAX; w = strtok_r(NULL, " \t", &save))
		argv[n++] = w;
	env[0] = xasprintf("GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=%s",
	    audience == NULL ? "" : audience);
	env[1] = xasprintf("GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE=%s",
	    type == NULL ? "" : type);
	env[2] = xstrdup("GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0");
	p.argv = argv;
	p.env = (const char *const[]){env[0], env[1], env[2], NULL};
	p.out = PROC_PIPE;
	(void)doc_int(source, "timeout_millis", &ms);
	buf_init(&out, 64 << 10);
	if (n == 0)
		err_set(err, ERR_misconfigured,
		    "the external account's credential_source has no command");
	else if (proc_run(&p, NULL, 0, &out, NULL,
		     ms < 1 || ms > COMMAND_MAX_MS ? COMMAND_MAX_MS : ms,
		     err) == -1)
		err_prefix(err, "the external account's command");
	else if (proc_exit_code(&p) != 0)
		err_set(err, ERR_misconfigured,
		    "the external account's command %s ended with status %d",
		    argv[0], proc_exit_code(&p));
	if (!err_is_set(err)) {
		said = doc_parse(out.p == NULL ? "" : out.p, out.len, err);
		if (err_is_set(err))
			err_prefix(err, "the output of %s", argv[0]);
		else
			(void)take_response(d, said, argv[0], err);
		doc_free(said);
	}
	for (size_t i = 0; i < ARRAY_LEN(env); i++)
		free(env[i]);
	free(words);
	buf_release(&out);
	return err_is_set(err) ? -1 : 0;
}

/* The token of an external account in a file. */
static int
take_file(struct dns *d, jv source, const char *file, struct err *err)
{
	const char *field = doc_str_find(source, "format",
	    "subject_token_field_name", NULL);
	jv inner;

	if (field == NULL) {
		cred_take_file(d, "subject_token", file);
	} else {
		inner = doc_read_file(file, err);
		cred_take(d, "subject_token", doc_str(inner, field), 0);
		doc_free(inner);
	}
	if (!err_is_set(err) && !doc_has(d->cred, "subject_token"))
		err_set(err, ERR_misconfigured,
		    "the external account's token is not in %s", file);
	return err_is_set(err) ? -1 : 0;
}

/* The token of an external account: of a file or a command, or the provider
 * file asks a URL for it. */
static int
take_subject(struct dns *d, jv v, struct err *err)
{
	jv source = doc_get_kind(v, "credential_source", DOC_OBJECT);
	jv command = doc_get_kind(source, "executable", DOC_OBJECT);
	const char *file = doc_str(source, "file");
	int rc = 0;

	if (doc_str(source, "environment_id") != NULL)
		rc = err_set(err, ERR_misconfigured,
		    "the external account's credential_source is AWS (%s), "
		    "which is not supported; let its token come from a file, a "
		    "url or an executable, or use a service account's file",
		    doc_str(source, "environment_id"));
	else if (doc_is(command, DOC_OBJECT))
		rc = take_command(d, v, command, err);
	else if (file != NULL)
		rc = take_file(d, source, file, err);
	else if (doc_str(source, "url") != NULL)
		d->shown = doc_set(d->shown, "credential_source",
		    doc_copy(source));
	else
		rc = err_set(err, ERR_misconfigured,
		    "the external account's credential_source has neither a "
		    "file nor a url nor an executable; others are not "
		    "supported");
	doc_free(command);
	doc_free(source);
	return rc;
}

static int
take_account(struct dns *d, jv v, struct err *err)
{
	const char *type = doc_str(v, "type");
	jv inner = doc_get_kind(v, "source_credentials", DOC_OBJECT);
	int rc = 0;

	/* The account that acts for another one. */
	if (doc_is(inner, DOC_OBJECT)) {
		take_members(d, inner);
		cred_take(d, "service_account_impersonation_url",
		    doc_str(v, "service_account_impersonation_url"), 1);
	} else {
		take_members(d, v);
	}
	if (type != NULL && strcmp(type, "external_account") == 0)
		rc = take_subject(d, v, err);
	doc_free(inner);
	return rc;
}

int
google_load(struct dns *d, const char *path, struct err *err)
{
	const char *dir = env_text("CLOUDSDK_CONFIG");
	const char *named = path != NULL ?
	    path :
	    env_text("GOOGLE_APPLICATION_CREDENTIALS");
	char *file = named != NULL ?
	    xstrdup(named) :
	    dir != NULL ?
	    path_join(dir, "application_default_credentials.json") :
	    home_file("",
		".config/gcloud/application_default_credentials.json");
	struct err why = {0};
	struct buf b;
	jv v = doc_object();

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(file, &b, &why) == 0)
		doc_move(&v, doc_parse(b.p == NULL ? "" : b.p, b.len, &why));
	if (!err_is_set(&why) && doc_is(v, DOC_OBJECT))
		(void)take_account(d, v, err);
	else if (named != NULL)
		err_set(err, ERR_misconfigured,
		    "Error parsing credentials file '%s': %s", file,
		    err_is_set(&why) ? err_text(&why) : "it is no object");
	err_clear(&why);
	buf_release(&b);
	doc_free(v);
	free(file);
	return err_is_set(err) ? -1 : 0;
}
