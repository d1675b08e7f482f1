#include "conf.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/path.h"

static int read_includes(struct conf *c, struct conf_file *f, struct err *err);

const char *
place_text(struct place p, size_t i)
{
	return tree_text(p.file->tree, p.node, i);
}

int
place_is(struct place p, const char *name)
{
	return tree_is(p.file->tree, p.node, name);
}

struct node *
place_node(struct place p)
{
	return &p.file->tree->nodes[p.node];
}

size_t
place_words(struct place p)
{
	return place_node(p)->n_words;
}

static void
drop_includes(struct conf_file *f)
{
	for (size_t i = 0; i < f->n_includes; i++)
		free(f->includes[i].list);
	free(f->includes);
	f->includes = NULL;
	f->n_includes = 0;
}

static void
file_free(struct conf_file *f)
{
	drop_includes(f);
	tree_free(f->tree);
	edit_free(f->edit);
	free(f);
}

/* Of one that begins with '/'. */
static struct conf_file *
find_path(struct conf *c, const char *path)
{
	for (size_t i = 0; i < c->n_files; i++)
		if (strcmp(c->files[i]->path, path) == 0 ||
		    strcmp(edit_real_path(c->files[i]->edit), path) == 0)
			return c->files[i];
	return NULL;
}

struct conf_file *
conf_find(struct conf *c, const char *path)
{
	return find_path(c, path);
}

static int
parse(struct conf_file *f, struct err *err)
{
	size_t len;
	const char *bytes = edit_bytes(f->edit, &len);
	struct tree *t = tree_parse(bytes, len, f->path, err);

	if (t == NULL)
		return -1;
	tree_free(f->tree);
	f->tree = t;
	return 0;
}

/* --- files by device and inode: one that is included twice is read once ---- */

static size_t
slot_of(const struct conf *c, const struct stat *st)
{
	uint64_t h = ((uint64_t)st->st_ino ^ ((uint64_t)st->st_dev << 32)) *
	    UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h >> 20) & (c->n_slots - 1);
}

static void
put_slot(struct conf *c, struct conf_file *f)
{
	size_t at;

	for (at = slot_of(c, edit_stat(f->edit)); c->by_inode[at] != NULL;
	     at = (at + 1) & (c->n_slots - 1))
		;
	c->by_inode[at] = f;
}

static struct conf_file *
find_inode(const struct conf *c, const struct stat *st)
{
	for (size_t at = slot_of(c, st); c->by_inode[at] != NULL;
	     at = (at + 1) & (c->n_slots - 1)) {
		const struct stat *have = edit_stat(c->by_inode[at]->edit);

		if (have->st_ino == st->st_ino && have->st_dev == st->st_dev)
			return c->by_inode[at];
	}
	return NULL;
}

/* Files that were written have new inodes; those to be made have none yet. */
static void
make_slots(struct conf *c)
{
	while (2 * c->n_files >= c->n_slots)
		c->n_slots = c->n_slots == 0 ? 64 : 4 * c->n_slots;
	free(c->by_inode);
	c->by_inode = xcalloc(c->n_slots, sizeof(struct conf_file *));
	for (size_t i = 0; i < c->n_files; i++)
		if (edit_stat(c->files[i]->edit)->st_ino != 0)
			put_slot(c, c->files[i]);
}

static struct conf_file *
append(struct conf *c, struct edit *edit)
{
	struct conf_file *f = xcalloc(1, sizeof(struct conf_file));

	f->edit = edit;
	f->path = edit_path(edit);
	if (c->n_files == c->cap_files) {
		c->cap_files = c->cap_files == 0 ? 16 : 2 * c->cap_files;
		c->files = xrealloc(c->files,
		    c->cap_files * sizeof(c->files[0]));
	}
	c->files[c->n_files++] = f;
	return f;
}

static int
open_file(struct conf *c, const char *path, struct conf_file **out,
    struct err *err)
{
	struct edit *edit;

	if (c->n_files == CONF_FILES_MAX)
		return err_set(err, ERR_misconfigured,
		    "the configuration has more than %d files", CONF_FILES_MAX);
	edit = edit_open(path, FILE_TEXT_MAX, err);
	if (edit == NULL)
		return -1;
	*out = append(c, edit);
	if (2 * c->n_files >= c->n_slots)
		make_slots(c);
	else
		put_slot(c, *out);
	return parse(*out, err);
}

/* --- includes ------------------------------------------------------------- */

static int
include_fails(const struct conf_file *by, int node, struct err *err)
{
	struct err why = {0};

	err_move(&why, err);
	(void)err_set(err, ERR_misconfigured, "%s:%zu: %s", by->path,
	    by->tree->nodes[node].line, err_text(&why));
	err_clear(&why);
	return -1;
}

/* One file that f includes at node. */
static int
include_one(struct conf *c, struct conf_file *f, struct included *inc,
    const char *path, struct err *err)
{
	struct conf_file *in = NULL;
	struct stat st;
	int rc = 0;

	if (stat(path, &st) == 0)
		in = find_inode(c, &st);
	else
		in = find_path(c, path);
	if (in != NULL && in->open)
		rc = err_set(err, ERR_misconfigured,
		    "'%s' includes itself, directly or by way of others", path);
	else if (in == NULL && open_file(c, path, &in, err) != 0)
		rc = -1;
	else if (c->depth == CONF_DEPTH_MAX)
		rc = err_set(err, ERR_misconfigured,
		    "files include one another deeper than %d", CONF_DEPTH_MAX);
	if (rc != 0) {
		/* What the parser says names its own file and line. */
		return in != NULL && in->tree == NULL ?
		    -1 :
		    include_fails(f, inc->node, err);
	}
	inc->list = xrealloc(inc->list, (inc->n + 1) * sizeof(inc->list[0]));
	inc->list[inc->n++] = in;
	return in->uses++ == 0 ? read_includes(c, in, err) : 0;
}

