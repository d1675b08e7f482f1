/* enhance.h - redirect to https, headers, OCSP stapling (spec installers B15
 * to B17). */
#ifndef NGINX_ENHANCE_H
#define NGINX_ENHANCE_H

#include "choose.h"

/* What our redirect does, behind its condition; lines as in text.h. */
#define REDIRECT_BODY \
	" {\n\treturn 301 https://$host$request_uri;\n}" MANAGED "\n"

/* request: domain, enhancement, option. Edits in memory. alreadyPresent for a
 * header that is there, notSupported for what nginx cannot do. */
int enhance(struct nginx *n, jv request, struct err *err);

/* redirect.c */
int enhance_redirect(struct nginx *n, const char *domain, struct err *err);

/* split.c: a server that speaks both becomes two: it keeps what has TLS, and a
 * copy behind it, which bears our marker, takes its plaintext listens on port
 * 80 (or that of http-01). 1: split and settled, choose again; 0: it does not
 * speak both; -1 and err. */
int split_server(struct nginx *n, size_t i, struct err *err);
/* A copy that was split off, whose names are all redirected now: nothing but
 * the redirects is left of it. Settled. */
int split_reduce(struct nginx *n, struct err *err);

/* header.c */
int enhance_header(struct nginx *n, const char *domain, const char *header,
    struct err *err);

#endif
