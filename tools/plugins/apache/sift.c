/* Lines of a fresh TLS copy that would lead in a circle there, or that may
 * stand only once in a configuration, become comments. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apache.h"
#include "lex.h"

/* Declarations of things that belong to the whole server. */
static const char *const only_once[] = {"WSGIDaemonProcess", "FastCgiServer",
    "FastCgiExternalServer"};

struct sift {
	const struct apache *a;
	const struct vhost *source;
	int rules, once; /* how many lines */
};

static void
comment_out(struct node *n)
{
	size_t len;
	const char *p = edit_bytes(n->file->edit, &len);

	edit_insert(n->file->edit, n->start + lex_indent(p, len, n->start),
	    "# ", 2);
	n->file->dirty = 1;
}

static int
is_https(const char *target)
{
	return target != NULL && strncasecmp(target, "https://", 8) == 0;
}

enum { AWAY, HERE, ELSEWHERE };

/* Where a target leads: HERE is https:// and a name of the vhost itself, or a
 * variable; ELSEWHERE, when another TLS vhost has that name, so that the copy will
 * not. */
static int
leads_to(const struct sift *s, const char *target)
{
	size_t n;
	char *host;
	int where = AWAY;

	if (!is_https(target))
		return AWAY;
	target += 8;
	n = strcspn(target, "/:?#");
	host = xstrndup(target, n);
	if (strpbrk(host, "%$") != NULL)
		where = HERE;
	else if (n > 0 && vhost_serves(s->source, host) > 1)
		where = cover_elsewhere(s->a, s->source, host) ? ELSEWHERE :
								 HERE;
	free(host);
	return where;
}

static int
redirects_here(const struct sift *s, const struct node *n)
{
	int here = 0;
	char *arg;

	if (!node_is(n, "Redirect") && !node_is(n, "RedirectPermanent") &&
	    !node_is(n, "RedirectTemp") && !node_is(n, "RedirectMatch"))
		return 0;
	for (size_t i = 0; (arg = node_arg(n->args, i)) != NULL; i++) {
		here |= leads_to(s, arg) == HERE;
		free(arg);
	}
	return here;
}

static int
is_only_once(const struct node *n)
{
	for (size_t i = 0; i < ARRAY_LEN(only_once); i++)
		if (node_is(n, only_once[i]))
			return 1;
	return 0;
}

static void
explain(struct sift *s, struct node *first)
{
	if (s->rules++ > 0)
		return;
	node_insert_before(first,
	    "# Some rewrite rules in this file were "
	    "disabled on your HTTPS site,");
	node_insert_before(first,
	    "# because they have the potential to create redirection loops.");
}

/* A rule to https, and the conditions right before it. */
static void
sift_rule(struct sift *s, struct node *parent, size_t i)
{
	char *target = node_arg(parent->child[i]->args, 1);
	size_t first = i;

	if (is_https(target) && leads_to(s, target) != ELSEWHERE) {
		while (first > 0 &&
		    node_is(parent->child[first - 1], "RewriteCond"))
			first--;
		explain(s, parent->child[first]);
		for (; first <= i; first++)
			comment_out(parent->child[first]);
	}
	free(target);
}

static void
sift_nodes(struct sift *s, struct node *parent)
{
	for (size_t i = 0; i < parent->n; i++) {
		struct node *n = parent->child[i];

		if (n->section) {
			sift_nodes(s, n);
		} else if (node_is(n, "RewriteRule")) {
			sift_rule(s, parent, i);
		} else if (redirects_here(s, n)) {
			explain(s, n);
			comment_out(n);
		} else if (is_only_once(n)) {
			comment_out(n);
			s->once++;
		}
	}
}

void
copy_sift(struct apache *a, struct node *vhost, const struct vhost *source)
{
	struct sift s = {.a = a, .source = source};

	sift_nodes(&s, vhost);
	if (s.rules > 0)
		guest_log(a->g, LOG_INFO, SHOW_OUT,
		    "Some rewrite rules copied from %s were disabled in the "
		    "vhost for your HTTPS site located at %s because they "
		    "have the potential to create redirection loops.",
		    source->file->path, vhost->file->path);
	if (s.once > 0)
		guest_log(a->g, LOG_INFO, SHOW_OUT,
		    "Some directives copied from %s may stand only once in a "
		    "configuration and were disabled in the vhost for your "
		    "HTTPS site located at %s.",
		    source->file->path, vhost->file->path);
}
