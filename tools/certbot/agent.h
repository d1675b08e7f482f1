/* agent.h - what the CA is told of us (spec 5.1). */
#ifndef CERTBOT_AGENT_H
#define CERTBOT_AGENT_H

#include "config.h"

/* --user-agent as it is, else certbot's form with the plugins, the subcommand
 * and its flags; malloc'd. */
char *agent_text(const struct config *c);

#endif
