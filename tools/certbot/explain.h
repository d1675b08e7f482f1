/* explain.h - --explain: what run, certonly, renew or reconfigure would do, as a
 * script for sh. */
#ifndef CERTBOT_EXPLAIN_H
#define CERTBOT_EXPLAIN_H

#include "config.h"

/* Print it on standard output; nothing is run or written. What certbot saves
 * of options that are no stage's comes in by jq. Only where the options, or the
 * lineage, name the plugin. */
int explain(struct config *c, struct err *err);

#endif
