/* steps.h - the stages that a request needs, as argument vectors: what the pump
 * runs and what --explain prints. */
#ifndef CERTBOT_STEPS_H
#define CERTBOT_STEPS_H

#include "config.h"

/* args with an option, and with its value unless that is NULL. */
jv step_add(jv args TAKES, const char *option, const char *value);

/* Each returns an argument vector (array of strings, owned). */
jv step_account(const struct config *c, const char *const *more);
jv step_match(const struct config *c);
jv step_plan(const struct config *c);
/* how: "--replace" (a new order though there is one), "--again" (a new one if
 * it is invalid or expired), or NULL. */
jv step_order(const struct config *c, const char *how);
/* For a dry run: no authorization of the document stays valid. */
jv step_deactivate(const struct config *c);
jv step_check(const struct config *c, const char *plugin);
jv step_challenge(const struct config *c, const char *plugin);
/* An installer's host, for a verb without documents. */
jv step_install(const struct config *c, const char *plugin, const char *verb);
/* deploy or enhance of the configured installer, with the enhancements of the
 * options; redirect: one that was not decided is tried. */
jv step_install_with(const struct config *c, const char *verb, int redirect);
/* A stage that was saved with --for: an entry of acmeTools.challenges. */
jv step_challenge_for(const struct config *c, jv entry);
/* key_out: where a new key goes; reuse: the key to take instead, or NULL. */
jv step_finalize(const struct config *c, const char *key_out,
    const char *reuse);
jv step_save(const struct config *c);
jv step_certstore(const struct config *c, const char *verb);

/* The document that the first stage gets: acme and request. names: array,
 * borrowed. */
jv request_document(const struct config *c, jv names);

/* What certbot saves of this configuration in [renewalparams] (spec 2.5);
 * object, owned. */
jv saved_params(const struct config *c);

#endif
