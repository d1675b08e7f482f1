/* plugins.c - rows of the table, and arguments, made from descriptors. */
#include "plugins.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "options_table.h"

const struct plugin_set *
plugins_all(void)
{
	static struct plugin_set set;
	static int loaded;

	if (!loaded)
		plugin_set_load(&set);
	loaded = 1;
	return &set;
}

int
plugins_missing(const char *name, struct err *err)
{
	jv refused = plugins_all()->refused;

	err_set(err, ERR_noPlugin,
	    "The requested %s plugin does not appear to be installed", name);
	for (size_t i = 0; i < doc_len(refused); i++) {
		jv r = doc_at(refused, i);
		const char *other = doc_str(r, "name");

		if (other != NULL && strcmp(other, name) == 0)
			err_set(err, ERR_noPlugin,
			    "The requested %s plugin cannot be used: %s", name,
			    doc_str(r, "why"));
		doc_free(r);
	}
	return -1;
}

/* "--webroot-path -w" */
static char *
spellings_of(const struct plugin_option *po)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_addf(&b, "--%s", po->flag);
	for (size_t i = 0; i < doc_len(po->aliases); i++)
		buf_addf(&b, " --%s", doc_str_at(po->aliases, i));
	if (po->letter != 0)
		buf_addf(&b, " -%c", po->letter);
	return buf_detach(&b);
}

static enum option_type
type_of(const struct plugin_option *po)
{
	if (po->pairs_with_d)
		return OPTION_WEBROOT;
	if (po->repeatable)
		return OPTION_LIST;
	switch (po->type) {
	case PLUGIN_FLAG:
		return OPTION_TRUE;
	case PLUGIN_NUMBER:
		return OPTION_INT;
	case PLUGIN_JSON:
		return OPTION_WEBROOT_MAP;
	case PLUGIN_PATH:
		return OPTION_FILE;
	case PLUGIN_DIR:
		return OPTION_DIR;
	default:
		return OPTION_TEXT;
	}
}

static char *
fallback_of(const struct plugin_option *po)
{
	const char *s = doc_text_of(po->dflt);

	if (s != NULL)
		return xstrdup(s);
	return doc_is(po->dflt, DOC_NUMBER) ? doc_text(po->dflt) : NULL;
}

/* Is it a plugin of certbot's, one that the manual has a flag for? Its options
 * may be abbreviated as there; those of others would make the abbreviations in
 * people's scripts ambiguous. */
static int
is_certbots(const char *plugin)
{
	for (const struct option *o = own_options; o->spellings != NULL; o++)
		if ((o->flags & SELECT) != 0 &&
		    strcmp(o->spellings + 2, plugin) == 0)
			return 1;
	return 0;
}

static struct option
row_of(const struct plugin_desc *d, const struct plugin_option *po)
{
	struct option o = {0};

	o.spellings = spellings_of(po);
	o.dest = xstrdup(po->dest);
	o.type = type_of(po);
	o.fallback = fallback_of(po);
	o.metavar = po->metavar;
	o.topics = d->name;
	o.flags = PLUGIN | (po->hidden ? HIDDEN : 0u) |
	    (po->abbreviate && is_certbots(d->name) ? 0u : OURS) |
	    (po->deprecated ? DEPRECATED : 0u) |
	    (po->saved && !po->deprecated ? SAVED : 0u);
	o.help = po->help;
	return o;
}

/* --NAME, for a plugin whose descriptor wants it ("select"). */
static struct option
select_row(const struct plugin_desc *d)
{
	struct option o = {0};
	char *dest = xstrdup(d->name);

	for (char *p = dest; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	o.spellings = xasprintf("--%s", d->name);
	o.dest = dest;
	o.type = OPTION_TRUE;
	o.topics = "plugins certonly";
	o.flags = SELECT | OURS;
	o.help = d->summary;
	return o;
}

struct option *
plugins_options(size_t *n)
{
	const struct plugin_set *set = plugins_all();
	struct option *rows;
	size_t total = 0;

	for (size_t i = 0; i < set->n; i++)
		total += set->list[i]->n_options + 1;
	rows = xcalloc(total + 1, sizeof(*rows));
	*n = 0;
	for (size_t i = 0; i < set->n; i++) {
		const struct plugin_desc *d = set->list[i];

		if (doc_flag(d->raw, "select", 0))
			rows[(*n)++] = select_row(d);
		for (size_t k = 0; k < d->n_options; k++)
			rows[(*n)++] = row_of(d, &d->options[k]);
	}
	return rows;
}

jv
plugins_argument(jv args, const char *flag, jv value)
{
	char *text, *arg;

	switch (doc_kind(value)) {
	case DOC_NULL:
	case DOC_NONE:
		break;
	case DOC_BOOL:
		arg = xasprintf("--%s", flag);
		args = doc_push_str(args, arg);
		free(arg);
		break;
	case DOC_ARRAY:
		for (size_t i = 0; i < doc_len(value); i++)
			args = plugins_argument(args, flag, doc_at(value, i));
		break;
	default:
		text = doc_is(value, DOC_STRING) ? xstrdup(doc_text_of(value)) :
						   doc_text(value);
		arg = xasprintf("--%s=%s", flag, text);
		args = doc_push(args, doc_stringn(arg, strlen(arg)));
		free(arg);
		free(text);
	}
	doc_free(value);
	return args;
}

static int
worth_passing(const struct config *c, const char *dest)
{
	jv v = config_get(c, dest);
	int empty = (doc_is(v, DOC_ARRAY) || doc_is(v, DOC_OBJECT)) &&
	    doc_len(v) == 0;

	doc_free(v);
	return !empty && doc_has(c->values, dest);
}

jv
plugins_arguments(jv args, const struct config *c, const char *plugin)
{
	const struct plugin_desc *d = plugin_set_get(plugins_all(), plugin);

	if (d == NULL)
		return args;
	for (size_t i = 0; i < d->n_options; i++) {
		const struct plugin_option *po = &d->options[i];

		if (!po->deprecated && worth_passing(c, po->dest))
			args = plugins_argument(args, po->flag,
			    config_get(c, po->dest));
	}
	for (size_t i = 0; i < doc_len(d->globals); i++) {
		const struct plugin_global *g = plugin_global(
		    doc_str_at(d->globals, i));

		if (g != NULL && worth_passing(c, g->name))
			args = plugins_argument(args, g->flag,
			    config_get(c, g->name));
	}
	return args;
}
