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

struct find_file {
	struct conf *conf;
	const struct conf_file *file;
};

static int
holds_file(void *ctx, struct place p)
{
	struct find_file *f = ctx;

	return p.file == f->file ||
	    (place_node(p)->is_block && conf_each(f->conf, p, holds_file, f));
}

/* Is the file part of another server, too? The plaintext copy that was split
 * off this one is none. */
static int
is_shared(const struct nginx *n, const struct server *s,
    const struct conf_file *file)
{
	struct find_file f = {n->conf, file};

	for (size_t i = 0; file != s->at.file && i < n->model->n; i++) {
		const struct server *o = &n->model->servers[i];

		if (o == s || (is_managed(o->at) && !server_listens(o, 1, 0)))
			continue;
		if (conf_each(n->conf, o->at, holds_file, &f))
			return 1;
	}
	return 0;
}

/* The header for the blocks in a server that have headers of their own. */
struct inner {
	struct nginx *n;
	const struct server *server;
	const char *line;
	struct place *done; /* a file may be included twice */
	size_t n_done;
};

static void
add_to_block(struct inner *in, struct place p)
{
	for (size_t i = 0; i < in->n_done; i++)
		if (in->done[i].file == p.file && in->done[i].node == p.node)
			return;
	in->done = xrealloc(in->done, (in->n_done + 1) * sizeof(*in->done));
	in->done[in->n_done++] = p;
	if (!is_shared(in->n, in->server, p.file)) {
		block_append(p, in->line, 0);
		return;
	}
	guest_log(in->n->g, LOG_WARNING, SHOW_LOG,
	    "%s:%zu: what is answered here goes without the new header: this block has headers of its own, and the file belongs to other servers as well.",
	    p.file->path, place_node(p)->line);
}

static int
add_to_inner(void *ctx, struct place p)
{
	struct inner *in = ctx;

	if (!place_node(p)->is_block || place_node(p)->is_raw)
		return 0;
	if (conf_each(in->n->conf, p, has_headers, NULL))
		add_to_block(in, p);
	return conf_each(in->n->conf, p, add_to_inner, in);
}

static void
add_header(struct nginx *n, const struct server *s, const struct header *h)
{
	struct inner in = {.n = n, .server = s};
	struct buf b;
	char *line = xasprintf("add_header %s \"%s\" always;" MANAGED "\n",
	    h->name, h->value);

	buf_init(&b, SIZE_MAX - 1);
	if (!conf_each(n->conf, s->at, has_headers, NULL))
		(void)conf_each(n->conf, n->model->http, add_inherited,
		    &(struct lines){&b});
	(void)buf_adds(&b, line);
	block_append(s->at, b.p, 0);
	in.line = line;
	(void)conf_each(n->conf, s->at, add_to_inner, &in);
	free(in.done);
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
