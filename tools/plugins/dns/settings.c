/* The descriptor and the credentials. */
#include "dns.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ini.h"
#include "base/safefile.h"
#include "encode.h"

enum { SECRET_MIN = 4 };

const char *
spec_text(const struct dns *d, const char *key)
{
	return doc_str(d->spec, key);
}

long
spec_number(const struct dns *d, const char *key, long dflt)
{
	long n = dflt;

	(void)doc_int(d->spec, key, &n);
	return n;
}

int
settings_begin(struct dns *d, const char *argv0, struct err *err)
{
	char *self = strchr(argv0, '/') != NULL ?
	    xstrdup(argv0) :
	    path_readlink("/proc/self/exe");
	char *file = xasprintf("%s.json", self == NULL ? argv0 : self);

	d->desc = doc_read_file(file, err);
	d->dir = path_dir(self == NULL ? "." : self);
	d->name = xstrdup(path_base(self == NULL ? argv0 : self));
	d->spec = doc_get_kind(d->desc, "dns", DOC_OBJECT);
	d->config = doc_object();
	d->cred = doc_object();
	d->shown = doc_object();
	d->secrets = doc_array();
	d->session = doc_null();
	d->kept = doc_object();
	d->no_zone = doc_array();
	free(file);
	free(self);
	if (!err_is_set(err) && !doc_is(d->spec, DOC_OBJECT))
		return err_set(err, ERR_badData,
		    "the descriptor of %s has no member \"dns\"", d->name);
	return err_is_set(err) ? -1 : 0;
}

void
settings_release(struct dns *d)
{
	jv *all[] = {&d->desc, &d->spec, &d->config, &d->cred, &d->shown,
	    &d->secrets, &d->session, &d->kept, &d->no_zone};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		doc_free(*all[i]);
	free(d->dir);
	free(d->name);
	free(d->base);
}

/* --- secrets ------------------------------------------------------------------ */

void
secret_add(struct dns *d, const char *text)
{
	char *encoded;

	if (text == NULL || strlen(text) < SECRET_MIN ||
	    doc_list_has(d->secrets, text))
		return;
	d->secrets = doc_push_str(d->secrets, text);
	encoded = percent_encode(text, 0);
	if (strcmp(encoded, text) != 0)
		d->secrets = doc_push_str(d->secrets, encoded);
	wipe_free(encoded, strlen(encoded));
}

void
secret_add_all(struct dns *d, jv v)
{
	jv keys;

	if (doc_is(v, DOC_STRING)) {
		const char *text = doc_text_of(v);
		if (text != NULL && strlen(text) >= 2 * SECRET_MIN)
			secret_add(d, text);
		return;
	}
	keys = doc_is(v, DOC_OBJECT) ? doc_keys(v) : doc_array();
	for (size_t i = 0; i < doc_len(v); i++) {
		const char *key = doc_str_at(keys, i);
		jv one = doc_is(v, DOC_OBJECT) ?
		    doc_get(v, key == NULL ? "" : key) :
		    doc_at(v, i);
		secret_add_all(d, one);
		doc_free(one);
	}
	doc_free(keys);
}

static char *
replaced(char *text TAKES, const char *what)
{
	size_t n = strlen(what);
	char *at;

	while ((at = strstr(text, what)) != NULL) {
		char *all = xasprintf("%.*s***%s", (int)(at - text), text,
		    at + n);
		wipe_free(text, strlen(text));
		text = all;
	}
	return text;
}

char *
redact(const struct dns *d, const char *text)
{
	char *copy = xstrdup(text);

	for (size_t i = 0; i < doc_len(d->secrets); i++)
		copy = replaced(copy, doc_str_at(d->secrets, i));
	return copy;
}

void
dns_log(struct dns *d, enum log_level level, enum log_show show,
    const char *fmt, ...)
{
	va_list ap;
	struct buf b;
	char *text = NULL, *clean;

	buf_init(&b, 64 << 10);
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) == -1)
		text = NULL;
	va_end(ap);
	if (text == NULL)
		return;
	clean = redact(d, text);
	guest_log(d->g, level, show, "%s", clean);
	wipe_free(text, strlen(text));
	free(clean);
}

/* --- the file ------------------------------------------------------------------- */

char *
settings_key(const struct dns *d, const char *key)
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

