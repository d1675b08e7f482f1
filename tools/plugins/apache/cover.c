/* Which names of a virtual host its certificate is good for, and what is said
 * and done about the others (spec installers G2). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "apache.h"
#include "base/names.h"
#include "base/safefile.h"
#include "crypto/cert.h"

#define TOLD_MAX 10

jv
cover_add(jv names, const char *path)
{
	jv info = doc_none(), more = doc_none();
	struct buf b;
	long end = 0;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, NULL) == 0 && b.len > 0)
		info = cert_info_brief(b.p, b.len, NULL);
	buf_release(&b);
	if (doc_int(info, "notAfterUnix", &end) == 0 && end > time(NULL))
		more = doc_get_kind(info, "names", DOC_ARRAY);
	for (size_t i = 0; i < doc_len(more); i++)
		names = doc_push_str(names, doc_str_at(more, i));
	doc_free(more);
	doc_free(info);
	return names;
}

jv
cover_of(const struct apache *a, const struct vhost *v, const char *cert,
    int *same)
{
	const struct entry *list = v->entries;
	size_t n = v->n_entries;
	jv names = doc_array();

	if (vhost_last(v, "SSLCertificateFile") == NULL) {
		list = a->conf.main;
		n = a->conf.n_main;
	}
	*same = 0;
	for (size_t i = 0; i < n; i++) {
		char *arg = !list[i].deep &&
			node_is(list[i].node, "SSLCertificateFile") ?
		    entry_arg(&list[i], 0) :
		    NULL;
		char *path = arg == NULL ? NULL : conf_path(&a->conf, arg);

		if (path != NULL) {
			names = cover_add(names, path);
			*same |= cert != NULL && strcmp(path, cert) == 0;
		}
		free(path);
		free(arg);
	}
	return names;
}

int
cover_is_copy(const struct apache *a, const struct vhost *v)
{
	for (size_t i = 0; i < a->n_made; i++)
		if (a->made[i].copy.file == v->file &&
		    a->made[i].copy.ordinal == v->ordinal)
			return 1;
	return 0;
}

/* --- names that are served well elsewhere ------------------------------------- */

/* Did TLS clients that ask for this name get a certificate for it before this
 * run: from a vhost that has the name, or from the first one, which has all that
 * nobody has? */
static int
served_well(const struct apache *a, const char *name)
{
	int first = 1, well = 0, same;

	for (size_t i = 0; !well && i < a->conf.n_vhosts; i++) {
		const struct vhost *o = a->conf.vhosts[i];
		jv names;

		if (!o->ssl || !o->enabled || cover_is_copy(a, o))
			continue;
		if (first || vhost_serves(o, name) >= 2) {
			names = cover_of(a, o, NULL, &same);
			well = names_cover(names, name);
			doc_free(names);
		}
		first = 0;
	}
	return well;
}

int
cover_elsewhere(const struct apache *a, const struct vhost *v, const char *name)
{
	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		const struct vhost *o = a->conf.vhosts[i];

		if (o == v || !o->ssl || !o->enabled || cover_is_copy(a, o) ||
		    vhost_serves(o, name) != 3)
			continue;
		for (size_t k = 0; k < o->n_addrs * v->n_addrs; k++) {
			const struct addr *at = &o->addrs[k / v->n_addrs];

			if (addr_same_host(at, &v->addrs[k % v->n_addrs]) &&
			    (addr_any_port(at) ||
				strcmp(at->port, a->https_port) == 0))
				return 1;
		}
	}
	return 0;
}

/* A name of the copy that another vhost has, or that the certificate lacks and
 * another vhost serves well; folded, malloc'd. NULL: there is none. Patterns stay:
 * whom they take a name from depends on the order of the files. */
static char *
name_to_leave(const struct apache *a, const struct vhost *v, const char *domain,
    jv new)
{
	char *name = vhost_host(v);

	for (size_t i = 0;; i++) {
		if (name != NULL && strpbrk(name, "*?") == NULL &&
		    strcasecmp(name, domain) != 0 &&
		    (cover_elsewhere(a, v, name) ||
			(!names_cover(new, name) && served_well(a, name))))
			return name;
		free(name);
		if (i == v->n_aliases)
			return NULL;
		name = name_fold(v->aliases[i]);
	}
}

