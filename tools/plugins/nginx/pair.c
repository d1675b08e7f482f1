/* pair.c - a server's certificates and their keys (deploy.h). */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/safefile.h"
#include "crypto/cert.h"
#include "deploy.h"

struct pairs {
	const char *name;
	struct place *list;
	size_t n;
};

static int
collect(void *ctx, struct place at)
{
	struct pairs *p = ctx;

	if (!place_is(at, p->name))
		return 0;
	p->list = xrealloc(p->list, (p->n + 1) * sizeof(p->list[0]));
	p->list[p->n++] = at;
	return 0;
}

jv
pair_info(const struct nginx *n, const char *value)
{
	char *path = path_join(n->root, value);
	jv info = doc_none();
	struct buf b;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, NULL) == 0 && b.len > 0)
		info = cert_info(b.p, b.len, NULL);
	buf_release(&b);
	free(path);
	return info;
}

/* Is the certificate that is named here for the same kind of key? */
static int
is_same_kind(const struct nginx *n, struct place at, const struct deploy *d)
{
	jv info = pair_info(n, place_text(at, 1));
	jv type = doc_get_kind(info, "keyType", DOC_STRING);
	int same = !doc_is(type, DOC_NONE) && doc_equal(type, d->key_type);

	doc_free(type);
	doc_free(info);
	return same;
}

/* That certificate itself, else one of its kind, the last of which counts, else
 * the first. */
static size_t
choose_pair(const struct nginx *n, const struct pairs *certs,
    const struct deploy *d)
{
	size_t found = 0;

	for (size_t i = 0; i < certs->n; i++)
		if (strcmp(place_text(certs->list[i], 1), d->fullchain) == 0)
			return i;
	for (size_t i = 0; certs->n > 1 && i < certs->n; i++)
		if (is_same_kind(n, certs->list[i], d))
			found = i;
	return found;
}

void
pair_find(struct nginx *n, const struct server *s, const struct deploy *d,
    struct place *cert, struct place *key)
{
	struct pairs certs = {.name = "ssl_certificate"};
	struct pairs keys = {.name = "ssl_certificate_key"};
	size_t at;

	(void)conf_each(n->conf, s->at, collect, &certs);
	(void)conf_each(n->conf, s->at, collect, &keys);
	at = choose_pair(n, &certs, d);
	*cert = at < certs.n ? certs.list[at] : (struct place){NULL, -1};
	*key = at < keys.n ? keys.list[at] : (struct place){NULL, -1};
	free(certs.list);
	free(keys.list);
}
