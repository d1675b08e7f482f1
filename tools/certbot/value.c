/* value.c - from an option's text to its value. */
#include "value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/names.h"
#include "base/safefile.h"

static const char *const key_types[] = {"rsa", "ecdsa", NULL};
static const char *const reasons[] = {"unspecified", "keycompromise",
    "affiliationchanged", "superseded", "cessationofoperation", NULL};
static const char *const curves[] = {"secp256r1", "secp384r1", "secp521r1",
    NULL};
static const char *const challenge_types[] = {"dns-01", "http-01",
    "tls-alpn-01", NULL};

const char *const *
value_words(enum option_type type)
{
	switch (type) {
	case OPTION_KEY_TYPE:
		return key_types;
	case OPTION_REASON:
		return reasons;
	case OPTION_CURVE:
		return curves;
	case OPTION_CHALLENGES:
		return challenge_types;
	default:
		return NULL;
	}
}

int
value_flag(struct config *c, const struct option *o)
{
	if (o->type == OPTION_COUNT)
		config_give(c, o->dest,
		    doc_number((double)(config_int(c, o->dest) + 1)));
	else
		config_give(c, o->dest, doc_bool(o->type == OPTION_TRUE));
	if (o->flags & SELECT) {
		char *name = xstrdup(o->spellings + 2);
		int both = strcmp(name, "nginx") == 0 ||
		    strcmp(name, "apache") == 0;

		c->set = doc_set_flag(doc_take(&c->set), "authenticator", 1);
		if (both)
			c->set = doc_set_flag(doc_take(&c->set), "installer",
			    1);
		free(name);
	}
	return 0;
}

int
value_int(const char *text, long *n)
{
	char digits[32];
	size_t len = 0;
	const char *p = text + strspn(text, " \t\n\r\v\f");

	if (*p == '+' || *p == '-')
		digits[len++] = *p++;
	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p) ||
	     (*p == '_' && isdigit((unsigned char)p[1]));
	     p++) {
		if (*p == '_')
			continue;
		if (len >= 18)
			return -1;
		digits[len++] = *p;
	}
	p += strspn(p, " \t\n\r\v\f");
	digits[len] = '\0';
	*n = strtol(digits, NULL, 10);
	return *p == '\0' ? 0 : -1;
}

static int
store_int(struct config *c, const struct option *o, const char *title,
    const char *text, struct err *err)
{
	long n;

	if (value_int(text, &n) != 0) {
		if (o->type == OPTION_NATURAL)
			return err_set(err, ERR_usage,
			    "argument %s: value must be an integer", title);
		return err_set(err, ERR_usage,
		    "argument %s: invalid int value: '%s'", title, text);
	}
	if (o->type == OPTION_NATURAL && n < 0)
		return err_set(err, ERR_usage,
		    "argument %s: value must be non-negative", title);
	config_give(c, o->dest, doc_number((double)n));
	return 0;
}

/* One of words (ended by NULL); fold: any letter case, stored lower. */
static int
store_choice(struct config *c, const struct option *o, const char *title,
    const char *text, const char *const *words, int fold, struct err *err)
{
	char *list = NULL;
	int rc;

	for (size_t i = 0; words[i] != NULL; i++) {
		char *more;

		if ((fold ? strcasecmp(text, words[i]) :
			    strcmp(text, words[i])) == 0) {
			free(list);
			config_give(c, o->dest, doc_string(words[i]));
			return 0;
		}
		more = list == NULL ? xasprintf("'%s'", words[i]) :
				      xasprintf("%s, '%s'", list, words[i]);
		free(list);
		list = more;
	}
	rc = err_set(err, ERR_usage,
	    "argument %s: invalid choice: '%s' (choose from %s)", title, text,
	    list);
	free(list);
	return rc;
}

static int
is_ip_address(const char *text)
{
	char *address = name_address(text);

	free(address);
	return address != NULL;
}

/* Label by label, as spec 3.7 item 6. */
static int
check_labels(const char *name, struct err *err)
{
	for (const char *p = name;; p++) {
		size_t len = strcspn(p, ".");

		if (len == 0)
			return err_set(err, ERR_badData,
			    "Requested domain %s is not a FQDN because it contains an empty label.",
			    name);
		if (len > 63)
			return err_set(err, ERR_badData,
			    "Requested domain %s is not a FQDN because label %.*s is too long.",
			    name, (int)len, p);
		p += len;
		if (*p == '\0')
			return 0;
	}
}

static int
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text > 0x7f)
			return 0;
	return 1;
}

