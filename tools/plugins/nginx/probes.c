/* probes.c - is each challenge answered, before the CA asks (spec installers
 * G15)? */
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "http01.h"
#include "plugin/probe.h"

/* A new configuration that is in force answers at once; a server without
 * workers of its own gets this long. */
enum { PROBE_MS = 2000 };

struct probes {
	struct probe *list;
	size_t n;
};

/* Each socket once. */
static void
add_probe(struct probes *p, const struct listen *l, long port)
{
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->list[i].address, l->host) == 0) {
			p->list[i].proxy_protocol |= l->proxy_protocol;
			return;
		}
	}
	p->list = xrealloc(p->list, (p->n + 1) * sizeof(*p->list));
	p->list[p->n++] = (struct probe){.address = l->host,
	    .port = port,
	    .proxy_protocol = l->proxy_protocol};
}

/* Where the CA may ask: every plaintext socket on the port. */
static struct probes
find_probes(const struct nginx *n)
{
	struct probes p = {NULL, 0};
	long port = n->http01_port;

	for (size_t i = 0; i < n->model->n; i++) {
		const struct server *s = &n->model->servers[i];

		for (size_t k = 0; k < s->n_listens; k++) {
			const struct listen *l = &s->listens[k];

			if (!l->is_unix && !l->quic && !l->ssl &&
			    l->port <= port && port <= l->last)
				add_probe(&p, l, port);
		}
	}
	return p;
}

int
http01_probe(struct nginx *n, struct err *err)
{
	int64_t end = clock_ms() + PROBE_MS;
	jv all = guest_performed(n->g);
	struct probes p;
	int rc = 0;

	/* As it was written, with the servers that we have added. */
	if (nginx_settle(n, err) != 0) {
		doc_free(all);
		return -1;
	}
	p = find_probes(n);
	for (size_t i = 0; rc == 0 && i < doc_len(all); i++) {
		jv c = doc_at(all, i);

		rc = probe_challenge(n->g, p.list, p.n, c, end, err);
		doc_free(c);
	}
	free(p.list);
	doc_free(all);
	return rc;
}
