/* decide.h - certstore's plan, with certbot's questions where its error asks
 * for an answer (spec 4.2 to 4.5, 4.7). */
#ifndef CERTBOT_DECIDE_H
#define CERTBOT_DECIDE_H

#include "config.h"

/* doc (eaten) with "plan"; none and err. Prints what certbot prints. */
jv decide_plan(struct config *c, jv doc TAKES, struct err *err);

/* Has this plan only put a newer version in place (spec 4.3 step 2)? */
int decide_pending_fixed(jv doc);

/* After the "Renewing…" line: a test certificate over a real one, a kept key
 * that does not fit. */
int decide_guards(const struct config *c, jv doc, struct err *err);

/* *path: of the key that is to be used again (--reuse-key), borrowed from doc;
 * NULL: a new one. -1 and keyReuse when it does not fit the options. */
int decide_reuse(const struct config *c, jv doc, const char **path,
    struct err *err);

/* Names of an existing lineage's certificate; none when there is none. */
jv lineage_names(const struct config *c, const char *name);
/* Documents of all lineages, or of one (`certstore show`): array, owned. */
jv lineages_show(const struct config *c, const char *name, struct err *err);
/* The names of all lineages: array, owned, not empty; none and err (noLineage
 * where there is none). */
jv lineages_all(const struct config *c, struct err *err);

#endif
