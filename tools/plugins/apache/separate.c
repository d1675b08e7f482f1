/* A certificate that lacks names which the virtual host's own one covers goes
 * into a virtual host of its own (spec installers G2). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apache.h"
#include "autohsts.h"
#include "base/names.h"
#include "lex.h"
#include "vec.h"

static int
is_names(const struct entry *e)
{
	return !e->deep &&
	    (node_is(e->node, "ServerName") || node_is(e->node, "ServerAlias"));
}

static int
loses(const struct vhost *v, jv old, jv new)
{
	char *host = vhost_host(v);
	int lost = host != NULL && names_cover(old, host) &&
	    !names_cover(new, host);

	free(host);
	for (size_t i = 0; !lost && i < v->n_aliases; i++) {
		char *name = name_fold(v->aliases[i]);
		lost = names_cover(old, name) && !names_cover(new, name);
		free(name);
	}
	return lost;
}

static int
same_ref(struct vref x, struct vref y)
{
	return x.file == y.file && x.ordinal == y.ordinal;
}

static int
is_needed(struct apache *a, struct vref r, const char *cert, jv new)
{
	const struct vhost *v = vref_get(a, r);
	jv old;
	int needed, same;

	/* Nobody was served by a copy of this run, or by one that is not read. */
	if (!v->enabled || cover_is_copy(a, v))
		return 0;
	old = cover_of(a, v, cert, &same);
	needed = !same && doc_len(new) > 0 && loses(v, old, new);
	doc_free(old);
	return needed;
}

/* --- the vhost of its own ----------------------------------------------------- */

static void
bump(struct vref *r, struct vref from)
{
	if (r->file == from.file && r->ordinal >= from.ordinal)
		r->ordinal++;
}

/* One more vhost stands there: it and those that follow are one further. */
static void
renumber(struct apache *a, struct vref from)
{
	for (size_t i = 0; i < a->n_made; i++) {
		bump(&a->made[i].copy, from);
		bump(&a->made[i].source, from);
	}
	for (size_t i = 0; i < a->n_apart; i++) {
		bump(&a->apart[i].copy, from);
		bump(&a->apart[i].source, from);
	}
	for (size_t i = 0; i < a->n_chosen; i++)
		for (size_t k = 0; k < a->chosen[i].n; k++)
			bump(&a->chosen[i].list[k], from);
	doc_move(&a->redirected, doc_object());
}

/* The names that go with the domain: itself, or all that the wildcard is for.
 * The ServerName comes first, NULL when only patterns go. */
static char *
moved_name(const struct vhost *v, const char *domain)
{
	char *host = vhost_host(v);

	if (strncmp(domain, "*.", 2) != 0) {
		free(host);
		return xstrdup(domain);
	}
	if (host != NULL && name_covers(domain, host))
		return host;
	free(host);
	for (size_t i = 0; i < v->n_aliases; i++) {
		char *name = name_fold(v->aliases[i]);
		if (strpbrk(name, "*?") == NULL && name_covers(domain, name))
			return name;
		free(name);
	}
	return NULL;
}

/* The words of a ServerAlias line of which the domain's are left out (or alone
 * kept); without any the line goes. but: left out, too; NULL. */
static void
keep_words(const struct entry *e, const char *domain, int moved,
    const char *but)
{
	struct buf b;
	char *word, *raw, *name;

	buf_init(&b, TREE_FILE_MAX);
	for (size_t i = 0; (word = entry_arg(e, i)) != NULL; i++) {
		name = name_fold(word);
		raw = node_arg(e->node->args, i);
		if (raw != NULL && name_covers(domain, name) == moved &&
		    (but == NULL || strcmp(name, but) != 0)) {
			char *quoted = lex_quote(raw);
			(void)buf_addf(&b, "%s%s", b.len > 0 ? " " : "",
			    quoted);
			free(quoted);
		}
		free(raw);
		free(name);
		free(word);
	}
	if (b.len == 0)
		node_remove(e->node);
	else
		node_set_args(e->node, b.p);
	buf_release(&b);
}

/* The vhost keeps the domain's names alone (moved), or all but them. name: the
 * ServerName then; NULL: as it is, or none. */
static void
set_names(const struct vhost *v, const char *domain, int moved,
    const char *name)
{
	char *host = vhost_host(v);
	int keep = host != NULL &&
	    (name == NULL ? name_covers(domain, host) == moved :
			    strcmp(host, name) == 0);
	struct node *first = NULL;

	for (size_t i = 0; i < v->n_entries; i++) {
		const struct entry *e = &v->entries[i];

		if (!is_names(e))
			continue;
		if (first == NULL)
			first = e->node;
		if (node_is(e->node, "ServerAlias"))
			keep_words(e, domain, moved, name);
		else if (!keep && name != NULL)
			node_set_args(e->node, name);
		else if (!keep)
			node_remove(e->node);
	}
	if (v->name == NULL && name != NULL) {
		char *line = xasprintf("ServerName %s", name);
		if (first != NULL)
			node_insert_before(first, line);
		else
			node_append(v->node, line);
		free(line);
	}
	free(host);
}

/* The first name that stays, for the vhost whose ServerName goes; NULL: it has
 * none, keeps it, or patterns alone stay. malloc'd. */
