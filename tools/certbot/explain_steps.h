/* explain_steps.h - the stages of a script: what steps.h makes, with what the
 * driver puts into documents as options instead. */
#ifndef CERTBOT_EXPLAIN_STEPS_H
#define CERTBOT_EXPLAIN_STEPS_H

#include "config.h"
#include "plugin/descriptor.h"

/* Each returns an argument vector (array of strings, owned); none where no such
 * step is needed. */

/* reads: it adds the account to documents that come. */
jv explain_account(const struct config *c, int reads);
/* The kind of key wanted, where it cannot be an option of the last stage. */
jv explain_key(const struct config *c);
/* names: array, borrowed; none: those of the documents. */
jv explain_match(const struct config *c, jv names);
jv explain_plan(const struct config *c, jv names);
/* how: as step_order. */
jv explain_order(const struct config *c, const char *how);
jv explain_finalize(const struct config *c);
/* What certbot saves of options that are no stage's, put in by jq. */
jv explain_note(const struct config *c, const struct plugin_desc *d);

#endif
