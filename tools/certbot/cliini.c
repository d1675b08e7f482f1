/* cliini.c - the model of spec 3.3: files from highest to lowest precedence,
 * each item prepended unless a spelling of its option is literally there. */
#include "cliini.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/safefile.h"
#include "check.h"
#include "options.h"

/* The row whose long spelling is "--KEY" or KEY itself. */
static const struct option *
row_of(const char *key)
{
	char *spelling = strncmp(key, "--", 2) == 0 ? xstrdup(key) :
						      xasprintf("--%s", key);
	const struct option *found = options_by_name(spelling);

	free(spelling);
	return found;
}

static int
args_hold(jv args, const char *spelling)
{
	size_t len = strlen(spelling);

	for (size_t i = 0; i < doc_len(args); i++) {
		const char *a = doc_str_at(args, i);

		if (a != NULL && strncmp(a, spelling, len) == 0 &&
		    (a[len] == '\0' || a[len] == '='))
			return 1;
	}
	return 0;
}

/* Is any spelling of the row literally among the arguments? */
static int
row_given(const struct option *o, jv args)
{
	char *s;
	int given = 0;

	for (size_t i = 0; !given && (s = option_spelling(o, i)) != NULL; i++) {
		given = args_hold(args, s);
		free(s);
	}
	return given;
}

/* Split "key = value" in place. 0, or -1 when the line is none. */
static int
split_line(char *line, char **key, char **value)
{
	size_t len = strcspn(line, ":=;# \t\r");
	char *v = line + len, *end;

	if (len == 0)
		return -1;
	*key = line;
	*value = NULL;
	v += strspn(v, " \t");
	if (*v == '\0' || *v == ';' || *v == '#') {
		line[len] = '\0';
		return 0;
	}
	if (*v == '=' || *v == ':')
		v++;
	v += strspn(v, " \t");
	line[len] = '\0';
	for (end = v; *end != '\0'; end++)
		if ((*end == '#' || *end == ';') && end > v &&
		    isblank((unsigned char)end[-1]))
			break;
	while (end > v && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	if (end - v >= 2 && (*v == '"' || *v == '\'') && end[-1] == *v) {
		end[-1] = '\0';
		v++;
	}
	*value = v;
	return 0;
}

static int
is_word(const char *value, const char *const words[3])
{
	for (size_t i = 0; i < 3; i++)
		if (strcasecmp(value, words[i]) == 0)
			return 1;
	return 0;
}

/* "[a, b]" is a list, which no option takes. */
static int
refuse_list(const char *key, const char *value, struct err *err)
{
	jv words = doc_array();
	char *copy = xstrndup(value + 1, strlen(value) - 2), *save = NULL;
	char *joined;

	for (char *w = strtok_r(copy, ",", &save); w != NULL;
	     w = strtok_r(NULL, ",", &save)) {
		size_t len;

		w += strspn(w, " \t");
		len = strlen(w);
		while (len > 0 && isspace((unsigned char)w[len - 1]))
			len--;
		words = doc_push(words, doc_stringn(w, len));
	}
	joined = doc_join(words, "', '");
	err_set(err, ERR_usage,
	    "%s can't be set to a list '['%s']' unless its action type is changed to 'append' or nargs is set to '*', '+', or > 1",
	    key, joined);
	free(joined);
	free(copy);
	doc_free(words);
	return -1;
}

/* A flag that sets something: what prints and ends has no value in a file. */
static int
sets(const struct option *o)
{
	return o->type == OPTION_TRUE || o->type == OPTION_FALSE ||
	    o->type == OPTION_COUNT;
}

/* The arguments that one item stands for, appended to items. */
static int
item_add(jv *items, const char *key, const char *value, struct err *err)
{
	static const char *const yes[] = {"true", "yes", "1"};
	static const char *const no[] = {"false", "no", "0"};
	const struct option *o = row_of(key);
	const char *dashes = strncmp(key, "--", 2) == 0 ? "" : "--";
	char *arg;

	if (value == NULL)
		value = "true";
	if (o != NULL && *value == '[' && value[strlen(value) - 1] == ']' &&
	    o->type != OPTION_WEBROOT_MAP)
		return refuse_list(key, value, err);
	if (o == NULL || !sets(o)) {
		arg = xasprintf("%s%s=%s", dashes, key, value);
		*items = doc_push_str(*items, arg);
		free(arg);
		return 0;
	}
	arg = xasprintf("%s%s", dashes, key);
	if (o->type == OPTION_COUNT && isdigit((unsigned char)*value)) {
		for (long n = strtol(value, NULL, 10); n > 0 && n < 100; n--)
			*items = doc_push_str(*items, arg);
	} else if (is_word(value, yes)) {
		*items = doc_push_str(*items, arg);
	} else if (!is_word(value, no)) {
		free(arg);
		return err_set(err, ERR_usage,
		    "Unexpected value for %s: '%s'. Expecting 'true', 'false', 'yes', 'no', '1' or '0'",
		    key, value);
	}
	free(arg);
	return 0;
}

/* All items of a file's text as an object key -> value (last wins), and the
 * keys in file order. */
static int
parse_text(char *text, const char *path, jv *items, jv *order, struct err *err)
{
	size_t line_no = 0;
	char *next = text, *line, *key, *value;

	while (next != NULL) {
		line = next;
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		line += strspn(line, " \t\r");
		for (size_t l = strlen(line);
		     l > 0 && isspace((unsigned char)line[l - 1]); l--)
			line[l - 1] = '\0';
		if (*line != '\0' && strchr("#;[", *line) == NULL &&
		    strncmp(line, "---", 3) != 0) {
			char *shown = xstrdup(line);

			if (split_line(line, &key, &value) != 0) {
				err_set(err, ERR_usage,
				    "Unexpected line %zu in %s: %s", line_no,
				    path, shown);
				free(shown);
				return -1;
			}
			free(shown);
			if (!doc_has(*items, key))
				*order = doc_push_str(*order, key);
			*items = doc_set(*items, key,
			    value == NULL ? doc_null() :
					    doc_stringn(value, strlen(value)));
		}
		line_no++;
	}
	return 0;
}

/* Put one file's items before args. */
static int
file_prepend(const char *path, jv *args, const char *verb, struct err *err)
{
	struct buf text;
	jv items = doc_object(), keys = doc_array(), new = doc_array();
	int rc = -1;

	buf_init(&text, FILE_TEXT_MAX);
	if (safefile_read(path, &text, err) != 0) {
		rc = 1;
		goto out;
	}
	if (text.p != NULL && parse_text(text.p, path, &items, &keys, err) != 0)
		goto out;
	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);
		const struct option *o = row_of(key);

		if (o != NULL && row_given(o, *args))
			continue;
		/* names are for the subcommands that make certificates */
		if (o != NULL && strcmp(o->dest, "domains") == 0 &&
		    strcmp(verb, "renew") == 0)
			continue;
		if (item_add(&new, key, doc_str(items, key), err) != 0)
			goto out;
	}
	for (size_t i = 0; i < doc_len(*args); i++)
		new = doc_push(new, doc_at(*args, i));
	doc_move(args, doc_take(&new));
	rc = 0;
