#include "plugin/flags.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { ROWS_MAX = 512 };

/* One option of the plugin or a global one, as given. */
struct slot {
	const char *dest, *flag;
	enum plugin_type type;
	int repeatable, deprecated;
	int set;   /* a flag */
	jv values; /* texts */
};

struct plugin_flags {
	struct opt rows[ROWS_MAX];
	size_t n_rows;
	struct slot *slots;
	size_t n_slots;
	const char *const *taken;
};

const char *
plugin_flags_first(int argc, char *const argv[], const char *const *with_value)
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
is_taken(const struct plugin_flags *f, const char *name)
{
	for (size_t i = 0; i < f->n_rows; i++)
		if (strcmp(f->rows[i].name, name) == 0)
			return 1;
	for (size_t k = 0; f->taken[k] != NULL; k++)
		if (strcmp(f->taken[k], name) == 0)
			return 1;
	return 0;
}

static void
add_row(struct plugin_flags *f, const char *name, char letter, struct slot *s,
    const char *metavar, const char *help)
{
	struct opt *o = &f->rows[f->n_rows];

	if (f->n_rows + 1 >= ROWS_MAX || is_taken(f, name))
		return;
	o->name = name;
	o->letter = letter;
	o->type = s->type == PLUGIN_FLAG ? OPT_FLAG : OPT_LIST;
	o->dest = s->type == PLUGIN_FLAG ? (void *)&s->set : (void *)&s->values;
	o->metavar = s->type == PLUGIN_FLAG ? NULL :
	    metavar == NULL		    ? "VALUE" :
					      metavar;
	o->help = help;
	f->n_rows++;
}

static struct slot *
add_slot(struct plugin_flags *f, const char *dest, const char *flag,
    enum plugin_type type)
{
	struct slot *s = &f->slots[f->n_slots++];

	s->dest = dest;
	s->flag = flag;
	s->type = type;
	s->values = doc_array();
	return s;
}

static void
plugin_rows(struct plugin_flags *f, const struct plugin_desc *d)
{
	size_t prefix = strlen(d->name) + 1;

	for (size_t i = 0; i < d->n_options; i++) {
		const struct plugin_option *o = &d->options[i];
		struct slot *s = add_slot(f, o->dest, o->flag, o->type);

		s->repeatable = o->repeatable;
		s->deprecated = o->deprecated;
		add_row(f, o->flag, o->letter, s, o->metavar,
		    o->hidden ? NULL : o->help);
		for (size_t k = 0; k < doc_len(o->aliases); k++)
			add_row(f, doc_str_at(o->aliases, k), '\0', s,
			    o->metavar, NULL);
		add_row(f, o->flag + prefix, '\0', s, o->metavar, NULL);
	}
	for (const struct plugin_global *p = plugin_globals; p->name != NULL;
	     p++)
		if (plugin_uses(d, p->name))
			add_row(f, p->flag, '\0',
			    add_slot(f, p->name, p->flag, p->type), p->metavar,
			    p->help);
}

struct plugin_flags *
plugin_flags_new(const struct plugin_desc *d, const struct opt *own,
    const char *const *taken)
{
	struct plugin_flags *f = xcalloc(1, sizeof(*f));
	size_t globals = 0;

	f->taken = taken;
	while (own[f->n_rows].name != NULL) {
		f->rows[f->n_rows] = own[f->n_rows];
		f->n_rows++;
	}
	while (plugin_globals[globals].name != NULL)
		globals++;
	if (d != NULL) {
		f->slots = xcalloc(d->n_options + globals, sizeof(*f->slots));
		plugin_rows(f, d);
	}
	return f;
}

const struct opt *
plugin_flags_rows(const struct plugin_flags *f)
{
	return f->rows;
}

/* The value of one option; none when it was not given, or with err. */
static jv
value_of(const struct slot *s, struct err *err)
{
	jv all = doc_array(), last = doc_none();

	if (s->type == PLUGIN_FLAG && s->set)
		doc_move(&last, doc_bool(1));
	for (size_t k = 0; k < doc_len(s->values); k++) {
		doc_move(&last,
		    plugin_value(s->type, s->flag, doc_str_at(s->values, k),
			err));
		if (doc_is(last, DOC_NONE))
			break;
		all = doc_push(all, doc_copy(last));
	}
	if (s->repeatable && !doc_is(last, DOC_NONE))
		doc_move(&last, doc_copy(all));
	doc_free(all);
	return last;
}

jv
plugin_flags_given(const struct plugin_flags *f, struct err *err)
{
	jv given = doc_object();

	for (size_t i = 0; i < f->n_slots; i++) {
		jv v = value_of(&f->slots[i], err);

		if (err_is_set(err)) {
			doc_free(given);
			return v;
		}
		if (doc_is(v, DOC_NONE) || f->slots[i].deprecated)
			doc_free(v);
		else
			given = doc_set(given, f->slots[i].dest, v);
	}
	return given;
}

void
plugin_flags_free(struct plugin_flags *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n_slots; i++)
		doc_free(f->slots[i].values);
	free(f->slots);
	free(f);
}

jv
plugin_flags_saved(const struct plugin_desc *d, jv given, jv learned)
{
	jv saved = doc_object();

	for (size_t i = 0; i < d->n_options; i++) {
		const struct plugin_option *o = &d->options[i];
		jv v = doc_get(learned, o->name);

		if (doc_is(v, DOC_NONE))
			v = doc_get(given, o->dest);
		if (o->saved && !doc_is(v, DOC_NONE))
			saved = doc_set(saved, o->dest, v);
		else
			doc_free(v);
	}
	for (const struct plugin_global *g = plugin_globals; g->name != NULL;
	     g++) {
		jv v = doc_get(given, g->name);

		if (g->saved && plugin_uses(d, g->name) && !doc_is(v, DOC_NONE))
			saved = doc_set(saved, g->name, v);
		else
			doc_free(v);
	}
	return saved;
}

jv
plugin_flags_learn(const struct plugin_desc *d, jv given TAKES, jv learned)
{
	for (size_t i = 0; i < d->n_options; i++) {
		jv v = doc_get(learned, d->options[i].name);

		if (doc_is(v, DOC_NONE))
			doc_free(v);
		else
			given = doc_set(given, d->options[i].dest, v);
	}
	return given;
}
