/* deploy_listen.c - the listens of a server that gets TLS (spec installers B11,
 * G10, G11). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "deploy.h"
#include "text.h"

enum { HTTP2_VERSION = 1025001 }; /* 1.25.1 knows "http2 on;" */

static int
is_on_http_port(const struct nginx *n, const struct listen *l)
{
	return !l->is_unix && !l->quic && !l->ssl &&
	    l->port <= n->http01_port && n->http01_port <= l->last;
}

static char *
tls_key(const struct nginx *n, const struct listen *l)
{
	return xasprintf("%s:%ld", l->host, n->https_port);
}

/* Does the server have a listen with this key? */
static struct listen *
own_listen(const struct server *s, const char *key)
{
	for (size_t i = 0; i < s->n_listens; i++)
		if (s->listens[i].key != NULL && !s->listens[i].quic &&
		    strcmp(s->listens[i].key, key) == 0)
			return &s->listens[i];
	return NULL;
}

/* Does the socket of this key take IPv4, too? One listen says so for all. */
static int
takes_ipv4(const struct model *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < m->servers[i].n_listens; k++) {
			const struct listen *l = &m->servers[i].listens[k];

			if (l->ipv6only == 0 && strcmp(l->key, key) == 0)
				return 1;
		}
	return 0;
}

/* One line for the TLS twin of l. Socket options belong to one listen of all
 * for an address: only ipv6only=off comes along (both), on a socket that is
 * new. */
static void
add_listen(const struct nginx *n, struct buf *b, const struct listen *l,
    const char *key, int both)
{
	const struct listen *other = model_listen(n->model, key);
	const char *address = strncmp(key, "*:", 2) == 0 ? key + 2 : key;

	(void)buf_addf(b, "listen %s ssl", address);
	if (other != NULL && other->http2)
		(void)buf_adds(b, " http2");
	if (l->proxy_protocol || (other != NULL && other->proxy_protocol))
		(void)buf_adds(b, " proxy_protocol");
	if (both)
		(void)buf_adds(b, " ipv6only=off");
	(void)buf_adds(b, ";" MANAGED "\n");
}

/* key was written for this server already, or it listens there. */
static int
is_new_key(const struct server *s, jv *keys, const char *key)
{
	if (own_listen(s, key) != NULL || doc_list_has(*keys, key))
		return 0;
	*keys = doc_push_str(*keys, key);
	return 1;
}

/* The twin of l on the TLS port; two where l takes IPv4 and one socket cannot. */
static void
add_twin(const struct nginx *n, struct buf *b, const struct server *s, jv *keys,
    const struct listen *l)
{
	char *key = tls_key(n, l), *ipv4 = xasprintf("*:%ld", n->https_port);
	int dual = takes_ipv4(n->model, l->key);
	int both = dual && model_listen(n->model, key) == NULL &&
	    model_listen(n->model, ipv4) == NULL;

	if (is_new_key(s, keys, key)) {
		add_listen(n, b, l, key, both);
		if (dual && !both && !takes_ipv4(n->model, key) &&
		    is_new_key(s, keys, ipv4))
			add_listen(n, b, l, ipv4, 0);
	}
	free(ipv4);
	free(key);
}

/* None on the port of http-01: on all addresses of the families that it has. */
static void
add_wildcards(const struct nginx *n, struct buf *b, const struct server *s,
    jv *keys)
{
	struct listen any = {.ipv6only = -1};
	int v6 = 0, v4 = 0;
	char *key;

	for (size_t i = 0; i < s->n_listens; i++) {
		v6 |= s->listens[i].is_ipv6;
		v4 |= (!s->listens[i].is_ipv6 && !s->listens[i].is_unix) ||
		    takes_ipv4(n->model, s->listens[i].key);
	}
	key = xasprintf("[::]:%ld", n->https_port);
	if (v6 && is_new_key(s, keys, key))
		add_listen(n, b, &any, key, 0);
	free(key);
	key = xasprintf("*:%ld", n->https_port);
	if ((v4 || !v6) && is_new_key(s, keys, key))
		add_listen(n, b, &any, key, 0);
	free(key);
}

/* Which way do the others on the TLS port speak HTTP/2? */
enum http2 { HTTP2_NONE, HTTP2_LISTEN, HTTP2_DIRECTIVE };

static enum http2
others_http2(const struct nginx *n, const struct server *s)
{
	enum http2 found = HTTP2_NONE;
	struct place at;

	for (size_t i = 0; i < n->model->n; i++) {
		const struct server *o = &n->model->servers[i];

		if (o == s || !server_listens(o, 1, n->https_port))
			continue;
		for (size_t k = 0; k < o->n_listens; k++)
			if (o->listens[k].ssl && o->listens[k].http2)
				return HTTP2_LISTEN;
		if (conf_first(n->conf, o->at, "http2", &at) &&
		    strcasecmp(place_text(at, 1), "on") == 0)
			found = HTTP2_DIRECTIVE;
	}
	return found;
}

/* From 1.25.1 on it is a matter of each server, or of http, not of a socket. */
static void
add_http2(const struct nginx *n, struct buf *b, const struct server *s)
{
	struct place at;

	if (n->version >= HTTP2_VERSION &&
	    !conf_first(n->conf, s->at, "http2", &at) &&
	    !conf_first(n->conf, n->model->http, "http2", &at) &&
	    others_http2(n, s) == HTTP2_DIRECTIVE)
		(void)buf_adds(b, "http2 on;" MANAGED "\n");
}

void
deploy_listens(const struct nginx *n, size_t i, struct buf *b)
{
	const struct server *s = &n->model->servers[i];
	jv keys = doc_array();
	size_t mirrored = 0;

	for (size_t k = 0; k < s->n_listens; k++) {
		const struct listen *l = &s->listens[k];

		if (!is_on_http_port(n, l))
			continue;
		mirrored++;
		add_twin(n, b, s, &keys, l);
	}
	if (mirrored == 0)
		add_wildcards(n, b, s, &keys);
	add_http2(n, b, s);
	doc_free(keys);
}
