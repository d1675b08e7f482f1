#include "plugin/descriptor.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { NAME_MAX_LEN = 64, OPTIONS_MAX = 100, TEXT_MAX = 16384 };

static const char *const type_names[] = {[PLUGIN_STRING] = "string",
    [PLUGIN_NUMBER] = "number",
    [PLUGIN_FLAG] = "flag",
    [PLUGIN_PATH] = "path",
    [PLUGIN_DIR] = "dir",
    [PLUGIN_JSON] = "json",
    [PLUGIN_COMMAND] = "command"};

static int
word_ok(const char *s)
{
	size_t n = s == NULL ? 0 : strlen(s);

	return n > 0 && n <= NAME_MAX_LEN &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n &&
	    s[0] != '-';
}

static char *
underscored(const char *s)
{
	char *copy = xstrdup(s);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return copy;
}

static char *
upper(const char *s)
{
	char *copy = xstrdup(s);

	for (char *p = copy; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return copy;
}

/* A member that must be of this kind when it is there. */
static int
member_ok(jv obj, const char *key, enum doc_kind kind, struct err *err)
{
	jv v = doc_get(obj, key);
	int ok = doc_is(v, DOC_NONE) || doc_is(v, kind);

	if (ok && kind == DOC_STRING && doc_is(v, DOC_STRING)) {
		const char *s = doc_text_of(v);
		ok = s != NULL && strlen(s) <= TEXT_MAX;
	}
	doc_free(v);
	if (!ok)
		err_set(err, ERR_badData, "member \"%s\" has the wrong form",
		    key);
	return ok ? 0 : -1;
}

static int
strings_ok(jv obj, const char *key, struct err *err)
{
	jv list = doc_get(obj, key);
	int ok = doc_is(list, DOC_NONE) || doc_is(list, DOC_ARRAY);

	for (size_t i = 0; ok && i < doc_len(list); i++)
		ok = doc_str_at(list, i) != NULL;
	doc_free(list);
	if (!ok)
		err_set(err, ERR_badData,
		    "member \"%s\" is no array of strings", key);
	return ok ? 0 : -1;
}

static jv
array_or_empty(jv obj, const char *key)
{
	jv v = doc_get_kind(obj, key, DOC_ARRAY);

	return doc_is(v, DOC_ARRAY) ? v : doc_array();
}

jv
plugin_default(jv row, jv ids)
{
	jv by_id = doc_get_kind(row, "defaults", DOC_OBJECT);
	jv v = doc_none();

	for (size_t i = 0; i < doc_len(ids) && doc_is(v, DOC_NONE); i++) {
		const char *id = doc_str_at(ids, i);
		if (id != NULL)
			doc_move(&v, doc_get(by_id, id));
	}
	doc_free(by_id);
	if (doc_is(v, DOC_NONE))
		v = doc_get(row, "default");
	return doc_is(v, DOC_NONE) ? doc_null() : v;
}

static int
type_of(const char *text, enum plugin_type *type, struct err *err)
{
	if (text == NULL) {
		*type = PLUGIN_STRING;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(type_names); i++) {
		if (strcmp(type_names[i], text) == 0) {
			*type = (enum plugin_type)i;
			return 0;
		}
	}
	return err_set(err, ERR_badData, "type \"%s\" is unknown", text);
}

static int
row_members_ok(jv row, struct err *err)
{
	static const char *const strings[] = {"name", "type", "metavar", "help",
	    "letter", "pairMap"};
	static const char *const flags[] = {"repeatable", "hidden",
	    "deprecated", "pairsWithD", "saved", "abbreviate"};

	if (!doc_is(row, DOC_OBJECT))
		return err_set(err, ERR_badData, "an option is no object");
	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		if (member_ok(row, strings[i], DOC_STRING, err) == -1)
			return -1;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (member_ok(row, flags[i], DOC_BOOL, err) == -1)
			return -1;
	if (!word_ok(doc_str(row, "name")))
		return err_set(err, ERR_badData,
		    "an option's name is missing or no word of a-z, 0-9 and -");
	return strings_ok(row, "aliases", err) == -1 ||
		member_ok(row, "defaults", DOC_OBJECT, err) == -1 ?
	    -1 :
	    0;
}

/* On this system, which few rows ask about. */
static jv
default_here(jv row)
{
	jv ids = doc_has(row, "defaults") ?
	    plugin_system_ids("/etc/os-release") :
	    doc_array();
	jv v = plugin_default(row, ids);

	doc_free(ids);
	return v;
}

static int
option_parse(struct plugin_option *o, jv row, const char *plugin,
    struct err *err)
{
	const char *name, *letter, *text;

	if (row_members_ok(row, err) == -1 ||
	    type_of(doc_str(row, "type"), &o->type, err) == -1)
		return -1;
	name = doc_str(row, "name");
	o->name = underscored(name);
	o->flag = xasprintf("%s-%s", plugin, name);
	o->dest = underscored(o->flag);
	o->aliases = array_or_empty(row, "aliases");
	letter = doc_str(row, "letter");
	if (letter != NULL &&
	    (strlen(letter) != 1 || !isalnum((unsigned char)letter[0])))
		return err_set(err, ERR_badData,
		    "the letter of option %s is no letter", name);
	o->letter = letter == NULL ? '\0' : letter[0];
	text = doc_str(row, "metavar");
	if (o->type != PLUGIN_FLAG)
		o->metavar = text == NULL ? upper(o->dest) : xstrdup(text);
	text = doc_str(row, "help");
	o->help = xstrdup(text == NULL ? "" : text);
	o->dflt = default_here(row);
	if (o->type == PLUGIN_FLAG && doc_is(o->dflt, DOC_NULL))
		doc_move(&o->dflt, doc_bool(0));
	o->repeatable = doc_flag(row, "repeatable", 0);
	o->hidden = doc_flag(row, "hidden", 0);
	o->deprecated = doc_flag(row, "deprecated", 0);
	o->pairs_with_d = doc_flag(row, "pairsWithD", 0);
	text = doc_str(row, "pairMap");
	o->pair_map = text == NULL ? NULL : underscored(text);
	o->saved = doc_flag(row, "saved", 1) && !o->deprecated;
	o->abbreviate = doc_flag(row, "abbreviate", 1);
	return 0;
}

static int
options_parse(struct plugin_desc *d, jv json, struct err *err)
{
	jv rows = array_or_empty(json, "options");
	int rc = -1;

	if (doc_len(rows) > OPTIONS_MAX) {
		err_set(err, ERR_badData, "more than %d options", OPTIONS_MAX);
		goto out;
	}
	d->options = xcalloc(doc_len(rows) + 1, sizeof(*d->options));
	for (size_t i = 0; i < doc_len(rows); i++) {
		jv row = doc_at(rows, i);
		int r = option_parse(&d->options[d->n_options++], row, d->name,
		    err);
		doc_free(row);
		if (r == -1)
			goto out;
	}
	rc = 0;
out:
	doc_free(rows);
	return rc;
}

static int
kinds_parse(struct plugin_desc *d, jv json, struct err *err)
{
	jv kinds = array_or_empty(json, "kinds");
	int rc = 0;

	d->authenticator = doc_list_has(kinds, "authenticator");
	d->installer = doc_list_has(kinds, "installer");
	doc_free(kinds);
	if (!d->authenticator && !d->installer)
		rc = err_set(err, ERR_badData,
		    "member \"kinds\" names neither authenticator nor "
		    "installer");
	else if (d->authenticator && doc_len(d->challenges) == 0)
		rc = err_set(err, ERR_badData,
		    "an authenticator needs the member \"challenges\"");
	return rc;
}

static int
members_ok(jv json, const char *name, struct err *err)
{
	static const char *const lists[] = {"kinds", "challenges", "globals",
	    "exclusive"};
	const char *own;
	long version;

	if (!doc_is(json, DOC_OBJECT))
		return err_set(err, ERR_badData, "a descriptor is an object");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (strings_ok(json, lists[i], err) == -1)
			return -1;
	if (member_ok(json, "options", DOC_ARRAY, err) == -1 ||
	    member_ok(json, "summary", DOC_STRING, err) == -1 ||
	    member_ok(json, "about", DOC_STRING, err) == -1 ||
	    member_ok(json, "hidden", DOC_BOOL, err) == -1 ||
	    member_ok(json, "network", DOC_BOOL, err) == -1 ||
	    member_ok(json, "single", DOC_BOOL, err) == -1)
		return -1;
	if (doc_has(json, "version") &&
	    (doc_int(json, "version", &version) == -1 || version != 1))
		return err_set(err, ERR_badData,
		    "this version of the plugin conversation is unknown");
	if (!word_ok(name))
		return err_set(err, ERR_badData,
		    "\"%s\" is no plugin name: it is a word of a-z, 0-9 and -",
		    name);
	own = doc_str(json, "name");
	if (own == NULL || strcmp(own, name) != 0)
		return err_set(err, ERR_badData,
		    "member \"name\" is not \"%s\" as the file is called",
		    name);
	return 0;
}

struct plugin_desc *
plugin_desc_parse(jv json, const char *name, const char *path, struct err *err)
{
	struct plugin_desc *d;
	const char *text;

	if (members_ok(json, name, err) == -1)
		return NULL;
	d = xcalloc(1, sizeof(*d));
	d->name = xstrdup(name);
	d->path = xstrdup(path);
	text = doc_str(json, "summary");
	d->summary = xstrdup(text == NULL ? name : text);
	text = doc_str(json, "about");
	d->about = xstrdup(text == NULL ? d->summary : text);
	d->hidden = doc_flag(json, "hidden", 0);
	d->network = doc_flag(json, "network", 0);
	d->single = doc_flag(json, "single", 0);
	d->challenges = array_or_empty(json, "challenges");
	d->globals = array_or_empty(json, "globals");
	d->exclusive = array_or_empty(json, "exclusive");
	d->raw = doc_copy(json);
	if (kinds_parse(d, json, err) == 0 && options_parse(d, json, err) == 0)
		return d;
	plugin_desc_free(d);
	return NULL;
}

static void
option_release(struct plugin_option *o)
{
	free(o->name);
	free(o->flag);
	free(o->dest);
	doc_free(o->aliases);
	free(o->metavar);
	free(o->help);
	doc_free(o->dflt);
	free(o->pair_map);
}

void
plugin_desc_free(struct plugin_desc *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n_options; i++)
		option_release(&d->options[i]);
	free(d->options);
	free(d->name);
	free(d->path);
	free(d->summary);
	free(d->about);
	doc_free(d->challenges);
	doc_free(d->globals);
	doc_free(d->exclusive);
	doc_free(d->raw);
	free(d);
}

int
plugin_uses(const struct plugin_desc *d, const char *global)
{
	return doc_list_has(d->globals, global);
}

const struct plugin_option *
plugin_option_dest(const struct plugin_desc *d, const char *dest)
{
	for (size_t i = 0; i < d->n_options; i++)
		if (strcmp(d->options[i].dest, dest) == 0)
			return &d->options[i];
	return NULL;
}
