/* Reading the files in httpd's order. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "conf.h"
#include "lex.h"
#include "vec.h"

#define INCLUDE_DEPTH_MAX 50
#define ENTRIES_MAX 2000000

/* A macro's parameters and what they stand for, one Use inside another. */
struct use {
	char **params, **values;
	size_t n;
	const struct use *outer;
};

struct walk {
	struct conf *c;
	struct vhost *vhost; /* the one that we are in */
	int deep, extra;
	const struct use *use;
	int use_depth;
	const struct file *stack[INCLUDE_DEPTH_MAX];
	size_t depth, entries;
	struct node **macros;
	size_t n_macros;
	struct err *err;
};

static int walk_nodes(struct walk *w, const struct node *parent);

static int
at_node(struct walk *w, const struct node *n)
{
	return err_prefix(w->err, "%s:%u", n->file->path, n->line);
}

/* Parameters replaced, the longest name first. */
static char *
with_params(const struct use *use, const char *text)
{
	struct buf b;
	char *out;

	buf_init(&b, TREE_FILE_MAX);
	while (*text != '\0') {
		size_t best = 0, which = 0;

		for (size_t i = 0; i < use->n; i++) {
			size_t len = strlen(use->params[i]);
			if (len > best &&
			    strncmp(text, use->params[i], len) == 0) {
				best = len;
				which = i;
			}
		}
		if (best > 0)
			(void)buf_adds(&b, use->values[which]);
		else
			(void)buf_addc(&b, *text);
		text += best > 0 ? best : 1;
	}
	out = b.p == NULL ? xstrdup("") : buf_detach(&b);
	buf_release(&b);
	return out;
}

static char *
resolve(struct walk *w, const char *args)
{
	char *text = xstrdup(args), *next;

	for (const struct use *u = w->use; u != NULL; u = u->outer) {
		next = with_params(u, text);
		free(text);
		text = next;
	}
	next = conf_expand(w->c, text);
	free(text);
	return next;
}

static int
add_entry(struct walk *w, struct node *n, const char *args)
{
	struct entry e = {.node = n,
	    .args = xstrdup(args),
	    .deep = w->deep > 0,
	    .macro = w->use != NULL};

	if (++w->entries > ENTRIES_MAX) {
		free(e.args);
		err_set(w->err, ERR_badData, "the configuration is too large");
		return at_node(w, n);
	}
	if (w->vhost != NULL)
		VEC_ADD(w->vhost->entries, w->vhost->n_entries, e);
	else
		VEC_ADD(w->c->main, w->c->n_main, e);
	return 0;
}

static int
enter_file(struct walk *w, const struct node *n, struct file *f)
{
	int rc = 0;

	for (size_t i = 0; i < w->depth; i++)
		if (w->stack[i] == f)
			rc = err_set(w->err, ERR_badData,
			    "the file includes itself (through %s)", f->path);
	if (rc == 0 && w->depth == INCLUDE_DEPTH_MAX)
		rc = err_set(w->err, ERR_badData,
		    "too many files include each other");
	if (rc == -1)
		return n != NULL ? at_node(w, n) : -1;
	w->stack[w->depth++] = f;
	f->reached |= !w->extra;
	rc = walk_nodes(w, f->root);
	w->depth--;
	return rc;
}

static int
do_include(struct walk *w, struct node *n, const char *args)
{
	char *first = node_arg(args, 0), *path, **list = NULL;
	size_t count = 0;
	int rc;

	if (first == NULL)
		return 0;
	path = conf_path(w->c, first);
	free(first);
	rc = include_list(w->c, path, node_is(n, "IncludeOptional"), &list,
	    &count, w->err);
	if (!w->extra)
		VEC_ADD(w->c->patterns, w->c->n_patterns, path);
	else
		free(path);
	if (rc == -1)
		return at_node(w, n);
	for (size_t i = 0; i < count; i++) {
		struct file *f = rc == 0 ? conf_file(w->c, list[i], w->err) :
					   NULL;
		if (rc == 0 && f == NULL) {
			/* What is wrong inside names its own file and line. */
			size_t len = strlen(list[i]);
			const char *text = err_text(w->err);

			rc = strncmp(text, list[i], len) == 0 &&
				text[len] == ':' ?
			    -1 :
			    at_node(w, n);
		} else if (rc == 0) {
			rc = enter_file(w, n, f);
		}
		free(list[i]);
	}
	free(list);
	return rc;
}

static void
do_define(struct walk *w, const struct node *n, const char *args)
{
	char *name = node_arg(args, 0), *value = node_arg(args, 1);
	struct conf *c = w->c;

	if (name != NULL && node_is(n, "Define")) {
		c->variables = doc_set(c->variables, name,
		    doc_stringn(value != NULL ? value : "",
			value != NULL ? strlen(value) : 0));
		c->defined = doc_set_flag(c->defined, name, 1);
	} else if (name != NULL) {
		c->variables = doc_del(c->variables, name);
	}
	free(name);
	free(value);
}

static void
do_load(struct walk *w, const char *args)
{
	char *name = node_arg(args, 0), *file = node_arg(args, 1);
	char *dot, *source;

	if (name != NULL && file != NULL) {
		conf_add_module(&w->c->modules, name);
		dot = strrchr(file, '.');
		if (dot != NULL)
			*dot = '\0';
		source = xasprintf("%s.c", path_base(file));
		w->c->modules = doc_set_flag(w->c->modules, source, 1);
		free(source);
	}
	free(name);
	free(file);
}