static char *
left_name(const struct vhost *v, const char *domain)
{
	char *host = vhost_host(v), *left = NULL;

	if (host != NULL && name_covers(domain, host))
		for (size_t i = 0; left == NULL && i < v->n_aliases; i++) {
			char *name = name_fold(v->aliases[i]);
			if (strpbrk(name, "*?") == NULL &&
			    !name_covers(domain, name))
				left = xstrdup(name);
			free(name);
		}
	free(host);
	return left;
}

void
separate_drop_name(const struct vhost *v, const char *name)
{
	char *left = left_name(v, name);

	set_names(v, name, 0, left);
	free(left);
}

/* httpd takes the first vhost that has a name, by a pattern too: would one that
 * stays take a name of the new certificate from a vhost behind it? */
static int
pattern_takes(const struct vhost *v, const char *domain, jv new)
{
	for (size_t i = 0; i < v->n_aliases; i++) {
		struct vhost one = {.aliases = &v->aliases[i], .n_aliases = 1};

		if (strpbrk(v->aliases[i], "*?") == NULL ||
		    name_covers(domain, v->aliases[i]))
			continue;
		for (size_t k = 0; k < doc_len(new); k++)
			if (vhost_serves(&one, doc_str_at(new, k)) >= 2)
				return 1;
	}
	return 0;
}

/* Its text once more, right behind it: own and rest are the two. */
static int
put_twin(struct apache *a, struct vref r, int front, struct made *pair,
    struct err *err)
{
	const struct node *n = vref_get(a, r)->node;
	size_t len;
	const char *p = edit_bytes(r.file->edit, &len);
	const char *open = n->close_end == len ? lex_open_end(p, len) : "";
	char *text = xasprintf("%s%.*s", open, (int)(n->close_end - n->start),
	    p + n->start);
	char *twin = autohsts_twin(a, text, err);

	free(text);
	if (twin == NULL)
		return -1;
	edit_insert(r.file->edit, n->close_end, twin, strlen(twin));
	free(twin);
	r.file->dirty = 1;
	*pair = (struct made){.copy = r, .source = r};
	renumber(a, (struct vref){r.file, r.ordinal + !front});
	pair->copy.ordinal += !front;
	pair->source.ordinal += !!front;
	return apache_changed(a, err);
}

/* Names that an Include brings would be both vhosts' names. */
int
separate_can(const struct vhost *v, const char *domain, const char *which,
    struct err *err)
{
	for (size_t i = 0; i < v->n_entries; i++) {
		const struct node *n = v->entries[i].node;
		if (is_names(&v->entries[i]) && !node_within(n, v->node))
			return err_set(err, ERR_misconfigured,
			    "%s:%u: the virtual host at %s:%u has names that "
			    "%s, and its names stand in a file that it "
			    "includes: give %s a virtual host of its own, then "
			    "run this again",
			    n->file->path, n->line, v->file->path,
			    v->node->line, which, domain);
	}
	return 0;
}

/* The same for names that the new certificate lacks. */
static int
can_part(const struct vhost *v, const char *domain, struct err *err)
{
	char *which = xasprintf("the certificate for %s lacks", domain);
	int rc = separate_can(v, domain, which, err);

	free(which);
	return rc;
}

static int
make_own(struct apache *a, struct vref r, const char *domain, jv new,
    struct made *pair, struct err *err)
{
	const struct vhost *v = vref_get(a, r);
	char *name = moved_name(v, domain);
	int rc = put_twin(a, r, pattern_takes(v, domain, new), pair, err);

	if (rc == 0) {
		set_names(vref_get(a, pair->copy), domain, 1, name);
		VEC_ADD(a->apart, a->n_apart, *pair);
		guest_log(a->g, LOG_INFO, SHOW_OUT,
		    "The certificate in use at %s:%u covers names that the "
		    "new one lacks: %s gets a virtual host of its own there.",
		    r.file->path, vref_get(a, pair->source)->node->line,
		    domain);
	}
	free(name);
	return rc;
}

static int
part(struct apache *a, struct vref r, const char *domain, jv new,
    struct err *err)
{
	struct made pair = {.source = r};

	if (can_part(vref_get(a, r), domain, err) == -1)
		return -1;
	for (size_t i = 0; i < a->n_apart; i++)
		if (same_ref(a->apart[i].source, r))
			pair = a->apart[i];
	if (pair.copy.file == NULL &&
	    make_own(a, r, domain, new, &pair, err) == -1)
		return -1;
	separate_drop_name(vref_get(a, pair.source), domain);
	for (size_t i = 0; i < a->n_chosen; i++)
		for (size_t k = 0; k < a->chosen[i].n; k++)
			if (strcmp(a->chosen[i].domain, domain) == 0 &&
			    same_ref(a->chosen[i].list[k], pair.source))
				a->chosen[i].list[k] = pair.copy;
	return apache_changed(a, err);
}

int
separate_domain(struct apache *a, struct vref r, const char *domain,
    const char *cert, struct err *err)
{
	jv new = cover_add(doc_array(), cert);
	int rc = is_needed(a, r, cert, new) ? part(a, r, domain, new, err) : 0;

	doc_free(new);
	return rc;
}
