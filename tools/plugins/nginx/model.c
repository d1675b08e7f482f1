#include "model.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { PLAIN_PORT = 80 }; /* of a listen that names none */

static long
port_number(const char *text, const char **end)
{
	char *e;
	long port = isdigit((unsigned char)text[0]) ? strtol(text, &e, 10) : 0;

	*end = port > 0 ? e : text;
	return port > 0 && port <= 65535 ? port : 0;
}

/* "8000" or "8000-8010" behind the host. */
static void
parse_port(struct listen *l, const char *text)
{
	const char *end;

	l->port = port_number(text, &end);
	if (l->port == 0)
		l->port = PLAIN_PORT;
	l->last = *end == '-' ? port_number(end + 1, &end) : l->port;
	if (l->last < l->port)
		l->last = l->port;
}

/* "[...]" in its shortest form. */
static char *
ipv6_host(const char *text, size_t len)
{
	char *inner = xstrndup(text + 1, len - 2), shortest[INET6_ADDRSTRLEN];
	struct in6_addr a;
	char *host;

	if (inet_pton(AF_INET6, inner, &a) == 1 &&
	    inet_ntop(AF_INET6, &a, shortest, sizeof(shortest)) != NULL)
		host = xasprintf("[%s]", shortest);
	else
		host = xstrndup(text, len);
	free(inner);
	return host;
}

static void
parse_address(struct listen *l, const char *text)
{
	const char *close = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon = strchr(text, ':');

	if (strncmp(text, "unix:", 5) == 0) {
		l->is_unix = 1;
		l->host = xstrdup(text);
	} else if (close != NULL) {
		l->is_ipv6 = 1;
		l->host = ipv6_host(text, (size_t)(close - text) + 1);
		parse_port(l, close[1] == ':' ? close + 2 : "");
	} else if (text[strspn(text, "0123456789-")] == '\0') {
		l->host = xstrdup("*");
		parse_port(l, text);
	} else {
		l->host = colon == NULL ?
		    xstrdup(text) :
		    xstrndup(text, (size_t)(colon - text));
		parse_port(l, colon == NULL ? "" : colon + 1);
	}
	if (l->host[0] == '\0' || strcmp(l->host, "0.0.0.0") == 0) {
		free(l->host);
		l->host = xstrdup("*");
	}
	l->key = l->port == l->last ?
	    xasprintf("%s:%ld", l->host, l->port) :
	    xasprintf("%s:%ld-%ld", l->host, l->port, l->last);
}

static void
parse_parameter(struct listen *l, const char *text)
{
	if (strcmp(text, "ssl") == 0)
		l->own_ssl = 1;
	else if (strcmp(text, "default_server") == 0 ||
	    strcmp(text, "default") == 0)
		l->is_default = 1;
	else if (strcmp(text, "quic") == 0)
		l->quic = 1;
	else if (strcmp(text, "http2") == 0)
		l->http2 = 1;
	else if (strcmp(text, "proxy_protocol") == 0)
		l->proxy_protocol = 1;
	else if (strncmp(text, "ipv6only=", 9) == 0)
		l->ipv6only = strcmp(text + 9, "on") == 0;
}

static struct listen *
add_listen(struct server *s)
{
	s->listens = xrealloc(s->listens,
	    (s->n_listens + 1) * sizeof(s->listens[0]));
	s->listens[s->n_listens] = (struct listen){.ipv6only = -1};
	return &s->listens[s->n_listens++];
}

static void
add_names(struct server *s, struct place at)
{
	size_t n = place_words(at) - 1;

	s->names = xrealloc(s->names, (s->n_names + n) * sizeof(s->names[0]));
	for (size_t i = 1; i <= n; i++)
		s->names[s->n_names++] = (struct name){.at = at,
		    .word = i,
		    .text = place_text(at, i)};
}

