/* Parsing a file into nodes. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/path.h"
#include "lex.h"
#include "vec.h"

#define DEPTH_MAX 100

static void
node_free(struct node *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < n->n; i++)
		node_free(n->child[i]);
	free(n->child);
	free(n->name);
	free(n->args);
	free(n);
}

static struct node *
add_node(struct file *f, struct node *parent, const struct lex_line *line,
    char *name)
{
	struct node *n = xcalloc(1, sizeof(*n));

	n->file = f;
	n->parent = parent;
	n->name = name;
	n->start = line->start;
	n->end = line->end;
	n->line = line->number;
	VEC_ADD(parent->child, parent->n, n);
	return n;
}

/* Sections whose body is a program, read by a module of its own. */
static int
is_opaque(const char *name)
{
	return strcasecmp(name, "Perl") == 0 ||
	    strncasecmp(name, "Lua", 3) == 0;
}

static int
bad(const struct file *f, unsigned line, struct err *err, const char *what,
    const char *name)
{
	return err_set(err, ERR_badData, "%s:%u: %s%s", f->path, line, what,
	    name);
}

struct parse {
	struct file *f;
	const char *p;
	size_t len, at;
	unsigned number;
	struct node *top;
	size_t depth, vhosts;
	const char *opaque; /* the program section that we are in */
};

static int
open_section(struct parse *ps, const struct lex_line *line, char *word,
    const char *rest, struct err *err)
{
	char *gt = strrchr(line->text, '>');
	struct node *n;
	size_t name = strcspn(word + 1, ">");

	if (gt == NULL) {
		bad(ps->f, line->number, err, "no \">\" ends ", word);
		free(word);
		return -1;
	}
	if (++ps->depth > DEPTH_MAX) {
		bad(ps->f, line->number, err, "too many sections in sections",
		    "");
		free(word);
		return -1;
	}
	n = add_node(ps->f, ps->top, line, xstrndup(word + 1, name));
	n->args = gt >= rest ? xstrndup(rest, (size_t)(gt - rest)) :
			       xstrdup("");
	n->section = 1;
	if (node_is(n, "VirtualHost"))
		n->ordinal = ps->vhosts++;
	if (is_opaque(n->name))
		ps->opaque = n->name;
	ps->top = n;
	free(word);
	return 0;
}

static int
close_section(struct parse *ps, const struct lex_line *line, const char *word,
    struct err *err)
{
	size_t n = strcspn(word + 2, ">");
	struct node *top = ps->top;

	if (top->name == NULL)
		return bad(ps->f, line->number, err, "nothing is open for ",
		    word);
	if (strlen(top->name) != n || strncasecmp(top->name, word + 2, n) != 0)
		return err_set(err, ERR_badData,
		    "%s:%u: %s does not close <%s> of line %u", ps->f->path,
		    line->number, word, top->name, top->line);
	top->close_start = line->start;
	top->close_end = line->end;
	ps->top = top->parent;
	ps->depth--;
	ps->opaque = NULL;
	return 0;
}

static int
take_line(struct parse *ps, const struct lex_line *line, struct err *err)
{
	const char *rest = line->text;
	struct node *n;
	char *word;
	int rc;

	if (ps->opaque != NULL &&
	    (strncmp(rest, "</", 2) != 0 ||
		strncasecmp(rest + 2, ps->opaque, strlen(ps->opaque)) != 0))
		return 0;
	if (*rest == '\0' || *rest == '#')
		return 0;
	word = lex_word(&rest);
	if (word[0] == '<' && word[1] == '/') {
		rc = close_section(ps, line, word, err);
		free(word);
		return rc;
	}
	if (word[0] == '<')
		return open_section(ps, line, word, rest, err);
	n = add_node(ps->f, ps->top, line, word);
	n->args = xstrdup(rest);
	return 0;
}

static int
check_bytes(const struct file *f, const char *p, size_t len, struct err *err)
{
	const char *nul = len > 0 ? memchr(p, '\0', len) : NULL;
	unsigned line = 1;

	if (nul == NULL)
		return 0;
	for (const char *q = p; q < nul; q++)
		line += *q == '\n';
	return bad(f, line, err, "a NUL byte; this is no configuration file",
	    "");
}

int
file_parse(struct file *f, struct err *err)
{
	struct parse ps = {.f = f, .number = 1};
	struct lex_line line;
	int rc = 0;

	edit_settle(f->edit);
	f->dirty = 0;
	ps.p = edit_bytes(f->edit, &ps.len);
	node_free(f->root);
	f->root = ps.top = xcalloc(1, sizeof(*f->root));
	f->root->file = f;
	f->root->section = 1;
	f->root->close_start = f->root->close_end = ps.len;
	f->root->line = 1;
	rc = check_bytes(f, ps.p, ps.len, err);
	while (rc == 0 && lex_next(ps.p, ps.len, &ps.at, &ps.number, &line)) {
		rc = take_line(&ps, &line, err);
		free(line.text);
	}
	if (rc == 0 && ps.top->name != NULL)
		rc = err_set(err, ERR_badData, "%s:%u: <%s> is never closed",
		    f->path, ps.top->line, ps.top->name);
	return rc;
}

struct file *
file_open(const char *path, struct err *err)
{
	struct file *f = xcalloc(1, sizeof(*f));

	f->path = xstrdup(path);
	f->edit = edit_open(path, TREE_FILE_MAX, err);
	if (f->edit == NULL || file_parse(f, err) == -1) {
		file_free(f);
		return NULL;
	}
	return f;
}

struct file *
file_new(const char *path, const struct file *like)
{
	struct file *f = xcalloc(1, sizeof(*f));

	f->path = xstrdup(path);
	f->edit = edit_new(path, 0644);
	if (like != NULL)
		edit_like(f->edit, like->edit);
	f->created = 1;
	(void)file_parse(f, NULL);
	return f;
}

void
file_free(struct file *f)
{
	if (f == NULL)
		return;
	edit_free(f->edit);
	node_free(f->root);
	free(f->path);
	free(f);
}

int
node_is(const struct node *n, const char *name)
{
	return n->name != NULL && strcasecmp(n->name, name) == 0;
}

char *
node_arg(const char *args, size_t i)
{
	for (;; i--) {
		char *word;

		while (lex_blank(*args))
			args++;
		if (*args == '\0')
			return NULL;
		word = lex_word(&args);
		if (i == 0)
			return word;
		free(word);
	}
}

static struct node *
find_vhost(struct node *n, size_t ordinal)
{
	if (n->section && node_is(n, "VirtualHost") && n->ordinal == ordinal)
		return n;
	for (size_t i = 0; i < n->n; i++) {
		struct node *found = find_vhost(n->child[i], ordinal);
		if (found != NULL)
			return found;
	}
	return NULL;
}

struct node *
tree_vhost(const struct file *f, size_t ordinal)
{
	return find_vhost(f->root, ordinal);
}

int
node_within(const struct node *n, const struct node *section)
{
	for (; n != NULL; n = n->parent)
		if (n == section)
			return 1;
	return 0;
}
