/* opts.c - rows matched against argv. */
#include "base/opts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

const char acme_tools_version[] = ACME_TOOLS_VERSION;

static const struct opt *
find_long(const struct opt *const *tables, const char *name, size_t len)
{
	for (; *tables != NULL; tables++)
		for (const struct opt *o = *tables; o->name != NULL; o++)
			if (strlen(o->name) == len &&
			    memcmp(o->name, name, len) == 0)
				return o;
	return NULL;
}

static const struct opt *
find_letter(const struct opt *const *tables, char letter)
{
	for (; *tables != NULL; tables++)
		for (const struct opt *o = *tables; o->name != NULL; o++)
			if (o->letter == letter)
				return o;
	return NULL;
}

static int
takes_value(const struct opt *o)
{
	return o->type != OPT_FLAG && o->type != OPT_COUNT;
}

static jv
add_names(jv list, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, ","), n = len;
		const char *p = text;

		while (n > 0 && (*p == ' ' || *p == '\t')) {
			p++;
			n--;
		}
		while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
			n--;
		list = doc_push(list, doc_stringn(p, n));
		text += len;
		if (*text == ',' && text[1] == '\0')
			list = doc_push_str(list, "");
		if (*text == ',')
			text++;
	}
	return list;
}

static int
store_number(const struct opt *o, const char *value, struct err *err)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (end == value || *end != '\0' || errno != 0 || n < 0)
		return err_set(err, ERR_usage,
		    "option --%s takes a whole number, not '%s'", o->name,
		    value);
	*(long *)o->dest = n;
	return 0;
}

static jv
list_of(const struct opt *o)
{
	jv *list = o->dest;

	return doc_is(*list, DOC_ARRAY) ? doc_take(list) : doc_array();
}

static int
store(const struct opt *o, const char *value, struct err *err)
{
	switch (o->type) {
	case OPT_FLAG:
		*(int *)o->dest = 1;
		return 0;
	case OPT_COUNT:
		++*(int *)o->dest;
		return 0;
	case OPT_STRING:
		*(const char **)o->dest = value;
		return 0;
	case OPT_NUMBER:
		return store_number(o, value, err);
	case OPT_LIST:
		*(jv *)o->dest = doc_push(list_of(o),
		    doc_stringn(value, strlen(value)));
		return 0;
	case OPT_NAMES:
		*(jv *)o->dest = add_names(list_of(o), value);
		return 0;
	}
	return 0;
}

static void
print_row(const struct opt *o)
{
	char *left, letter[8] = "    ";

	if (o->letter != 0)
		snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	left = xasprintf("  %s--%s%s%s", letter, o->name,
	    takes_value(o) ? " " : "", takes_value(o) ?
	    (o->metavar != NULL ? o->metavar : "VALUE") : "");
	if (strlen(left) > 28)
		printf("%s\n%30s%s\n", left, "", o->help);
	else
		printf("%-30s%s\n", left, o->help);
	free(left);
}

static void
print_help(const struct opt *const *tables, const struct opts_usage *usage)
{
	const char *p = usage->synopsis, *lead = "usage:";

	while (p != NULL && *p != '\0') {
		size_t len = strcspn(p, "\n");

		printf("%s %s %.*s\n", lead, usage->program, (int)len, p);
		lead = "      ";
		p += len + (p[len] == '\n');
	}
	if (usage->about != NULL)
		printf("\n%s\n", usage->about);
	printf("\n");
	for (; *tables != NULL; tables++)
		for (const struct opt *o = *tables; o->name != NULL; o++)
			if (o->help != NULL)
				print_row(o);
	printf("  -h, --help                  show this help and exit\n"
	    "      --version               show the version and exit\n");
}

struct walk {
	int argc, at;
	char *const *argv;
	const struct opt *const *tables;
	struct err *err;
};

static int
take_long(struct walk *w, const char *word)
{
	const char *eq = strchr(word, '='), *value = NULL;
	size_t len = eq != NULL ? (size_t)(eq - word) : strlen(word);
	const struct opt *o = find_long(w->tables, word, len);

	if (o == NULL)
		return err_set(w->err, ERR_usage,
		    "unknown option --%.*s; -h lists the options", (int)len,
		    word);
	if (!takes_value(o)) {
		if (eq != NULL)
			return err_set(w->err, ERR_usage,
			    "option --%s takes no value", o->name);
		return store(o, NULL, w->err);
	}
	if (eq != NULL)
		value = eq + 1;
	else if (w->at < w->argc)
		value = w->argv[w->at++];
	else
		return err_set(w->err, ERR_usage, "option --%s needs a value",
		    o->name);
	return store(o, value, w->err);
}

static int
take_letters(struct walk *w, const char *word)
{
	for (const char *p = word; *p != '\0'; p++) {
		const struct opt *o = find_letter(w->tables, *p);
		const char *value;

		if (o == NULL)
			return err_set(w->err, ERR_usage,
			    "unknown option -%c; -h lists the options", *p);
		if (!takes_value(o)) {
			store(o, NULL, w->err);
			continue;
		}
		if (p[1] != '\0')
			value = p + 1;
		else if (w->at < w->argc)
			value = w->argv[w->at++];
		else
			return err_set(w->err, ERR_usage,
			    "option -%c needs a value", *p);
		return store(o, value, w->err);
	}
	return 0;
}

int
opts_parse(int argc, char *const argv[], const struct opt *const *tables,
    const struct opts_usage *usage, jv *rest, struct err *err)
{
	struct walk w = { argc, 1, argv, tables, err };
	int ended = 0, rc = 0;

	*rest = doc_array();
	while (rc == 0 && w.at < argc) {
		const char *word = argv[w.at++];

		if (ended || word[0] != '-' || word[1] == '\0') {
			*rest = doc_push(doc_take(rest),
			    doc_stringn(word, strlen(word)));
		} else if (strcmp(word, "--") == 0) {
			ended = 1;
		} else if (strcmp(word, "-h") == 0 ||
		    strcmp(word, "--help") == 0) {
			print_help(tables, usage);
			return 1;
		} else if (strcmp(word, "--version") == 0) {
			printf("%s %s\n", usage->program, acme_tools_version);
			return 1;
		} else if (word[1] == '-') {
			rc = take_long(&w, word + 2);
		} else {
			rc = take_letters(&w, word + 1);
		}
	}
	return rc;
}