static int
read_directive(void *ctx, struct place at)
{
	struct server *s = ctx;

	if (place_node(at)->is_block || place_words(at) < 2)
		return 0;
	if (place_is(at, "listen")) {
		struct listen *l = add_listen(s);

		l->at = at;
		parse_address(l, place_text(at, 1));
		for (size_t i = 2; i < place_words(at); i++)
			parse_parameter(l, place_text(at, i));
	} else if (place_is(at, "server_name")) {
		add_names(s, at);
	} else if (place_is(at, "ssl")) {
		s->ssl_on |= strcmp(place_text(at, 1), "on") == 0;
	}
	return 0;
}

static int
same_place(struct place a, struct place b)
{
	return a.file == b.file && a.node == b.node;
}

static void
add_server(struct model *m, struct place at)
{
	struct server *s;

	/* A file that is included twice is two servers to nginx, of which the
	 * second is never taken. */
	if (at.file->uses > 1)
		for (size_t i = 0; i < m->n; i++)
			if (same_place(m->servers[i].at, at))
				return;
	if (m->n == m->cap) {
		m->cap = m->cap == 0 ? 16 : 2 * m->cap;
		m->servers = xrealloc(m->servers,
		    m->cap * sizeof(m->servers[0]));
	}
	s = &m->servers[m->n++];
	*s = (struct server){.at = at};
	(void)conf_each(m->conf, at, read_directive, s);
	if (s->n_listens == 0)
		parse_address(add_listen(s), "*:80");
}

static int
read_in_http(void *ctx, struct place at)
{
	if (place_node(at)->is_block && place_is(at, "server"))
		add_server(ctx, at);
	return 0;
}

static int
read_at_top(void *ctx, struct place at)
{
	struct model *m = ctx;

	if (!place_node(at)->is_block || !place_is(at, "http"))
		return 0;
	m->http = at;
	(void)conf_each(m->conf, at, read_in_http, m);
	return 1;
}

static int
by_key(const void *a, const void *b)
{
	return strcmp((*(struct listen *const *)a)->key,
	    (*(struct listen *const *)b)->key);
}

/* One listen with "ssl" makes its socket TLS for all servers on it. */
static void
spread_ssl(struct model *m)
{
	struct listen **all = NULL;
	size_t n = 0, cap = 0, from = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct server *s = &m->servers[i];

		for (size_t j = 0; j < s->n_listens; j++) {
			struct listen *l = &s->listens[j];

			l->ssl = l->own_ssl || s->ssl_on;
			if (n == cap) {
				cap = cap == 0 ? 64 : 2 * cap;
				all = xrealloc(all,
				    cap * sizeof(struct listen *));
			}
			if (!l->is_unix && !l->quic)
				all[n++] = l;
		}
	}
	if (n > 0)
		qsort(all, n, sizeof(struct listen *), by_key);
	for (size_t to = 1; to <= n; to++) {
		int ssl = 0;

		if (to < n && strcmp(all[from]->key, all[to]->key) == 0)
			continue;
		for (size_t i = from; i < to; i++)
			ssl |= all[i]->ssl;
		for (; from < to; from++)
			all[from]->ssl = ssl;
	}
	free(all);
}

struct model *
model_read(struct conf *c)
{
	struct model *m = xcalloc(1, sizeof(*m));

	m->conf = c;
	(void)conf_each(c, (struct place){NULL, -1}, read_at_top, m);
	spread_ssl(m);
	return m;
}

void
model_free(struct model *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++) {
		for (size_t j = 0; j < m->servers[i].n_listens; j++) {
			free(m->servers[i].listens[j].key);
			free(m->servers[i].listens[j].host);
		}
		free(m->servers[i].listens);
		free(m->servers[i].names);
	}
	free(m->servers);
	free(m);
}

int
server_listens(const struct server *s, int tls, long port)
{
	for (size_t i = 0; i < s->n_listens; i++) {
		const struct listen *l = &s->listens[i];

		if (!l->is_unix && !l->quic && l->ssl == tls &&
		    (port == 0 || (l->port <= port && port <= l->last)))
			return 1;
	}
	return 0;
}

const struct listen *
model_listen(const struct model *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		for (size_t j = 0; j < m->servers[i].n_listens; j++)
			if (!m->servers[i].listens[j].quic &&
			    strcmp(m->servers[i].listens[j].key, key) == 0)
				return &m->servers[i].listens[j];
	return NULL;
}
