#include <stdlib.h>
#include <string.h>

#include "base/safefile.h"
#include "deploy.h"
#include "text.h"

#define OPTIONS_FILE "options-ssl-nginx.conf"
#define DHPARAMS_FILE "ssl-dhparams.pem"
#define SESSION_ZONE "shared:le_nginx_SSL:"

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

/* A directive that is there, or else a line to add. */
static void
set_or_add(struct buf *b, struct place at, const char *name, const char *word,
    const char *path)
{
	if (at.file == NULL)
		(void)buf_addf(b, "%s %s;" MANAGED "\n", name, word);
	else if (strcmp(place_text(at, 1), path) != 0)
		directive_set(at, word);
}

void
deploy_set(struct nginx *n, size_t i, const struct deploy *d)
{
	const struct server *s = &n->model->servers[i];
	struct place cert, key;
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	pair_find(n, s, d, &cert, &key);
	set_or_add(&b, cert, "ssl_certificate", d->cert_word, d->fullchain);
	set_or_add(&b, key, "ssl_certificate_key", d->key_word, d->key);
	if (b.len > 0)
		block_append(s->at, b.p, 1);
	buf_release(&b);
}

int
deploy_lines(struct nginx *n, size_t i, const struct deploy *d, struct buf *b,
    struct err *err)
{
	const struct server *s = &n->model->servers[i];

	deploy_listens(n, i, b);
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
