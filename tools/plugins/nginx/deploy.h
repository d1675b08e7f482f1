/* deploy.h - a certificate for a name: the server that has it gets the
 * certificate, and TLS if it has none yet (spec installers B11 to B13). */
#ifndef NGINX_DEPLOY_H
#define NGINX_DEPLOY_H

#include "nginx.h"

/* What is deployed; paths absolute. */
struct deploy {
	const char *domain, *fullchain, *key;
	char *cert_word, *key_word; /* as nginx is told of them */
	jv names;    /* of the certificate; none when it cannot be read */
	jv key_type; /* "rsa" or "ecdsa", the same */
};

/* request: domain, fullchain, key (design, section 4). Edits in memory, and
 * tells the user. */
int deploy(struct nginx *n, jv request, struct err *err);

/* deploy_tls.c: give server number i, which has no TLS, listens, certificate
 * and settings. */
int deploy_make_tls(struct nginx *n, size_t i, const struct deploy *d,
    struct err *err);
/* The same as lines, for a server that is made beside server i: what server i
 * has itself is not in them. */
int deploy_lines(struct nginx *n, size_t i, const struct deploy *d,
    struct buf *b, struct err *err);
/* deploy_listen.c: TLS listens beside the plaintext ones, as lines, with HTTP/2
 * in the way in which the other servers of the port have it. */
void deploy_listens(const struct nginx *n, size_t i, struct buf *b);
/* Certificate and key of server i: changed in place, or added. */
void deploy_set(struct nginx *n, size_t i, const struct deploy *d);

/* separate.c: servers that are made because none fits. Each answers -1 on
 * failure; otherwise everything is settled, and the new server has the name. */
/* A copy of the default server, for a name that no server has. */
int separate_default(struct nginx *n, const char *domain, long port,
    int any_port, struct err *err);
/* A server with TLS beside server i, which only redirects to https. */
int separate_redirect(struct nginx *n, size_t i, const struct deploy *d,
    struct err *err);
/* A copy of server i for this name alone, because others of its names need the
 * certificate that it has. */
int separate_name(struct nginx *n, size_t i, const char *domain,
    struct err *err);

/* Room for a server name of this length in nginx's table of names. */
void separate_make_room(struct nginx *n, const char *domain);

/* pair.c: a server may have several certificates, of one kind of key each, and
 * nginx takes the last of a kind. The place of the one that d replaces, and of the
 * key that belongs to it; file NULL where there is none. */
void pair_find(struct nginx *n, const struct server *s, const struct deploy *d,
    struct place *cert, struct place *key);
/* What the certificate file says that a directive names (cert_info); none. */
jv pair_info(const struct nginx *n, const char *value);

/* covers.c: would another certificate leave names of server i without one? */
int covers_would_break(struct nginx *n, size_t i, const struct deploy *d);
/* Would TLS for server i, which has none, take names from servers that have them
 * with TLS: from one of the name itself, or from one of a pattern though the new
 * certificate lacks the name? */
int covers_would_take(const struct nginx *n, size_t i, const struct deploy *d);

#endif
