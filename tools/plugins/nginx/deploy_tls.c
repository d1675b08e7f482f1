#include <stdlib.h>
#include <string.h>

#include "base/safefile.h"
#include "deploy.h"
#include "text.h"

#define OPTIONS_FILE "options-ssl-nginx.conf"
#define DHPARAMS_FILE "ssl-dhparams.pem"
#define SESSION_ZONE "shared:le_nginx_SSL:"

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

/* One line for the TLS twin of l. Socket options belong to one listen of all
 * for an address: only ipv6only=off comes along, on a socket that is new. */
static void
add_listen(const struct nginx *n, struct buf *b, const struct listen *l,
    const char *key)
{
	const struct listen *other = model_listen(n->model, key);
	const char *address = strncmp(key, "*:", 2) == 0 ? key + 2 : key;

	(void)buf_addf(b, "listen %s ssl", address);
	if (other != NULL && other->http2)
		(void)buf_adds(b, " http2");
	if (l->proxy_protocol || (other != NULL && other->proxy_protocol))
		(void)buf_adds(b, " proxy_protocol");
	if (other == NULL && l->ipv6only == 0 &&
	    model_listen(n->model, "*:443") == NULL)
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
		v4 |= !s->listens[i].is_ipv6 && !s->listens[i].is_unix;
	}
	key = xasprintf("[::]:%ld", n->https_port);
	if (v6 && is_new_key(s, keys, key))
		add_listen(n, b, &any, key);
	free(key);
	key = xasprintf("*:%ld", n->https_port);
	if ((v4 || !v6) && is_new_key(s, keys, key))
		add_listen(n, b, &any, key);
	free(key);
}

static void
add_listens(const struct nginx *n, struct buf *b, const struct server *s)
{
	jv keys = doc_array();
	size_t mirrored = 0;

	for (size_t i = 0; i < s->n_listens; i++) {
		const struct listen *l = &s->listens[i];
		char *key;

		if (!is_on_http_port(n, l))
			continue;
		mirrored++;
		key = tls_key(n, l);
		if (is_new_key(s, &keys, key))
			add_listen(n, b, l, key);
		free(key);
	}
	if (mirrored == 0)
		add_wildcards(n, b, s, &keys);
	doc_free(keys);
}

/* A listen on the TLS port that does not say ssl yet. */
static void
upgrade_listens(const struct nginx *n, const struct server *s)
{
	for (size_t i = 0; i < s->n_listens; i++) {
		const struct listen *l = &s->listens[i];

		if (l->at.file != NULL && !l->is_unix && !l->quic && !l->ssl &&
		    l->port == n->https_port && l->last == l->port)
			directive_extend(l->at, "ssl");
	}
}

static int
has(struct nginx *n, const struct server *s, const char *name)
{
	struct place at;

	return conf_first(n->conf, s->at, name, &at);
}

static int
find_other_zone(void *ctx, struct place p)
{
	const char *ours = ctx;

	if (place_node(p)->is_block)
		return 0;
	for (size_t i = 1;
	     place_is(p, "ssl_session_cache") && i < place_words(p); i++)
		if (strncmp(place_text(p, i), SESSION_ZONE,
			strlen(SESSION_ZONE)) == 0 &&
		    strcmp(place_text(p, i), ours) != 0)
			return 1;
	return 0;
}

/* Our zone of sessions exists with another size somewhere, which nginx does
 * not accept twice. */
static int
zone_conflicts(struct nginx *n, const struct tree *t, int node)
{
	const char *ours = tree_text(t, node, 1);
	struct place at = n->model->http;

	if (!tree_is(t, node, "ssl_session_cache"))
		return 0;
	if (conf_each(n->conf, at, find_other_zone, (void *)(uintptr_t)ours))
		return 1;
	for (size_t i = 0; i < n->model->n; i++)
		if (conf_each(n->conf, n->model->servers[i].at, find_other_zone,
			(void *)(uintptr_t)ours))
			return 1;
	return 0;
}

