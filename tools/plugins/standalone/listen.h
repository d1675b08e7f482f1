/* listen.h - the sockets of the standalone server: bound as certbot binds them
 * (spec 8.1), or handed over by systemd; and giving up root afterwards. */
#ifndef STANDALONE_LISTEN_H
#define STANDALONE_LISTEN_H

#include "plugin/guest.h"

enum { SOCKETS_MAX = 16 };

struct sockets {
	int fd[SOCKETS_MAX]; /* listening */
	size_t n;
};

/* The listening TCP sockets among those of LISTEN_FDS when LISTEN_PID is we or
 * our host: how many. */
size_t listen_inherited(struct sockets *s);

/* Bind address ("" all) and port, IPv6 first, then IPv4; either is enough. 0,
 * or the errno of the IPv4 try (-1 when a name has no address) and err with
 * certbot's text. */
int listen_bind(struct guest *g, struct sockets *s, const char *address,
    long port, struct err *err);
void listen_close(struct sockets *s);

/* As root: become the owner of directory work (may be NULL) if that is not
 * root, else nobody, for good. */
int listen_drop_root(const char *work, struct err *err);

#endif
