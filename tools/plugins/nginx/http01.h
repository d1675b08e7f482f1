/* http01.h - answers to http-01 challenges by the server itself (spec
 * installers B18, G15). */
#ifndef NGINX_HTTP01_H
#define NGINX_HTTP01_H

#include "nginx.h"

/* Edit in memory, so that every server that may be asked for the name on the
 * port of http-01, or by way of a redirect on that of https, answers. */
int http01_add(struct nginx *n, jv challenge, struct err *err);

/* probes.c: when that is in force: does the server answer what was performed?
 * pluginFailed when it certainly does not. */
int http01_probe(struct nginx *n, struct err *err);

#endif
