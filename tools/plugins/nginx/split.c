#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "enhance.h"
#include "redirects.h"
#include "text.h"

static int
is_http(const struct nginx *n, const struct listen *l)
{
	return !l->is_unix && !l->quic && !l->ssl &&
	    ((l->port <= PLAIN_HTTP_PORT && PLAIN_HTTP_PORT <= l->last) ||
		(l->port <= n->http01_port && n->http01_port <= l->last));
}

static int
same(struct place a, struct place b)
{
	return a.file == b.file && a.node == b.node;
}

/* The listen of s whose directive stands at p; NULL. */
static const struct listen *
listen_at(const struct server *s, struct place p)
{
	for (size_t i = 0; i < s->n_listens; i++)
		if (s->listens[i].at.file != NULL && same(s->listens[i].at, p))
			return &s->listens[i];
	return NULL;
}

/* Settings of TLS that a plaintext copy has no use for. */
static int
is_tls_setting(struct place p)
{
	return strncmp(place_text(p, 0), "ssl_", 4) == 0 ||
	    (place_is(p, "include") && is_managed(p)) ||
	    (place_is(p, "add_header") &&
		strcasecmp(place_text(p, 1), "Strict-Transport-Security") == 0);
}

/* Includes that bring listens are part of the server's text from now on. */
static int
bring_listens(struct nginx *n, const struct server *s, struct err *err)
{
	for (size_t i = 0; i < s->n_listens; i++) {
		struct place at = s->listens[i].at;
		const struct tree *t = s->at.file->tree;

		if (at.file == NULL || at.file == s->at.file)
			continue;
		for (int c = t->nodes[s->at.node].child; c != -1;
		     c = t->nodes[c].next) {
			struct place p = {s->at.file, c}, found;
			const struct included *inc = conf_included(p);

			for (size_t k = 0; k < inc->n; k++) {
				struct place in = {inc->list[k], -1};

				if (!conf_first(n->conf, in, "listen", &found))
					continue;
				include_inline(p);
				return nginx_settle(n, err) == 0 ? 1 : -1;
			}
		}
	}
	return 0;
}

static void
divide(struct nginx *n, const struct server *s, struct copy *c)
{
	const struct tree *t = s->at.file->tree;

	for (int d = t->nodes[s->at.node].child; d != -1;
	     d = t->nodes[d].next) {
		struct place p = {s->at.file, d};
		const struct listen *l = listen_at(s, p);

		if (l != NULL && is_http(n, l))
			directive_remove(p);
		else if (l != NULL || is_tls_setting(p))
			copy_remove(c, p);
	}
}

int
split_server(struct nginx *n, size_t i, struct err *err)
{
	const struct server *s = &n->model->servers[i];
	struct copy c;
	const char *text;
	char *marked;
	size_t plain = 0, len;
	int rc;

	for (size_t k = 0; k < s->n_listens; k++)
		plain += is_http(n, &s->listens[k]) ? 1 : 0;
	if (plain == 0 || !server_listens(s, 1, 0))
		return 0;
	rc = bring_listens(n, s, err);
	if (rc != 0)
		return rc;
	copy_begin(&c, s->at);
	divide(n, s, &c);
	text = copy_text(&c, &len);
	marked = xasprintf("%.*s" MANAGED, (int)len, text);
	block_follow(s->at, marked, strlen(marked));
	free(marked);
	copy_end(&c);
	return nginx_settle(n, err) == 0 ? 1 : -1;
}

/* --- reducing --------------------------------------------------------------- */

/* Does the server have a redirect of ours for this name? */
static int
is_redirected(const struct server *s, const char *name)
{
	const struct tree *t = s->at.file->tree;

	for (int d = t->nodes[s->at.node].child; d != -1; d = t->nodes[d].next)
		if (is_managed((struct place){s->at.file, d}) &&
		    redirect_kind(s, (struct place){s->at.file, d}, name) ==
			REDIRECT_HOST)
			return 1;
	return 0;
}

/* Our headers were added after the copy was made. */
static int
is_our_header(struct place p)
{
	return place_is(p, "add_header") && is_managed(p);
}

/* The next of the directives from node c on that is not such a header; -1. */
static int
next_own(struct place block, int c)
{
	const struct tree *t = block.file->tree;

	while (c != -1 && is_our_header((struct place){block.file, c}))
		c = t->nodes[c].next;
	return c;
}