static void
warn_of_unknown(struct dns *d, jv keys, jv known, const char *path)
{
	char *prefix = settings_key(d, "");
	size_t n = strlen(prefix);

	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);
		const char *own = key == NULL ? NULL : strchr(key, ':');

		own = own == NULL ? key : own + 1;
		if (own == NULL || doc_list_has(known, own) ||
		    (strncmp(own, "dns_", 4) == 0 &&
			strncmp(own, prefix, n) != 0) ||
		    (doc_has(d->spec, "zones") &&
			strncmp(own + n, "zone", 4) == 0))
			continue; /* another plugin's */
		dns_log(d, LOG_WARNING, SHOW_LOG,
		    "Unknown property \"%s\" in credentials configuration "
		    "file %s",
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
		char *key = settings_key(d, doc_str(row, "key"));

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
	char *prefix = settings_key(d, "zone");

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

/* --- one load --------------------------------------------------------------------- */

static int
load_path(struct dns *d, const char *path, int warn, struct err *err)
{
	const char *source = spec_text(d, "source");

	doc_move(&d->cred, doc_object());
	doc_move(&d->shown, doc_object());
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
	return load_ini(d, path, warn, err);
}

static jv
question(struct dns *d, const char *kind, const char *text)
{
	jv q = doc_set_str(doc_object(), "kind", kind);
	char *flag = xasprintf("--%s-credentials", d->name);

	q = doc_set_str(doc_set_str(q, "text", text), "flag", flag);
	free(flag);
	if (strcmp(kind, "input") == 0)
		return doc_set_flag(doc_set_str(q, "complete", "path"), "force",
		    1);
	return doc_set_flag(doc_set_flag(q, "pause", 0), "force", 1);
}

/* The absolute path that a person gives; NULL and err. */
static char *
ask_path(struct dns *d, struct err *err)
{
	const char *label = spec_text(d, "label");
	char *text = xasprintf("Input the path to your %s", label);
	struct err asked = {0};
	jv value = guest_ask(d->g, question(d, "input", text), &asked);
	char *path = NULL, *home;

	free(text);
	if (doc_text_of(value) != NULL) {
		home = path_expand(doc_text_of(value));
		path = path_absolute(home);
		free(home);
	} else if (asked.has_members && doc_flag(asked.members, "cancel", 0)) {
		err_set(err, ERR_pluginFailed, "%s required to proceed.",
		    label);
	} else {
		err_move(err, &asked);
	}
	err_clear(&asked);
	doc_free(value);
	return path;
}

static int
ask_until_good(struct dns *d, struct err *err)
{
	struct err bad = {0};
	char *path;

	for (;;) {
		path = ask_path(d, err);
		if (path == NULL)
			return -1;
		if (load_path(d, path, 1, &bad) == 0)
			break;
		doc_free(
		    guest_ask(d->g, question(d, "pause", err_text(&bad)), err));
		err_clear(&bad);
		free(path);
		if (err_is_set(err))
			return -1;
	}
	guest_learned(d->g, "credentials", doc_string(path));
	d->config = doc_set_str(d->config, "credentials", path);
	free(path);
	return 0;
}

static void
set_base(struct dns *d)
{
	const char *base = spec_text(d, "base"), *named;
	struct err err = {0};

	free(d->base);
	d->base = base == NULL ? xstrdup("") : template_fill(d, base, &err);
	if (d->base == NULL)
		d->base = xstrdup("");
	/* A short name of an endpoint. */
	named = doc_str_find(d->spec, "bases", d->base, NULL);
	if (named != NULL) {
		free(d->base);
		d->base = xstrdup(named);
	}
	while (d->base[0] != '\0' && d->base[strlen(d->base) - 1] == '/')
		d->base[strlen(d->base) - 1] = '\0';
	err_clear(&err);
}

int
settings_load(struct dns *d, int ask, struct err *err)
{
	const char *given = doc_str(d->config, "credentials");
	const char *label = spec_text(d, "label");
	char *path;
	int rc;

	if (d->loaded && (given == NULL || d->warned || !ask))
		return 0;
	if (given == NULL && label != NULL &&
	    !doc_flag(d->spec, "optional", 0)) {
		if (!ask)
			return 0;
		rc = ask_until_good(d, err);
	} else {
		path = given == NULL ? NULL : path_expand(given);
		rc = load_path(d, path, ask, err);
		free(path);
	}
	set_base(d);
	d->loaded = rc == 0;
	return rc;
}
