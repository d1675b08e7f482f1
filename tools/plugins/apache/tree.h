/* tree.h - the directives and sections of one file, and where they stand in its
 * bytes. Comments and blank lines are no nodes: they stay where they are. */
#ifndef APACHE_TREE_H
#define APACHE_TREE_H

#include "base/edit.h"

#define TREE_FILE_MAX (1024 * 1024)

struct node {
	char *name; /* as written, without "<"; NULL: the whole file */
	char *args; /* as written, joined; of a section without the last ">" */
	int section;
	size_t start, end; /* the (opening) line, line end included */
	size_t close_start, close_end; /* the closing line of a section */
	size_t ordinal; /* of a VirtualHost: its number in the file, from 0 */
	unsigned line;
	struct node *parent;
	struct node **child;
	size_t n;
	struct file *file;
};

/* One file of the configuration. */
struct file {
	struct edit *edit;
	char *path;	   /* the first path under which it was met */
	struct node *root; /* of the bytes as of the last file_parse */
	int created;	   /* it is to be made */
	int dirty;	   /* changed since the last file_parse */
	int reached;	   /* the last walk came here from the root file */
};

/* Read and parse. NULL and err: those of edit_open; badData with "PATH:LINE: "
 * for what httpd itself would not read. */
struct file *file_open(const char *path, struct err *err);
/* like: whose mode and owner it gets; NULL: everybody may read it. */
struct file *file_new(const char *path, const struct file *like);
void file_free(struct file *f);
/* Settle the edit and parse again; what was asked of the old tree is gone. */
int file_parse(struct file *f, struct err *err);

/* Is it this directive or section? Case does not matter. */
int node_is(const struct node *n, const char *name);
/* The i-th argument unquoted, malloc'd; NULL when there are not as many. */
char *node_arg(const char *args, size_t i);
/* The VirtualHost with this ordinal; NULL. */
struct node *tree_vhost(const struct file *f, size_t ordinal);
/* Is n inside of (or the same as) section? */
int node_within(const struct node *n, const struct node *section);

/* --- changes; visible in the tree after file_parse ------------------------- */

/* A line as the last or the first one of a section (or of the whole file),
 * indented as its neighbours are. */
void node_append(struct node *section, const char *text);
void node_prepend(struct node *section, const char *text);
/* A line before or behind the line of n, indented like it. */
void node_insert_before(struct node *n, const char *text);
/* The arguments of a directive (or an opening line) become args. */
void node_set_args(struct node *n, const char *args);
/* The whole line (a directive's, not a section's) goes. */
void node_remove(struct node *n);

#endif
