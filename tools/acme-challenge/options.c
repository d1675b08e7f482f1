/* The command line: the stage's own options, and those that the plugin's
 * descriptor names. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "challenge.h"

/* Options with a value that may stand before the plugin's name. */
static const char *const with_value[] = {"server", "account-dir", "ca-bundle",
    "timeout", "trace", "for", "preferred-challenges", "config-dir", "work-dir",
    "logs-dir", NULL};

enum { ROWS_MAX = 512 };

/* One option of the plugin or a global one, as given. */
struct given {
	const char *dest, *flag;
	enum plugin_type type;
	int repeatable, deprecated;
	int set;   /* a flag */
	jv values; /* texts */
};

static struct opt rows[ROWS_MAX];
static size_t n_rows;
static struct given *slots;
static size_t n_slots;

const char *
options_verb(int argc, char *const argv[])
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || argv[i][1] == '\0')
			return argv[i];
		if (strcmp(argv[i], "--") == 0)
			return i + 1 < argc ? argv[i + 1] : NULL;
		for (size_t k = 0; with_value[k] != NULL; k++)
			if (strncmp(argv[i], "--", 2) == 0 &&
			    strcmp(argv[i] + 2, with_value[k]) == 0)
				i++;
	}
	return NULL;
}

static int
taken(const char *name)
{
	for (size_t i = 0; i < n_rows; i++)
		if (strcmp(rows[i].name, name) == 0)
			return 1;
	for (size_t k = 0; with_value[k] != NULL; k++)
		if (strcmp(with_value[k], name) == 0)
			return 1;
	return 0;
}

static void
add_row(const char *name, char letter, struct given *g, const char *metavar,
    const char *help)
{
	struct opt *o = &rows[n_rows];

	if (n_rows + 1 >= ROWS_MAX || taken(name))
		return;
	o->name = name;
	o->letter = letter;
	o->type = g->type == PLUGIN_FLAG ? OPT_FLAG : OPT_LIST;
	o->dest = g->type == PLUGIN_FLAG ? (void *)&g->set : (void *)&g->values;
	o->metavar = g->type == PLUGIN_FLAG ? NULL :
	    metavar == NULL		    ? "VALUE" :
					      metavar;
	o->help = help;
	n_rows++;
}

static struct given *
add_slot(const char *dest, const char *flag, enum plugin_type type)
{
	struct given *g = &slots[n_slots++];

	g->dest = dest;
	g->flag = flag;
	g->type = type;
	g->values = doc_array();
	return g;
}

static void
plugin_rows(const struct plugin_desc *d)
{
	size_t prefix = strlen(d->name) + 1;

	for (size_t i = 0; i < d->n_options; i++) {
		const struct plugin_option *o = &d->options[i];
		struct given *g = add_slot(o->dest, o->flag, o->type);

		g->repeatable = o->repeatable;
		g->deprecated = o->deprecated;
		add_row(o->flag, o->letter, g, o->metavar,
		    o->hidden ? NULL : o->help);
		for (size_t k = 0; k < doc_len(o->aliases); k++)
			add_row(doc_str_at(o->aliases, k), '\0', g, o->metavar,
			    NULL);
		add_row(o->flag + prefix, '\0', g, o->metavar, NULL);
	}
	for (const struct plugin_global *p = plugin_globals; p->name != NULL;
	     p++)
		if (plugin_uses(d, p->name))
			add_row(p->flag, '\0',
			    add_slot(p->name, p->flag, p->type), p->metavar,
			    p->help);
}

static int
collect(struct challenge *c, struct err *err)
{
	for (size_t i = 0; i < n_slots; i++) {
		struct given *g = &slots[i];
		jv all = doc_array(), last = doc_none();

		for (size_t k = 0; k < doc_len(g->values); k++) {
			doc_move(&last,
			    plugin_value(g->type, g->flag,
				doc_str_at(g->values, k), err));
			if (doc_is(last, DOC_NONE)) {
				doc_free(all);
				return -1;
			}
			all = doc_push(all, doc_copy(last));
		}
		if (g->type == PLUGIN_FLAG && g->set)
			doc_move(&last, doc_bool(1));
		if (doc_is(last, DOC_NONE) || g->deprecated)
			;
		else if (g->repeatable)
			c->given = doc_set(c->given, g->dest, doc_copy(all));
		else
			c->given = doc_set(c->given, g->dest, doc_copy(last));
		doc_free(all);
		doc_free(last);
	}
	return 0;
}

static void
own_rows(struct challenge *c)
{
	const struct opt own[] = {
	    {"for", '\0', OPT_LIST, &c->patterns, "PATTERN",
		"fulfil only the names that match; \"*.x\" matches *.x and "
		"all names below x"},
	    {"preferred-challenges", '\0', OPT_STRING, (void *)&c->preferred,
		"LIST", "challenge types in order: http-01, dns-01"},
	    {"all", '\0', OPT_FLAG, &c->all, NULL,
		"a name that the plugin cannot do is an error, not left to "
		"another stage"},
	    {"debug-challenges", '\0', OPT_FLAG, &c->debug, NULL,
		"wait for a key before the challenges are submitted"},
	    {"non-interactive", 'n', OPT_FLAG, &c->batch, NULL,
		"tell the plugin that nobody can be asked"},
	    {"config-dir", '\0', OPT_STRING, (void *)&c->st.config_dir, "DIR",
		"for the plugin"},
	    {"work-dir", '\0', OPT_STRING, (void *)&c->st.work_dir, "DIR",
		"for the plugin"},
	    {"logs-dir", '\0', OPT_STRING, (void *)&c->logs_dir, "DIR",
		"for the plugin"},
	};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		rows[n_rows++] = own[i];
}

int
options_begin(struct challenge *c, int argc, char *argv[])
{
	struct err err = {0};

	memset(rows, 0, sizeof(rows));
	own_rows(c);
	if (c->desc != NULL) {
		slots = xcalloc(c->desc->n_options + 8, sizeof(*slots));
		plugin_rows(c->desc);
	}
	c->st.options = rows;
	if (stage_begin(&c->st, argc, argv) != 0)
		return 1;
	if (c->logs_dir != NULL)
		c->logs_dir = path_absolute(c->logs_dir);
	doc_move(&c->types, preferred_types(c->preferred, &err));
	if (err_is_set(&err) || collect(c, &err) == -1) {
		stage_fail_first(&c->st, &err);
		return 1;
	}
	return 0;
}

void
options_release(void)
{
	for (size_t i = 0; i < n_slots; i++)
		doc_free(slots[i].values);
	free(slots);
	slots = NULL;
	n_slots = n_rows = 0;
}
