/* choose.h - which servers a name's certificate, redirect or header goes to
 * (spec installers B9, B10, B12, with the better rules of G1, G2, G14). */
#ifndef NGINX_CHOOSE_H
#define NGINX_CHOOSE_H

#include "nginx.h"

/* Servers of the model, by number. */
struct picks {
	size_t *list, n;
};
void picks_release(struct picks *p);

/* For a certificate: all servers that nginx takes for the name, of the best
 * class of names. Those that speak TLS if there are any, else plaintext ones.
 * Only redirecting ones give way to the one that the redirect leads to. Empty
 * when none has the name. */
int choose_for_certificate(struct nginx *n, const char *domain,
    struct picks *out, struct err *err);
/* For a redirect: those that are taken for the name in plaintext on port 80,
 * or on the port of http-01. */
int choose_for_redirect(struct nginx *n, const char *domain, struct picks *out,
    struct err *err);
/* For headers and stapling: those that are taken for the name with TLS. An
 * empty choice is the error of E3. */
int choose_for_tls(struct nginx *n, const char *domain, struct picks *out,
    struct err *err);

/* A server to copy for a name that none has: one with default_server on this
 * port; any_port: else the only one there is. misconfigured without one. */
int choose_default(struct nginx *n, const char *domain, long port, int any_port,
    size_t *out, struct err *err);

#endif
