#include "redirects.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "text.h"

static int
is_redirect_code(const char *text)
{
	static const char *const codes[] = {"301", "302", "303", "307", "308"};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcmp(text, codes[i]) == 0)
			return 1;
	return 0;
}

static int
is_https(const char *url)
{
	return strncmp(url, "https://", 8) == 0;
}

/* Does a rewrite's pattern fit every path? */
static int
fits_all(const char *pattern)
{
	static const char *const all[] = {"^", "/", "^/", ".*", "(.*)", "^.*",
	    "^.*$", "^(.*)", "^(.*)$", "^/(.*)", "^/(.*)$", "^/.*", "^/.*$"};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (strcmp(pattern, all[i]) == 0)
			return 1;
	return 0;
}

/* The https URL that a directive sends every request to that reaches it; NULL. */
static const char *
target(struct place p)
{
	const char *url = NULL;

	if (place_node(p)->is_block)
		return NULL;
	if (place_is(p, "return")) {
		if (place_words(p) == 2)
			url = place_text(p, 1);
		else if (is_redirect_code(place_text(p, 1)))
			url = place_text(p, 2);
	} else if (place_is(p, "rewrite") && fits_all(place_text(p, 1))) {
		url = place_text(p, 2);
	}
	return url != NULL && is_https(url) ? url : NULL;
}

/* The URL that a block consists of, but for logs and the like: the first
 * redirect directly in it. */
static const char *
block_target(struct place block)
{
	const struct tree *t = block.file->tree;

	for (int c = t->nodes[block.node].child; c != -1;
	     c = t->nodes[c].next) {
		const char *url = target((struct place){block.file, c});

		if (url != NULL)
			return url;
	}
	return NULL;
}

static int
is_own_host(const struct server *s, const char *url)
{
	static const char *const variables[] = {"$host", "$http_host",
	    "$server_name", "${host}", "${http_host}", "${server_name}"};
	const char *host = url + 8;
	char *name;
	size_t len;
	int own;

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		if (strncmp(host, variables[i], strlen(variables[i])) == 0)
			return 1;
	name = xstrndup(host, strcspn(host, "/:$?"));
	own = server_class(s, name, &len) != CLASS_NONE;
	free(name);
	return own;
}

/* The words of an if's condition with one blank between. */
static char *
condition(struct place p)
{
	struct buf b;

	buf_init(&b, SIZE_MAX - 1);
	for (size_t i = 1; i < place_words(p); i++) {
		if (i > 1)
			(void)buf_addc(&b, ' ');
		(void)buf_adds(&b, place_text(p, i));
	}
	return buf_detach(&b);
}

static int
is_about_plaintext(const char *text)
{
	static const char *const all[] = {"($scheme = http)",
	    "($scheme = http )", "($scheme != https)", "($scheme != https )",
	    "($https = )", "($https =  )", "($https != on)", "($https != on )",
	    "($server_port = 80)", "($server_port = 80 )",
	    "($server_port != 443)"};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (strcmp(text, all[i]) == 0)
			return 1;
	return 0;
}

/* nginx has $host in lower case. */
static int
is_about_host(const char *text, const char *domain)
{
	char *host = name_fold(domain);
	char *plain = xasprintf("($host = %s)", host);
	char *quoted = xasprintf("($host = %s )", host);
	int is = strcmp(text, plain) == 0 || strcmp(text, quoted) == 0;
	struct buf b;

	free(plain);
	free(quoted);
	if (is || domain[0] != '*') {
		free(host);
		return is;
	}
	buf_init(&b, SIZE_MAX - 1);
	(void)buf_adds(&b, "($host ~ ^[^.]+");
	for (const char *p = host + 1; *p != '\0'; p++)
		(void)buf_addf(&b, *p == '.' ? "\\%c" : "%c", *p);
	free(host);
	(void)buf_adds(&b, "$)");
	is = strcmp(text, b.p) == 0;
	buf_release(&b);
	return is;
}

static enum redirect
if_kind(struct place p, const char *domain)
{
	char *text = condition(p);
	enum redirect kind = REDIRECT_NONE;

	if (is_about_plaintext(text))
		kind = REDIRECT_PLAIN;
	else if (is_about_host(text, domain))
		kind = REDIRECT_HOST;
	free(text);
	return kind;
}

static int
is_location_of_all(struct place p)
{
	return place_is(p, "location") &&
	    ((place_words(p) == 2 && strcmp(place_text(p, 1), "/") == 0) ||
		(place_words(p) == 3 && strcmp(place_text(p, 1), "^~") == 0 &&
		    strcmp(place_text(p, 2), "/") == 0));
}

/* Other locations than this one and the CA's have content of their own. */
static int
is_only_location(struct place p)
{
	const struct tree *t = p.file->tree;

	for (int c = tree_child(t, t->nodes[p.node].parent); c != -1;
	     c = t->nodes[c].next)
		if (c != p.node && tree_is(t, c, "location") &&
		    strstr(tree_text(t, c, t->nodes[c].n_words - 1),
			".well-known") == NULL)
			return 0;
	return 1;
}

enum redirect
redirect_kind(const struct server *s, struct place p, const char *domain)
{
	const char *url;

	if (!place_node(p)->is_block) {
		url = target(p);
	} else {
		url = place_is(p, "if") ||
			(is_location_of_all(p) && is_only_location(p)) ?
		    block_target(p) :
		    NULL;
		if (url != NULL && place_is(p, "if"))
			return if_kind(p, domain);
	}
	if (url == NULL)
		return REDIRECT_NONE;
	return is_own_host(s, url) ? REDIRECT_SELF : REDIRECT_AWAY;
}

struct look {
	const struct server *s;
	const char *domain;
	int already, itself;
};

static int
look(void *ctx, struct place p)
{
	struct look *l = ctx;

	switch (redirect_kind(l->s, p, l->domain)) {
	case REDIRECT_SELF:
	case REDIRECT_HOST:
		l->itself = l->already = 1;
		break;
	case REDIRECT_AWAY:
	case REDIRECT_PLAIN:
		l->already = 1;
		break;
	case REDIRECT_NONE:
		break;
	}
	return 0;
}

int
redirects_already(struct conf *c, const struct server *s, const char *domain)
{
	struct look l = {s, domain, 0, 0};

	(void)conf_each(c, s->at, look, &l);
	return l.already;
}

int
redirects_to_itself(struct conf *c, const struct server *s, const char *domain)
{
	struct look l = {s, domain, 0, 0};

	(void)conf_each(c, s->at, look, &l);
	return l.itself;
}
