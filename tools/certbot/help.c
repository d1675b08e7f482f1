/* help.c - pages of the options' help. */
#include "help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/term.h"
#include "cli.h"
#include "help_layout.h"
#include "help_texts.h"
#include "options.h"
#include "plugins.h"

/* On every page, whatever the topic; a topic of the table. */
static const char everywhere[] = "every";
static const char general[] = "gen";

static const char *const commands_topics[] = {"command", "commands",
    "subcommand", "subcommands", "verbs"};
static const char *const managing[] = {"certificates", "delete", "renew",
    "revoke", "update_symlinks"};

int
help_asked(jv args)
{
	return doc_list_has(args, "-h") || doc_list_has(args, "--help");
}

static int
is_commands_topic(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(commands_topics); i++)
		if (strcmp(commands_topics[i], word) == 0)
			return 1;
	return 0;
}

static const struct plugin_desc *
plugin_named(const char *word)
{
	const struct plugin_set *set = plugins_all();

	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->list[i]->name, word) == 0)
			return set->list[i];
	return NULL;
}

static int
is_topic(const char *word)
{
	const struct help_group *g = help_group(word);

	return strcmp(word, "all") == 0 || is_commands_topic(word) ||
	    verb_find(word) != NULL || plugin_named(word) != NULL ||
	    (g != NULL && g->does == NULL);
}

/* The word after the first flag, if it is a topic; NULL. */
static const char *
topic_after(jv args, const char *flag)
{
	for (size_t i = 0; i + 1 < doc_len(args); i++) {
		const char *word = doc_str_at(args, i + 1);

		if (strcmp(doc_str_at(args, i), flag) == 0)
			return is_topic(word) ? word : NULL;
	}
	return NULL;
}

static int
has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; *words != '\0'; words += strspn(words, " ")) {
		size_t n = strcspn(words, " ");

		if (n == len && memcmp(words, word, n) == 0)
			return 1;
		words += n;
	}
	return 0;
}

/* A page. Its aliases show what certbot's do: the group of the subcommand, but
 * only the options that have their place there. */
struct page {
	const char *asked; /* the topic as it was given */
	const char *topic; /* a subcommand for its alias */
};

static int
shows(const struct page *page, const char *topic)
{
	if (strcmp(page->topic, "all") == 0)
		return 1;
	if (strcmp(topic, "plugins_verb") == 0)
		topic = "plugins";
	return strcmp(page->topic, topic) == 0;
}

/* Has the row its place on this page in this group (its topic)? */
static int
belongs(const struct page *page, const struct option *o, const char *group)
{
	size_t first = strcspn(o->topics, " ");

	if (has_word(o->topics, page->asked))
		return strcmp(group, page->asked) == 0;
	return strlen(group) == first && memcmp(o->topics, group, first) == 0;
}

static int
in_general_list(const struct page *page, const struct option *o)
{
	if (has_word(o->topics, everywhere))
		return 1;
	if (o->flags & PLUGIN)
		return 0;
	if (belongs(page, o, general))
		return shows(page, general);
	return plugin_named(page->topic) != NULL &&
	    belongs(page, o, page->topic);
}

/* In the general list (group NULL), a group, or a plugin's, which has only the
 * plugin's own rows. */
static int
is_wanted(const struct page *page, const struct option *o, const char *group)
{
	if ((o->flags & (HIDDEN | DEPRECATED)) || o->help == NULL)
		return 0;
	if (group == NULL)
		return in_general_list(page, o);
	return belongs(page, o, group) &&
	    ((o->flags & PLUGIN) || help_group(group) != NULL);
}

/* "-d DOMAIN, --domains DOMAIN, --domain DOMAIN"; malloc'd. */
static char *
typed_of(const struct option *o)
{
	struct buf b;
	char *s, *value = option_metavar(o);

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; (s = option_spelling(o, i)) != NULL; i++) {
		buf_addf(&b, "%s%s%s%s", i > 0 ? ", " : "", s,
		    value != NULL ? " " : "", value != NULL ? value : "");
		free(s);
	}
	free(value);
	return buf_detach(&b);
}

/* The default in Python's words; malloc'd. */
static char *
default_of(const struct page *page, const struct option *o)
{
	if (strcmp(page->asked, "certonly") == 0 &&
	    strcmp(o->dest, "cert_path") == 0)
		return xstrdup("./cert.pem");
	return option_default_text(o);
}

static void
print_row(const struct page *page, const struct option *o)
{
	char *typed = typed_of(o), *dflt, *help;

	if (o->type == OPTION_HELP || o->type == OPTION_VERSION ||
	    strstr(o->help, "(default:") != NULL) {
		help = xstrdup(o->help);
	} else {
		dflt = default_of(page, o);
		help = xasprintf("%s (default: %s)", o->help, dflt);
		free(dflt);
	}
	layout_row(typed, help);
	free(help);
	free(typed);
}

/* The rows of a group (NULL: the general list); lead comes before the first. */
static void
print_rows(const struct page *page, const char *group, const char *lead)
{
	size_t n;
	const struct option *all = options_all(&n);

	for (size_t i = 0; i < n; i++) {
		const struct option *o = &all[i];

		if (!is_wanted(page, o, group))
			continue;
		fputs(lead, stdout);
		lead = "";
		print_row(page, o);
	}
}

static void
print_managing(void)
{
	putchar('\n');
	for (size_t i = 0; i < ARRAY_LEN(managing); i++)
		if (verb_find(managing[i]) != NULL)
			layout_row(managing[i], help_group(managing[i])->does);
}

static void
print_groups(const struct page *page)
{
	const struct plugin_set *set = plugins_all();

	for (const struct help_group *g = help_groups; g->topic != NULL; g++) {
		int manage = strcmp(g->topic, "manage") == 0;

		if (!shows(page, g->topic) || !help_group_present(g))
			continue;
		layout_heading(g->title != NULL ? g->title : g->topic,
		    g->about);
		if (manage)
			print_managing();
		print_rows(page, g->topic, manage ? "" : "\n");
	}
	for (size_t i = 0; i < set->n; i++) {
		const struct plugin_desc *d = set->list[i];

		if (!shows(page, d->name))
			continue;
		layout_heading(d->name, d->about);
		print_rows(page, d->name, "\n");
	}
}

static void
print_framed(const char *text, const char *more)
{
	char *all = xasprintf("%s%s%s", cli_short_usage, text, more);
	char *lines = term_wrap(all);

	printf("\n%s\n%s\n%s\n", term_separator, lines, term_separator);
	free(lines);
	free(all);
}

static void
print_page(const struct page *page)
{
	const struct help_group *g = help_group(
	    strcmp(page->asked, "plugins") == 0 ? "plugins_verb" : page->asked);
	char *overview = strcmp(page->topic, "all") == 0 ? help_overview() :
							   NULL;

	printf("usage: %s%s\noptions:\n",
	    g != NULL && g->usage != NULL ? g->usage : cli_short_usage,
	    overview != NULL ? overview : "\n");
	print_rows(page, NULL, "");
	print_groups(page);
	free(overview);
}

void
help_print_short(void)
{
	print_page(&(struct page){"", ""});
}

void
help_print(jv args)
{
	const char *topic = topic_after(args, "-h");
	char *text;

	if (topic == NULL)
		topic = topic_after(args, "--help");
	if (topic == NULL || is_commands_topic(topic)) {
		text = topic == NULL ? help_overview() : help_commands();
		print_framed(text, topic == NULL ? help_more : "");
		free(text);
		return;
	}
	print_page(&(struct page){topic,
	    verb_find(topic) != NULL ? verb_find(topic) : topic});
}
