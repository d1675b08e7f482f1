/* renewal_account.h - accounts that get another name: an account is called
 * after its key, and renewal configurations name it. */
#ifndef STORE_RENEWAL_ACCOUNT_H
#define STORE_RENEWAL_ACCOUNT_H

#include "base/doc.h"

/* Every renewal configuration of config_dir that names the account `old` names
 * `new` afterwards; nothing else of it changes. Only under the lock. Array of
 * the lineages' names (owned); files that cannot be used are passed over with a
 * warning. none and err when one could not be written. */
jv renewal_rename_account(const char *config_dir, const char *old,
    const char *new, struct err *err);

#endif
