/* Which virtual hosts a name means (spec installers C6, C7, G2, G14). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apache.h"
#include "ask.h"
#include "vec.h"

/* httpd's own patterns: "*" and "?", case does not matter. */
static int
pattern_matches(const char *p, const char *s)
{
	if (*p == '\0')
		return *s == '\0';
	if (*p == '*')
		return pattern_matches(p + 1, s) ||
		    (*s != '\0' && pattern_matches(p, s + 1));
	if (*s == '\0')
		return 0;
	return (*p == '?' || strncasecmp(p, s, 1) == 0) &&
	    pattern_matches(p + 1, s + 1);
}

char *
vhost_host(const struct vhost *v)
{
	const char *s = v->name, *scheme;
	char *host;
	size_t n;

	if (s == NULL)
		return NULL;
	scheme = strstr(s, "://");
	if (scheme != NULL)
		s = scheme + 3;
	n = *s == '[' ? strcspn(s, "]") + 1 : strcspn(s, ":");
	host = xstrndup(s, n);
	for (char *p = host; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return host;
}

static int
name_serves(const char *name, const char *domain)
{
	if (strcasecmp(name, domain) == 0)
		return 3;
	/* More stars than a name has any use for would take for ever. */
	if (strpbrk(name, "*?") != NULL && strchr(name, '[') == NULL &&
	    strlen(name) < 256 && pattern_matches(name, domain))
		return 2;
	return 0;
}

int
vhost_serves(const struct vhost *v, const char *domain)
{
	char *host = vhost_host(v);
	int best = host == NULL ? 0 : name_serves(host, domain);

	free(host);
	for (size_t i = 0; i < v->n_aliases; i++) {
		int s = name_serves(v->aliases[i], domain);
		best = s > best ? s : best;
	}
	for (size_t i = 0; best == 0 && i < v->n_addrs; i++)
		best = strcasecmp(v->addrs[i].host, domain) == 0;
	return best;
}

int
addr_any_port(const struct addr *a)
{
	return a->port[0] == '\0' || strcmp(a->port, "*") == 0;
}

static int
any_host(const char *host)
{
	return strcmp(host, "*") == 0 || strcasecmp(host, "_default_") == 0;
}

int
addr_same_host(const struct addr *a, const struct addr *b)
{
	return strcasecmp(a->host, b->host) == 0 ||
	    (any_host(a->host) && any_host(b->host));
}

static int
same_addr(const struct addr *a, const struct addr *b)
{
	return addr_same_host(a, b) &&
	    ((addr_any_port(a) && addr_any_port(b)) ||
		strcmp(a->port, b->port) == 0);
}

/* Does every address of v occur in one of these before it? Then httpd never
 * comes to v for a name that they have, too. Of plaintext ones the host alone
 * counts: they will all get the port of HTTPS. */
static int
shadowed(struct apache *a, const struct vhost *v, const struct vref *list,
    size_t n)
{
	for (size_t i = 0; i < v->n_addrs; i++) {
		int found = 0;

		for (size_t k = 0; k < n && !found; k++) {
			const struct vhost *o = vref_get(a, list[k]);
			for (size_t m = 0; m < o->n_addrs && !found; m++)
				found = v->ssl ?
				    same_addr(&v->addrs[i], &o->addrs[m]) :
				    !o->ssl &&
					addr_same_host(&v->addrs[i],
					    &o->addrs[m]);
		}
		if (!found)
			return 0;
	}
	return n > 0;
}

/* Does a chosen TLS vhost listen wherever the plaintext v does? */
static int
covered(struct apache *a, const struct vhost *v, const struct vref *list,
    size_t n)
{
	for (size_t i = 0; i < v->n_addrs; i++) {
		int found = any_host(v->addrs[i].host) && n > 0;

		for (size_t k = 0; k < n && !found; k++) {
			const struct vhost *o = vref_get(a, list[k]);
			for (size_t m = 0; m < o->n_addrs && !found; m++)
				found = any_host(o->addrs[m].host) ||
				    addr_same_host(&v->addrs[i], &o->addrs[m]);
		}
		if (!found)
			return 0;
	}
	return n > 0;
}

struct pick {
	struct vref *list;
	size_t n;
};

static void
pick_add(struct pick *p, struct vref r)
{
	VEC_ADD(p->list, p->n, r);
}

static int
on_http(const struct apache *a, const struct vhost *v)
{
	for (size_t i = 0; i < v->n_addrs; i++)
		if (addr_any_port(&v->addrs[i]) ||
		    strcmp(v->addrs[i].port, a->http_port) == 0)
			return 1;
	return 0;
}

/* TLS ones, plaintext ones where people come, plaintext ones elsewhere. */
static int
rank(const struct apache *a, const struct vhost *v)
{
	return v->ssl ? 0 : on_http(a, v) ? 1 : 2;
}

/* The vhosts of the best class, TLS ones first; then the plaintext ones that
 * no chosen TLS vhost covers. */
static void
pick_by_name(struct apache *a, const char *domain, struct pick *p)
{
	const struct conf *c = &a->conf;
	int best = 0;
	size_t tls = 0;

	for (size_t i = 0; i < c->n_vhosts; i++) {
		int s = c->vhosts[i]->macro ?
		    0 :
		    vhost_serves(c->vhosts[i], domain);
		best = s > best ? s : best;
	}
	if (best == 0)
		return;
	for (int now = 0; now <= 2; now++) {
		for (size_t i = 0; i < c->n_vhosts; i++) {
			struct vhost *v = c->vhosts[i];

			if (v->macro || rank(a, v) != now ||
			    vhost_serves(v, domain) != best ||
			    shadowed(a, v, p->list, p->n) ||
			    (now > 0 && covered(a, v, p->list, tls)))
				continue;
			/* One that is not read stands back. */
			if (!v->enabled && p->n > 0)
				continue;
			pick_add(p, vref_of(v));
		}
		if (now == 0)
			tls = p->n;
	}
}

static int
is_default_only(const struct vhost *v)
{
	for (size_t i = 0; i < v->n_addrs; i++)
		if (strcasecmp(v->addrs[i].host, "_default_") != 0)
			return 0;
	return 1;
}

static int
was_source(const struct apache *a, const struct vhost *v)
{
	for (size_t i = 0; i < a->n_made; i++)
		if (a->made[i].source.file == v->file &&
		    a->made[i].source.ordinal == v->ordinal)
			return 1;
	return 0;
}

/* The only one that there is, whatever its names are. One that has got a TLS
 * copy in this run is one with it. */
static void
pick_only(struct apache *a, struct pick *p)
{
	const struct vhost *only = NULL;
	size_t n = 0;

	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		const struct vhost *v = a->conf.vhosts[i];
		if (v->macro || is_default_only(v) || was_source(a, v))
			continue;
		only = v;
		n++;
	}
	if (n == 1)
		pick_add(p, vref_of(only));
}

