/* restore.c - from texts of a renewal file to values of options. */
#include "restore.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/log.h"
#include "driver.h"
#include "options.h"
#include "plugin/descriptor.h"
#include "value.h"

static void
put(struct config *c, const char *dest, jv val)
{
	config_put(c, dest, val);
	c->restored = doc_set_flag(doc_take(&c->restored), dest, 1);
}

/* A list where one text is meant was an unquoted comma. */
static char *
as_text(jv v)
{
	if (doc_is(v, DOC_ARRAY))
		return doc_join(v, ", ");
	return doc_text_of(v) != NULL ? xstrdup(doc_text_of(v)) : doc_text(v);
}

static jv
as_list(jv v)
{
	return doc_is(v, DOC_ARRAY) ? doc_copy(v) :
				      doc_push(doc_array(), doc_copy(v));
}

static int
restore_flag(struct config *c, const struct option *o, const char *text,
    struct err *err)
{
	if (strcasecmp(text, "true") == 0)
		put(c, o->dest, doc_bool(1));
	else if (strcasecmp(text, "false") == 0)
		put(c, o->dest, doc_bool(0));
	else
		return err_set(err, ERR_badData,
		    "Expected True or False for %s but found %s", o->dest,
		    text);
	return 0;
}

static int
restore_int(struct config *c, const struct option *o, const char *text,
    struct err *err)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (strcmp(o->dest, "http01_port") == 0 && strcmp(text, "None") == 0) {
		log_info("certbot._internal.renewal",
		    "updating legacy http01_port value");
		n = 80;
	} else if (end == text || *end != '\0') {
		return err_set(err, ERR_badData,
		    "Expected a numeric value for %s", o->dest);
	}
	put(c, o->dest, doc_number((double)n));
	return 0;
}

static int
restore_challenges(struct config *c, jv v, struct err *err)
{
	jv list = as_list(v), types;
	char *text = doc_join(list, ",");

	doc_free(list);
	types = value_challenges(text, err);
	free(text);
	if (!doc_is(types, DOC_ARRAY))
		return -1;
	put(c, "pref_challs", types);
	return 0;
}

static void
restore_text(struct config *c, const struct option *o, const char *text)
{
	if (strcmp(text, "None") == 0) {
		put(c, o->dest, doc_null());
	} else if (strcmp(o->dest, "authenticator") == 0 ||
	    strcmp(o->dest, "installer") == 0) {
		put(c, o->dest, doc_string(plugin_short_name(text)));
	} else if (strcmp(o->dest, "server") == 0 &&
	    strcmp(text, "https://acme-v01.api.letsencrypt.org/directory") ==
		0) {
		log_info("certbot._internal.renewal",
		    "Using server %s instead of legacy %s", server_production,
		    text);
		put(c, "server", doc_string(server_production));
	} else {
		put(c, o->dest, doc_stringn(text, strlen(text)));
	}
}

static int
restore_one(struct config *c, const struct option *o, jv v, struct err *err)
{
	char *text;
	int rc = 0;

	switch (o->type) {
	case OPTION_CHALLENGES:
		return restore_challenges(c, v, err);
	case OPTION_WEBROOT:
	case OPTION_LIST:
		put(c, o->dest, as_list(v));
		return 0;
	case OPTION_WEBROOT_MAP:
		put(c, o->dest, doc_copy(v));
		return 0;
	default:
		break;
	}
	text = as_text(v);
	if (o->type == OPTION_TRUE || o->type == OPTION_FALSE)
		rc = restore_flag(c, o, text, err);
	else if (o->type == OPTION_INT || o->type == OPTION_NATURAL)
		rc = restore_int(c, o, text, err);
	else
		restore_text(c, o, text);
	free(text);
	return rc;
}

/* Does dest belong to this plugin ("dns-x": "dns_x_…")? */
static int
is_of_plugin(const char *dest, const char *plugin)
{
	size_t n;

	if (plugin == NULL)
		return 0;
	plugin = plugin_short_name(plugin);
	n = strlen(plugin);
	for (size_t i = 0; i < n; i++)
		if (dest[i] != (plugin[i] == '-' ? '_' : plugin[i]))
			return 0;
	return dest[n] == '_';
}

/* Names without a web root of their own have the last one. */
static void
map_names(struct config *c, jv doc)
{
	const char *auth = config_str(c, "authenticator");
	jv paths = config_list(c, "webroot_path"), names, map;
	size_t n = doc_len(paths);

	if (n > 0 &&
	    (config_flag(c, "webroot") ||
		(auth != NULL && strcmp(auth, "webroot") == 0))) {
		names = doc_find(doc, "lineage", "names", NULL);
		map = config_get(c, "webroot_map");
		for (size_t i = 0; i < doc_len(names); i++)
			if (!doc_has(map, doc_str_at(names, i)))
				map = doc_set_str(map, doc_str_at(names, i),
				    doc_str_at(paths, n - 1));
		put(c, "webroot_map", map);
		doc_free(names);
	}
	doc_free(paths);
}

int
restore_params(struct config *c, jv doc, struct err *err)
{
	jv params = doc_get_kind(doc, "renewalparams", DOC_OBJECT);
	const char *auth = doc_str(params, "authenticator");
	const char *inst = doc_str(params, "installer");
	jv keys = doc_keys(params);
	int rc = 0;

	if (!doc_has(params, "key_type") && !config_is_set(c, "key_type"))
		put(c, "key_type", doc_string("rsa"));
	for (size_t i = 0; rc == 0 && i < doc_len(keys); i++) {
		const char *dest = doc_str_at(keys, i);
		const struct option *o = options_by_dest(dest);
		jv v;

		if (o == NULL || (o->flags & SAVED) == 0 ||
		    ((o->flags & PLUGIN) && !is_of_plugin(dest, auth) &&
			!is_of_plugin(dest, inst)) ||
		    config_is_set(c, dest))
			continue;
		v = doc_get(params, dest);
		rc = restore_one(c, o, v, err);
		doc_free(v);
	}
	doc_free(keys);
	doc_free(params);
	if (rc == 0)
		map_names(c, doc);
	return rc;
}
