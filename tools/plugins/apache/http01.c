/* Answering http-01 inside Apache (spec installers C16, G15). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apache.h"
#include "base/path.h"
#include "base/safefile.h"
#include "lex.h"
#include "vec.h"

#define TOKENS "http_challenges"

struct http01 {
	struct apache *a;
	char *dir;	  /* of the tokens */
	char *pre, *post; /* "Include ..." lines */
	struct vref *list;
	size_t n;
	int main_server; /* it answers where no vhost does */
};

static int
has_ref(const struct http01 *h, struct vref r)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->list[i].file == r.file &&
		    h->list[i].ordinal == r.ordinal)
			return 1;
	return 0;
}

/* One of a macro is the same for all its uses: the lines are right in each. */
static void
take(struct http01 *h, const struct vhost *v)
{
	if (!has_ref(h, vref_of(v)))
		VEC_ADD(h->list, h->n, vref_of(v));
}

static int
on_http(const struct apache *a, const struct addr *addr)
{
	return addr_any_port(addr) || strcmp(addr->port, a->http_port) == 0;
}

/* Where a request for the port may end: the vhosts of the name, on any port
 * (for redirects); on each address those without a name, and the first one. */
static void
find_vhosts(struct http01 *h, jv challenges)
{
	const struct conf *c = &h->a->conf;
	const struct addr **seen = NULL;
	size_t n_seen = 0;

	h->main_server = 1;
	for (size_t i = 0; i < c->n_vhosts; i++) {
		struct vhost *v = c->vhosts[i];
		int serves = 0;

		for (size_t k = 0; k < doc_len(challenges); k++) {
			jv one = doc_at(challenges, k);
			serves |= vhost_serves(v,
				      doc_str_find(one, "identifier", "value",
					  NULL)) > 0;
			doc_free(one);
		}
		for (size_t k = 0; k < v->n_addrs; k++) {
			int known = 0;

			if (!v->enabled || !on_http(h->a, &v->addrs[k]))
				continue;
			for (size_t m = 0; m < n_seen; m++)
				known |= addr_same_host(seen[m], &v->addrs[k]);
			if (!known)
				VEC_ADD(seen, n_seen, &v->addrs[k]);
			serves |= !known || v->name == NULL;
			if (strcmp(v->addrs[k].host, "*") == 0 ||
			    strcmp(v->addrs[k].host, "_default_") == 0)
				h->main_server = 0;
		}
		if (serves)
			take(h, v);
	}
	free(seen);
}

/* A file of the challenge, registered before it is made. */
static int
put_file(struct apache *a, const char *path, const char *text, struct err *err)
{
	jv paths = doc_push_str(doc_array(), path);
	int rc = reverter_created(a->rev, 1, paths, err);

	doc_free(paths);
	return rc == -1 ?
	    -1 :
	    safefile_write(path, text, strlen(text), 0644, 0, err);
}

static int
put_tokens(struct http01 *h, jv challenges, struct err *err)
{
	int rc = safefile_mkdirs(h->dir, 0755, err);

	for (size_t i = 0; rc == 0 && i < doc_len(challenges); i++) {
		jv one = doc_at(challenges, i);
		const char *token = doc_str(one, "token");
		char *path;

		if (token == NULL ||
		    token[strspn(token,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			"0123456789-_=")] != '\0') {
			doc_free(one);
			return err_set(err, ERR_pluginFailed,
			    "the challenge's token is no token");
		}
		path = path_join(h->dir, token);
		rc = put_file(h->a, path, doc_str(one, "keyAuthorization"),
		    err);
		free(path);
		doc_free(one);
	}
	return rc;
}

