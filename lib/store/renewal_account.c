#include "store/renewal_account.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/renewal.h"

static const char logger[] = "certbot._internal.account";

/* 1: it names the new one now; 0: it named another; -1 and err. */
static int
rename_in(const char *config_dir, const char *name, const char *old,
    const char *new, struct err *err)
{
	struct renewal r;
	struct err why = {0};
	char *account = NULL;
	int rc = renewal_read(&r, config_dir, name, &why);

	if (rc == 0)
		account = ini_get_text(r.ini, "renewalparams", "account");
	else
		log_warning(logger, "%s: it may name the account %s still",
		    err_text(&why), old);
	if (account != NULL && strcmp(account, old) == 0) {
		ini_set(r.ini, "renewalparams", "account",
		    doc_stringn(new, strlen(new)));
		rc = renewal_write(&r, NULL, err) == 0 ? 1 : -1;
	} else {
		rc = 0;
	}
	free(account);
	err_clear(&why);
	renewal_release(&r);
	return rc;
}

jv
renewal_rename_account(const char *config_dir, const char *old, const char *new,
    struct err *err)
{
	jv all = renewal_list(config_dir, err), renamed = doc_array();

	if (!doc_is(all, DOC_ARRAY))
		doc_move(&renamed, doc_none());
	for (size_t i = 0; i < doc_len(all); i++) {
		const char *name = doc_str_at(all, i);
		int rc = rename_in(config_dir, name, old, new, err);

		if (rc == 1)
			renamed = doc_push_str(renamed, name);
		if (rc != -1)
			continue;
		doc_move(&renamed, doc_none());
		break;
	}
	doc_free(all);
	return renamed;
}
