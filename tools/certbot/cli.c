/* cli.c - argparse's rules a user can see (spec 3.1, 3.2). */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/renewal.h"
#include "cliini.h"
#include "help.h"
#include "json.h"
#include "list.h"
#include "options.h"
#include "value.h"

const char cli_short_usage[] =
    "\n  certbot [SUBCOMMAND] [options] [-d DOMAIN] [-d DOMAIN] ...\n\n"
    "Certbot can obtain and install HTTPS/TLS/SSL certificates.  By default,\n"
    "it will attempt to use a webserver both for obtaining and installing the\n"
    "certificate. ";

void
cli_usage_error(const char *text)
{
	fflush(stdout);
	fprintf(stderr, "usage: %s\ncertbot: error: %s\n", cli_short_usage,
	    text);
}

/* The arguments without the word that names the subcommand. */
static jv
take_verb(jv args, const char **verb)
{
	jv rest = doc_array();
	const char *found = NULL;

	for (size_t i = 0; i < doc_len(args); i++) {
		const char *a = doc_str_at(args, i);
		const char *v = found == NULL && a != NULL ? verb_find(a) :
							     NULL;

		if (v != NULL)
			found = v;
		else
			rest = doc_push(rest, doc_at(args, i));
	}
	*verb = found == NULL ? "run" : found;
	doc_free(args);
	return rest;
}

struct match {
	const struct option *row;
	char *names; /* ", "-joined candidates, for "ambiguous" */
	size_t n;
};

static void
match_add(struct match *m, const struct option *row, const char *name)
{
	char *joined = m->names == NULL ? xstrdup(name) :
					  xasprintf("%s, %s", m->names, name);

	free(m->names);
	m->names = joined;
	m->row = row;
	m->n++;
}

/* A long option by its exact name or an unambiguous prefix. */
static void
match_long(const char *name, size_t len, struct match *m)
{
	char *whole = xstrndup(name, len), *s;
	const struct option *all;
	size_t n;

	m->row = options_by_name(whole);
	if (m->row != NULL) {
		m->names = whole;
		m->n = 1;
		return;
	}
	free(whole);
	all = options_all(&n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; (s = option_spelling(&all[i], k)) != NULL;
		     k++) {
			if (strncmp(s, name, len) == 0 && s[1] == '-' &&
			    (all[i].flags & OURS) == 0)
				match_add(m, &all[i], s);
			free(s);
		}
}

static const struct option *
match_short(char letter)
{
	const char spelling[3] = {'-', letter, '\0'};

	return options_by_name(spelling);
}

/* May the next word be an option's value (spec 3.2)? */
static int
is_value(const char *word)
{
	char *end;

	if (word == NULL)
		return 0;
	if (word[0] != '-' || word[1] == '\0')
		return 1;
	if (strchr(word, ' ') != NULL)
		return 1;
	strtod(word, &end);
	return *end == '\0' && isdigit((unsigned char)word[1]);
}

struct parser {
	struct config *config;
	jv args;
	size_t at;
	jv unknown;
	struct err *err;
};

enum { STEP_WRONG = -1, STEP_OK = 0, STEP_DONE = 1 };

/* Store an option; its value is glued (not NULL) or the next word. */
static int
take_option(struct parser *p, const struct option *o, const char *glued)
{
	char *title = option_title(o);
	const char *value = glued;
	int rc = STEP_WRONG;

	if (option_is_flag(o) && glued != NULL) {
		err_set(p->err, ERR_usage,
		    "argument %s: ignored explicit argument '%s'", title,
		    glued);
	} else if (o->type == OPTION_HELP) {
		help_print_short();
		rc = STEP_DONE;
	} else if (o->type == OPTION_VERSION) {
		printf("certbot %s\n", renewal_version);
		rc = STEP_DONE;
	} else if (o->type == OPTION_TABLE) {
		list_print();
		rc = STEP_DONE;
	} else if (option_is_flag(o)) {
		rc = value_flag(p->config, o);
	} else {
		if (value == NULL && is_value(doc_str_at(p->args, p->at)))
			value = doc_str_at(p->args, p->at++);
		if (value == NULL)
			err_set(p->err, ERR_usage,
			    "argument %s: expected one argument", title);
		else
			rc = value_store(p->config, o, title, value, p->err);
	}
	free(title);
	return rc;
}

