/* The files of a configuration, and variables in it. */
#include "conf.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/path.h"
#include "lex.h"
#include "vec.h"

/* How often reading starts over because it has shown something that earlier
 * lines depend on. */
#define ROUNDS 4

static void
free_paths(char ***paths, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		free((*paths)[i]);
	free(*paths);
	*paths = NULL;
	*n = 0;
}

static void
forget_walk(struct conf *c)
{
	for (size_t i = 0; i < c->n_vhosts; i++)
		vhost_free(c->vhosts[i]);
	free(c->vhosts);
	for (size_t i = 0; i < c->n_main; i++)
		free(c->main[i].args);
	free(c->main);
	free_paths(&c->patterns, &c->n_patterns);
	c->vhosts = NULL;
	c->main = NULL;
	c->n_vhosts = c->n_main = 0;
}

/* One reading: what the lines before say counts for those behind. */
static int
read_once(struct conf *c, jv start, struct err *err)
{
	forget_walk(c);
	for (size_t i = 0; i < c->n_files; i++)
		c->files[i]->reached = 0;
	doc_move(&c->unknown, doc_object());
	doc_move(&c->modules, doc_copy(c->statics));
	doc_move(&c->variables, doc_copy(start));
	if (c->ssl_to_come)
		conf_add_module(&c->modules, "ssl_module");
	return conf_walk(c, err);
}

int
conf_read(struct conf *c, struct err *err)
{
	jv start = doc_copy(c->initial);
	int rc = 0, again = 1;

	doc_move(&c->defined, doc_object());
	for (int round = 0; rc == 0 && again && round < ROUNDS; round++) {
		jv names;

		rc = read_once(c, start, err);
		/* What the dump shows and a Define sets was not there before
		 * that Define. */
		names = doc_keys(c->defined);
		again = 0;
		for (size_t i = 0; i < doc_len(names); i++) {
			again |= doc_has(start, doc_str_at(names, i));
			start = doc_del(start, doc_str_at(names, i));
		}
		doc_free(names);
	}
	doc_free(start);
	return rc;
}

int
conf_changed(struct conf *c, struct err *err)
{
	forget_walk(c);
	for (size_t i = 0; i < c->n_files; i++)
		if (c->files[i]->dirty && file_parse(c->files[i], err) == -1)
			return -1;
	return conf_read(c, err);
}

void
conf_forget(struct conf *c)
{
	forget_walk(c);
	for (size_t i = 0; i < c->n_files; i++)
		file_free(c->files[i]);
	free(c->files);
	c->files = NULL;
	c->n_files = 0;
	for (size_t i = 0; i < c->n_planned; i++) {
		free(c->planned[i].path);
		free(c->planned[i].target);
	}
	free(c->planned);
	c->planned = NULL;
	c->n_planned = 0;
}

void
conf_unlist(struct conf *c)
{
	free_paths(&c->before, &c->n_before);
	free_paths(&c->listed, &c->n_listed);
}

void
conf_free(struct conf *c)
{
	conf_forget(c);
	conf_unlist(c);
	free(c->server_root);
	free(c->root_file);
	free(c->extra_dir);
	free(c->extra_pattern);
	doc_free(c->initial);
	doc_free(c->variables);
	doc_free(c->statics);
	doc_free(c->environment);
	doc_free(c->modules);
	doc_free(c->unknown);
	doc_free(c->defined);
}

struct file *
conf_file(struct conf *c, const char *path, struct err *err)
{
	const struct planned *p = conf_planned(c, path);
	struct file *f;

	if (p != NULL)
		path = p->target != NULL ? p->target : p->path;
	for (size_t i = 0; i < c->n_files; i++)
		if (strcmp(c->files[i]->path, path) == 0)
			return c->files[i];
	f = file_open(path, err);
	if (f == NULL)
		return NULL;
	for (size_t i = 0; i < c->n_files; i++) {
		if (edit_same_file(c->files[i]->edit, f->edit)) {
			file_free(f);
			return c->files[i];
		}
	}
	VEC_ADD(c->files, c->n_files, f);
	return f;
}

