/* What a renewal needs to do the same again. */
#include <stdlib.h>
#include <string.h>

#include "challenge.h"
#include "plugin/flags.h"

/* The options that were given and are saved, by dest; with what the plugin was
 * told in answers. */
static jv
options(struct challenge *c)
{
	jv learned = c->plugin != NULL ? plugin_learned(c->plugin) :
					 doc_object();
	jv saved = plugin_flags_saved(c->desc, c->given, learned);

	doc_free(learned);
	if (doc_len(c->types) > 0)
		saved = doc_set(saved, "pref_challs", doc_copy(c->types));
	return saved;
}

static int
same_patterns(jv entry, jv patterns)
{
	jv mine = doc_sorted_set(doc_copy(patterns));
	jv its = doc_get_kind(entry, "for", DOC_ARRAY);
	int same;

	its = doc_is(its, DOC_ARRAY) ? doc_sorted_set(its) : its;
	same = doc_equal(mine, its);
	doc_free(mine);
	doc_free(its);
	return same;
}

static jv
save_pattern(struct challenge *c, jv doc TAKES)
{
	jv tools = doc_get_kind(doc, "acmeTools", DOC_OBJECT);
	jv list = doc_get_kind(tools, "challenges", DOC_ARRAY);
	jv kept = doc_array(), entry = doc_object();

	for (size_t i = 0; i < doc_len(list); i++) {
		jv one = doc_at(list, i);
		if (same_patterns(one, c->patterns))
			doc_free(one);
		else
			kept = doc_push(kept, one);
	}
	doc_free(list);
	entry = doc_set(entry, "for", doc_copy(c->patterns));
	entry = doc_set_str(entry, "plugin", c->desc->name);
	entry = doc_set(entry, "options", options(c));
	if (!doc_is(tools, DOC_OBJECT))
		tools = doc_object();
	tools = doc_set(tools, "challenges", doc_push(kept, entry));
	return doc_set(doc, "acmeTools", tools);
}

jv
save_options(struct challenge *c, jv doc TAKES)
{
	jv params;

	if (doc_len(c->patterns) > 0)
		return save_pattern(c, doc);
	params = doc_get_kind(doc, "renewalparams", DOC_OBJECT);
	if (!doc_is(params, DOC_OBJECT))
		params = doc_object();
	params = doc_merge(params, options(c));
	params = doc_set_str(params, "authenticator", c->desc->name);
	return doc_set(doc, "renewalparams", params);
}
