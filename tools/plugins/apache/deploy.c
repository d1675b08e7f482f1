/* Letting virtual hosts use a certificate (spec installers C9). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apache.h"
#include "base/path.h"
#include "lex.h"

/* Settings of the user's own that the options file would override. */
static const char *const tls_settings[] = {"SSLProtocol", "SSLCipherSuite",
    "SSLHonorCipherOrder", "SSLSessionTickets", "SSLOptions",
    "SSLOpenSSLConfCmd", "SSLCompression"};

/* A directive that only this vhost's own lines hold, or that an Include brings
 * to no other vhost. */
static int
is_own(const struct apache *a, const struct vhost *v, const struct node *n)
{
	for (size_t i = 0; i < a->conf.n_vhosts; i++) {
		const struct vhost *o = a->conf.vhosts[i];
		for (size_t k = 0; o != v && k < o->n_entries; k++)
			if (o->entries[k].node == n)
				return 0;
	}
	return 1;
}

static int
shared_error(const struct node *n, struct err *err)
{
	return err_set(err, ERR_misconfigured,
	    "%s:%u: %s stands in a file that several virtual hosts include: "
	    "give each its own line, then run this again",
	    n->file->path, n->line, n->name);
}

/* The last such directive gets the value, the others go; without any the vhost
 * gets a new line. */
static int
set_one(struct apache *a, const struct vhost *v, const char *name,
    const char *value, struct err *err)
{
	const struct entry *last = vhost_last(v, name);
	char *quoted = lex_quote(value), *old, *line;
	int rc = 0;

	if (last == NULL) {
		line = xasprintf("%s %s", name, quoted);
		node_append(v->node, line);
		free(line);
		free(quoted);
		return 0;
	}
	for (size_t i = 0; rc == 0 && i < v->n_entries; i++) {
		struct entry *e = &v->entries[i];

		if (e->deep || !node_is(e->node, name))
			continue;
		old = entry_arg(e, 0);
		if (e == last && old != NULL && strcmp(old, value) == 0)
			rc = 0;
		else if (!is_own(a, v, e->node))
			rc = shared_error(e->node, err);
		else if (e == last)
			node_set_args(e->node, quoted);
		else
			node_remove(e->node);
		free(old);
	}
	free(quoted);
	return rc;
}

static int
remove_all(struct apache *a, const struct vhost *v, const char *name,
    struct err *err)
{
	for (size_t i = 0; i < v->n_entries; i++) {
		struct entry *e = &v->entries[i];
		if (e->deep || !node_is(e->node, name))
			continue;
		if (!is_own(a, v, e->node))
			return shared_error(e->node, err);
		node_remove(e->node);
	}
	return 0;
}

static int
has_include(const struct apache *a, const struct vhost *v)
{
	for (size_t i = 0; i < v->n_entries; i++) {
		char *arg = node_is(v->entries[i].node, "Include") ||
			node_is(v->entries[i].node, "IncludeOptional") ?
		    entry_arg(&v->entries[i], 0) :
		    NULL;
		char *path = arg == NULL ? NULL : conf_path(&a->conf, arg);
		int same = path != NULL && strcmp(path, a->options_path) == 0;
		free(arg);
		free(path);
		if (same)
			return 1;
	}
	return 0;
}

/* The options file comes before what the user has set: that stays in force. */
static void
add_options(const struct apache *a, const struct vhost *v)
{
	char *quoted = lex_quote(a->options_path);
	char *line = xasprintf("Include %s", quoted);
	struct node *before = NULL;

	for (size_t i = 0; before == NULL && i < v->node->n; i++)
		for (size_t k = 0; k < ARRAY_LEN(tls_settings); k++)
			if (node_is(v->node->child[i], tls_settings[k]))
				before = v->node->child[i];
	if (before != NULL)
		node_insert_before(before, line);
	else
		node_append(v->node, line);
	free(quoted);
	free(line);
}

/* "SSLEngine off" would win over the options file. */
static int
engine_on(struct apache *a, const struct vhost *v, struct err *err)
{
	const struct entry *e = vhost_last(v, "SSLEngine");
	char *arg = e == NULL ? NULL : entry_arg(e, 0);
	int off = arg != NULL && strcasecmp(arg, "off") == 0;

	free(arg);
	if (!off)
		return 0;
	if (!is_own(a, v, e->node))
		return shared_error(e->node, err);
	node_set_args(e->node, "on");
	return 0;
}

