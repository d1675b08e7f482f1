/* list.c - the table of options as lines. */
#include "list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "help_texts.h"
#include "options.h"
#include "plugins.h"
#include "value.h"

/* A field: nothing that ends one or a line. */
static void
put_field(const char *text)
{
	putchar('\t');
	if (text == NULL || *text == '\0')
		text = "-";
	for (; *text != '\0'; text++)
		putchar(*text == '\t' || *text == '\n' ? ' ' : *text);
}

static void
put_group(const char *topic, const char *title, const char *kinds,
    const char *about)
{
	fputs("group", stdout);
	put_field(topic);
	put_field(title);
	put_field(kinds);
	put_field(about);
	putchar('\n');
}

static void
put_groups(void)
{
	const struct plugin_set *set = plugins_all();

	put_group("gen", "general", NULL, NULL);
	for (const struct help_group *g = help_groups; g->topic != NULL; g++)
		if (help_group_present(g))
			put_group(g->topic,
			    g->title != NULL ? g->title : g->topic, NULL,
			    g->about);
	for (size_t i = 0; i < set->n; i++) {
		const struct plugin_desc *d = set->list[i];

		put_group(d->name, d->name,
		    !d->installer	 ? "authenticator" :
			d->authenticator ? "authenticator installer" :
					   "installer",
		    d->about);
	}
}

static void
put_verbs(void)
{
	for (const struct verb *v = verbs; v->name != NULL; v++) {
		const struct help_group *g = help_group(
		    strcmp(v->name, "plugins") == 0 ? "plugins_verb" : v->name);

		fputs("verb", stdout);
		put_field(v->name);
		put_field(v->alias);
		put_field(g != NULL ? g->does : NULL);
		putchar('\n');
	}
}

/* What may stand as its value; malloc'd. */
static char *
values_of(const struct option *o)
{
	static const char *const named[][2] = {{"certname", "<lineage>"},
	    {"authenticator", "<authenticator>"}, {"installer", "<installer>"},
	    {"configurator", "<authenticator installer>"}};
	const char *const *words = value_words(o->type);
	struct buf b;

	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (strcmp(o->dest, named[i][0]) == 0)
			return xstrdup(named[i][1]);
	if (words == NULL)
		return xstrdup(option_is_flag(o) ? "-" :
			o->type == OPTION_INT || o->type == OPTION_NATURAL ?
						   "<number>" :
			o->type == OPTION_FILE ? "<file>" :
			o->type == OPTION_DIR || o->type == OPTION_WEBROOT ?
						 "<dir>" :
						 "<text>");
	buf_init(&b, 4096);
	for (size_t i = 0; words[i] != NULL; i++)
		buf_addf(&b, "%s%s", i > 0 ? " " : "", words[i]);
	return buf_detach(&b);
}

static char *
marks_of(const struct option *o)
{
	static const struct {
		unsigned flag;
		const char *word;
	} marks[] = {{HIDDEN, "hidden"}, {DEPRECATED, "deprecated"},
	    {SAVED, "saved"}, {SECRET, "secret"}, {SELECT, "select"},
	    {OURS, "ours"}, {PLUGIN, "plugin"}};
	struct buf b;

	buf_init(&b, 256);
	buf_adds(&b, "");
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (o->flags & marks[i].flag)
			buf_addf(&b, "%s%s", b.len > 0 ? " " : "",
			    marks[i].word);
	return buf_detach(&b);
}

static void
put_option(const struct option *o)
{
	char *values = values_of(o), *marks = marks_of(o);
	char *metavar = option_metavar(o), *dflt = option_default_text(o);

	fputs("option", stdout);
	put_field(o->spellings);
	put_field(metavar);
	put_field(values);
	put_field(dflt);
	put_field(o->topics);
	put_field(marks);
	put_field(o->dest);
	put_field(o->help);
	putchar('\n');
	free(dflt);
	free(metavar);
	free(marks);
	free(values);
}

void
list_print(void)
{
	size_t n;
	const struct option *all = options_all(&n);

	put_groups();
	put_verbs();
	for (size_t i = 0; i < n; i++)
		put_option(&all[i]);
}
