/* What users and renewal files give as values of plugin options. */
#include "plugin/descriptor.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "base/safefile.h"

const struct plugin_global plugin_globals[] = {
    {"http01_port", "http-01-port", PLUGIN_NUMBER, "HTTP01_PORT",
	"Port used in the http-01 challenge. This only affects the port "
	"Certbot listens on. A conforming ACME server will still attempt to "
	"connect on port 80.",
	NULL, 80, 1},
    {"http01_address", "http-01-address", PLUGIN_STRING, "HTTP01_ADDRESS",
	"The address the server listens to during http-01 challenge.", "", 0,
	1},
    {"https_port", "https-port", PLUGIN_NUMBER, "HTTPS_PORT",
	"Port used to serve HTTPS. This affects which port Nginx will listen "
	"on after a LE certificate is installed.",
	NULL, 443, 0},
    {"disable_hook_validation", "disable-hook-validation", PLUGIN_FLAG, NULL,
	"Ordinarily the commands specified for --pre-hook/--post-hook/"
	"--deploy-hook will be checked for validity, to see if the programs "
	"being run are in the $PATH, so that mistakes can be caught early, "
	"even when the hooks aren't being run just yet. The validation is "
	"rather simplistic and fails if you use more advanced shell "
	"constructs, so you can use this switch to disable it.",
	NULL, 0, 0},
    {"dns_propagation", "dns-propagation", PLUGIN_STRING, "check|SECONDS",
	"How to wait for TXT records: \"check\" asks the authoritative name "
	"servers until all of them have the records, for as long as "
	"--dns-PLUGIN-propagation-seconds says; a number is slept for.",
	NULL, 0, 1},
    {"dns_resolvers", "dns-resolvers", PLUGIN_STRING, "ADDRESS[:PORT],...",
	"Name servers that DNS plugins ask instead of those of the system.",
	NULL, 0, 1},
    {"dns_no_alias", "dns-no-alias", PLUGIN_FLAG, NULL,
	"Write the TXT record at _acme-challenge even where that name is an "
	"alias (CNAME) of another.",
	NULL, 0, 1},
    {NULL, NULL, PLUGIN_STRING, NULL, NULL, NULL, 0, 0},
};

const struct plugin_global *
plugin_global(const char *name)
{
	for (const struct plugin_global *g = plugin_globals; g->name != NULL;
	     g++)
		if (strcmp(g->name, name) == 0)
			return g;
	return NULL;
}

/* "darwin", "linux" */
static jv
kernel_id(void)
{
	struct utsname u;

	if (uname(&u) != 0)
		return doc_array();
	for (char *c = u.sysname; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return doc_push_str(doc_array(), u.sysname);
}

jv
plugin_system_ids(const char *path)
{
	struct buf b;
	struct err err = {0};
	jv ids = doc_array(), like = doc_array();
	char *save = NULL;

	buf_init(&b, 64 << 10);
	if (safefile_read(path, &b, &err) == -1 || b.p == NULL) {
		doc_move(&ids, kernel_id());
		goto out;
	}
	for (char *line = strtok_r(b.p, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		int own = strncmp(line, "ID=", 3) == 0;
		char *word, *rest = NULL;

		if (!own && strncmp(line, "ID_LIKE=", 8) != 0)
			continue;
		for (word = strtok_r(line + (own ? 3 : 8), " \"'", &rest);
		     word != NULL; word = strtok_r(NULL, " \"'", &rest)) {
			if (own)
				ids = doc_push_str(ids, word);
			else
				like = doc_push_str(like, word);
		}
	}
	for (size_t i = 0; i < doc_len(like); i++)
		ids = doc_push(ids, doc_at(like, i));
out:
	err_clear(&err);
	buf_release(&b);
	doc_free(like);
	return ids;
}

static jv
number(const char *flag, const char *text, struct err *err)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0) {
		err_set(err, ERR_usage,
		    "argument --%s: invalid int value: '%s'", flag, text);
		return doc_none();
	}
	return doc_number((double)n);
}

static jv
path_value(const char *text)
{
	char *home = path_expand(text);
	char *abs = path_absolute(home);
	jv v = doc_string(abs);

	free(home);
	free(abs);
	return v;
}

static jv
object(const char *flag, const char *text, struct err *err)
{
	struct err why = {0};
	jv v = doc_parse(text, strlen(text), &why);

	if (!doc_is(v, DOC_OBJECT)) {
		err_set(err, ERR_usage, "argument --%s: %s", flag,
		    err_is_set(&why) ? err_text(&why) : "it is no JSON object");
		doc_move(&v, doc_none());
	}
	err_clear(&why);
	return v;
}

jv
plugin_value(enum plugin_type type, const char *flag, const char *text,
    struct err *err)
{
	struct stat st;

	if (type == PLUGIN_FLAG)
		return doc_bool(1);
	if (text == NULL) {
		err_set(err, ERR_usage, "argument --%s: expected one argument",
		    flag);
		return doc_none();
	}
	switch (type) {
	case PLUGIN_NUMBER:
		return number(flag, text, err);
	case PLUGIN_JSON:
		return object(flag, text, err);
	case PLUGIN_DIR:
		if (stat(text, &st) == -1 || !S_ISDIR(st.st_mode)) {
			err_set(err, ERR_usage,
			    "%s does not exist or is not a directory", text);
			return doc_none();
		}
		return path_value(text);
	case PLUGIN_PATH:
		return path_value(text);
	default:
		return doc_stringn(text, strlen(text));
	}
}

