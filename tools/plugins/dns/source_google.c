/* Google's application default credentials: a file of one of several types, or
 * none (the metadata service is the provider file's). */
#include <stdlib.h>
#include <string.h>

#include "base/safefile.h"
#include "source.h"

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

/* The token of an external account: of a file, or the provider file asks a
 * URL for it. */
static int
take_subject(struct dns *d, jv v, struct err *err)
{
	jv source = doc_get_kind(v, "credential_source", DOC_OBJECT);
	const char *file = doc_str(source, "file");
	const char *field = doc_str_find(source, "format",
	    "subject_token_field_name", NULL);
	jv inner;

	if (file == NULL && doc_str(source, "url") == NULL)
		err_set(err, ERR_misconfigured,
		    "the external account's credential_source has neither a "
		    "file nor a url; others are not supported");
	else if (file == NULL)
		d->shown = doc_set(d->shown, "credential_source",
		    doc_copy(source));
	else if (field == NULL)
		cred_take_file(d, "subject_token", file);
	else {
		inner = doc_read_file(file, err);
		cred_take(d, "subject_token", doc_str(inner, field), 0);
		doc_free(inner);
	}
	if (file != NULL && !err_is_set(err) &&
	    !doc_has(d->cred, "subject_token"))
		err_set(err, ERR_misconfigured,
		    "the external account's token is not in %s", file);
	doc_free(source);
	return err_is_set(err) ? -1 : 0;
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