/* The copy loses the name (eaten), unless others would lose it, too. */
static int
leave_name(struct apache *a, struct vref r, const char *domain, jv new,
    char *name, struct err *err)
{
	int covered = names_cover(new, name),
	    rc = separate_can(vref_get(a, r), domain,
		"another virtual host has with TLS", err);

	if (rc == 0) {
		guest_log(a->g, LOG_INFO, SHOW_OUT,
		    covered ? "%s stays out of the virtual host in %s: another "
			      "virtual host has it." :
			      "%s stays out of the virtual host in %s: the "
			      "certificate lacks it, and another virtual host "
			      "has one for it.",
		    name, r.file->path);
		separate_drop_name(vref_get(a, r), name);
		rc = apache_changed(a, err);
	}
	free(name);
	return rc;
}

int
cover_leave(struct apache *a, struct vref r, const char *domain,
    const char *cert, struct err *err)
{
	jv new = cover_add(doc_array(), cert);
	char *name = NULL;
	int rc = 0;

	while (rc == 0 && doc_len(new) > 0 &&
	    cover_is_copy(a, vref_get(a, r)) &&
	    (name = name_to_leave(a, vref_get(a, r), domain, new)) != NULL)
		rc = leave_name(a, r, domain, new, name, err);
	doc_free(new);
	return rc;
}

/* --- names that are not served well ---------------------------------------------- */

/* *n: how many there are; those that are told. */
static void
add_lacking(struct buf *b, jv new, const char *name, size_t *n)
{
	if (name != NULL && !names_cover(new, name) && (*n)++ < TOLD_MAX)
		(void)buf_addf(b, "%s%s", b->len > 0 ? ", " : "", name);
}

void
cover_tell(struct apache *a, struct vref r, const char *cert)
{
	const struct vhost *v = vref_get(a, r);
	jv new = cover_add(doc_array(), cert);
	char *host = vhost_host(v);
	struct buf b;
	size_t n = 0;

	buf_init(&b, 4096);
	if (doc_len(new) > 0) {
		add_lacking(&b, new, host, &n);
		for (size_t i = 0; i < v->n_aliases; i++) {
			char *name = name_fold(v->aliases[i]);
			add_lacking(&b, new, name, &n);
			free(name);
		}
	}
	if (n > TOLD_MAX)
		(void)buf_addf(&b, " and %zu more", n - TOLD_MAX);
	if (b.len > 0)
		guest_log(a->g, LOG_WARNING, SHOW_LOG,
		    "The certificate is not valid for %s, which the virtual "
		    "host at %s:%u serves as well: browsers will refuse it "
		    "there. Get one with all the names (--expand), or give "
		    "those a virtual host of their own.",
		    b.p, r.file->path, v->node->line);
	buf_release(&b);
	free(host);
	doc_free(new);
}

/* --- vhosts that come before -------------------------------------------------------- */

static int
meet(const struct vhost *v, const struct vhost *o)
{
	for (size_t i = 0; i < v->n_addrs; i++)
		for (size_t k = 0; k < o->n_addrs; k++)
			if (addr_same_host(&v->addrs[i], &o->addrs[k]) &&
			    (addr_any_port(&v->addrs[i]) ||
				addr_any_port(&o->addrs[k]) ||
				strcmp(v->addrs[i].port, o->addrs[k].port) ==
				    0))
				return 1;
	return 0;
}

void
cover_order(struct apache *a, struct vref r, const char *domain,
    const char *cert)
{
	const struct vhost *v = vref_get(a, r);

	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		const struct vhost *o = a->conf.vhosts[i];
		int same = 0;

		if (o == v || strncmp(domain, "*.", 2) == 0)
			return;
		if (!o->ssl || !o->enabled || !meet(v, o) ||
		    vhost_serves(o, domain) < 2)
			continue;
		doc_free(cover_of(a, o, cert, &same));
		if (same)
			return;
		guest_log(a->g, LOG_WARNING, SHOW_LOG,
		    "%s is served by the virtual host at %s:%u, with that "
		    "one's certificate: it has a pattern for this name and "
		    "comes before the one at %s:%u. Have Apache read the "
		    "latter first.",
		    domain, o->file->path, o->node->line, r.file->path,
		    v->node->line);
		return;
	}
}