struct file *
conf_new_file(struct conf *c, const char *path, const struct file *like)
{
	struct file *f = file_new(path, like);
	struct planned p = {.path = xstrdup(path)};

	VEC_ADD(c->files, c->n_files, f);
	VEC_ADD(c->planned, c->n_planned, p);
	return f;
}

void
conf_plan_link(struct conf *c, const char *path, const char *target)
{
	struct planned p = {.path = xstrdup(path), .target = xstrdup(target)};

	VEC_ADD(c->planned, c->n_planned, p);
}

const struct planned *
conf_planned(const struct conf *c, const char *path)
{
	for (size_t i = 0; i < c->n_planned; i++) {
		const struct planned *p = &c->planned[i];
		char *dir, *own;
		int same;

		if (strcmp(path_base(p->path), path_base(path)) != 0)
			continue;
		dir = path_dir(path);
		own = path_dir(p->path);
		same = conf_same_dir(own, dir);
		free(dir);
		free(own);
		if (same)
			return p;
	}
	return NULL;
}

struct vhost *
conf_vhost(const struct conf *c, const struct file *f, size_t ordinal)
{
	for (size_t i = 0; i < c->n_vhosts; i++)
		if (c->vhosts[i]->file == f && c->vhosts[i]->ordinal == ordinal)
			return c->vhosts[i];
	return NULL;
}

int
conf_same_dir(const char *a, const char *b)
{
	struct stat x, y;

	return strcmp(a, b) == 0 ||
	    (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino);
}

/* The pattern's own directory by another name. */
static int
includes_by_link(const char *pattern, const char *path)
{
	char *named = path_dir(pattern), *dir = path_dir(path);
	int rc = strpbrk(named, "*?[") == NULL &&
	    fnmatch(path_base(pattern), path_base(path), FNM_NOESCAPE) == 0 &&
	    conf_same_dir(named, dir);

	free(named);
	free(dir);
	return rc;
}

int
conf_includes(const struct conf *c, const char *path)
{
	size_t n;

	for (size_t i = 0; i < c->n_patterns; i++) {
		const char *pattern = c->patterns[i];

		if (fnmatch(pattern, path, FNM_PATHNAME | FNM_NOESCAPE) == 0 ||
		    includes_by_link(pattern, path))
			return 1;
		/* Include of a directory reads everything below it. */
		n = strlen(pattern);
		while (n > 1 && pattern[n - 1] == '/')
			n--;
		if (strncmp(pattern, path, n) == 0 && path[n] == '/')
			return 1;
	}
	return 0;
}

char *
conf_path(const struct conf *c, const char *path)
{
	char *joined = path_join(c->server_root, path);
	char *abs = path_absolute(joined);

	free(joined);
	return abs;
}

/* The value of a variable, borrowed; NULL. */
static const char *
variable(struct conf *c, const char *name)
{
	const char *value = doc_str(c->variables, name);

	return value != NULL ? value : doc_str(c->environment, name);
}

char *
conf_expand(struct conf *c, const char *text)
{
	struct buf b;
	const char *end, *value;
	char *name, *out;

	buf_init(&b, TREE_FILE_MAX);
	while (*text != '\0') {
		if (strncmp(text, "${", 2) != 0 ||
		    (end = strchr(text, '}')) == NULL) {
			(void)buf_addc(&b, *text++);
			continue;
		}
		name = xstrndup(text + 2, (size_t)(end - text) - 2);
		value = variable(c, name);
		if (value != NULL) {
			(void)buf_adds(&b, value);
		} else {
			(void)buf_add(&b, text, (size_t)(end - text) + 1);
			c->unknown = doc_set_flag(c->unknown, name, 1);
		}
		free(name);
		text = end + 1;
	}
	out = b.p == NULL ? xstrdup("") : buf_detach(&b);
	buf_release(&b);
	return out;
}

char *
entry_arg(const struct entry *e, size_t i)
{
	return node_arg(e->args, i);
}
