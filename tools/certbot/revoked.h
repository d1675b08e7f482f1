/* revoked.h - what the CAs say of certificates now, asked through acme-renewal
 * (spec 9.5). */
#ifndef CERTBOT_REVOKED_H
#define CERTBOT_REVOKED_H

#include "config.h"

enum revoked_of { REVOKED_DEPLOYED, REVOKED_NEWEST };

/* Documents (an array; eaten) with a lineage get "renewal", all by one run of
 * the stage; what cannot be found out counts as not revoked. Those with an
 * error stay as they are. */
jv revoked_ask(jv docs TAKES, enum revoked_of which);

/* Does a decision of this run ask at all? Not in a dry run, and not when the
 * renewal is forced. */
int revoked_matters(const struct config *c);

#endif