out:
	buf_release(&text);
	doc_free(items);
	doc_free(keys);
	doc_free(new);
	return rc;
}

static int
optional_prepend(const char *pattern, jv *args, const char *verb,
    struct err *err)
{
	char *path = path_expand(pattern);
	glob_t found = {0};
	int rc = 0;

	if (glob(path, 0, NULL, &found) == 0)
		for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++)
			rc = file_prepend(found.gl_pathv[i], args, verb, err);
	globfree(&found);
	free(path);
	return rc == 0 ? 0 : -1;
}

/* The last -c/--config among the arguments; malloc'd; NULL. */
static char *
config_file_of(jv args)
{
	const char *found = NULL;

	for (size_t i = 0; i < doc_len(args); i++) {
		const char *a = doc_str_at(args, i);

		if (strcmp(a, "-c") == 0 || strcmp(a, "--config") == 0)
			found = doc_str_at(args, i + 1);
		else if (strncmp(a, "--config=", 9) == 0)
			found = a + 9;
		else if (strncmp(a, "-c", 2) == 0 && a[2] != '\0')
			found = a + (a[2] == '=' ? 3 : 2);
	}
	return found == NULL ? NULL : path_expand(found);
}

jv
cliini_prepend(jv args, const char *verb, struct err *err)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	char *own = config_file_of(args), *user;
	int rc = own != NULL ? file_prepend(own, &args, verb, err) : 0;

	if (rc == 1) {
		struct err why = {0};

		err_move(&why, err);
		rc = err_set(err, ERR_usage,
		    "Unable to open config file: %s. Error: %s", own,
		    check_unread(own, &why));
		err_clear(&why);
	}
	user = xasprintf("%s/letsencrypt/cli.ini",
	    xdg != NULL ? xdg : "~/.config");
	if (rc == 0)
		rc = optional_prepend(user, &args, verb, err);
	if (rc == 0)
		rc = optional_prepend("/etc/letsencrypt/cli.ini", &args, verb,
		    err);
	free(user);
	free(own);
	if (rc == 0)
		return args;
	doc_free(args);
	return doc_none();
}
