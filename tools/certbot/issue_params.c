/* Renewal parameters of a document on its way. */
#include "issue.h"
#include "options.h"
#include "steps.h"

/* Renewal parameters that are no option of ours. */
static jv
unknown_params(jv doc)
{
	jv had = doc_get_kind(doc, "renewalparams", DOC_OBJECT);
	jv keys = doc_keys(had), params = doc_object();

	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);

		if (options_by_dest(key) == NULL)
			params = doc_set(params, key, doc_get(had, key));
	}
	doc_free(keys);
	doc_free(had);
	return params;
}

jv
issue_with_params(const struct config *c, jv doc)
{
	jv params = doc_merge(unknown_params(doc), saved_params(c));

	params = doc_set_str(params, "authenticator",
	    config_str(c, "authenticator"));
	params = doc_set_str(params, "installer", config_str(c, "installer"));
	params = doc_set_str(params, "account", config_str(c, "account"));
	return doc_set(doc, "renewalparams", params);
}

static int
is_unset(const struct config *c, const char *dest)
{
	jv v = config_get(c, dest);
	int unset = doc_is(v, DOC_NONE) || doc_is(v, DOC_NULL) ||
	    ((doc_is(v, DOC_OBJECT) || doc_is(v, DOC_ARRAY)) &&
		doc_len(v) == 0);

	doc_free(v);
	return unset;
}

jv
issue_learned(const struct config *c, jv doc)
{
	jv said = doc_get_kind(doc, "renewalparams", DOC_OBJECT);
	jv keys = doc_keys(said), learned = doc_object();

	for (size_t i = 0; i < doc_len(keys); i++) {
		const char *key = doc_str_at(keys, i);

		if (options_by_dest(key) != NULL && is_unset(c, key))
			learned = doc_set(learned, key, doc_get(said, key));
	}
	doc_free(keys);
	doc_free(said);
	return learned;
}

/* What the first step passes on of a renewal file is not learned. */
jv
issue_with_learned(const struct issue *is, size_t step, jv doc TAKES)
{
	jv learned = step == 0 && !doc_has(is->doc, "order") ?
	    doc_object() :
	    issue_learned(is->config, doc);
	jv params;

	doc = issue_with_params(is->config, doc);
	params = doc_get_kind(doc, "renewalparams", DOC_OBJECT);
	return doc_set(doc, "renewalparams", doc_merge(params, learned));
}