static int
take_long(struct parser *p, const char *word)
{
	const char *eq = strchr(word, '=');
	size_t len = eq != NULL ? (size_t)(eq - word) : strlen(word);
	struct match m = {NULL, NULL, 0};
	int rc;

	match_long(word, len, &m);
	if (strncmp(word, "--help=", 7) == 0) {
		rc = err_set(p->err, ERR_usage,
		    "argument -h/--help: ignored explicit argument '%s'",
		    word + 7);
	} else if (m.n == 0) {
		p->unknown = doc_push_str(p->unknown, word);
		rc = STEP_OK;
	} else if (m.n > 1) {
		rc = err_set(p->err, ERR_usage,
		    "ambiguous option: %s could match %s", word, m.names);
	} else {
		rc = take_option(p, m.row, eq != NULL ? eq + 1 : NULL);
	}
	free(m.names);
	return rc;
}

/* "-qvn", "-dfoo", "-d=foo". */
static int
take_short(struct parser *p, const char *word)
{
	for (const char *c = word + 1; *c != '\0'; c++) {
		const struct option *o = match_short(*c);
		int rc;

		if (o == NULL) {
			p->unknown = doc_push_str(p->unknown, word);
			return STEP_OK;
		}
		if (!option_is_flag(o)) {
			c += c[1] == '=' ? 2 : 1;
			return take_option(p, o, *c != '\0' ? c : NULL);
		}
		rc = take_option(p, o, NULL);
		if (rc != STEP_OK)
			return rc;
	}
	return STEP_OK;
}

static int
parse_all(struct parser *p)
{
	int rc = STEP_OK, ended = 0;

	while (rc == STEP_OK && p->at < doc_len(p->args)) {
		const char *word = doc_str_at(p->args, p->at++);

		if (!ended && strcmp(word, "--") == 0)
			ended = 1;
		if (ended || word[0] != '-' || word[1] == '\0')
			p->unknown = doc_push_str(p->unknown, word);
		else if (word[1] == '-')
			rc = take_long(p, word);
		else
			rc = take_short(p, word);
	}
	if (rc == STEP_OK && doc_len(p->unknown) > 0) {
		char *words = doc_join(p->unknown, " ");

		rc = err_set(p->err, ERR_usage, "unrecognized arguments: %s",
		    words);
		free(words);
	}
	return rc;
}

/* Words of argv as an array; a first word "help" means --help. */
static jv
words_of(int argc, char *argv[])
{
	jv args = doc_array();

	for (int i = 1; i < argc; i++)
		args = doc_push(args,
		    doc_stringn(i == 1 && strcmp(argv[i], "help") == 0 ?
			    "--help" :
			    argv[i],
			i == 1 && strcmp(argv[i], "help") == 0 ?
			    6 :
			    strlen(argv[i])));
	return args;
}

enum cli_end
cli_parse(struct config *c, int argc, char *argv[], struct err *err)
{
	struct parser p = {c, words_of(argc, argv), 0, doc_array(), err};
	int rc;

	config_init(c);
	doc_move(&c->arguments, doc_copy(p.args));
	json_look(p.args);
	if (help_asked(p.args)) {
		help_print(p.args);
		rc = STEP_DONE;
	} else {
		p.args = take_verb(p.args, &c->verb);
		p.args = cliini_prepend(p.args, c->verb, err);
		json_look(p.args);
		rc = doc_is(p.args, DOC_ARRAY) ? parse_all(&p) : STEP_WRONG;
	}
	doc_free(p.args);
	doc_free(p.unknown);
	if (rc == STEP_DONE)
		return CLI_DONE;
	if (rc == STEP_OK)
		return CLI_GO_ON;
	return err->name == ERR_usage ? CLI_USAGE : CLI_WRONG;
}
