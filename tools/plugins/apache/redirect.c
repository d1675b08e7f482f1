/* HTTP to HTTPS (spec installers C12). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <strings.h>
#include <unistd.h>

#include "apache.h"
#include "base/path.h"
#include "lex.h"
#include "redirect.h"
#include "vec.h"

static int
on_port(const struct vhost *v, const char *port)
{
	for (size_t i = 0; i < v->n_addrs; i++)
		if (addr_any_port(&v->addrs[i]) ||
		    strcmp(v->addrs[i].port, port) == 0)
			return 1;
	return 0;
}

static int
is_source(const struct apache *a, const struct vhost *v, struct vref tls)
{
	for (size_t i = 0; i < a->n_made; i++)
		if (a->made[i].copy.file == tls.file &&
		    a->made[i].copy.ordinal == tls.ordinal &&
		    a->made[i].source.file == v->file &&
		    a->made[i].source.ordinal == v->ordinal)
			return 1;
	return 0;
}

/* Nameless, and each of its addresses pairs with one of the TLS vhost. */
static int
pairs(const struct vhost *v, const struct vhost *tls)
{
	if (v->name != NULL || v->n_aliases > 0 || v->n_addrs != tls->n_addrs)
		return 0;
	for (size_t i = 0; i < v->n_addrs; i++) {
		int found = 0;
		for (size_t k = 0; k < tls->n_addrs; k++)
			found |= addr_same_host(&v->addrs[i], &tls->addrs[k]) &&
			    strcmp(v->addrs[i].port, tls->addrs[k].port) != 0;
		if (!found)
			return 0;
	}
	return 1;
}

struct partners {
	struct vref *list;
	size_t n;
};

/* The plaintext vhosts that answer for the domain: those that the TLS vhost was
 * made of, else the best by name, else a nameless twin. */
static void
find_partners(struct apache *a, const char *domain, const struct vhost *tls,
    const char *port, struct partners *p)
{
	const struct conf *c = &a->conf;
	int best = 2;

	for (size_t i = 0; i < c->n_vhosts; i++) {
		const struct vhost *v = c->vhosts[i];
		if (!v->ssl && !v->macro && v->enabled &&
		    (port == NULL || on_port(v, port)) &&
		    vhost_serves(v, domain) > best)
			best = 3;
	}
	for (int round = 0; round < 2 && p->n == 0; round++) {
		for (size_t i = 0; i < c->n_vhosts; i++) {
			const struct vhost *v = c->vhosts[i];
			int fits = round == 0 ? is_source(a, v, vref_of(tls)) ||
				vhost_serves(v, domain) == best :
						pairs(v, tls);

			if (fits && !v->ssl && !v->macro && v->enabled &&
			    (port == NULL || on_port(v, port)))
				VEC_ADD(p->list, p->n, vref_of(v));
		}
	}
}

static int
present(struct err *err)
{
	return err_set(err, ERR_alreadyPresent,
	    "Certbot has already enabled redirection");
}

static int
redirect_in(struct apache *a, struct vref partner, const char *domain,
    const struct vhost *tls, struct err *err)
{
	const struct vhost *v = vref_get(a, partner);
	char *key = xasprintf("%s#%zu", v->file->path, v->ordinal);
	int done = doc_has(a->redirected, key), added = 0, same;
	jv covered;

	a->redirected = doc_set_flag(a->redirected, key, 1);
	free(key);
	if (redirect_find(v, domain, &added))
		return done || added ? 0 : present(err);
	if (vhost_last(v, "RewriteRule") != NULL)
		guest_log(a->g, LOG_WARNING, SHOW_LOG,
		    "Added an HTTP->HTTPS rewrite in addition to other "
		    "RewriteRules; you may wish to check for overall "
		    "consistency.");
	covered = cover_of(a, tls, NULL, &same);
	redirect_add(v->node, tls, domain, covered, !redirect_engine_on(v));
	doc_free(covered);
	apache_note(a, "Redirecting host in %s to ssl vhost in %s",
	    v->file->path, tls->file->path);
	guest_log(a->g, LOG_INFO, SHOW_LOG,
	    "Redirecting vhost in %s to ssl vhost in %s", v->file->path,
	    tls->file->path);
	return 0;
}

/* --- a virtual host that does nothing but redirect -------------------------- */

static int
conflicts(const struct apache *a, const struct vhost *tls)
{
	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		const struct vhost *v = a->conf.vhosts[i];

		for (size_t k = 0; v->enabled && k < v->n_addrs; k++)
			for (size_t m = 0; m < tls->n_addrs; m++)
				if ((addr_any_port(&v->addrs[k]) ||
					strcmp(v->addrs[k].port,
					    a->http_port) == 0) &&
				    addr_same_host(&v->addrs[k],
					&tls->addrs[m]))
					return 1;
	}
	return 0;
}

