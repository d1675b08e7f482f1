/* wildcard.h - which servers a wildcard name is for: a question (spec
 * installers B10). */
#ifndef NGINX_WILDCARD_H
#define NGINX_WILDCARD_H

#include "nginx.h"

/* Numbers of the servers that the user chooses for "*.x", once for
 * certificates and once for redirects in a run. *list is malloc'd; empty when
 * none was chosen. Without a terminal the host's error of a missing flag. */
int wildcard_ask(struct nginx *n, const char *domain, int redirect,
    size_t **list, size_t *count, struct err *err);

#endif
