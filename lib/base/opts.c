#include "base/opts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#ifndef ACME_TOOLS_VERSION
#define ACME_TOOLS_VERSION "unknown"
#endif

enum { HELP_COLUMN = 26, WIDTH = 80 };

const char acme_tools_version[] = ACME_TOOLS_VERSION;

struct parse {
	const struct opt *const *tables;
	const struct opts_usage *usage;
	int argc, next;
	char *const *argv;
	jv rest;
	int shown; /* help or version */
	struct err *err;
};

static const struct opt help_option = {"help", 'h', OPT_FLAG, NULL, NULL,
    "show this text"};
static const struct opt version_option = {"version", 0, OPT_FLAG, NULL, NULL,
    "show the version"};

static int
takes_value(const struct opt *o)
{
	return o->type != OPT_FLAG && o->type != OPT_COUNT;
}

static const struct opt *
find_long(const struct parse *p, const char *name, size_t len)
{
	const struct opt *own[] = {&help_option, &version_option};

	for (size_t t = 0; p->tables[t] != NULL; t++)
		for (const struct opt *o = p->tables[t]; o->name != NULL; o++)
			if (strlen(o->name) == len &&
			    strncmp(o->name, name, len) == 0)
				return o;
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (strlen(own[i]->name) == len &&
		    strncmp(own[i]->name, name, len) == 0)
			return own[i];
	return NULL;
}

static const struct opt *
find_letter(const struct parse *p, char letter)
{
	for (size_t t = 0; p->tables[t] != NULL; t++)
		for (const struct opt *o = p->tables[t]; o->name != NULL; o++)
			if (o->letter == letter)
				return o;
	return letter == help_option.letter ? &help_option : NULL;
}

static int
unknown(const struct parse *p, const char *text, size_t len)
{
	return err_set(p->err, ERR_usage,
	    "unknown option '%.*s'; '%s -h' lists the options",
	    len > INT_MAX ? INT_MAX : (int)len, text, p->usage->program);
}

static jv
append(jv list, const char *s, size_t len)
{
	if (!doc_is(list, DOC_ARRAY)) {
		doc_free(list);
		list = doc_array();
	}
	return doc_push(list, doc_stringn(s, len));
}

static jv
append_names(jv list, const char *s)
{
	for (;;) {
		const char *end = strchrnul(s, ','), *last = end;

		s += strspn(s, " \t");
		while (last > s && strchr(" \t", last[-1]) != NULL)
			last--;
		/* An empty name is not dropped: it is a mistake to be told. */
		list = append(list, s, (size_t)(last - s));
		if (*end == '\0')
			return list;
		s = end + 1;
	}
}

static int
set_number(const struct parse *p, const struct opt *o, const char *value)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0)
		return err_set(p->err, ERR_usage,
		    "option --%s needs a whole number, not '%s'", o->name,
		    value);
	*(long *)o->dest = n;
	return 0;
}

/* value is NULL for flags. */
static int
apply(const struct parse *p, const struct opt *o, const char *value)
{
	jv *list = o->dest;

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
		return set_number(p, o, value);
	case OPT_LIST:
		*list = append(*list, value, strlen(value));
		return 0;
	case OPT_NAMES:
		*list = append_names(*list, value);
		return 0;
	}
	return 0;
}

/* One line for the form, "  -d, --domains NAMES", the help beside it. */
static void
show_option(const struct opt *o)
{
	char letter[] = {'-', o->letter, ',', ' ', '\0'};
	char *form = xasprintf("  %s--%s%s%s", o->letter ? letter : "", o->name,
	    takes_value(o) ? " " : "",
	    takes_value(o) ? (o->metavar != NULL ? o->metavar : "VALUE") : "");
	const char *s = o->help != NULL ? o->help : "";
	int column;

	column = printf("%s", form);
	free(form);
	if (column > HELP_COLUMN - 2) {
		putchar('\n');
		column = 0;
	}
	while (*s != '\0') {
		size_t len = strlen(s), room = WIDTH - HELP_COLUMN - 1;

		if (len > room) {
			len = room;
			while (len > 0 && s[len] != ' ')
				len--;
			if (len == 0)
				len = strcspn(s, " ");
		}
		printf("%*s%.*s\n", HELP_COLUMN - column, "", (int)len, s);
		column = 0;
		s += len;
		s += strspn(s, " ");
	}
	if (column > 0)
		putchar('\n');
}

