/* conf.h - a configuration: nginx.conf and all files that it includes where
 * servers may stand, read as nginx reads them (spec installers B4): relative
 * to the server root, patterns sorted, each file once. */
#ifndef NGINX_CONF_H
#define NGINX_CONF_H

#include "base/edit.h"
#include "parse.h"

enum {
	CONF_FILES_MAX = 20000,
	CONF_DEPTH_MAX = 32 /* of files that include files */
};

struct conf_file {
	struct edit *edit;
	struct tree *tree;
	const char *path; /* as included, absolute; borrowed from edit */
	size_t uses;	  /* in how many places it is included */
	int open;	  /* is being read: for cycles */
	struct included *includes; /* of its include directives */
	size_t n_includes;
};

/* The files that one include directive means. */
struct included {
	int node;
	struct conf_file **list;
	size_t n;
};

struct conf {
	char *root;		  /* absolute directory of nginx.conf */
	struct conf_file **files; /* files[0] is nginx.conf */
	size_t n_files, cap_files;
	struct conf_file **by_inode; /* hash table, see conf.c */
	size_t n_slots;
	size_t depth;
};

/* A directive: a file and the node in its tree. Only good until the next
 * conf_settle. */
struct place {
	struct conf_file *file;
	int node;
};

/* noInstallation when there is no nginx.conf; misconfigured for what cannot
 * be read (file, line, reason). NULL on failure. */
struct conf *conf_load(const char *root, struct err *err);
void conf_free(struct conf *c); /* NULL is fine */

/* A file that will be made at this absolute path; empty for now. An include
 * that names it finds it after the next conf_settle. Borrowed from c. */
struct conf_file *conf_add(struct conf *c, const char *path, mode_t mode);
/* The file that is read as path, or NULL. */
struct conf_file *conf_find(struct conf *c, const char *path);

/* Make all changes in memory and read the changed files anew: places of
 * before are void. What we have written ourselves does parse; an error says
 * that it does not. */
int conf_settle(struct conf *c, struct err *err);

/* Call fn for each directive directly in block, with those of included files
 * in their places (include itself is not shown when it was followed). block
 * {NULL, -1} is the top. fn's answer other than 0 ends the walk and is
 * returned. */
int conf_each(struct conf *c, struct place block,
    int (*fn)(void *ctx, struct place at), void *ctx);
/* The first directive of this name directly in block (includes count). */
int conf_first(struct conf *c, struct place block, const char *name,
    struct place *at);
/* The files that the include directive at this place stands for; n 0 when it
 * was not followed. Borrowed. */
const struct included *conf_included(struct place include);

const char *place_text(struct place p, size_t i); /* value of word i, or "" */
int place_is(struct place p, const char *name);
struct node *place_node(struct place p);
size_t place_words(struct place p); /* number of words */

#endif
