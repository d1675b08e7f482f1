#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "choose.h"
#include "deploy.h"
#include "redirects.h"
#include "text.h"

enum {
	BUCKET = 64,	 /* nginx's own size, of a cache line */
	BUCKET_USED = 18 /* what a name costs besides its bytes */
};

/* What belongs to one listen of all for an address, or to the default. */
static int
is_socket_option(const char *text)
{
	static const char *const words[] = {"default_server", "default",
	    "deferred", "bind", "reuseport"};
	static const char *const settings[] = {
	    "setfib=", "fastopen=", "backlog=", "rcvbuf=", "sndbuf=",
	    "accept_filter=", "ipv6only=", "so_keepalive="};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(text, words[i]) == 0)
			return 1;
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (strncmp(text, settings[i], strlen(settings[i])) == 0)
			return 1;
	return 0;
}

/* What a listen says of more than this one server is not said again; malloc'd. */
static char *
shared_listen(struct place p)
{
	size_t len;
	const char *bytes = edit_bytes(p.file->edit, &len);
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	for (size_t i = 1; i < place_words(p); i++) {
		const struct word *w = tree_word(p.file->tree, p.node, i);

		if (is_socket_option(w->text))
			continue;
		if (b.len > 0)
			(void)buf_addc(&b, ' ');
		(void)buf_add(&b, bytes + w->start, w->end - w->start);
	}
	return buf_detach(&b);
}

void
separate_make_room(struct nginx *n, const char *domain)
{
	size_t need = strlen(domain) + BUCKET_USED, size = BUCKET;
	struct place at;
	char *text;

	while (size < need)
		size *= 2;
	if (size == BUCKET || n->model->http.file == NULL)
		return;
	if (conf_first(n->conf, n->model->http, "server_names_hash_bucket_size",
		&at)) {
		text = xasprintf("%zu", size);
		if (strtoul(place_text(at, 1), NULL, 10) < size)
			directive_set(at, text);
	} else {
		text = xasprintf("server_names_hash_bucket_size %zu;" MANAGED,
		    size);
		block_prepend(n->model->http, text);
	}
	free(text);
}

/* Listens or names of server i that come from another file are brought into
 * its own text: 1 when there were some, and all is settled. */
static int
bring_in(struct nginx *n, size_t i, struct err *err)
{
	const struct server *s = &n->model->servers[i];
	const struct tree *t = s->at.file->tree;

	for (int c = t->nodes[s->at.node].child; c != -1;
	     c = t->nodes[c].next) {
		struct place p = {s->at.file, c};
		const struct included *inc = conf_included(p);

		for (size_t k = 0; k < inc->n; k++) {
			struct place in = {inc->list[k], -1}, at;

			if (conf_first(n->conf, in, "listen", &at) ||
			    conf_first(n->conf, in, "server_name", &at)) {
				include_inline(p);
				return nginx_settle(n, err) == 0 ? 1 : -1;
			}
		}
	}
	return 0;
}

/* The copy answers to domain alone, and shares its addresses. */
static void
rename_copy(struct copy *c, const struct server *s, const char *domain)
{
	const struct tree *t = s->at.file->tree;
	int named = 0;

	for (int d = t->nodes[s->at.node].child; d != -1;
	     d = t->nodes[d].next) {
		struct place p = {s->at.file, d};

		if (tree_is(t, d, "listen")) {
			char *words = shared_listen(p);

			copy_set(c, p, words);
			free(words);
		} else if (tree_is(t, d, "server_name")) {
			if (named++ == 0)
				copy_set(c, p, domain);
			else
				copy_remove(c, p);
		}
	}
	if (named == 0) {
		char *line = xasprintf("server_name %s;\n", domain);

		copy_add(c, line, 0);
		free(line);
	}
}

/* The copy behind its original; it bears our marker. */
static int
put_copy(struct nginx *n, struct copy *c, struct err *err)
{
	size_t len;
	const char *text = copy_text(c, &len);
	char *marked = xasprintf("%.*s" MANAGED, (int)len, text);

	block_follow(c->block, marked, strlen(marked));
	free(marked);
	copy_end(c);
	return nginx_settle(n, err);
}

/* One more name for the copy of the default server that this run made. */
static int
extend_clone(struct nginx *n, const char *domain, struct err *err)
{
	for (size_t i = 0; i < n->model->n; i++) {
		const struct server *s = &n->model->servers[i];

		if (s->n_names == 0 || strcmp(s->names[0].text, n->clone) != 0)
			continue;
		separate_make_room(n, domain);
		directive_extend(s->names[0].at, domain);
		return nginx_settle(n, err) == 0 ? 1 : -1;
	}
	return 0;
}

static int
clone(struct nginx *n, size_t i, const char *domain, struct err *err)
{
	const struct server *s = &n->model->servers[i];
	const struct tree *t = s->at.file->tree;
	struct copy c;

	copy_begin(&c, s->at);
	rename_copy(&c, s, domain);
	for (int d = t->nodes[s->at.node].child; d != -1;
	     d = t->nodes[d].next) {
		struct place p = {s->at.file, d};

		if (tree_is(t, d, "ssl_reject_handshake") ||
		    redirect_kind(s, p, domain) == REDIRECT_SELF)
			copy_remove(&c, p);
	}
	separate_make_room(n, domain);
	free(n->clone);
	n->clone = xstrdup(domain);
	return put_copy(n, &c, err);
}

int
separate_default(struct nginx *n, const char *domain, long port, int any_port,
    struct err *err)
{
	size_t i;
	int rc = n->clone == NULL ? 0 : extend_clone(n, domain, err);

	if (rc != 0)
		return rc == 1 ? 0 : -1;
	do {
		if (choose_default(n, domain, port, any_port, &i, err) != 0)
			return -1;
		rc = bring_in(n, i, err);
	} while (rc == 1);
	return rc == 0 ? clone(n, i, domain, err) : -1;
}

int
separate_redirect(struct nginx *n, size_t i, const struct deploy *d,
    struct err *err)
{
	const struct server *s = &n->model->servers[i];
	const struct tree *t = s->at.file->tree;
	struct copy c;
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	if (deploy_lines(n, i, d, &b, err) != 0) {
		buf_release(&b);
		return -1;
	}
	copy_begin(&c, s->at);
	for (int k = t->nodes[s->at.node].child; k != -1;
	     k = t->nodes[k].next) {
		struct place p = {s->at.file, k};
		int ours = tree_is(t, k, "return") && is_managed(p);

		if (tree_is(t, k, "listen") || ours ||
		    redirect_kind(s, p, d->domain) != REDIRECT_NONE)
			copy_remove(&c, p);
	}
	copy_add(&c, b.p, 1);
	buf_release(&b);
	return put_copy(n, &c, err);
}

/* The original gives the name up, for it comes first. */
static void
take_name(const struct server *s, const char *domain)
{
	struct place last = {NULL, -1}; /* its names come one after another */

	for (size_t k = 0; k < s->n_names; k++) {
		struct place p = s->names[k].at;

		if (strcasecmp(s->names[k].text, domain) != 0 ||
		    (p.file == last.file && p.node == last.node))
			continue;
		directive_drop(p, domain);
		last = p;
	}
}

int
separate_name(struct nginx *n, size_t i, const char *domain, struct err *err)
{
	const struct server *s;
	struct copy c;
	int rc = bring_in(n, i, err);

	if (rc != 0)
		return rc == 1 ? 0 : -1;
	s = &n->model->servers[i];
	copy_begin(&c, s->at);
	rename_copy(&c, s, domain);
	separate_make_room(n, domain);
	take_name(s, domain);
	return put_copy(n, &c, err);
}
