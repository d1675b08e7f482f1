/* redirect.h - the lines that send HTTP to HTTPS. */
#ifndef APACHE_REDIRECT_H
#define APACHE_REDIRECT_H

#include "apache.h"

/* 1: a rule is there, and does for the domain what it should (perhaps brought up
 * to date; *added when the domain is a new one for it); 0: none. */
int redirect_find(const struct vhost *v, const char *domain, int *added);
/* The lines of the redirection, into section, for the domain and every name of
 * the TLS vhost that its certificate is good for (covered, borrowed; empty: all
 * of them); engine: with "RewriteEngine on". */
void redirect_add(struct node *section, const struct vhost *tls,
    const char *domain, jv covered, int engine);
/* Is the vhost's RewriteEngine on? */
int redirect_engine_on(const struct vhost *v);

#endif
