/* explain_renew.h - the script of renew. */
#ifndef CERTBOT_EXPLAIN_RENEW_H
#define CERTBOT_EXPLAIN_RENEW_H

#include "config.h"
#include "plugin/descriptor.h"

/* Print it: all lineages, or that of --cert-name, in the order in which they are
 * renewed when all are due. */
int explain_renew(struct config *c, struct err *err);

/* The plugin that the options, or a lineage's parameters, name for the
 * challenges (of explain.c); NULL and err. */
const struct plugin_desc *explain_plugin(struct config *c, struct err *err);

#endif
