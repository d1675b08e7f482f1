#include "http01.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/names.h"
#include "base/path.h"
#include "deploy.h"
#include "text.h"

#define CHALLENGE_FILE "le_http_01_cert_challenge.conf"
#define PATH_PREFIX "/.well-known/acme-challenge/"
/* Ends the server's own rewrites, a "return" among them, for these paths. */
#define REWRITE "rewrite ^(" PATH_PREFIX ".*) $1 break;" MANAGED "\n"

/* Texts that go into the configuration as they are. */
static int
is_plain(const char *text)
{
	return text[0] != '\0' &&
	    text[strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")] ==
	    '\0';
}

static char *
location(jv challenge)
{
	return xasprintf(
	    "location = " PATH_PREFIX
	    "%s {\n\tdefault_type text/plain;\n\treturn 200 %s;\n}" MANAGED
	    "\n",
	    doc_str(challenge, "token"),
	    doc_str(challenge, "keyAuthorization"));
}

static int
has_rewrite(const struct server *s)
{
	const struct tree *t = s->at.file->tree;
	int first = t->nodes[s->at.node].child;

	return first != -1 && tree_is(t, first, "rewrite") &&
	    is_managed((struct place){s->at.file, first});
}

static void
answer_in(const struct server *s, const char *location)
{
	char *lines;

	if (!has_rewrite(s)) {
		lines = xasprintf(REWRITE "%s", location);
		block_prepend(s->at, lines);
		free(lines);
	} else {
		/* Behind the rewrite, which stays the first. */
		block_append(s->at, location, 0);
	}
}

/* Servers that may be asked for the name; how many of them in plaintext. */
static size_t
mark_servers(const struct nginx *n, const char *domain, unsigned char *asked)
{
	size_t plain = 0;

	model_serves(n->model, domain, 0, n->http01_port, asked);
	for (size_t i = 0; i < n->model->n; i++)
		plain += asked[i] != 0;
	model_serves(n->model, domain, 1, n->https_port, asked);
	return plain;
}

/* --- a server of our own ----------------------------------------------------- */

static int
uses_ipv6(const struct nginx *n)
{
	for (size_t i = 0; i < n->model->n; i++)
		for (size_t k = 0; k < n->model->servers[i].n_listens; k++)
			if (n->model->servers[i].listens[k].is_ipv6)
				return 1;
	return 0;
}

/* Our file, included at the top of http. */
static struct conf_file *
challenge_file(struct nginx *n, struct err *err)
{
	char *path = nginx_config_file(n, CHALLENGE_FILE);
	char *word = text_word(path, err), *line;
	struct conf_file *f = conf_find(n->conf, path);

	if (f == NULL && word != NULL) {
		/* One that is there was left by a program that was killed, and
		 * is named by nobody. */
		(void)unlink(path);
		f = conf_add(n->conf, path, 0644);
		line = xasprintf("include %s;" MANAGED "\n", word);
		block_prepend(n->model->http, line);
		free(line);
	}
	free(word);
	free(path);
	return f;
}

static int
own_server(struct nginx *n, const char *domain, const char *location,
    struct err *err)
{
	struct conf_file *f = challenge_file(n, err);
	char *root = path_join(guest_dir(n->g, "work"), "http_01_nonexistent");
	char *word = f == NULL ? NULL : text_word(root, err);
	struct buf b;
	size_t len;

	free(root);
	if (word == NULL)
		return -1;
	buf_init(&b, SIZE_MAX - 1);
	(void)buf_addf(&b, "server {\nlisten %ld;\n", n->http01_port);
	if (uses_ipv6(n))
		(void)buf_addf(&b, "listen [::]:%ld;\n", n->http01_port);
	(void)buf_addf(&b, "server_name %s;\nroot %s;\n", domain, word);
	for (const char *p = location; *p != '\0'; p++)
		(void)buf_addc(&b, *p == '\t' ? ' ' : *p);
	(void)buf_adds(&b, "}\n");
	(void)edit_bytes(f->edit, &len);
	edit_insert(f->edit, len, b.p, b.len);
	separate_make_room(n, domain);
	buf_release(&b);
	free(word);
	return 0;
}

static int
add(struct nginx *n, const char *domain, const char *location, struct err *err)
{
	unsigned char *asked;
	size_t plain;
	int rc = 0;

	if (n->model->http.file == NULL)
		return err_set(err, ERR_misconfigured,
		    "Certbot could not find a block to include challenges in: there is no http block in '%s/nginx.conf'",
		    n->root);
	asked = xcalloc(n->model->n, 1);
	plain = mark_servers(n, domain, asked);
	for (size_t i = 0; i < n->model->n; i++)
		if (asked[i] != 0)
			answer_in(&n->model->servers[i], location);
	if (plain == 0)
		rc = own_server(n, domain, location, err);
	free(asked);
	return rc == 0 ? nginx_settle(n, err) : -1;
}

int
http01_add(struct nginx *n, jv challenge, struct err *err)
{
	const char *type = doc_str_find(challenge, "identifier", "type", NULL);
	const char *value = doc_str_find(challenge, "identifier", "value",
	    NULL);
	char *domain, *text;
	int rc;

	if (strcmp(doc_str(challenge, "type"), "http-01") != 0)
		return err_set(err, ERR_notSupported,
		    "nginx performs http-01 challenges only");
	if (type != NULL && strcmp(type, "dns") != 0)
		return err_set(err, ERR_misconfigured,
		    "the nginx plugin has no certificates for IP addresses ('%s')",
		    value);
	if (!is_plain(doc_str(challenge, "token")) ||
	    !is_plain(doc_str(challenge, "keyAuthorization")))
		return err_set(err, ERR_pluginFailed,
		    "the challenge for '%s' has a token that is none", value);
	domain = name_normalise(value, err);
	if (domain == NULL)
		return -1;
	text = location(challenge);
	rc = add(n, domain, text, err);
	free(text);
	free(domain);
	return rc;
}
