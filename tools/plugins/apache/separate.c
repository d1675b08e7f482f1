/* A certificate that lacks names which the virtual host's own one covers goes
 * into a virtual host of its own (spec installers G2). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "apache.h"
#include "base/names.h"
#include "base/safefile.h"
#include "crypto/cert.h"
#include "lex.h"
#include "vec.h"

static int
is_names(const struct entry *e)
{
	return !e->deep &&
	    (node_is(e->node, "ServerName") || node_is(e->node, "ServerAlias"));
}

/* The names of a certificate file that is valid today, added to those there. */
static jv
add_names(jv names, const char *path)
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

/* What the vhost's certificates cover, or else those of the main server; none
 * when one of them is the new one already. */
static jv
old_names(const struct apache *a, const struct vhost *v, const char *cert)
{
	const struct entry *list = v->entries;
	size_t n = v->n_entries;
	jv names = doc_array();

	if (vhost_last(v, "SSLCertificateFile") == NULL) {
		list = a->conf.main;
		n = a->conf.n_main;
	}
	for (size_t i = 0; i < n; i++) {
		char *arg = !list[i].deep &&
			node_is(list[i].node, "SSLCertificateFile") ?
		    entry_arg(&list[i], 0) :
		    NULL;
		char *path = arg == NULL ? NULL : conf_path(&a->conf, arg);
		int same = path != NULL && strcmp(path, cert) == 0;

		if (same)
			doc_move(&names, doc_array());
		else if (path != NULL)
			names = add_names(names, path);
		free(path);
		free(arg);
		if (same)
			break;
	}
	return names;
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
is_needed(struct apache *a, struct vref r, const char *cert)
{
	const struct vhost *v = vref_get(a, r);
	jv old, new;
	int needed;

	/* Nobody was served by a copy of this run, or by one that is not read. */
	for (size_t i = 0; i < a->n_made; i++)
		if (same_ref(a->made[i].copy, r))
			return 0;
	if (!v->enabled)
		return 0;
	old = old_names(a, v, cert);
	new = add_names(doc_array(), cert);
	needed = doc_len(new) > 0 && loses(v, old, new);
	doc_free(old);
	doc_free(new);
	return needed;
}

/* --- the vhost of its own ----------------------------------------------------- */

static void
bump(struct vref *r, struct vref behind)
{
	if (r->file == behind.file && r->ordinal > behind.ordinal)
		r->ordinal++;
}

/* One more vhost stands behind this one: those that follow are one further. */
static void
renumber(struct apache *a, struct vref behind)
{
	for (size_t i = 0; i < a->n_made; i++) {
		bump(&a->made[i].copy, behind);
		bump(&a->made[i].source, behind);
	}
	for (size_t i = 0; i < a->n_apart; i++) {
		bump(&a->apart[i].copy, behind);
		bump(&a->apart[i].source, behind);
	}
	for (size_t i = 0; i < a->n_chosen; i++)
		for (size_t k = 0; k < a->chosen[i].n; k++)
			bump(&a->chosen[i].list[k], behind);
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

/* Its text once more, right behind it. */
static int
put_twin(struct apache *a, struct vref r, struct err *err)
{
	const struct node *n = vref_get(a, r)->node;
	size_t len;
	const char *p = edit_bytes(r.file->edit, &len);
	const char *open = n->close_end == len ? lex_open_end(p, len) : "";
	char *text = xasprintf("%s%.*s", open, (int)(n->close_end - n->start),
	    p + n->start);

	edit_insert(r.file->edit, n->close_end, text, strlen(text));
	free(text);
	r.file->dirty = 1;
	renumber(a, r);
	return apache_changed(a, err);
}

/* Names that an Include brings would be both vhosts' names. */
static int
names_are_here(const struct vhost *v, const char *domain, struct err *err)
{
	for (size_t i = 0; i < v->n_entries; i++) {
		const struct node *n = v->entries[i].node;
		if (is_names(&v->entries[i]) && !node_within(n, v->node))
			return err_set(err, ERR_misconfigured,
			    "%s:%u: the virtual host at %s:%u has names that "
			    "the certificate for %s lacks, and its names stand "
			    "in a file that it includes: give %s a virtual "
			    "host of its own, then run this again",
			    n->file->path, n->line, v->file->path,
			    v->node->line, domain, domain);
	}
	return 0;
}

static int
make_own(struct apache *a, struct vref r, const char *domain, struct vref *own,
    struct err *err)
{
	struct made pair = {.source = r, .copy = {r.file, r.ordinal + 1}};
	char *name = moved_name(vref_get(a, r), domain);
	int rc = put_twin(a, r, err);

	if (rc == 0) {
		set_names(vref_get(a, pair.copy), domain, 1, name);
		VEC_ADD(a->apart, a->n_apart, pair);
		*own = pair.copy;
		guest_log(a->g, LOG_INFO, SHOW_OUT,
		    "The certificate in use at %s:%u covers names that the "
		    "new one lacks: %s gets a virtual host of its own there.",
		    r.file->path, vref_get(a, r)->node->line, domain);
	}
	free(name);
	return rc;
}

int
separate_domain(struct apache *a, struct vref r, const char *domain,
    const char *cert, struct err *err)
{
	struct vref own = {NULL, 0};
	char *left;

	if (!is_needed(a, r, cert))
		return 0;
	if (names_are_here(vref_get(a, r), domain, err) == -1)
		return -1;
	for (size_t i = 0; i < a->n_apart; i++)
		if (same_ref(a->apart[i].source, r))
			own = a->apart[i].copy;
	if (own.file == NULL && make_own(a, r, domain, &own, err) == -1)
		return -1;
	left = left_name(vref_get(a, r), domain);
	set_names(vref_get(a, r), domain, 0, left);
	free(left);
	for (size_t i = 0; i < a->n_chosen; i++)
		for (size_t k = 0; k < a->chosen[i].n; k++)
			if (strcmp(a->chosen[i].domain, domain) == 0 &&
			    same_ref(a->chosen[i].list[k], r))
				a->chosen[i].list[k] = own;
	return apache_changed(a, err);
}
