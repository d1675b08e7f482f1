/* explain.h - --explain: the shell pipeline that certonly would run. */
#ifndef CERTBOT_EXPLAIN_H
#define CERTBOT_EXPLAIN_H

#include "config.h"

/* Print it on standard output; nothing is run or written. What certbot saves
 * of options that are no stage's comes in by jq. Hooks stay certbot's. Only for
 * certonly, and only where the options name the plugin. */
int explain(struct config *c, struct err *err);

#endif
