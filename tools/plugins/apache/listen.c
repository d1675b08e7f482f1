/* Listen directives (spec installers C10). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apache.h"
#include "base/path.h"
#include "vec.h"

/* "80", "1.2.3.4:80", "[::1]:80": the port; *ip gets the length before it. */
static const char *
port_of(const char *text, size_t *ip)
{
	const char *bracket = strrchr(text, ']');
	const char *colon = strrchr(bracket != NULL ? bracket : text, ':');

	*ip = colon == NULL ? 0 : (size_t)(colon - text);
	return colon == NULL ? text : colon + 1;
}

static void
add_once(char ***lines, size_t *n, char *line)
{
	for (size_t k = 0; k < *n; k++) {
		if (strcmp((*lines)[k], line) == 0) {
			free(line);
			return;
		}
	}
	VEC_ADD(*lines, *n, line);
}

static void
free_lines(char **lines, size_t n)
{
	while (n > 0)
		free(lines[--n]);
	free(lines);
}

/* The lines "Listen ..." to be added: one for each address that listens on
 * another port, or one without an address. None when the port is there. */
static char **
missing(const struct conf *c, const char *port, int https, size_t *n)
{
	const char *word = https && strcmp(port, "443") != 0 ? " https" : "";
	char **lines = NULL;
	int bare = 0, there = 0;
	size_t ip;

	*n = 0;
	for (size_t i = 0; i < c->n_main; i++) {
		char *arg = node_is(c->main[i].node, "Listen") ?
		    entry_arg(&c->main[i], 0) :
		    NULL;
		if (arg == NULL)
			continue;
		there |= strcmp(port_of(arg, &ip), port) == 0;
		bare |= ip == 0;
		if (ip > 0)
			add_once(&lines, n,
			    xasprintf("Listen %.*s:%s%s", (int)ip, arg, port,
				word));
		free(arg);
	}
	if (!there && !bare && *n > 0)
		return lines;
	free_lines(lines, *n);
	lines = NULL;
	*n = 0;
	if (!there)
		VEC_ADD(lines, *n, xasprintf("Listen %s%s", port, word));
	return lines;
}

/* ports.conf where that is read, else the root file. */
static struct file *
place(struct apache *a, struct err *err)
{
	char *path = path_join(a->server_root, "ports.conf");
	struct file *f;

	if (access(path, F_OK) == 0 && conf_includes(&a->conf, path))
		f = conf_file(&a->conf, path, err);
	else
		f = conf_file(&a->conf, a->conf.root_file, err);
	free(path);
	return f;
}

static struct node *
ssl_section(const struct file *f)
{
	for (size_t i = 0; i < f->root->n; i++) {
		struct node *n = f->root->child[i];
		if (n->section && node_is(n, "IfModule") &&
		    (strcmp(n->args, "mod_ssl.c") == 0 ||
			strcmp(n->args, "ssl_module") == 0))
			return n;
	}
	return NULL;
}

int
listen_ensure(struct apache *a, const char *port, int https, struct err *err)
{
	size_t n;
	char **lines = missing(&a->conf, port, https, &n);
	struct file *f = n > 0 ? place(a, err) : NULL;
	struct node *section;

	if (n == 0 || f == NULL) {
		int rc = n == 0 ? 0 : -1;
		free_lines(lines, n);
		return rc;
	}
	section = https ? ssl_section(f) : NULL;
	if (https && section == NULL)
		node_append(f->root, "<IfModule mod_ssl.c>");
	for (size_t i = 0; i < n; i++) {
		char *inner = xasprintf("%s%s",
		    https && section == NULL ? "    " : "", lines[i]);
		if (section != NULL)
			node_prepend(section, inner);
		else
			node_append(f->root, inner);
		apache_note(a, "Added %s to %s", lines[i], f->path);
		free(inner);
	}
	if (https && section == NULL)
		node_append(f->root, "</IfModule>");
	free_lines(lines, n);
	return apache_changed(a, err);
}
