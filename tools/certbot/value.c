/* value.c - from an option's text to its value. */
#include "value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

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
		return value_add_webroot(c, o, text, err);
	case OPTION_WEBROOT_MAP:
		return value_add_webroot_map(c, o, title, text, err);
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
