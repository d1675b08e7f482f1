#include "deploy.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "choose.h"
#include "redirects.h"
#include "text.h"

enum { ROUNDS_MAX = 64 }; /* of steps that change what is chosen */

static int
uses_tls(const struct server *s)
{
	return server_listens(s, 1, 0);
}

/* Does the file have this directive, itself or by includes? */
static int
holds(const struct conf_file *f, const char *name)
{
	const struct tree *t = f->tree;

	for (int c = t->first; c != -1; c = t->nodes[c].next)
		if (tree_is(t, c, name))
			return 1;
	for (size_t i = 0; i < f->n_includes; i++)
		for (size_t j = 0; j < f->includes[i].n; j++)
			if (holds(f->includes[i].list[j], name))
				return 1;
	return 0;
}

/* A directive of the server that comes from a file which others use as well: the
 * include in the server's own text. 1 when there is one. */
static int
find_foreign(const struct server *s, const char *name, struct place *include)
{
	const struct tree *t = s->at.file->tree;

	for (int c = t->nodes[s->at.node].child; c != -1;
	     c = t->nodes[c].next) {
		const struct included *inc;

		*include = (struct place){s->at.file, c};
		inc = conf_included(*include);
		for (size_t i = 0; i < inc->n; i++)
			if (inc->list[i]->uses > 1 && holds(inc->list[i], name))
				return 1;
	}
	return 0;
}

/* What must be changed in this server alone is brought into its own text. 1:
 * something was, choose again. */
static int
localise(struct nginx *n, size_t i)
{
	static const char *const names[] = {"ssl_certificate",
	    "ssl_certificate_key"};
	struct place include;

	for (size_t k = 0; k < ARRAY_LEN(names); k++) {
		if (find_foreign(&n->model->servers[i], names[k], &include)) {
			include_inline(include);
			return 1;
		}
	}
	return 0;
}

/* One step for server i: 0 nothing is in the way, 1 something was changed and
 * settled, choose again; -1 and err. */
static int
clear_way(struct nginx *n, size_t i, const struct deploy *d, struct err *err)
{
	const struct server *s = &n->model->servers[i];

	if (localise(n, i))
		return nginx_settle(n, err) == 0 ? 1 : -1;
	if (!uses_tls(s) && covers_would_take(n, i, d))
		return separate_name(n, i, d->domain, err) == 0 ? 1 : -1;
	if (!uses_tls(s) && redirects_to_itself(n->conf, s, d->domain))
		return separate_redirect(n, i, d, err) == 0 ? 1 : -1;
	if (uses_tls(s) && covers_would_break(n, i, d))
		return separate_name(n, i, d->domain, err) == 0 ? 1 : -1;
	return 0;
}

static void
tell(struct nginx *n, const struct server *s, const struct deploy *d)
{
	const char *file = s->at.file->path;

	guest_log(n->g, LOG_INFO, SHOW_LOG,
	    "Deploying Certificate to VirtualHost %s", file);
	guest_log(n->g, LOG_INFO, SHOW_OUT,
	    "Successfully deployed certificate for %s to %s", d->domain, file);
	(void)buf_addf(&n->notes,
	    "Changed server in %s for %s\n\tssl_certificate %s\n\tssl_certificate_key %s\n",
	    file, d->domain, d->fullchain, d->key);
}

static int
change_servers(struct nginx *n, const struct picks *p, const struct deploy *d,
    struct err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct server *s = &n->model->servers[p->list[i]];

		if (uses_tls(s))
			deploy_set(n, p->list[i], d);
		else if (deploy_make_tls(n, p->list[i], d, err) != 0)
			return -1;
		tell(n, s, d);
	}
	return nginx_settle(n, err);
}

/* Servers for the name, once nothing is in the way. */
static int
choose(struct nginx *n, const struct deploy *d, struct picks *p,
    struct err *err)
{
	for (int round = 0; round < ROUNDS_MAX; round++) {
		int rc = 0;

		picks_release(p);
		if (choose_for_certificate(n, d->domain, p, err) != 0)
			return -1;
		if (p->n == 0 &&
		    separate_default(n, d->domain, n->https_port, 1, err) != 0)
			return -1;
		for (size_t i = 0; rc == 0 && i < p->n; i++)
			rc = clear_way(n, p->list[i], d, err);
		if (rc == -1)
			return -1;
		if (rc == 0 && p->n > 0)
			return 0;
	}
	return err_set(err, ERR_pluginFailed,
	    "no server for %s can be made in this configuration", d->domain);
}

static int
deploy_to(struct nginx *n, struct deploy *d, struct err *err)
{
	struct picks p = {0};
	int rc;

	d->cert_word = text_word(d->fullchain, err);
	d->key_word = d->cert_word == NULL ? NULL : text_word(d->key, err);
	rc = d->key_word == NULL ? -1 : choose(n, d, &p, err);
	if (rc == 0)
		rc = change_servers(n, &p, d, err);
	picks_release(&p);
	free(d->cert_word);
	free(d->key_word);
	return rc;
}

int
deploy(struct nginx *n, jv request, struct err *err)
{
	struct deploy d = {.domain = doc_str(request, "domain"),
	    .fullchain = doc_str(request, "fullchain"),
	    .key = doc_str(request, "key")};
	char *domain;
	jv info;
	int rc;

	if (d.domain == NULL)
		return err_set(err, ERR_pluginFailed,
		    "the host named no domain to deploy to");
	if (d.fullchain == NULL)
		return err_set(err, ERR_pluginFailed,
		    "The nginx plugin currently requires --fullchain-path to install a certificate.");
	if (d.key == NULL)
		return err_set(err, ERR_pluginFailed,
		    "the nginx plugin needs --key-path to install a certificate");
	domain = name_normalise(d.domain, err);
	if (domain == NULL)
		return -1;
	d.domain = domain;
	info = pair_info(n, d.fullchain);
	d.names = doc_get_kind(info, "names", DOC_ARRAY);
	d.key_type = doc_get_kind(info, "keyType", DOC_STRING);
	doc_free(info);
	rc = deploy_to(n, &d, err);
	doc_free(d.names);
	doc_free(d.key_type);
	free(domain);
	return rc;
}
