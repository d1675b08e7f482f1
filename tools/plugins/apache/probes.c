/* Is each challenge answered, before the CA asks (spec installers G15)? */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apache.h"
#include "base/proc.h"
#include "plugin/probe.h"
#include "vec.h"

/* After a reload that is known to be over, for what we cannot know. */
enum { PROBE_MS = 2000 };

struct probes {
	struct probe *list;
	size_t n;
};

/* "80", "1.2.3.4:80", "[::1]:80"; a second word is the protocol. */
static void
add_listen(struct probes *p, const struct entry *e, const char *port)
{
	char *arg = entry_arg(e, 0), *protocol = entry_arg(e, 1), *colon;
	struct probe one = {.port = strtol(port, NULL, 10)};

	colon = arg == NULL ? NULL : strrchr(arg, ':');
	if (arg != NULL && strcmp(colon == NULL ? arg : colon + 1, port) == 0 &&
	    (protocol == NULL || strcasecmp(protocol, "https") != 0)) {
		one.address = colon == NULL ?
		    xstrdup("*") :
		    xstrndup(arg, (size_t)(colon - arg));
		VEC_ADD(p->list, p->n, one);
	}
	free(protocol);
	free(arg);
}

static int
says_on(const struct entry *list, size_t n, const char *directive)
{
	int on = 0;

	for (size_t i = 0; i < n; i++) {
		char *arg = node_is(list[i].node, directive) ?
		    entry_arg(&list[i], 0) :
		    NULL;
		on |= arg != NULL && strcasecmp(arg, "off") != 0;
		free(arg);
	}
	return on;
}

static int
anywhere(const struct conf *c, const char *directive)
{
	int on = says_on(c->main, c->n_main, directive);

	for (size_t i = 0; !on && i < c->n_vhosts; i++)
		on = says_on(c->vhosts[i]->entries, c->vhosts[i]->n_entries,
		    directive);
	return on;
}

/* Every plaintext socket on the port of http-01. None when only some clients
 * have to speak the PROXY protocol: we may be one of them or not. */
static struct probes
find_probes(const struct apache *a)
{
	const struct conf *c = &a->conf;
	struct probes p = {NULL, 0};
	int proxy = anywhere(c, "RemoteIPProxyProtocol");

	if (proxy && anywhere(c, "RemoteIPProxyProtocolExceptions"))
		return p;
	for (size_t i = 0; i < c->n_main; i++)
		if (node_is(c->main[i].node, "Listen"))
			add_listen(&p, &c->main[i], a->http_port);
	for (size_t i = 0; i < p.n; i++)
		p.list[i].proxy_protocol = proxy;
	return p;
}

int
http01_probe(struct apache *a, jv challenges, struct err *err)
{
	int64_t end = clock_ms() + PROBE_MS;
	struct probes p = find_probes(a);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < doc_len(challenges); i++) {
		jv c = doc_at(challenges, i);

		rc = probe_challenge(a->g, p.list, p.n, c, end, err);
		doc_free(c);
	}
	for (size_t i = 0; i < p.n; i++)
		free((char *)p.list[i].address);
	free(p.list);
	return rc;
}