/* The name becomes one of the vhost's, unless it is. */
static void
add_name(const struct vhost *v, const char *domain)
{
	char *line;

	if (strncmp(domain, "*.", 2) == 0 || vhost_serves(v, domain) >= 2)
		return;
	line = xasprintf("%s %s",
	    v->name == NULL ? "ServerName" : "ServerAlias", domain);
	node_append(v->node, line);
	free(line);
}

struct paths {
	const char *cert, *key, *chain, *fullchain;
};

static int
old_server(const struct apache *a)
{
	const int *v = a->conf.version;

	return v[0] == 2 && v[1] == 4 && v[2] < 8;
}

static int
paths_of(const struct apache *a, jv request, struct paths *p, struct err *err)
{
	p->cert = doc_str(request, "cert");
	p->key = doc_str(request, "key");
	p->chain = doc_str(request, "chain");
	p->fullchain = doc_str(request, "fullchain");
	if (p->key == NULL || p->cert == NULL)
		return err_set(err, ERR_pluginFailed,
		    "a certificate and its key are needed");
	if ((old_server(a) || p->fullchain == NULL) && p->chain == NULL)
		return err_set(err, ERR_pluginFailed,
		    old_server(a) ?
			"--chain-path is required for the specified version "
			"of Apache" :
			"Please provide the --fullchain-path option pointing "
			"to your full chain file");
	return 0;
}

static int
set_paths(struct apache *a, const struct vhost *v, const struct paths *p,
    struct err *err)
{
	int split = old_server(a) || p->fullchain == NULL;

	if (set_one(a, v, "SSLCertificateFile", split ? p->cert : p->fullchain,
		err) == -1 ||
	    set_one(a, v, "SSLCertificateKeyFile", p->key, err) == -1 ||
	    engine_on(a, v, err) == -1)
		return -1;
	return split ? set_one(a, v, "SSLCertificateChainFile", p->chain, err) :
		       remove_all(a, v, "SSLCertificateChainFile", err);
}

static int
deploy_one(struct apache *a, struct vref r, const char *domain,
    const struct paths *p, struct err *err)
{
	const char *cert = p->fullchain != NULL ? p->fullchain : p->cert;
	const struct vhost *v = vref_get(a, r);
	int same;

	if (!v->enabled && site_enable(a, r.file, err) == -1)
		return -1;
	if (apache_changed(a, err) == -1)
		return -1;
	doc_free(cover_of(a, vref_get(a, r), cert, &same));
	if (!same && cover_leave(a, r, domain, cert, err) == -1)
		return -1;
	v = vref_get(a, r);
	add_name(v, domain);
	if (set_paths(a, v, p, err) == -1)
		return -1;
	if (!has_include(a, v))
		add_options(a, v);
	if (edit_changed(r.file->edit))
		apache_note(a, "Changed vhost at %s for %s: certificate %s",
		    r.file->path, domain, cert);
	guest_log(a->g, LOG_INFO, SHOW_OUT,
	    "Successfully deployed certificate for %s to %s", domain,
	    r.file->path);
	if (apache_changed(a, err) == -1)
		return -1;
	if (!same)
		cover_tell(a, r, cert);
	cover_order(a, r, domain, cert);
	return 0;
}

/* TLS itself: modules and the port. */
static int
prepare_https(struct apache *a, struct err *err)
{
	if (a->handle_modules &&
	    (module_enable(a, "socache_shmcb", 0, err) == -1 ||
		module_enable(a, "ssl", 0, err) == -1))
		return -1;
	if (!module_loaded(a, "ssl"))
		return err_set(err, ERR_misconfigured,
		    "Could not find ssl_module; not installing certificate.");
	return listen_ensure(a, a->https_port, 1, err);
}

int
apache_deploy(struct apache *a, jv request, struct err *err)
{
	const char *domain = doc_str(request, "domain");
	const struct vref *list;
	struct paths p;
	size_t n;

	if (domain == NULL)
		return err_set(err, ERR_pluginFailed, "deploy: no domain");
	if (apache_read(a, err) == -1 || paths_of(a, request, &p, err) == -1 ||
	    choose_tls(a, domain, 1, &list, &n, err) == -1 ||
	    prepare_https(a, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (separate_domain(a, list[i], domain,
			p.fullchain != NULL ? p.fullchain : p.cert,
			err) == -1 ||
		    deploy_one(a, list[i], domain, &p, err) == -1)
			return -1;
	return 0;
}
