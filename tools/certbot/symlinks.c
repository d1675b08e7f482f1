/* symlinks.c - update_symlinks: certstore does it, silently (spec 1.9). */
#include "driver.h"
#include "pump.h"
#include "steps.h"

int
verb_update_symlinks(struct config *c, struct err *err)
{
	jv all = pump_stage_all(step_certstore(c, "fix"), doc_none(), err);

	for (size_t i = 0; !err_is_set(err) && i < doc_len(all); i++) {
		jv doc = doc_at(all, i), error = doc_get(doc, "error");

		if (doc_is(error, DOC_OBJECT))
			err_from_doc(err, error);
		doc_free(error);
		doc_free(doc);
	}
	doc_free(all);
	return err_is_set(err) ? -1 : 0;
}
