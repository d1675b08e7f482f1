/* What a virtual host is, of its directives. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "conf.h"
#include "lex.h"
#include "vec.h"

/* "host", "host:port", "[::1]:port", "*:port". */
static struct addr
parse_addr(const char *text)
{
	struct addr a;
	const char *bracket = strrchr(text, ']');
	const char *colon = strchr(bracket != NULL ? bracket : text, ':');

	if (colon == NULL) {
		a.host = xstrdup(text);
		a.port = xstrdup("");
	} else {
		a.host = xstrndup(text, (size_t)(colon - text));
		a.port = xstrdup(colon + 1);
	}
	return a;
}

void
vhost_begin(struct conf *c, struct vhost *v, const char *args)
{
	char *word;

	for (size_t i = 0; (word = node_arg(args, i)) != NULL; i++) {
		struct addr a = parse_addr(word);
		VEC_ADD(v->addrs, v->n_addrs, a);
		if (strcmp(a.port, "443") == 0 ||
		    strcmp(a.port, c->https_port) == 0)
			v->ssl = 1;
		free(word);
	}
}

void
vhost_end(struct conf *c, struct vhost *v)
{
	char *word;

	(void)c;
	for (size_t i = 0; i < v->n_entries; i++) {
		const struct entry *e = &v->entries[i];

		if (e->deep)
			continue;
		if (node_is(e->node, "ServerName")) {
			free(v->name);
			v->name = entry_arg(e, 0);
		} else if (node_is(e->node, "ServerAlias")) {
			for (size_t k = 0; (word = entry_arg(e, k)) != NULL;
			     k++)
				VEC_ADD(v->aliases, v->n_aliases, word);
		} else if (node_is(e->node, "SSLEngine")) {
			word = entry_arg(e, 0);
			v->ssl |= word != NULL && strcasecmp(word, "on") == 0;
			free(word);
		}
	}
}

void
vhost_free(struct vhost *v)
{
	for (size_t i = 0; i < v->n_addrs; i++) {
		free(v->addrs[i].host);
		free(v->addrs[i].port);
	}
	for (size_t i = 0; i < v->n_aliases; i++)
		free(v->aliases[i]);
	for (size_t i = 0; i < v->n_entries; i++)
		free(v->entries[i].args);
	free(v->addrs);
	free(v->aliases);
	free(v->entries);
	free(v->name);
	free(v);
}

const struct entry *
vhost_last(const struct vhost *v, const char *directive)
{
	for (size_t i = v->n_entries; i-- > 0;)
		if (!v->entries[i].deep &&
		    node_is(v->entries[i].node, directive))
			return &v->entries[i];
	return NULL;
}
