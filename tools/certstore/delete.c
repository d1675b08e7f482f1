#include <stdlib.h>

#include "certstore.h"

/* What was removed stays in the document as far as it could be read. */
int
delete_lineage(struct certstore *t, const char *name, jv *doc, struct err *err)
{
	char *conf = renewal_path(t->config_dir, name);
	int rc = lineage_delete(t->config_dir, name, err);
	jv l = doc_get_kind(*doc, "lineage", DOC_OBJECT);

	if (!doc_is(l, DOC_OBJECT))
		doc_move(&l, doc_object());
	l = doc_set_str(doc_set_str(l, "name", name), "conf", conf);
	if (rc == 0)
		l = doc_set_flag(l, "deleted", 1);
	*doc = doc_set(*doc, "lineage", l);
	free(conf);
	return rc;
}
