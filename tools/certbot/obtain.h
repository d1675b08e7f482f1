/* obtain.h - what certonly and run share: the decision, and a certificate with
 * the hooks around it (spec 4.1). */
#ifndef CERTBOT_OBTAIN_H
#define CERTBOT_OBTAIN_H

#include "config.h"

/* Names and plan: account (eaten) with "request" and "plan"; none or a document,
 * and err. */
jv obtain_plan(struct config *c, jv account TAKES, struct err *err);
/* Does the plan leave the certificate as it is? */
int obtain_is_keep(jv doc);

/* A plan that says new or renew (borrowed): hooks, stages, hooks. *done: the
 * document of the last stage, owned; none and err. Nothing is reported yet. */
int obtain(struct config *c, jv doc, jv *done, struct err *err);

#endif
