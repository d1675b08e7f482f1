/* certstore account - renewal configurations follow an account whose key, and
 * with it its name, was changed. */
#include "certstore.h"
#include "store/renewal_account.h"

jv
account_tool(struct certstore *t, struct err *err)
{
	const char *old = doc_str_at(t->st.rest, 1);
	const char *new = doc_str_at(t->st.rest, 2);
	jv renamed = doc_none(), doc;

	if (doc_len(t->st.rest) != 3) {
		err_set(err, ERR_usage,
		    "certstore account takes the account's old and its new name");
		return renamed;
	}
	if (store_lock(t, err) == 0) {
		doc_move(&renamed,
		    renewal_rename_account(t->config_dir, old, new, err));
		store_unlock(t);
	}
	if (!doc_is(renamed, DOC_ARRAY))
		return renamed;
	doc = doc_set_str(doc_object(), "id", new);
	doc = doc_set(doc_set_int(doc_object(), "acme", 1), "account", doc);
	return doc_set(doc, "renamed", renamed);
}
