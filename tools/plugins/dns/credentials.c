/* The credentials file. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ini.h"
#include "base/safefile.h"
#include "source.h"

/* "dns_cloudflare_api_token" of "api_token"; malloc'd. */
static char *
credentials_key(const struct dns *d, const char *key)
{
	char *all = xasprintf("%s_%s", d->name, key);

	for (char *p = all; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return all;
}

static int
check_file(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return err_set(err, ERR_misconfigured, "File not found: %s",
		    path);
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_misconfigured,
		    "Path is a directory: %s", path);
	return 0;
}

static void
warn_of_permissions(struct dns *d, const char *path)
{
	struct stat st;

	if (!d->warned && stat(path, &st) == 0 && (st.st_mode & 07) != 0)
		dns_log(d, LOG_WARNING, SHOW_LOG,
		    "Unsafe permissions on credentials configuration file: %s",
		    path);
	d->warned = 1;
}

/* The key of the file that stands for ours: also as it was spelled before
 * certbot 2.0, "certbot_dns_x:dns_x_key". */
static jv
file_value(const struct ini *ini, jv keys, const char *want)
{
	jv v = ini_get(ini, NULL, want);

	for (size_t i = 0; i < doc_len(keys) && doc_is(v, DOC_NONE); i++) {
		const char *key = doc_str_at(keys, i);
		const char *colon = key == NULL ? NULL : strchr(key, ':');
		if (colon != NULL && strcmp(colon + 1, want) == 0)
			doc_move(&v, ini_get(ini, NULL, key));
	}
	if (doc_is(v, DOC_ARRAY)) {
		char *text = doc_join(v, ", ");
		doc_move(&v, doc_string(text));
		free(text);
	}
	return v;
}

/* Is a key that no row has another plugin's, or a zone of ours? */
static int
is_expected(const struct dns *d, const char *key, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(key, prefix, n) == 0)
		return doc_has(d->spec, "zones") &&
		    strncmp(key + n, "zone", 4) == 0;
	return strncmp(key, "dns_", 4) == 0;
}

static void
warn_of_unknown(struct dns *d, jv keys, jv known, const char *path)
{
	char *prefix = credentials_key(d, "");

	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);
		const char *own = key == NULL ? NULL : strchr(key, ':');

		own = own == NULL ? key : own + 1;
		if (own != NULL && !doc_list_has(known, own) &&
		    !is_expected(d, own, prefix))
			dns_log(d, LOG_WARNING, SHOW_LOG,
			    "Unknown property \"%s\" in credentials "
			    "configuration file %s",
			    key, path);
	}
	free(prefix);
}

/* What a row of "credentials" says of a missing value. */
static void
note_missing(jv row, jv value, const char *key, struct buf *missing, size_t *n)
{
	const char *text = doc_text_of(value);
	const char *what = doc_str(row, "what");

	if (!doc_flag(row, "required", 1) || (text != NULL && text[0] != '\0'))
		return;
	buf_addf(missing, "\n * Property \"%s\" not %s (should be %s).", key,
	    doc_is(value, DOC_NONE) ? "found" : "set",
	    what == NULL ? "set" : what);
	++*n;
}

static void
take_value(struct dns *d, jv row, jv value)
{
	const char *key = doc_str(row, "key"), *text = doc_text_of(value);
	jv v = text == NULL || text[0] == '\0' ? doc_get(row, "default") :
						 doc_copy(value);

	if (doc_flag(row, "path", 0) && doc_text_of(v) != NULL) {
		char *path = path_expand(doc_text_of(v));
		doc_move(&v, doc_string(path));
		free(path);
	}
	if (!doc_is(v, DOC_STRING)) {
		doc_free(v);
		return;
	}
	if (doc_flag(row, "content", 0)) {
		cred_take_file(d, key, doc_text_of(v));
		doc_free(v);
		return;
	}
	if (doc_flag(row, "plain", 0))
		d->shown = doc_set(d->shown, key, doc_copy(v));
	else
		secret_add(d, doc_text_of(v));
	d->cred = doc_set(d->cred, key, v);
}

static int
take_values(struct dns *d, const struct ini *ini, const char *path, int warn,
    struct err *err)
{
	jv rows = doc_get_kind(d->spec, "credentials", DOC_ARRAY);
	jv keys = ini_keys(ini, NULL), known = doc_array();
	struct buf missing;
	size_t n = 0;

	buf_init(&missing, 64 << 10);
	for (size_t i = 0; i < doc_len(rows); i++) {
		jv row = doc_at(rows, i), v;
		char *key = credentials_key(d, doc_str(row, "key"));

		known = doc_push_str(known, key);
		v = file_value(ini, keys, key);
		note_missing(row, v, key, &missing, &n);
		take_value(d, row, v);
		doc_free(v);
		doc_free(row);
		free(key);
	}
	if (warn)
		warn_of_unknown(d, keys, known, path);
	if (n > 0)
		err_set(err, ERR_misconfigured,
		    "Missing %s in credentials configuration file %s:%s",
		    n == 1 ? "property" : "properties", path, missing.p);
	buf_release(&missing);
	doc_free(rows);
	doc_free(keys);
	doc_free(known);
	return n > 0 ? -1 : 0;
}

/* dns_azure_zone1 = example.com:/subscriptions/... and the like go to the
 * program as they are. */
static void
take_zones(struct dns *d, const struct ini *ini)
{
	jv keys = ini_keys(ini, NULL), zones = doc_object();
	char *prefix = credentials_key(d, "zone");

	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);
		if (key != NULL && strncmp(key, prefix, strlen(prefix)) == 0)
			zones = doc_set(zones, key, file_value(ini, keys, key));
	}
	d->shown = doc_set(d->shown, "zones", zones);
	free(prefix);
	doc_free(keys);
}

static int
load_ini(struct dns *d, const char *path, int warn, struct err *err)
{
	struct err why = {0};
	struct ini *ini;
	struct buf b;
	int rc = -1;

	if (check_file(path, err) == -1)
		return -1;
	if (warn)
		warn_of_permissions(d, path);
	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, &why) == -1) {
		err_set(err, ERR_misconfigured,
		    "cannot read the credentials configuration file: %s",
		    err_text(&why));
		goto out;
	}
	ini = ini_parse(b.p == NULL ? "" : b.p, b.len, &why);
	if (ini == NULL) {
		err_set(err, ERR_misconfigured,
		    "Error parsing credentials configuration '%s': %s", path,
		    err_text(&why));
		goto out;
	}
	rc = take_values(d, ini, path, warn, err);
	if (doc_has(d->spec, "zones"))
		take_zones(d, ini);
	ini_free(ini);
out:
	err_clear(&why);
	buf_release(&b);
	return rc;
}

int
credentials_read(struct dns *d, const char *path, int warn, struct err *err)
{
	const char *source = spec_text(d, "source");

	doc_move(&d->cred, doc_object());
	doc_move(&d->shown, doc_object());
	source_environment(d);
	if (source != NULL) {
		if (path != NULL && check_file(path, err) == -1)
			return -1;
		if (warn && path != NULL)
			warn_of_permissions(d, path);
		return source_load(d, source, path, err);
	}
	if (path == NULL) {
		struct ini *none = ini_new();
		int rc = take_values(d, none, "", 0, err);
		ini_free(none);
		return rc;
	}
	return load_ini(d, path, warn, err) == -1 ? -1 : registry_read(d, err);
}
