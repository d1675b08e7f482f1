/* The TLS copy of a plaintext virtual host (spec installers C8). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "apache.h"
#include "base/path.h"
#include "lex.h"
#include "vec.h"

/* Where the copy goes: beside the file itself, or into the user's own
 * directory of vhosts. */
static char *
copy_path(const struct apache *a, const struct file *f)
{
	const char *real = edit_real_path(f->edit);
	char *dir = a->vhost_root != NULL ? xstrdup(a->vhost_root) :
					    path_dir(real);
	const char *base = path_base(real);
	size_t n = strlen(base);
	char *name, *path;

	if (n > 5 && strcmp(base + n - 5, ".conf") == 0)
		n -= 5;
	name = xasprintf("%.*s%s", (int)n, base, a->ext);
	path = path_join(dir, name);
	free(name);
	free(dir);
	return path;
}

static int
same_names(const struct vhost *x, const struct vhost *y)
{
	char *hx = vhost_host(x), *hy = vhost_host(y);
	int same = hx != NULL && hy != NULL && strcmp(hx, hy) == 0;

	free(hx);
	free(hy);
	return same;
}

/* A TLS vhost of the same name that stands in the file but is not read:
 * somebody has disabled it, or another run has left it. */
static struct node *
sleeping(struct apache *a, const struct file *f, const struct vhost *source)
{
	struct node *n;

	if (f->reached)
		return NULL;
	for (size_t i = 0; (n = tree_vhost(f, i)) != NULL; i++) {
		struct vhost v = {.node = n, .file = n->file};
		int same;

		vhost_begin(&a->conf, &v, n->args);
		for (size_t k = 0; k < n->n; k++) {
			char *arg = node_is(n->child[k], "ServerName") ?
			    node_arg(n->child[k]->args, 0) :
			    NULL;
			if (arg != NULL) {
				free(v.name);
				v.name = arg;
			}
		}
		same = v.ssl && same_names(&v, source);
		for (size_t k = 0; k < v.n_addrs; k++) {
			free(v.addrs[k].host);
			free(v.addrs[k].port);
		}
		free(v.addrs);
		free(v.name);
		if (same)
			return n;
	}
	return NULL;
}

/* Its bytes as they are, from "<VirtualHost" to before its last line; if asked
 * for where mod_ssl is there only. */
static void
append_text(struct file *to, const struct node *section, int asks)
{
	size_t len;
	const char *p = edit_bytes(section->file->edit, &len);
	const char *nl = lex_newline(p, len);
	size_t end, from = section->start, indent;
	const char *q = edit_bytes(to->edit, &end);
	char *head, *tail;

	indent = lex_indent(p, len, from);
	head = xasprintf("%s%s%s", lex_open_end(q, end),
	    asks ? "<IfModule mod_ssl.c>" : "", asks ? nl : "");
	tail = xasprintf("%.*s</VirtualHost>%s%s%s", (int)indent, p + from, nl,
	    asks ? "</IfModule>" : "", asks ? nl : "");
	edit_insert(to->edit, end, head, strlen(head));
	edit_insert(to->edit, end, p + from, section->close_start - from);
	edit_insert(to->edit, end, tail, strlen(tail));
	free(head);
	free(tail);
}

/* Every address on the port of HTTPS. */
static void
set_ports(const struct apache *a, struct node *vhost)
{
	struct buf b;
	char *word, *end;

	buf_init(&b, TREE_FILE_MAX);
	for (size_t i = 0; (word = node_arg(vhost->args, i)) != NULL; i++) {
		char *bracket = strrchr(word, ']');
		end = strchr(bracket != NULL ? bracket : word, ':');
		if (end != NULL)
			*end = '\0';
		(void)buf_addf(&b, "%s%s:%s", i > 0 ? " " : "", word,
		    a->https_port);
		free(word);
	}
	node_set_args(vhost, b.p == NULL ? "" : b.p);
	buf_release(&b);
}

/* "ServerName http://host:80" makes links to HTTP. */
static void
set_name(const struct apache *a, struct node *vhost)
{
	for (size_t i = 0; i < vhost->n; i++) {
		struct node *n = vhost->child[i];
		char *name, *now, *end;

		if (!node_is(n, "ServerName") ||
		    (name = node_arg(n->args, 0)) == NULL)
			continue;
		if (strncasecmp(name, "http://", 7) == 0) {
			now = xasprintf("https://%s", name + 7);
			end = strrchr(now, ':');
			if (strcmp(end, ":80") == 0 &&
			    strcmp(a->https_port, "443") == 0)
				*end = '\0';
			node_set_args(n, now);
			free(now);
		}
		free(name);
	}
}