/* A text of a renewal file. */
static jv
saved_text(enum plugin_type type, const char *flag, const char *text,
    struct err *err)
{
	if (strcmp(text, "None") == 0)
		return doc_null();
	if (type == PLUGIN_FLAG) {
		if (strcasecmp(text, "true") == 0)
			return doc_bool(1);
		if (strcasecmp(text, "false") == 0)
			return doc_bool(0);
		err_set(err, ERR_usage,
		    "expected True or False for %s but found %s", flag, text);
		return doc_none();
	}
	if (type == PLUGIN_NUMBER || type == PLUGIN_JSON)
		return plugin_value(type, flag, text, err);
	return doc_stringn(text, strlen(text));
}

static int
kind_fits(enum plugin_type type, jv v)
{
	switch (type) {
	case PLUGIN_NUMBER:
		return doc_is(v, DOC_NUMBER);
	case PLUGIN_FLAG:
		return doc_is(v, DOC_BOOL);
	case PLUGIN_JSON:
		return doc_is(v, DOC_OBJECT);
	default:
		return doc_is(v, DOC_STRING);
	}
}

static jv
typed(enum plugin_type type, const char *flag, jv v TAKES, struct err *err)
{
	const char *text = doc_text_of(v);

	if (text != NULL)
		doc_move(&v, saved_text(type, flag, text, err));
	if (!err_is_set(err) && !doc_is(v, DOC_NULL) && !kind_fits(type, v)) {
		err_set(err, ERR_usage, "the value of --%s has the wrong form",
		    flag);
		doc_move(&v, doc_none());
	}
	return v;
}

static jv
repeated(const struct plugin_option *o, jv v TAKES, struct err *err)
{
	jv all = doc_array();

	if (!doc_is(v, DOC_ARRAY))
		v = doc_push(doc_array(), v);
	for (size_t i = 0; i < doc_len(v); i++) {
		jv one = typed(o->type, o->flag, doc_at(v, i), err);
		if (doc_is(one, DOC_NONE) || doc_is(one, DOC_NULL))
			doc_free(one);
		else
			all = doc_push(all, one);
	}
	doc_free(v);
	return all;
}

static jv
globals_config(const struct plugin_desc *d, jv by_dest, jv config TAKES,
    struct err *err)
{
	for (const struct plugin_global *g = plugin_globals; g->name != NULL;
	     g++) {
		jv v;

		if (!plugin_uses(d, g->name))
			continue;
		v = doc_get(by_dest, g->name);
		if (!doc_is(v, DOC_NONE))
			v = typed(g->type, g->flag, v, err);
		if (doc_is(v, DOC_NONE) || doc_is(v, DOC_NULL)) {
			if (g->type == PLUGIN_NUMBER)
				doc_move(&v,
				    doc_number((double)g->dflt_number));
			else if (g->type == PLUGIN_FLAG)
				doc_move(&v, doc_bool(0));
			else
				doc_move(&v,
				    g->dflt_text == NULL ?
					doc_null() :
					doc_string(g->dflt_text));
		}
		config = doc_set(config, g->name, v);
	}
	return config;
}

jv
plugin_config(const struct plugin_desc *d, jv by_dest, struct err *err)
{
	jv config = doc_object();
	struct err bad = {0};

	for (size_t i = 0; i < d->n_options; i++) {
		const struct plugin_option *o = &d->options[i];
		jv v = doc_get(by_dest, o->dest);

		if (!doc_is(v, DOC_NONE))
			v = o->repeatable ? repeated(o, v, &bad) :
					    typed(o->type, o->flag, v, &bad);
		if (doc_is(v, DOC_NONE) || doc_is(v, DOC_NULL))
			doc_move(&v, doc_copy(o->dflt));
		config = doc_set(config, o->name, v);
	}
	config = globals_config(d, by_dest, config, &bad);
	if (err_is_set(&bad)) {
		doc_free(config);
		config = doc_none();
	}
	if (err_is_set(&bad))
		err_move(err, &bad);
	return config;
}

/* "port:{http01_port}" with the value in. */
static char *
filled(const char *word, jv config)
{
	const char *open = strchr(word, '{');
	const char *close = open == NULL ? NULL : strchr(open, '}');
	char *key, *text, *whole;
	jv v;

	if (close == NULL)
		return xstrdup(word);
	key = xstrndup(open + 1, (size_t)(close - open - 1));
	v = doc_get(config, key);
	text = doc_is(v, DOC_STRING) && doc_text_of(v) != NULL ?
	    xstrdup(doc_text_of(v)) :
	    doc_text(v);
	whole = xasprintf("%.*s%s%s", (int)(open - word), word, text,
	    close + 1);
	free(key);
	free(text);
	doc_free(v);
	return whole;
}

jv
plugin_exclusive(const struct plugin_desc *d, jv config)
{
	jv words = doc_array();

	for (size_t i = 0; i < doc_len(d->exclusive); i++) {
		char *word = filled(doc_str_at(d->exclusive, i), config);
		words = doc_push_str(words, word);
		free(word);
	}
	return words;
}

char *
plugin_server(const struct plugin_desc *d, jv config)
{
	static const char server[] = "server:";
	jv words = plugin_exclusive(d, config);
	char *value = NULL;

	for (size_t i = 0; value == NULL && i < doc_len(words); i++) {
		const char *word = doc_str_at(words, i);

		if (strncmp(word, server, sizeof(server) - 1) == 0)
			value = xstrdup(word + sizeof(server) - 1);
	}
	doc_free(words);
	return value;
}
