#include "choose.h"

#include <stdlib.h>
#include <string.h>

#include "redirects.h"
#include "wildcard.h"

void
picks_release(struct picks *p)
{
	free(p->list);
	*p = (struct picks){0};
}

static void
pick(struct picks *p, size_t at)
{
	p->list = xrealloc(p->list, (p->n + 1) * sizeof(p->list[0]));
	p->list[p->n++] = at;
}

/* How nginx uses each server for domain; malloc'd. */
static unsigned char *
serves(const struct nginx *n, const char *domain, int tls, long port)
{
	unsigned char *s = xcalloc(n->model->n, 1);

	model_serves(n->model, domain, tls, port, s);
	return s;
}

static enum name_class
best_class(const struct nginx *n, const char *domain, const unsigned char *s)
{
	enum name_class best = CLASS_NONE;
	size_t len;

	for (size_t i = 0; i < n->model->n; i++) {
		enum name_class class;

		if ((s[i] & SERVES_NAME) == 0)
			continue;
		class = server_class(&n->model->servers[i], domain, &len);
		if (class < best)
			best = class;
	}
	return best;
}

/* Those that serve the name with this class. */
static void
pick_class(const struct nginx *n, const char *domain, const unsigned char *s,
    enum name_class class, struct picks *out)
{
	size_t len;

	for (size_t i = 0; i < n->model->n; i++)
		if ((s[i] & SERVES_NAME) != 0 &&
		    server_class(&n->model->servers[i], domain, &len) == class)
			pick(out, i);
}

/* Do all of those, which have no TLS, only redirect to https? Then what they
 * redirect to is what the name means. */
static int
only_redirect(const struct nginx *n, const char *domain,
    const unsigned char *plain, enum name_class class)
{
	struct picks p = {0};
	int all;

	pick_class(n, domain, plain, class, &p);
	all = p.n > 0;
	for (size_t i = 0; i < p.n; i++)
		all = all &&
		    redirects_to_itself(n->conf, &n->model->servers[p.list[i]],
			domain);
	picks_release(&p);
	return all;
}

static void
choose_certificate(const struct nginx *n, const char *domain, struct picks *out)
{
	unsigned char *tls = serves(n, domain, 1, 0);
	unsigned char *plain = serves(n, domain, 0, n->http01_port);
	enum name_class with = best_class(n, domain, tls), without;

	without = best_class(n, domain, plain);
	if (without == CLASS_NONE) {
		model_serves(n->model, domain, 0, 0, plain);
		without = best_class(n, domain, plain);
	}
	if (with != CLASS_NONE &&
	    (with <= without || only_redirect(n, domain, plain, without)))
		pick_class(n, domain, tls, with, out);
	else if (without != CLASS_NONE)
		pick_class(n, domain, plain, without, out);
	free(tls);
	free(plain);
}

int
choose_for_certificate(struct nginx *n, const char *domain, struct picks *out,
    struct err *err)
{
	choose_certificate(n, domain, out);
	if (out->n == 0 && domain[0] == '*')
		return wildcard_ask(n, domain, 0, &out->list, &out->n, err);
	return 0;
}

int
choose_for_redirect(struct nginx *n, const char *domain, struct picks *out,
    struct err *err)
{
	unsigned char *s = serves(n, domain, 0, PLAIN_HTTP_PORT);

	if (n->http01_port != PLAIN_HTTP_PORT)
		model_serves(n->model, domain, 0, n->http01_port, s);
	for (size_t i = 0; i < n->model->n; i++)
		if ((s[i] & SERVES_NAME) != 0)
			pick(out, i);
	free(s);
	if (out->n == 0 && domain[0] == '*')
		return wildcard_ask(n, domain, 1, &out->list, &out->n, err);
	return 0;
}

int
choose_for_tls(struct nginx *n, const char *domain, struct picks *out,
    struct err *err)
{
	unsigned char *s = serves(n, domain, 1, 0);

	for (size_t i = 0; i < n->model->n; i++)
		if ((s[i] & SERVES_NAME) != 0)
			pick(out, i);
	free(s);
	if (out->n == 0 && domain[0] == '*' &&
	    wildcard_ask(n, domain, 0, &out->list, &out->n, err) != 0)
		return -1;
	if (out->n == 0)
		return err_set(err, ERR_pluginFailed,
		    "Unable to find corresponding HTTPS host for enhancement: no server of '%s' has TLS, install a certificate for it first",
		    domain);
	return 0;
}

static int
is_default(const struct server *s, long port)
{
	for (size_t i = 0; i < s->n_listens; i++) {
		const struct listen *l = &s->listens[i];

		if (l->is_default && !l->is_unix && !l->quic &&
		    (port == 0 || (l->port <= port && port <= l->last)))
			return 1;
	}
	return 0;
}

/* The only server that is a default on port (0: any): 1. */
static int
only_default(const struct nginx *n, long port, size_t *out)
{
	size_t found = 0;

	for (size_t i = 0; i < n->model->n; i++) {
		if (is_default(&n->model->servers[i], port)) {
			*out = i;
			found++;
		}
	}
	return found == 1;
}

int
choose_default(struct nginx *n, const char *domain, long port, int any_port,
    size_t *out, struct err *err)
{
	if (only_default(n, port, out) || (any_port && only_default(n, 0, out)))
		return 0;
	return err_set(err, ERR_misconfigured,
	    "Could not automatically find a matching server block for %s. Set the `server_name` directive to use the Nginx installer.",
	    domain);
}
