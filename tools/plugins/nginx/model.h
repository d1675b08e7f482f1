/* model.h - the http servers of a configuration: where they listen, which
 * names they have, and which of them nginx takes for a name (spec installers
 * B7, B8; nginx's own rules for each address). */
#ifndef NGINX_MODEL_H
#define NGINX_MODEL_H

#include "conf.h"

/* How well a server_name fits, best first. */
enum name_class {
	CLASS_EXACT,
	CLASS_LEAD,  /* "*.rest" and ".rest" */
	CLASS_TRAIL, /* "rest.*" */
	CLASS_REGEX,
	CLASS_NONE
};

struct listen {
	struct place at; /* file NULL: the listen of a server without any */
	char *key;	 /* "*:80", "[::]:443", "10.0.0.1:80": one socket */
	char *host;	 /* "*", "10.0.0.1", "[::1]", "localhost" */
	long port, last; /* of a range the last */
	int is_unix, is_ipv6;
	int ssl;     /* this socket speaks TLS, by whichever server says so */
	int own_ssl; /* this directive says so */
	int quic, http2, proxy_protocol, is_default;
	int ipv6only; /* -1: not said */
};

struct name {
	struct place at; /* the server_name directive */
	size_t word;
	const char *text; /* "~..." a pattern, "_", "" and so on, too */
};

struct server {
	struct place at;
	struct listen *listens;
	size_t n_listens;
	struct name *names;
	size_t n_names;
	int ssl_on; /* the old "ssl on;" */
};

struct model {
	struct conf *conf;
	struct place http; /* file NULL: there is no http block */
	struct server *servers;
	size_t n, cap;
};

/* As the configuration is now; void after the next conf_settle. */
struct model *model_read(struct conf *c);
void model_free(struct model *m); /* NULL is fine */

/* The class of the best of a server's names for this domain name (lower case;
 * "*.x" only equals itself and ".x"), and how long the name that fits is. */
enum name_class server_class(const struct server *s, const char *domain,
    size_t *len);

/* Does it listen with (tls 1) or without (0) TLS, on this port (0: on any)? Not
 * on Unix sockets, not QUIC. */
int server_listens(const struct server *s, int tls, long port);

/* For each server (m->n of them) how nginx uses it for domain on the sockets
 * with or without TLS, on this port (0: any): SERVES_NAME when it is the one
 * that is taken for the name, SERVES_DEFAULT when nothing fits there and it is
 * the default. Added to what is in serves. */
enum { SERVES_NAME = 1, SERVES_DEFAULT = 2 };
void model_serves(const struct model *m, const char *domain, int tls, long port,
    unsigned char *serves);

/* Is there a listen with this key anywhere? The first, or NULL. */
const struct listen *model_listen(const struct model *m, const char *key);

#endif