static int
include_pattern(struct conf *c, struct conf_file *f, struct included *inc,
    const char *pattern, struct err *err)
{
	glob_t g = {0};
	int rc = glob(pattern, 0, NULL, &g);

	if (rc != 0 && rc != GLOB_NOMATCH) {
		globfree(&g);
		(void)err_set(err, ERR_misconfigured, "cannot read '%s': %s",
		    pattern, strerror(errno));
		return include_fails(f, inc->node, err);
	}
	rc = 0;
	for (size_t i = 0; rc == 0 && i < g.gl_pathc; i++)
		rc = include_one(c, f, inc, g.gl_pathv[i], err);
	globfree(&g);
	return rc;
}

static int
follow(struct conf *c, struct conf_file *f, int node, struct err *err)
{
	size_t at = f->n_includes;
	char *path = path_join(c->root, tree_text(f->tree, node, 1));
	struct included inc = {.node = node};
	int rc;

	if (strpbrk(path, "*?[") != NULL)
		rc = include_pattern(c, f, &inc, path, err);
	else
		rc = include_one(c, f, &inc, path, err);
	free(path);
	f->includes = xrealloc(f->includes, (at + 1) * sizeof(inc));
	f->includes[at] = inc;
	f->n_includes++;
	return rc;
}

/* Where servers, or what they consist of, may be included. In maps, types and
 * geo blocks stand lists, which may be large. */
static int
is_followed(const struct tree *t, int block)
{
	static const char *const names[] = {"http", "server", "location", "if"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (tree_is(t, block, names[i]))
			return 1;
	return 0;
}

static int
read_block(struct conf *c, struct conf_file *f, int block, struct err *err)
{
	const struct tree *t = f->tree;

	for (int n = tree_child(t, block); n != -1; n = t->nodes[n].next) {
		if (t->nodes[n].is_block) {
			if (is_followed(t, n) && read_block(c, f, n, err) != 0)
				return -1;
		} else if (tree_is(t, n, "include") &&
		    t->nodes[n].n_words == 2) {
			if (follow(c, f, n, err) != 0)
				return -1;
		}
	}
	return 0;
}

static int
read_includes(struct conf *c, struct conf_file *f, struct err *err)
{
	int rc;

	f->open = 1;
	c->depth++;
	rc = read_block(c, f, -1, err);
	c->depth--;
	f->open = 0;
	return rc;
}

const struct included *
conf_included(struct place include)
{
	static const struct included none;
	const struct conf_file *f = include.file;
	size_t from = 0, to = f->n_includes;

	/* In the order of the nodes: sorted by read_block. */
	while (from < to) {
		size_t mid = (from + to) / 2;

		if (f->includes[mid].node == include.node)
			return &f->includes[mid];
		if (f->includes[mid].node < include.node)
			from = mid + 1;
		else
			to = mid;
	}
	return &none;
}

/* --- the whole ------------------------------------------------------------- */

struct conf *
conf_load(const char *root, struct err *err)
{
	struct conf *c = xcalloc(1, sizeof(*c));
	struct conf_file *main_file;
	char *path;
	int rc;

	c->root = path_absolute(root);
	make_slots(c);
	path = path_join(c->root, "nginx.conf");
	rc = open_file(c, path, &main_file, err);
	free(path);
	if (rc != 0 && err->name == ERR_noInput)
		err->name = ERR_noInstallation;
	else if (rc != 0)
		err->name = ERR_misconfigured;
	if (rc == 0) {
		main_file->uses = 1;
		rc = read_includes(c, main_file, err);
	}
	if (rc == 0)
		return c;
	conf_free(c);
	return NULL;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_files; i++)
		file_free(c->files[i]);
	free(c->files);
	free(c->by_inode);
	free(c->root);
	free(c);
}

struct conf_file *
conf_add(struct conf *c, const char *path, mode_t mode)
{
	struct conf_file *f = append(c, edit_new(path, mode));

	f->tree = xcalloc(1, sizeof(*f->tree));
	f->tree->first = -1;
	return f;
}

int
conf_settle(struct conf *c, struct err *err)
{
	make_slots(c);
	for (size_t i = 0; i < c->n_files; i++) {
		struct conf_file *f = c->files[i];

		f->uses = i == 0;
		drop_includes(f);
		if (!edit_pending(f->edit))
			continue;
		edit_settle(f->edit);
		if (parse(f, err) != 0)
			return -1;
	}
	return read_includes(c, c->files[0], err);
}

int
conf_each(struct conf *c, struct place block,
    int (*fn)(void *ctx, struct place at), void *ctx)
{
	struct place at = block;
	const struct tree *t;
	int rc = 0;

	if (block.file == NULL)
		at.file = c->files[0];
	t = at.file->tree;
	for (int n = tree_child(t, block.node); rc == 0 && n != -1;
	     n = t->nodes[n].next) {
		const struct included *inc;

		at.node = n;
		inc = conf_included(at);
		for (size_t i = 0; rc == 0 && i < inc->n; i++)
			rc = conf_each(c, (struct place){inc->list[i], -1}, fn,
			    ctx);
		if (inc->n == 0)
			rc = fn(ctx, at);
	}
	return rc;
}

struct search {
	const char *name;
	struct place *at;
};

static int
is_searched(void *ctx, struct place at)
{
	struct search *s = ctx;

	if (!place_is(at, s->name))
		return 0;
	*s->at = at;
	return 1;
}

int
conf_first(struct conf *c, struct place block, const char *name,
    struct place *at)
{
	struct search s = {name, at};

	return conf_each(c, block, is_searched, &s);
}
