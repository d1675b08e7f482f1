#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "enhance.h"
#include "text.h"

/* Headers that can be asked for: the name that the host uses, and what nginx
 * is told. */
static const struct header {
	const char *asked, *name, *value;
} headers[] = {
    {"Strict-Transport-Security", "Strict-Transport-Security",
	"max-age=31536000"},
    {"Upgrade-Insecure-Requests", "Content-Security-Policy",
	"upgrade-insecure-requests"},
};

static int
is_header(struct place p, const struct header *h)
{
	if (!place_is(p, "add_header") ||
	    strcasecmp(place_text(p, 1), h->name) != 0)
		return 0;
	/* A policy of other contents is no reason to do without this one. */
	return h == &headers[0] ||
	    strcasestr(place_text(p, 2), h->value) != NULL;
}

struct search {
	struct conf *conf;
	const struct header *header;
};

/* Anywhere in the server, in its locations, too. */
static int
search(void *ctx, struct place p)
{
	struct search *s = ctx;

	if (place_node(p)->is_block)
		return conf_each(s->conf, p, search, s);
	return is_header(p, s->header);
}

/* nginx hands headers down only to a block that has none of its own. */
static int
has_headers(void *ctx, struct place p)
{
	(void)ctx;
	return place_is(p, "add_header");
}

struct lines {
	struct buf *b;
};

static int
add_inherited(void *ctx, struct place p)
{
	struct lines *l = ctx;
	char *words;

	if (!place_is(p, "add_header"))
		return 0;
	words = directive_words(p);
	(void)buf_addf(l->b, "%s;" MANAGED "\n", words);
	free(words);
	return 0;
}

/* The blocks in this one that have headers of their own, in the same file. */
static void
add_to_inner(struct conf *c, struct place block, const char *line)
{
	const struct tree *t = block.file->tree;

	for (int d = t->nodes[block.node].child; d != -1;
	     d = t->nodes[d].next) {
		struct place p = {block.file, d};

		if (!t->nodes[d].is_block || t->nodes[d].is_raw)
			continue;
		if (conf_each(c, p, has_headers, NULL))
			block_append(p, line, 0);
		add_to_inner(c, p, line);
	}
}

static void
add_header(struct nginx *n, const struct server *s, const struct header *h)
{
	struct buf b;
	char *line = xasprintf("add_header %s \"%s\" always;" MANAGED "\n",
	    h->name, h->value);

	buf_init(&b, SIZE_MAX - 1);
	if (!conf_each(n->conf, s->at, has_headers, NULL))
		(void)conf_each(n->conf, n->model->http, add_inherited,
		    &(struct lines){&b});
	(void)buf_adds(&b, line);
	block_append(s->at, b.p, 0);
	add_to_inner(n->conf, s->at, line);
	(void)buf_addf(&n->notes, "Added header %s in %s\n", h->name,
	    s->at.file->path);
	buf_release(&b);
	free(line);
}

static const struct header *
find_header(const char *asked)
{
	for (size_t i = 0; asked != NULL && i < ARRAY_LEN(headers); i++)
		if (strcmp(headers[i].asked, asked) == 0)
			return &headers[i];
	return NULL;
}

/* Servers that have the name with TLS, and without plaintext: a header about
 * TLS is not for plaintext answers. */
static int
choose_split(struct nginx *n, const char *domain, const struct header *h,
    struct picks *p, struct err *err)
{
	int rc = 1;

	while (rc == 1) {
		picks_release(p);
		rc = choose_for_tls(n, domain, p, err);
		for (size_t i = 0; rc == 0 && i < p->n; i++) {
			const struct server *s = &n->model->servers[p->list[i]];

			if (!conf_each(n->conf, s->at, search,
				&(struct search){n->conf, h}))
				rc = split_server(n, p->list[i], err);
		}
	}
	return rc;
}

int
enhance_header(struct nginx *n, const char *domain, const char *asked,
    struct err *err)
{
	const struct header *h = find_header(asked);
	struct picks p = {0};
	size_t added = 0;
	int rc;

	if (h == NULL)
		return err_set(err, ERR_notSupported,
		    "%s is not supported by the nginx plugin.",
		    asked == NULL ? "a header without name" : asked);
	rc = choose_split(n, domain, h, &p, err);
	for (size_t i = 0; rc == 0 && i < p.n; i++) {
		const struct server *s = &n->model->servers[p.list[i]];

		if (conf_each(n->conf, s->at, search,
			&(struct search){n->conf, h}))
			continue;
		add_header(n, s, h);
		added++;
	}
	picks_release(&p);
	if (rc == 0 && added == 0)
		return err_set(err, ERR_alreadyPresent, "Existing %s header",
		    h->name);
	return rc == 0 ? nginx_settle(n, err) : -1;
}