static struct file *
target_file(struct apache *a, const char *path, const struct file *source,
    struct err *err)
{
	for (size_t i = 0; i < a->conf.n_files; i++)
		if (strcmp(a->conf.files[i]->path, path) == 0)
			return a->conf.files[i];
	if (access(path, F_OK) == 0)
		return conf_file(&a->conf, path, err);
	return conf_new_file(&a->conf, path, source);
}

static int
write_copy(struct apache *a, struct file *f, const struct vhost *source,
    int asks, size_t *ordinal, struct err *err)
{
	struct node *n;

	append_text(f, source->node, asks);
	if (file_parse(f, err) == -1)
		return -1;
	*ordinal = 0;
	while (tree_vhost(f, *ordinal + 1) != NULL)
		(*ordinal)++;
	n = tree_vhost(f, *ordinal);
	set_ports(a, n);
	set_name(a, n);
	copy_sift(a, n, source);
	return 0;
}

/* Where a variable has another value at the place of the copy than the source
 * sees, the copy gets the value itself. */
static void
fix_variables(struct apache *a, struct vref source, struct vref copy)
{
	const struct vhost *s = vref_get(a, source), *v = vref_get(a, copy);

	for (size_t i = 0; i < v->n_entries; i++) {
		const struct entry *e = &v->entries[i], *same = NULL;

		if (strstr(e->node->args, "${") == NULL ||
		    !node_within(e->node, v->node))
			continue;
		for (size_t k = 0; same == NULL && k < s->n_entries; k++)
			if (node_is(s->entries[k].node, e->node->name) &&
			    strcmp(s->entries[k].node->args, e->node->args) ==
				0)
				same = &s->entries[k];
		if (same != NULL && strcmp(same->args, e->args) != 0)
			node_set_args(e->node, same->args);
	}
}

/* The copy, in force. A file that stands in front of the one that loads mod_ssl
 * is read before that is there (Alpine's conf.d): then it may not ask for it. */
static int
make_copy(struct apache *a, struct file *f, struct vref source,
    struct vref *copy, struct err *err)
{
	size_t before, now;
	int rc = -1;

	(void)edit_bytes(f->edit, &before);
	for (int asks = 1; asks >= 0; asks--) {
		const struct vhost *v = vref_get(a, source);

		copy->file = f;
		if (v == NULL)
			break;
		if (write_copy(a, f, v, asks, &copy->ordinal, err) == -1 ||
		    site_enable(a, f, err) == -1 ||
		    apache_changed(a, err) == -1)
			return -1;
		rc = vref_get(a, *copy) == NULL ? -1 : 0;
		if (rc == 0 || !asks || a->conf.ssl_to_come)
			break;
		(void)edit_bytes(f->edit, &now);
		edit_replace(f->edit, before, now - before, NULL, 0);
		if (file_parse(f, err) == -1)
			return -1;
	}
	if (rc == -1)
		return err_set(err, ERR_pluginFailed,
		    "%s: the TLS virtual host written there would not be read",
		    f->path);
	apache_note(a, "Created an SSL vhost at %s", f->path);
	guest_log(a->g, LOG_INFO, SHOW_LOG, "Created an SSL vhost at %s",
	    f->path);
	return 0;
}

int
copy_vhost(struct apache *a, struct vref ref, struct vref *copy,
    struct err *err)
{
	const struct vhost *source = vref_get(a, ref);
	char *path = copy_path(a, source->file);
	struct file *f = target_file(a, path, source->file, err);
	struct made made = {.source = ref};
	struct node *there;
	int rc = f == NULL ? -1 : 0;

	if (rc == 0 && (there = sleeping(a, f, source)) != NULL) {
		*copy = (struct vref){f, there->ordinal};
		/* It must be read before it can be found. */
		rc = site_enable(a, f, err);
		if (rc == 0)
			rc = apache_changed(a, err);
		if (rc == 0 && vref_get(a, *copy) == NULL)
			rc = err_set(err, ERR_pluginFailed,
			    "%s: the TLS virtual host there would not be read",
			    path);
	} else if (rc == 0) {
		rc = make_copy(a, f, ref, copy, err);
	}
	made.copy = *copy;
	if (rc == 0 && vref_get(a, ref) != NULL) {
		fix_variables(a, ref, *copy);
		rc = apache_changed(a, err);
	}
	if (rc == 0)
		VEC_ADD(a->made, a->n_made, made);
	free(path);
	return rc;
}