/* The two files that the vhosts include, and the lines that do it. */
static int
put_includes(struct http01 *h, struct err *err)
{
	struct apache *a = h->a;
	char *pre = path_join(a->challenge_dir,
	    "le_http_01_challenge_pre.conf");
	char *post = path_join(a->challenge_dir,
	    "le_http_01_challenge_post.conf");
	char *quoted = lex_quote(h->dir), *text, *rule, *q;
	int rc;

	rule = xasprintf("%s/$1", h->dir);
	q = lex_quote(rule);
	text = xasprintf("RewriteRule ^/\\.well-known/acme-challenge/"
			 "([A-Za-z0-9-_=]+)$ %s [END]\n",
	    q);
	rc = put_file(a, pre, text, err);
	free(text);
	free(q);
	free(rule);
	text = xasprintf("RewriteEngine on\n"
			 "<Directory %s>\n    Require all granted\n"
			 "</Directory>\n"
			 "<Location /.well-known/acme-challenge>\n"
			 "    Require all granted\n</Location>\n",
	    quoted);
	if (rc == 0)
		rc = put_file(a, post, text, err);
	free(text);
	free(quoted);
	q = lex_quote(pre);
	h->pre = xasprintf("Include %s", q);
	free(q);
	q = lex_quote(post);
	h->post = xasprintf("Include %s", q);
	free(q);
	free(pre);
	free(post);
	return rc;
}

static int
edit_vhosts(struct http01 *h, struct err *err)
{
	struct apache *a = h->a;
	struct file *root = conf_file(&a->conf, a->conf.root_file, err);

	if (root == NULL)
		return -1;
	for (size_t i = 0; i < h->n; i++) {
		const struct vhost *v = vref_get(a, h->list[i]);

		node_prepend(v->node, h->pre);
		node_append(v->node, h->post);
		if (!v->enabled) {
			char *q = lex_quote(v->file->path);
			char *line = xasprintf("Include %s", q);
			node_append(root->root, line);
			free(line);
			free(q);
		}
	}
	if (h->main_server) {
		node_append(root->root, h->pre);
		node_append(root->root, h->post);
	}
	return apache_changed(a, err);
}

static int
set_all(struct http01 *h, jv challenges, struct err *err)
{
	struct apache *a = h->a;

	if (apache_read(a, err) == -1 ||
	    listen_ensure(a, a->http_port, 0, err) == -1)
		return -1;
	apache_owe_reload(a);
	if (!module_loaded(a, "rewrite") &&
	    module_enable(a, "rewrite", 1, err) == -1)
		return -1;
	if (a->handle_modules && module_enable(a, "authz_core", 1, err) == -1)
		return -1;
	find_vhosts(h, challenges);
	if (put_tokens(h, challenges, err) == -1 ||
	    put_includes(h, err) == -1 || edit_vhosts(h, err) == -1 ||
	    apache_save(a, 1, err) == -1)
		return -1;
	return server_reload(a, err);
}

int
http01_set(struct apache *a, jv challenges, struct err *err)
{
	struct http01 h = {.a = a};
	struct err ignored = {0};
	int rc;

	h.dir = path_join(guest_dir(a->g, "work"), TOKENS);
	a->challenges_set = 1;
	rc = set_all(&h, challenges, err);
	if (rc == -1)
		(void)http01_unset(a, &ignored);
	err_clear(&ignored);
	free(h.dir);
	free(h.pre);
	free(h.post);
	free(h.list);
	return rc;
}

void
http01_sweep(struct apache *a)
{
	char *dir = path_join(guest_dir(a->g, "work"), TOKENS);

	(void)rmdir(dir); /* it may not be empty */
	free(dir);
}

int
http01_unset(struct apache *a, struct err *err)
{
	if (!a->challenges_set)
		return 0;
	a->challenges_set = 0;
	apache_forget(a);
	if (!unread_owed(&a->owed) && !reverter_unfinished(a->rev))
		return 0;
	apache_owe_reload(a);
	if (reverter_revert_temporary(a->rev, err) == -1)
		return -1;
	http01_sweep(a);
	if (server_runs(a))
		return server_reload(a, err);
	/* A server that does not run needs no reload. */
	unread_clear(&a->owed);
	return 0;
}