/* Use NAME VALUES: the macro's lines as if they stood here. */
static int
do_use(struct walk *w, const struct node *n, const char *args)
{
	struct use use = {.outer = w->use};
	const struct node *macro = NULL;
	char *name = node_arg(args, 0), *param, *value;
	const struct use *outer = w->use;
	int rc = 0;

	for (size_t i = 0; name != NULL && i < w->n_macros; i++) {
		char *own = node_arg(w->macros[i]->args, 0);
		if (own != NULL && strcasecmp(own, name) == 0)
			macro = w->macros[i];
		free(own);
	}
	free(name);
	if (macro == NULL || w->use_depth >= INCLUDE_DEPTH_MAX)
		return macro == NULL ?
		    0 :
		    (err_set(w->err, ERR_badData,
			 "macros use each other in a circle"),
			at_node(w, n));
	for (size_t i = 1; (param = node_arg(macro->args, i)) != NULL; i++) {
		value = node_arg(args, i);
		VEC_ADD(use.params, use.n, param);
		use.values = xrealloc(use.values, use.n * sizeof(char *));
		use.values[use.n - 1] = value != NULL ? value : xstrdup("");
	}
	w->use = &use;
	w->use_depth++;
	rc = walk_nodes(w, macro);
	w->use_depth--;
	w->use = outer;
	for (size_t i = 0; i < use.n; i++) {
		free(use.params[i]);
		free(use.values[i]);
	}
	free(use.params);
	free(use.values);
	return rc;
}

static int
do_vhost(struct walk *w, struct node *n, const char *args)
{
	struct vhost *v;
	int rc;

	if (w->vhost != NULL || w->deep > 0)
		return 0;
	for (size_t i = 0; w->use == NULL && i < w->c->n_vhosts; i++)
		if (w->c->vhosts[i]->node == n)
			return 0;
	v = xcalloc(1, sizeof(*v));
	v->node = n;
	v->file = n->file;
	v->ordinal = n->ordinal;
	v->macro = w->use != NULL;
	v->enabled = !w->extra;
	VEC_ADD(w->c->vhosts, w->c->n_vhosts, v);
	vhost_begin(w->c, v, args);
	w->vhost = v;
	rc = walk_nodes(w, n);
	w->vhost = NULL;
	vhost_end(w->c, v);
	return rc;
}

static int
do_section(struct walk *w, struct node *n, const char *args)
{
	int transparent, rc;

	if (node_is(n, "Macro")) {
		VEC_ADD(w->macros, w->n_macros, n);
		return 0;
	}
	if (node_is(n, "VirtualHost"))
		return do_vhost(w, n, args);
	if (!cond_holds(w->c, n, args, &transparent))
		return 0;
	if (!transparent && add_entry(w, n, args) == -1)
		return -1;
	w->deep += !transparent;
	rc = walk_nodes(w, n);
	w->deep -= !transparent;
	return rc;
}

static int
do_directive(struct walk *w, struct node *n, const char *args)
{
	char *root;

	if (add_entry(w, n, args) == -1)
		return -1;
	if (node_is(n, "Include") || node_is(n, "IncludeOptional"))
		return do_include(w, n, args);
	if (node_is(n, "Use"))
		return do_use(w, n, args);
	if (node_is(n, "Define") || node_is(n, "UnDefine"))
		do_define(w, n, args);
	else if (node_is(n, "LoadModule"))
		do_load(w, args);
	else if (node_is(n, "ServerRoot") &&
	    (root = node_arg(args, 0)) != NULL && *root == '/') {
		free(w->c->server_root);
		w->c->server_root = root;
	}
	return 0;
}

static int
walk_nodes(struct walk *w, const struct node *parent)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < parent->n; i++) {
		struct node *n = parent->child[i];
		/* A macro's name is no argument that is expanded. */
		char *args = resolve(w, n->args);

		rc = n->section ? do_section(w, n, args) :
				  do_directive(w, n, args);
		free(args);
	}
	return rc;
}

/* Files of the directory that are read although no Include names them. */
static int
walk_extra(struct walk *w)
{
	char *pattern, **list = NULL;
	size_t n = 0;
	int rc;

	if (w->c->extra_dir == NULL)
		return 0;
	pattern = path_join(w->c->extra_dir, w->c->extra_pattern);
	rc = include_list(w->c, pattern, 1, &list, &n, w->err);
	free(pattern);
	w->extra = 1;
	for (size_t i = 0; i < n; i++) {
		struct file *f = rc == 0 ? conf_file(w->c, list[i], w->err) :
					   NULL;
		if (rc == 0 && f == NULL)
			rc = -1;
		else if (rc == 0 && !f->reached)
			rc = enter_file(w, NULL, f);
		free(list[i]);
	}
	free(list);
	return rc;
}

static int
walk_file(struct walk *w, const char *path)
{
	struct file *f = conf_file(w->c, path, w->err);

	if (f == NULL)
		return -1;
	return f->reached ? 0 : enter_file(w, NULL, f);
}

/* With what the command line adds (SUSE's service: modules before the main file,
 * the user's own files behind it). */
int
conf_walk(struct conf *c, struct err *err)
{
	struct walk w = {.c = c, .err = err};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->n_before; i++)
		rc = walk_file(&w, c->before[i]);
	if (rc == 0)
		rc = walk_file(&w, c->root_file);
	for (size_t i = 0; rc == 0 && i < c->n_listed; i++)
		if (!conf_includes(c, c->listed[i]))
			rc = walk_file(&w, c->listed[i]);
	if (rc == 0)
		rc = walk_extra(&w);
	free(w.macros);
	return rc;
}
