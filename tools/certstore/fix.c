#include "certstore.h"

/* certbot's update_symlinks; the lock has cleared unfinished saves already. */
int
fix_lineage(struct certstore *t, const char *name, jv *doc, struct err *err)
{
	struct lineage l;
	int rc = lineage_open(&l, t->config_dir, name,
	    LINEAGE_LOCKED | LINEAGE_ANY_TARGET, err);

	if (rc == 0)
		rc = lineage_fix(&l, err);
	lineage_release(&l);
	if (rc == 0) {
		rc = lineage_open(&l, t->config_dir, name, LINEAGE_LOCKED, err);
		if (rc == 0)
			*doc = doc_set(*doc, "lineage",
			    lineage_doc(&l, doc_none()));
		lineage_release(&l);
	}
	return rc;
}
