/* account.h - the account that a run uses: found, or registered with certbot's
 * questions (spec 5.2, 5.3). */
#ifndef CERTBOT_ACCOUNT_H
#define CERTBOT_ACCOUNT_H

#include "config.h"

/* Run acme-account for doc (eaten; none: without); gives the document with
 * "directory" and "account"; the account's id is stored in c. none and err. */
jv account_ensure(struct config *c, jv doc TAKES, struct err *err);

/* Another verb of acme-account ("show", "update", "deactivate") for the run's
 * account. The document; none and err (noAccount where there is none). */
jv account_run(struct config *c, const char *verb, struct err *err);

#endif
