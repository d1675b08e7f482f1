/* subset.c - see subset.h. */
#include "subset.h"

#include <string.h>

#include "base/names.h"

/* The names that the server complains of. */
static jv
refused(const struct err *err)
{
	jv list = doc_get_kind(err->members, "subproblems", DOC_ARRAY);
	jv names = doc_array();

	for (size_t i = 0; i < doc_len(list); i++) {
		jv one = doc_at(list, i);
		const char *name = doc_str_find(one, "identifier", "value",
		    NULL);

		if (name != NULL)
			names = doc_push(names,
			    doc_stringn(name, strlen(name)));
		doc_free(one);
	}
	doc_free(list);
	return names;
}

jv
subset_names(jv names, const struct err *err)
{
	jv valid, bad, rest;

	if (!err->has_members)
		return doc_none();
	valid = doc_get_kind(err->members, "valid", DOC_ARRAY);
	bad = doc_is(valid, DOC_ARRAY) ? names_minus(names, valid) :
	    err->name == ERR_acme      ? refused(err) :
					 doc_array();
	rest = names_minus(names, bad);
	if (doc_len(rest) == 0 || doc_len(rest) == doc_len(names))
		doc_move(&rest, doc_none());
	doc_free(bad);
	doc_free(valid);
	return rest;
}
