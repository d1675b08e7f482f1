/* server.h - acme-net's end: clients on a Unix socket, their messages taken and
 * answered, never blocking on any of them (design, section 1). */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "base/doc.h"

struct net_server;
struct net_client; /* valid until its `gone` call */

struct net_server_ops {
	/* A whole message came. Eats head; body is malloc'd and passed on. */
	void (*message)(void *ctx, struct net_client *c, jv head TAKES,
	    char *body TAKES, size_t len);
	void (*gone)(void *ctx, struct net_client *c);
};

/* Listen on path (in a private 0700 directory made by the caller); only peers
 * of our own user (SO_PEERCRED) are admitted. */
struct net_server *net_server_new(const char *path,
    const struct net_server_ops *ops, void *ctx, struct err *err);
void net_server_free(struct net_server *s);
/* Take over an already connected descriptor as a client. */
int net_server_adopt(struct net_server *s, int fd, struct err *err);
/* An answer for c: queued, sent as c reads. Eats head. */
void net_server_reply(struct net_client *c, jv head TAKES, const void *body,
    size_t len);
/* Bytes waiting for c: beyond 64 MiB its next requests are not started. */
size_t net_client_backlog(const struct net_client *c);
/* For poll or curl_multi: fill fds (struct pollfd), return how many. */
struct pollfd;
size_t net_server_fds(struct net_server *s, struct pollfd *fds, size_t max);
/* Read, write and accept what is ready. */
void net_server_serve(struct net_server *s, const struct pollfd *fds, size_t n);
size_t net_server_clients(const struct net_server *s);

#endif