char *
value_domain(const char *text, struct err *err)
{
	char *name, *folded;
	const char *scheme = NULL;

	name = is_ascii(text) ? name_fold(text) : name_normalise(text, err);
	if (name == NULL)
		return NULL;
	folded = name;
	if (strncmp(folded, "http://", 7) == 0)
		scheme = "http://";
	else if (strncmp(folded, "https://", 8) == 0)
		scheme = "https://";
	if (scheme != NULL)
		err_set(err, ERR_badData,
		    "Requested name %s appears to be a URL, not a FQDN. Try again without the leading \"%s\".",
		    name, scheme);
	else if (is_ip_address(name))
		err_set(err, ERR_badData,
		    "Requested name %s is an IP address. The Let's Encrypt certificate authority will not issue certificates for a bare IP address.",
		    name);
	else if (strlen(name) > 255)
		err_set(err, ERR_badData,
		    "Requested domain %s is not a FQDN because it is too long.",
		    name);
	else if (check_labels(name, err) == 0)
		return name;
	free(name);
	return NULL;
}

/* Addresses come after names: the first name is what the certificate is called
 * after. */
static jv
names_join(jv all, const char *name)
{
	jv rest = doc_array(), out = doc_array();
	int address = is_ip_address(name);

	if (doc_list_has(all, name)) {
		doc_free(rest);
		doc_free(out);
		return all;
	}
	for (size_t i = 0; i < doc_len(all); i++)
		if (!address && is_ip_address(doc_str_at(all, i)))
			rest = doc_push(rest, doc_at(all, i));
		else
			out = doc_push(out, doc_at(all, i));
	out = doc_push_str(out, name);
	for (size_t i = 0; i < doc_len(rest); i++)
		out = doc_push(out, doc_at(rest, i));
	doc_free(rest);
	doc_free(all);
	return out;
}

int
value_add_address(struct config *c, const char *text, struct err *err)
{
	char *address = name_address(text);

	if (address == NULL)
		return err_set(err, ERR_badData,
		    "argument --ip-address: '%s' does not appear to be an IPv4 or IPv6 address",
		    text);
	config_give(c, "domains",
	    names_join(config_list(c, "domains"), address));
	free(address);
	return 0;
}

int
value_add_domains(struct config *c, const char *text, struct err *err)
{
	jv all = config_list(c, "domains");
	const char *p = text;
	int rc = 0;

	while (*text != '\0' && rc == 0) {
		size_t len = strcspn(p, ",");
		const char *start = p;
		char *word, *name;

		p += len;
		while (len > 0 && isspace((unsigned char)*start)) {
			start++;
			len--;
		}
		while (len > 0 && isspace((unsigned char)start[len - 1]))
			len--;
		word = xstrndup(start, len);
		name = value_domain(word, err);
		free(word);
		if (name == NULL)
			rc = -1;
		else
			all = names_join(all, name);
		free(name);
		if (*p == '\0')
			break;
		p++;
	}
	config_give(c, "domains", all);
	return rc;
}

jv
value_challenges(const char *text, struct err *err)
{
	jv list = doc_array(), unknown = doc_array();
	char *copy = xstrdup(text), *save = NULL, *names;

	for (char *w = strtok_r(copy, ",", &save); w != NULL;
	     w = strtok_r(NULL, ",", &save)) {
		const char *full;
		size_t i;

		w += strspn(w, " \t");
		w[strcspn(w, " \t")] = '\0';
		full = strcmp(w, "dns") == 0 ? "dns-01" :
		    strcmp(w, "http") == 0   ? "http-01" :
					       w;
		for (i = 0; challenge_types[i] != NULL; i++)
			if (strcmp(full, challenge_types[i]) == 0)
				break;
		if (challenge_types[i] != NULL)
			list = doc_push_str(list, full);
		else if (*w != '\0')
			unknown = doc_push_str(unknown, w);
	}
	free(copy);
	if (doc_len(unknown) > 0) {
		names = doc_join(unknown, ", ");
		err_set(err, ERR_usage, "Unrecognized challenges: %s", names);
		free(names);
		doc_move(&list, doc_none());
	}
	doc_free(unknown);
	return list;
}

static int
store_challenges(struct config *c, const struct option *o, const char *title,
    const char *text, struct err *err)
{
	jv more = value_challenges(text, err), all;

	if (!doc_is(more, DOC_ARRAY))
		return err_prefix(err, "argument %s", title);
	all = config_list(c, o->dest);
	for (size_t i = 0; i < doc_len(more); i++)
		all = doc_push(all, doc_at(more, i));
	doc_free(more);
	config_give(c, o->dest, all);
	return 0;
}

