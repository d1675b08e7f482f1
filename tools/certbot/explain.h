/* explain.h - --explain: the shell pipeline that certonly would run. */
#ifndef CERTBOT_EXPLAIN_H
#define CERTBOT_EXPLAIN_H

#include "config.h"

/* Print it on standard output; nothing is run. */
int explain_certonly(struct config *c, struct err *err);

#endif