static int
macro_serves(const struct apache *a, const char *domain, char **place)
{
	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		const struct vhost *v = a->conf.vhosts[i];
		if (v->macro && vhost_serves(v, domain) == 3) {
			*place = node_place(v->node);
			return 1;
		}
	}
	return 0;
}

/* TLS copies in the place of plaintext ones; without create they go. */
static int
make_tls(struct apache *a, struct pick *p, int create, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct vref r = p->list[i];
		if (!vref_get(a, r)->ssl) {
			if (!create)
				continue;
			if (copy_vhost(a, r, &r, err) == -1)
				return -1;
		}
		p->list[kept++] = r;
	}
	p->n = kept;
	return 0;
}

static void
remember(struct apache *a, const char *domain, const struct pick *p)
{
	struct chosen c = {.domain = xstrdup(domain),
	    .list = p->list,
	    .n = p->n};

	VEC_ADD(a->chosen, a->n_chosen, c);
}

static int
pick_all(struct apache *a, const char *domain, int create, struct pick *p,
    struct err *err)
{
	char *place;
	int rc;

	if (strncmp(domain, "*.", 2) == 0)
		return ask_wildcard(a, domain, create, &p->list, &p->n, err);
	pick_by_name(a, domain, p);
	if (p->n > 0)
		return 0;
	if (macro_serves(a, domain, &place)) {
		rc = err_set(err, ERR_notSupported,
		    "%s: the virtual host of %s is made by mod_macro, which "
		    "is not supported: write it out, or use certonly",
		    place, domain);
		free(place);
		return rc;
	}
	pick_only(a, p);
	if (p->n > 0 || !create)
		return 0;
	return ask_vhost(a, domain, &p->list, &p->n, err);
}

int
choose_tls(struct apache *a, const char *domain, int create,
    const struct vref **list, size_t *n, struct err *err)
{
	struct pick p = {0};

	for (size_t i = 0; i < a->n_chosen; i++) {
		if (strcmp(a->chosen[i].domain, domain) == 0) {
			*list = a->chosen[i].list;
			*n = a->chosen[i].n;
			return 0;
		}
	}
	if (pick_all(a, domain, create, &p, err) == -1 ||
	    make_tls(a, &p, create, err) == -1) {
		free(p.list);
		return -1;
	}
	if (create && p.n == 0) {
		free(p.list);
		return err_set(err, ERR_pluginFailed,
		    "Certbot could not find a VirtualHost for %s in the "
		    "Apache configuration. Please create a VirtualHost with a "
		    "ServerName matching %s and try again.",
		    domain, domain);
	}
	remember(a, domain, &p);
	*list = p.list;
	*n = p.n;
	return 0;
}