static void
show_help(const struct parse *p)
{
	const char *s = p->usage->synopsis;
	const char *lead = "usage: ";

	while (s != NULL) {
		size_t len = strcspn(s, "\n");

		printf("%s%s%s%.*s\n", lead, p->usage->program,
		    len > 0 ? " " : "", (int)len, s);
		lead = "       ";
		s = s[len] == '\n' ? s + len + 1 : NULL;
	}
	if (p->usage->about != NULL)
		printf("\n%s\n", p->usage->about);
	printf("\n");
	for (size_t t = 0; p->tables[t] != NULL; t++)
		for (const struct opt *o = p->tables[t]; o->name != NULL; o++)
			if (find_long(p, o->name, strlen(o->name)) == o)
				show_option(o);
	show_option(&help_option);
	show_option(&version_option);
}

/* -h and --version come from here; 1 when o was one of them. */
static int
show(struct parse *p, const struct opt *o)
{
	if (o == &help_option)
		show_help(p);
	else if (o == &version_option)
		printf("%s %s\n", p->usage->program, acme_tools_version);
	else
		return 0;
	p->shown = 1;
	return 1;
}

static int
parse_long(struct parse *p, const char *arg)
{
	size_t len = strcspn(arg + 2, "=");
	const char *value = arg[2 + len] == '=' ? arg + 3 + len : NULL;
	const struct opt *o = find_long(p, arg + 2, len);

	if (o == NULL)
		return unknown(p, arg, len + 2);
	if (!takes_value(o) && value != NULL)
		return err_set(p->err, ERR_usage, "option --%s takes no value",
		    o->name);
	if (show(p, o))
		return 0;
	if (takes_value(o) && value == NULL) {
		if (p->next == p->argc)
			return err_set(p->err, ERR_usage,
			    "option --%s needs a value", o->name);
		value = p->argv[p->next++];
	}
	return apply(p, o, value);
}

static int
parse_letters(struct parse *p, const char *arg)
{
	for (const char *s = arg + 1; *s != '\0'; s++) {
		const struct opt *o = find_letter(p, *s);
		const char *value = NULL;

		if (o == NULL) {
			const char name[] = {'-', *s, '\0'};

			return unknown(p, name, 2);
		}
		if (show(p, o))
			return 0;
		if (takes_value(o)) {
			if (s[1] != '\0')
				value = s + 1;
			else if (p->next < p->argc)
				value = p->argv[p->next++];
			else
				return err_set(p->err, ERR_usage,
				    "option -%c needs a value", *s);
		}
		if (apply(p, o, value) != 0)
			return -1;
		if (value != NULL)
			return 0;
	}
	return 0;
}

static int
parse_all(struct parse *p)
{
	int only_operands = 0;

	while (p->next < p->argc && !p->shown) {
		const char *arg = p->argv[p->next++];
		int rc = 0;

		if (only_operands || arg[0] != '-' || arg[1] == '\0')
			p->rest = doc_push(p->rest,
			    doc_stringn(arg, strlen(arg)));
		else if (strcmp(arg, "--") == 0)
			only_operands = 1;
		else if (arg[1] == '-')
			rc = parse_long(p, arg);
		else
			rc = parse_letters(p, arg);
		if (rc != 0)
			return -1;
	}
	return 0;
}

int
opts_parse(int argc, char *const argv[], const struct opt *const *tables,
    const struct opts_usage *usage, jv *rest, struct err *err)
{
	struct parse p = {.tables = tables,
	    .usage = usage,
	    .argc = argc,
	    .next = 1,
	    .argv = argv,
	    .rest = doc_array(),
	    .err = err};
	int rc = parse_all(&p);

	*rest = p.rest;
	if (rc != 0 || !p.shown)
		return rc;
	if (fflush(stdout) != 0)
		return err_sys(err, ERR_ioError, errno,
		    "cannot write standard output");
	return 1;
}