/* Every name so far without a path gets path. */
static void
map_unmapped(struct config *c, const char *path)
{
	jv map = config_get(c, "webroot_map"),
	   names = config_list(c, "domains");

	for (size_t i = 0; i < doc_len(names); i++)
		if (!doc_has(map, doc_str_at(names, i)))
			map = doc_set_str(map, doc_str_at(names, i), path);
	doc_free(names);
	config_put(c, "webroot_map", map);
}

static int
check_directory(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return err_set(err, ERR_badData,
		    "%s does not exist or is not a directory", path);
	return 0;
}

/* -w pairs with the names that follow it (spec 3.6). */
static int
store_webroot(struct config *c, const struct option *o, const char *text,
    struct err *err)
{
	jv paths = config_list(c, o->dest), names = config_list(c, "domains");
	size_t n = doc_len(paths);
	char *path;
	int rc = 0;

	if (n == 0 && doc_len(names) > 0)
		config_put(c, "webroot_after_domains", doc_bool(1));
	if (n > 0 && config_flag(c, "webroot_after_domains"))
		rc = err_set(err, ERR_configuration,
		    "If you specify multiple webroot paths, one of them must precede all domain flags");
	else if (n > 0)
		map_unmapped(c, doc_str_at(paths, n - 1));
	doc_free(names);
	if (rc != 0 || check_directory(text, err) != 0) {
		doc_free(paths);
		return -1;
	}
	path = path_absolute(text);
	config_give(c, o->dest, doc_push_str(paths, path));
	free(path);
	return 0;
}

void
value_finish_webroots(struct config *c)
{
	jv paths = config_list(c, "webroot_path");
	size_t n = doc_len(paths);

	if (n > 0)
		map_unmapped(c, doc_str_at(paths, n - 1));
	doc_free(paths);
}

/* {"a,b": "/dir"}: the names join -d. */
static int
store_webroot_map(struct config *c, const struct option *o, const char *title,
    const char *text, struct err *err)
{
	jv given = doc_parse(text, strlen(text), err), keys, map;
	int rc = 0;

	if (!doc_is(given, DOC_OBJECT)) {
		doc_free(given);
		return err_set(err, ERR_badData,
		    "argument %s: the value is no JSON object of names and directories: %s",
		    title, text);
	}
	keys = doc_keys(given);
	for (size_t i = 0; rc == 0 && i < doc_len(keys); i++) {
		const char *names = doc_str_at(keys, i);
		const char *dir = doc_str(given, names);
		char *copy, *save = NULL, *path;

		if (dir == NULL || check_directory(dir, err) != 0) {
			rc = dir == NULL ?
			    err_set(err, ERR_badData,
				"argument %s: the directory of %s is no text",
				title, names) :
			    -1;
			break;
		}
		if ((rc = value_add_domains(c, names, err)) != 0)
			break;
		path = path_absolute(dir);
		map = config_get(c, o->dest);
		copy = xstrdup(names);
		for (char *w = strtok_r(copy, ", ", &save); w != NULL;
		     w = strtok_r(NULL, ", ", &save)) {
			char *name = value_domain(w, NULL);

			if (name != NULL)
				map = doc_set_str(map, name, path);
			free(name);
		}
		config_give(c, o->dest, map);
		free(copy);
		free(path);
	}
	doc_free(keys);
	doc_free(given);
	return rc;
}

int
value_store(struct config *c, const struct option *o, const char *title,
    const char *text, struct err *err)
{
	switch (o->type) {
	case OPTION_INT:
	case OPTION_NATURAL:
		return store_int(c, o, title, text, err);
	case OPTION_KEY_TYPE:
	case OPTION_REASON:
	case OPTION_CURVE:
		return store_choice(c, o, title, text, value_words(o->type),
		    o->type == OPTION_REASON, err);
	case OPTION_DOMAINS:
		return value_add_domains(c, text, err);
	case OPTION_ADDRESS:
		return value_add_address(c, text, err);
	case OPTION_CHALLENGES:
		return store_challenges(c, o, title, text, err);
	case OPTION_WEBROOT:
		return store_webroot(c, o, text, err);
	case OPTION_WEBROOT_MAP:
		return store_webroot_map(c, o, title, text, err);
	case OPTION_LIST:
		config_give(c, o->dest,
		    doc_push(config_list(c, o->dest), doc_string(text)));
		return 0;
	case OPTION_COMMENT:
		if (strpbrk(text, "()") != NULL)
			return err_set(err, ERR_usage,
			    "argument %s: may not contain parentheses", title);
		break;
	default:
		break;
	}
	config_give(c, o->dest, doc_stringn(text, strlen(text)));
	return 0;
}