/* DIR/NAME.conf, or with a number where somebody has that already. */
static char *
free_path(const char *dir, const char *name)
{
	struct stat st;

	for (int i = 0;; i++) {
		char number[16] = "", *file, *path;

		if (i > 0)
			snprintf(number, sizeof(number), "-%d", i);
		file = xasprintf("%s%s.conf", name, number);
		path = path_join(dir, file);
		free(file);
		if (i >= 1000 || lstat(path, &st) == -1)
			return path;
		free(path);
	}
}

static char *
redirect_path(const struct apache *a, const struct vhost *tls)
{
	const char *dir = a->vhost_root != NULL ? a->vhost_root : a->sys->files;
	char *host = vhost_host(tls), *own = NULL, *name, *path;

	/* The system's place, below the server root in use. */
	if (a->vhost_root == NULL) {
		own = path_join(a->server_root, path_base(dir));
		dir = access(own, F_OK) == 0 ? own : a->server_root;
	}
	name = host == NULL || strlen(host) > 200 ?
	    xstrdup("le-redirect") :
	    xasprintf("le-redirect-%s", host);
	path = free_path(dir, name);
	free(name);
	free(host);
	free(own);
	return path;
}

static int
make_redirect(struct apache *a, const char *domain, const struct vhost *tls,
    struct err *err)
{
	struct buf b;
	char *path = redirect_path(a, tls), *log, *quoted;
	struct file *f = conf_new_file(&a->conf, path, tls->file);
	struct node *n;
	int rc;

	free(path);
	buf_init(&b, 1 << 16);
	(void)buf_adds(&b, "<VirtualHost");
	for (size_t i = 0; i < tls->n_addrs; i++)
		(void)buf_addf(&b, " %s:%s", tls->addrs[i].host, a->http_port);
	(void)buf_adds(&b, ">\n    ");
	if (tls->name != NULL) {
		char *host = vhost_host(tls);
		(void)buf_addf(&b, "ServerName %s\n    ", host);
		free(host);
	}
	if (tls->n_aliases > 0) {
		(void)buf_adds(&b, "ServerAlias");
		for (size_t i = 0; i < tls->n_aliases; i++)
			(void)buf_addf(&b, " %s", tls->aliases[i]);
		(void)buf_adds(&b, "\n    ");
	}
	log = path_join(a->logs_root, "redirect.error.log");
	quoted = lex_quote(log);
	(void)buf_addf(&b,
	    "ServerSignature Off\n    ErrorLog %s\n    LogLevel warn\n"
	    "</VirtualHost>\n",
	    quoted);
	free(quoted);
	free(log);
	edit_insert(f->edit, 0, b.p, b.len);
	buf_release(&b);
	rc = file_parse(f, err);
	n = rc == 0 ? tree_vhost(f, 0) : NULL;
	if (n != NULL) {
		int same;
		jv covered = cover_of(a, tls, NULL, &same);
		redirect_add(n, tls, domain, covered, 1);
		doc_free(covered);
	}
	if (rc == 0)
		rc = listen_ensure(a, a->http_port, 0, err);
	if (rc == 0)
		rc = site_enable(a, f, err);
	apache_note(a, "Created a port 80 vhost, %s, for redirection", f->path);
	guest_log(a->g, LOG_INFO, SHOW_LOG, "Created redirect file: %s",
	    f->path);
	return rc == 0 ? apache_changed(a, err) : rc;
}

int
enhance_redirect(struct apache *a, const char *domain, struct vref ref,
    struct err *err)
{
	struct partners p = {0};
	const struct vhost *tls = vref_get(a, ref);
	int rc = 0, already = 0;

	find_partners(a, domain, tls, a->http_port, &p);
	if (p.n == 0)
		find_partners(a, domain, tls, NULL, &p);
	if (p.n == 0 && conflicts(a, tls))
		return err_set(err, ERR_pluginFailed,
		    "Unable to find corresponding HTTP vhost; Unable to "
		    "create one as intended addresses conflict; Current "
		    "configuration does not support automated redirection");
	if (p.n == 0)
		return make_redirect(a, domain, tls, err);
	for (size_t i = 0; rc == 0 && i < p.n; i++) {
		struct err one = {0};
		if (redirect_in(a, p.list[i], domain, tls, &one) == -1) {
			already += one.name == ERR_alreadyPresent;
			rc = one.name == ERR_alreadyPresent ? 0 : -1;
			if (rc == -1)
				err_move(err, &one);
		}
		err_clear(&one);
	}
	if (rc == 0 && (size_t)already == p.n)
		rc = present(err);
	free(p.list);
	return rc;
}
