#include "certstore.h"

/* The document's renewalparams become the lineage's; files and links stay. Says
 * in "reconfigured" whether anything is another now. */
int
reconfigure_document(struct certstore *t, jv *doc, struct err *err)
{
	const char *name = t->cert_name ?
	    t->cert_name :
	    doc_str_find(*doc, "lineage", "name", NULL);
	jv params = doc_get_kind(*doc, "renewalparams", DOC_OBJECT);
	jv before = doc_none(), after, tools;
	struct lineage l = {0};
	int rc = -1;

	if (!name || !doc_is(params, DOC_OBJECT)) {
		err_set(err, ERR_badDocument,
		    "the document has no lineage.name and renewalparams; "
		    "certstore show prints such documents");
		goto out;
	}
	if (lineage_open(&l, t->config_dir, name, LINEAGE_LOCKED, err) < 0)
		goto out;
	doc_move(&before, renewal_params(&l.conf));
	tools = doc_has(*doc, "acmeTools") ?
	    doc_get_kind(*doc, "acmeTools", DOC_OBJECT) :
	    renewal_tools(&l.conf);
	rc = renewal_set(&l.conf, params, tools, err);
	doc_free(tools);
	if (rc == 0)
		rc = renewal_write(&l.conf, NULL, err);
	if (rc == 0) {
		after = renewal_params(&l.conf);
		*doc = doc_set(*doc, "lineage", lineage_doc(&l, doc_none()));
		*doc = doc_set_flag(*doc, "reconfigured",
		    !doc_equal(before, after));
		doc_free(after);
	}
out:
	lineage_release(&l);
	doc_free(before);
	doc_free(params);
	return rc;
}
