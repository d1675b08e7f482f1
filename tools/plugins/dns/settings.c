/* The descriptor and the credentials. */
#include "dns.h"

#include <stdlib.h>
#include <string.h>

#include "base/safefile.h"

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

/* The absolute path that a person gives, "" for an empty line; NULL and err. */
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
		if (doc_text_of(value)[0] == '\0') {
			path = xstrdup("");
		} else {
			home = path_expand(doc_text_of(value));
			path = path_absolute(home);
			free(home);
		}
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
		if (*path == '\0')
			err_set(&bad, ERR_misconfigured,
			    "Please enter a valid path to your %s.",
			    spec_text(d, "label"));
		else if (credentials_read(d, path, 1, &bad) == 0)
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

void
settings_warn(struct dns *d)
{
	const char *given = doc_str(d->config, "credentials");
	char *path = given == NULL ? NULL : path_expand(given);
	struct err again = {0};

	if (path != NULL)
		(void)credentials_read(d, path, 1, &again);
	err_clear(&again);
	free(path);
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
		rc = credentials_read(d, path, ask, err);
		free(path);
	}
	set_base(d);
	d->loaded = rc == 0;
	return rc;
}