/* Do two directives say the same? */
static int
is_same(struct place a, struct place b)
{
	const struct tree *ta = a.file->tree, *tb = b.file->tree;
	int x = ta->nodes[a.node].child, y = tb->nodes[b.node].child;
	char *wa = directive_words(a), *wb = directive_words(b);
	int same = strcmp(wa, wb) == 0 && !ta->nodes[a.node].is_raw;

	free(wa);
	free(wb);
	x = next_own(a, x);
	y = next_own(b, y);
	while (same && x != -1 && y != -1) {
		same = is_same((struct place){a.file, x},
		    (struct place){b.file, y});
		x = next_own(a, ta->nodes[x].next);
		y = next_own(b, tb->nodes[y].next);
	}
	return same && x == -1 && y == -1;
}

/* Code is compared byte by byte. */
static int
is_same_code(struct place a, struct place b)
{
	size_t la, lb;
	const char *pa = edit_bytes(a.file->edit, &la);
	const char *pb = edit_bytes(b.file->edit, &lb);
	const struct node *x = place_node(a), *y = place_node(b);

	return x->end - x->start == y->end - y->start &&
	    memcmp(pa + x->start, pb + y->start, x->end - x->start) == 0;
}

static int
has_same(const struct server *s, struct place p)
{
	const struct tree *t = s->at.file->tree;

	for (int d = t->nodes[s->at.node].child; d != -1;
	     d = t->nodes[d].next) {
		struct place q = {s->at.file, d};

		if (is_same_code(q, p) || is_same(q, p))
			return 1;
	}
	return 0;
}

static int
stays(const struct server *s, struct place p)
{
	if (place_is(p, "listen") || place_is(p, "server_name"))
		return 1;
	if (place_is(p, "include")) {
		for (size_t i = 0; i < s->n_names; i++)
			if (s->names[i].at.file != s->at.file)
				return 1;
		return 0;
	}
	return place_is(p, "if") && is_managed(p);
}

/* Is all that the copy would lose in this server as well? */
static int
is_twin(const struct server *copy, const struct server *s)
{
	const struct tree *t = copy->at.file->tree;

	if (s == copy || s->at.file != copy->at.file ||
	    !server_listens(s, 1, 0))
		return 0;
	for (int d = t->nodes[copy->at.node].child; d != -1;
	     d = t->nodes[d].next) {
		struct place p = {copy->at.file, d};

		if (!stays(copy, p) && !has_same(s, p))
			return 0;
	}
	return 1;
}

/* Is it reduced already? */
static int
has_return(const struct server *s)
{
	const struct tree *t = s->at.file->tree;

	for (int d = t->nodes[s->at.node].child; d != -1; d = t->nodes[d].next)
		if (tree_is(t, d, "return") &&
		    is_managed((struct place){s->at.file, d}))
			return 1;
	return 0;
}

static int
can_reduce(const struct nginx *n, const struct server *s)
{
	int all = s->n_names > 0 && is_managed(s->at) && !has_return(s) &&
	    !server_listens(s, 1, 0);

	for (size_t i = 0; all && i < s->n_names; i++)
		all = is_redirected(s, s->names[i].text);
	for (size_t i = 0; all && i < n->model->n; i++)
		if (is_twin(s, &n->model->servers[i]))
			return 1;
	return 0;
}

static void
reduce(const struct server *s)
{
	const struct tree *t = s->at.file->tree;
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	for (int d = t->nodes[s->at.node].child; d != -1;
	     d = t->nodes[d].next) {
		struct place p = {s->at.file, d};
		char *words;

		if (!stays(s, p))
			continue;
		words = directive_words(p);
		if (place_is(p, "if"))
			(void)buf_addf(&b, "%s" REDIRECT_BODY "\n", words);
		else
			(void)buf_addf(&b, "%s;%s\n", words,
			    is_managed(p) ? MANAGED : "");
		free(words);
	}
	(void)buf_adds(&b, "return 404;" MANAGED "\n");
	block_replace(s->at, b.p);
	buf_release(&b);
}

int
split_reduce(struct nginx *n, struct err *err)
{
	for (size_t i = 0; i < n->model->n; i++) {
		if (!can_reduce(n, &n->model->servers[i]))
			continue;
		reduce(&n->model->servers[i]);
		return nginx_settle(n, err);
	}
	return 0;
}
