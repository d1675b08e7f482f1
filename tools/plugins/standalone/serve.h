/* serve.h - a web server that knows nothing but the expected tokens (spec 8.1).
 * It runs while the plugin's conversation waits (guest_attend), in no thread. */
#ifndef STANDALONE_SERVE_H
#define STANDALONE_SERVE_H

#include "listen.h"

struct server;

/* Serve on these sockets, which are the server's from now on (also on
 * failure). NULL and err. */
struct server *server_start(struct guest *g, struct sockets *sockets,
    struct err *err);
void server_stop(struct server *s); /* NULL is fine */

/* GET /.well-known/acme-challenge/TOKEN answers body from now on. */
int server_add(struct server *s, const char *token, const char *body,
    struct err *err);
void server_remove(struct server *s, const char *token);

#endif