/* Those settings of the file that the server does not have, a line each. */
static void
add_settings(struct nginx *n, struct buf *b, const struct server *s,
    const char *bytes, const struct tree *t, const char *include)
{
	size_t own = 0;

	for (int c = t->first; c != -1; c = t->nodes[c].next)
		own += has(n, s, tree_text(t, c, 0)) || zone_conflicts(n, t, c);
	if (own == 0) {
		(void)buf_addf(b, "include %s;" MANAGED "\n", include);
		return;
	}
	for (int c = t->first; c != -1; c = t->nodes[c].next) {
		const struct node *d = &t->nodes[c];

		if (!has(n, s, tree_text(t, c, 0)) && !zone_conflicts(n, t, c))
			(void)buf_addf(b, "%.*s" MANAGED "\n",
			    (int)(d->end - d->start), bytes + d->start);
	}
}

static int
add_options(struct nginx *n, struct buf *b, const struct server *s,
    struct err *err)
{
	char *path = nginx_config_file(n, OPTIONS_FILE);
	char *word = text_word(path, err);
	struct tree *t = NULL;
	struct buf text;

	buf_init(&text, FILE_TEXT_MAX);
	if (word != NULL && safefile_read(path, &text, err) == 0)
		t = tree_parse(text.p, text.len, path, err);
	if (t != NULL)
		add_settings(n, b, s, text.p, t, word);
	buf_release(&text);
	free(word);
	free(path);
	tree_free(t);
	return t == NULL ? -1 : 0;
}

static int
add_dhparams(struct nginx *n, struct buf *b, const struct server *s,
    struct err *err)
{
	char *path, *word;

	if (has(n, s, "ssl_dhparam"))
		return 0;
	path = nginx_config_file(n, DHPARAMS_FILE);
	word = text_word(path, err);
	if (word != NULL)
		(void)buf_addf(b, "ssl_dhparam %s;" MANAGED "\n", word);
	free(path);
	free(word);
	return word == NULL ? -1 : 0;
}

/* The certificate or key of a server that has one; a line to add otherwise. */
static void
set_or_add(struct nginx *n, struct buf *b, const struct server *s,
    const char *name, const char *word, const char *path)
{
	struct place at;

	if (!conf_first(n->conf, s->at, name, &at))
		(void)buf_addf(b, "%s %s;" MANAGED "\n", name, word);
	else if (strcmp(place_text(at, 1), path) != 0)
		directive_set(at, word);
}

void
deploy_set(struct nginx *n, size_t i, const struct deploy *d)
{
	const struct server *s = &n->model->servers[i];
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	set_or_add(n, &b, s, "ssl_certificate", d->cert_word, d->fullchain);
	set_or_add(n, &b, s, "ssl_certificate_key", d->key_word, d->key);
	if (b.len > 0)
		block_append(s->at, b.p, 1);
	buf_release(&b);
}

int
deploy_lines(struct nginx *n, size_t i, const struct deploy *d, struct buf *b,
    struct err *err)
{
	const struct server *s = &n->model->servers[i];

	add_listens(n, b, s);
	if (!has(n, s, "ssl_certificate"))
		(void)buf_addf(b, "ssl_certificate %s;" MANAGED "\n",
		    d->cert_word);
	if (!has(n, s, "ssl_certificate_key"))
		(void)buf_addf(b, "ssl_certificate_key %s;" MANAGED "\n",
		    d->key_word);
	if (add_options(n, b, s, err) != 0)
		return -1;
	return add_dhparams(n, b, s, err);
}

int
deploy_make_tls(struct nginx *n, size_t i, const struct deploy *d,
    struct err *err)
{
	const struct server *s = &n->model->servers[i];
	struct buf b;
	int rc;

	buf_init(&b, SIZE_MAX - 1);
	if (s->listens[0].at.file == NULL)
		(void)buf_addf(&b, "listen %d;" MANAGED "\n", PLAIN_HTTP_PORT);
	rc = deploy_lines(n, i, d, &b, err);
	if (rc == 0) {
		upgrade_listens(n, s);
		block_append(s->at, b.p, 1);
		if (has(n, s, "ssl_certificate") ||
		    has(n, s, "ssl_certificate_key"))
			deploy_set(n, i, d);
	}
	buf_release(&b);
	return rc;
}
