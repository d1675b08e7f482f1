/* The lines that send HTTP to HTTPS, ours and the user's own (spec installers
 * C12). */
#include "redirect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/names.h"
#include "lex.h"
#include "vec.h"

#define TARGET "https://%{SERVER_NAME}%{REQUEST_URI}"
#define RULE "^ " TARGET " [END,NE,R=permanent]"

/* What older versions wrote. */
static const char *const old_rules[] = {"^ " TARGET " [L,NE,R=permanent]",
    "^ " TARGET " [L,QSA,R=permanent]", "^ " TARGET " [END,QSA,R=permanent]"};

int
redirect_engine_on(const struct vhost *v)
{
	const struct entry *e = vhost_last(v, "RewriteEngine");
	char *arg = e == NULL ? NULL : entry_arg(e, 0);
	int on = arg != NULL && strcasecmp(arg, "on") == 0;

	free(arg);
	return on;
}

/* "RewriteCond %{SERVER_NAME} ..." for a name of a vhost; malloc'd. An alias
 * with stars becomes a pattern. */
static char *
condition(const char *name, const char *flags)
{
	struct buf b;

	buf_init(&b, 4096);
	(void)buf_adds(&b, "RewriteCond %{SERVER_NAME} ");
	if (strpbrk(name, "*?") == NULL) {
		(void)buf_addf(&b, "=%s", name);
	} else {
		(void)buf_addc(&b, '^');
		for (; *name != '\0'; name++)
			(void)buf_adds(&b,
			    *name == '*'     ? ".*" :
				*name == '?' ? "." :
				*name == '.' ? "\\." :
					       (char[]){*name, '\0'});
		(void)buf_addc(&b, '$');
	}
	(void)buf_adds(&b, flags);
	return buf_detach(&b);
}

/* Is args the condition of ours for this name? */
static int
is_condition(const char *args, const char *name)
{
	char *want = condition(name, "");
	const char *own = strchr(want, ' ') + 1;
	size_t n = strlen(own);
	int is = strncmp(args, own, n) == 0 &&
	    (args[n] == '\0' || lex_blank(args[n]));

	free(want);
	return is;
}

static int
condition_serves(const struct vhost *v, const char *args, const char *domain)
{
	int serves = is_condition(args, domain);

	for (size_t i = 0; !serves && i < v->n_aliases; i++) {
		struct vhost one = {.aliases = &v->aliases[i], .n_aliases = 1};
		serves = vhost_serves(&one, domain) >= 2 &&
		    is_condition(args, v->aliases[i]);
	}
	return serves;
}

/* A condition of ours for this name before the rule at entry i: 1; also when
 * the rule has no condition. *first: the first condition, NULL for none. */
static int
has_condition(const struct vhost *v, size_t i, const char *domain,
    struct node **first)
{
	int found = 0;

	*first = NULL;
	while (i > 0 && node_is(v->entries[i - 1].node, "RewriteCond")) {
		*first = v->entries[--i].node;
		found |= condition_serves(v, v->entries[i].args, domain);
	}
	return found || *first == NULL;
}

static int
own_host(const struct vhost *v, const char *target)
{
	size_t n;
	char *host;
	int own;

	if (target == NULL || strncasecmp(target, "https://", 8) != 0)
		return 0;
	n = strcspn(target + 8, "/:?#");
	host = xstrndup(target + 8, n);
	own = strcmp(host, "%{HTTP_HOST}") == 0 ||
	    strcmp(host, "%{SERVER_NAME}") == 0 || vhost_serves(v, host) > 1;
	free(host);
	return own;
}

/* Does the user's own directive send everything to HTTPS already? */
static int
redirects_all(const struct vhost *v, size_t i)
{
	static const char *const all[] = {"^", ".*", "(.*)", "^.*$", "^(.*)$",
	    "^(.*)", "^/?(.*)", "^/?(.*)$", "^/(.*)$", "^/(.*)"};
	const struct entry *e = &v->entries[i];
	char *words[3] = {entry_arg(e, 0), entry_arg(e, 1), entry_arg(e, 2)};
	int yes = 0, is_redirect = node_is(e->node, "Redirect");
	const char *path = words[0], *target = words[1];

	if (is_redirect && words[2] != NULL) {
		path = words[1];
		target = words[2];
	}
	if (is_redirect || node_is(e->node, "RedirectPermanent"))
		yes = path != NULL && strcmp(path, "/") == 0 &&
		    own_host(v, target);
	else if (node_is(e->node, "RewriteRule") && own_host(v, target))
		for (size_t k = 0; k < ARRAY_LEN(all); k++)
			yes |= strcmp(path, all[k]) == 0;
	for (size_t k = i;
	     yes && k > 0 && node_is(v->entries[k - 1].node, "RewriteCond");
	     k--)
		yes = strncasecmp(v->entries[k - 1].args, "%{HTTPS} ", 9) == 0;
	for (size_t k = 0; k < ARRAY_LEN(words); k++)
		free(words[k]);
	return yes &&
	    (!node_is(e->node, "RewriteRule") || redirect_engine_on(v));
}

int
redirect_find(const struct vhost *v, const char *domain, int *added)
{
	struct node *first;
	int found = 0;

	for (size_t i = 0; i < v->n_entries; i++) {
		struct entry *e = &v->entries[i];
		int ours, old = 0;

		if (e->deep)
			continue;
		found |= redirects_all(v, i);
		if (!node_is(e->node, "RewriteRule"))
			continue;
		ours = strcmp(e->args, RULE) == 0;
		for (size_t k = 0; k < ARRAY_LEN(old_rules); k++)
			old |= strcmp(e->args, old_rules[k]) == 0;
		if (!node_within(e->node, v->node) || (!ours && !old))
			continue;
		if (old)
			node_set_args(e->node, RULE);
		if (!has_condition(v, i, domain, &first)) {
			char *line = condition(domain, " [OR]");
			node_insert_before(first, line);
			free(line);
			*added = 1;
		}
		found = 1;
	}
	return found;
}

/* Is the name, one of the TLS vhost, to be redirected: does the certificate cover
 * it? *has: it serves the domain. */
static int
is_wanted(char *name, const char *domain, jv covered, int *has)
{
	struct vhost one = {.aliases = &name, .n_aliases = 1};
	int wanted = doc_len(covered) == 0 || names_cover(covered, name) ||
	    strcasecmp(name, domain) == 0;

	*has |= wanted && vhost_serves(&one, domain) >= 2;
	return wanted;
}

void
redirect_add(struct node *section, const struct vhost *tls, const char *domain,
    jv covered, int engine)
{
	char **names = NULL, *host = vhost_host(tls), *own = xstrdup(domain);
	size_t n = 0;
	int has = strncmp(domain, "*.", 2) == 0;

	if (host != NULL && is_wanted(host, domain, covered, &has))
		VEC_ADD(names, n, host);
	for (size_t i = 0; i < tls->n_aliases; i++)
		if (is_wanted(tls->aliases[i], domain, covered, &has))
			VEC_ADD(names, n, tls->aliases[i]);
	if (!has || n == 0)
		VEC_ADD(names, n, own);
	if (engine)
		node_append(section, "RewriteEngine on");
	for (size_t i = 0; i < n; i++) {
		char *line = condition(names[i], i + 1 < n ? " [OR]" : "");
		node_append(section, line);
		free(line);
	}
	node_append(section, "RewriteRule " RULE);
	free(names);
	free(own);
	free(host);
}
