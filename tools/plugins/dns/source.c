/* Credentials of clouds, in the files and variables where their own programs
 * look for them. */
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/safefile.h"
#include "source.h"

const char *
env_text(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

void
cred_take(struct dns *d, const char *key, const char *value, int plain)
{
	if (value == NULL)
		return;
	d->cred = doc_set_str(d->cred, key, value);
	if (plain)
		d->shown = doc_set_str(d->shown, key, value);
	else
		secret_add(d, value);
}

void
source_environment(struct dns *d)
{
	jv names = doc_get_kind(d->spec, "environment", DOC_ARRAY);
	jv files = doc_get_kind(d->spec, "environment_files", DOC_OBJECT);
	jv all = doc_object(), keys = doc_keys(files);

	for (size_t i = 0; i < doc_len(names); i++) {
		const char *name = doc_str_at(names, i);
		const char *value = name == NULL ? NULL : env_text(name);
		if (value == NULL)
			continue;
		all = doc_set_str(all, name, value);
		if (strstr(name, "TOKEN") != NULL ||
		    strstr(name, "SECRET") != NULL ||
		    strstr(name, "HEADER") != NULL)
			secret_add(d, value);
	}
	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);
		cred_take_file(d, key, env_text(doc_str(files, key)));
	}
	doc_free(keys);
	doc_free(files);
	if (doc_is(names, DOC_ARRAY))
		d->shown = doc_set(d->shown, "env", doc_copy(all));
	doc_free(all);
	doc_free(names);
}

char *
home_file(const char *variable, const char *in_home)
{
	const char *given = env_text(variable);
	char *tilde = xasprintf("~/%s", in_home);
	char *path = path_expand(given != NULL ? given : tilde);

	free(tilde);
	return path;
}

void
cred_take_file(struct dns *d, const char *key, const char *path)
{
	struct err err = {0};
	struct buf b;

	buf_init(&b, 64 << 10);
	if (path != NULL && safefile_read(path, &b, &err) == 0 && b.p != NULL) {
		while (b.len > 0 && strchr(" \t\r\n", b.p[b.len - 1]) != NULL)
			b.p[--b.len] = '\0';
		cred_take(d, key, b.p, 0);
	}
	buf_release(&b);
	err_clear(&err);
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
		cred_take(d, keys[i], v, 1);
		free(v);
	}
	ini_free(ini);
	if (err_is_set(err))
		return -1;
	key = path_expand(doc_str(d->cred, "key_file"));
	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(key, &b, err) == 0 && b.p != NULL)
		cred_take(d, "private_key", b.p, 0);
	buf_release(&b);
	free(key);
	return err_is_set(err) ? -1 : 0;
}

int
source_load(struct dns *d, const char *source, const char *path,
    struct err *err)
{
	if (strcmp(source, "aws") == 0)
		return aws_load(d, err);
	if (strcmp(source, "google") == 0)
		return google_load(d, path, err);
	if (strcmp(source, "oci") == 0)
		return load_oci(d, path, err);
	return err_set(err, ERR_badData,
	    "the descriptor's source \"%s\" is unknown", source);
}
