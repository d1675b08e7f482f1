/* conf.h - the whole configuration as httpd would read it: files in order of
 * their inclusion, Define and UnDefine in order, conditions evaluated, macros
 * expanded for reading, and what comes of it: virtual hosts and directives. */
#ifndef APACHE_CONF_H
#define APACHE_CONF_H

#include "base/doc.h"
#include "tree.h"

/* A directive, or the opening line of a section that is no condition, in force. */
struct entry {
	struct node *node;
	char *args; /* as written, variables replaced */
	int deep;   /* inside <Directory>, <If> and the like */
	int macro;  /* comes of a Use */
};

struct addr {
	char *host; /* as written: "*", "_default_", "[::1]" */
	char *port; /* "" or "*": any */
};

struct vhost {
	struct node *node;
	struct file *file;
	size_t ordinal; /* (file, ordinal) stays when the tree is made anew */
	struct addr *addrs;
	size_t n_addrs;
	char *name;	/* ServerName as written; NULL */
	char **aliases; /* every word of ServerAlias */
	size_t n_aliases;
	int ssl;
	int macro;   /* made by mod_macro: may not be edited */
	int enabled; /* the server reads it */
	struct entry *entries;
	size_t n_entries;
};

/* A file or link that is made when the changes are saved. */
struct planned {
	char *path;
	char *target; /* of a link; NULL: a file of conf->files */
};

struct conf {
	/* filled by the caller before conf_read */
	char *server_root;
	char *root_file;
	jv initial;	 /* object: variables known before the first line */
	jv statics;	 /* object: modules built in ("core_module") */
	jv environment;	 /* object: what the server sees, as far as asked */
	int ssl_to_come; /* mod_ssl will be enabled: read as if it were */
	int version[3];
	const char *https_port;
	char *extra_dir;     /* its files are read too, but not in force */
	char *extra_pattern; /* "*.conf" */
	/* What the server itself says that it reads: files of its command line
	 * before root_file; those that root_file or the command line name. */
	char **before, **listed;
	size_t n_before, n_listed;
	/* filled by conf_read */
	struct file **files;
	size_t n_files;
	struct vhost **vhosts; /* in the order of reading */
	size_t n_vhosts;
	struct entry *main; /* outside of virtual hosts */
	size_t n_main;
	char **patterns; /* what Include and IncludeOptional name, absolute */
	size_t n_patterns;
	jv modules;   /* object: identifiers and file names of modules */
	jv variables; /* object: as of the line that is read */
	jv unknown;   /* object: variables that nobody knows */
	jv defined;   /* object: names that a Define sets somewhere */
	/* what is planned and not yet saved */
	struct planned *planned;
	size_t n_planned;
};

/* Read root_file and all it includes, or evaluate again after changes (files
 * that were read before stay as they are in memory). badData, noInput or
 * misconfigured name file and line. */
int conf_read(struct conf *c, struct err *err);
/* Parse what was changed and conf_read again: struct vhost and struct node
 * from before are gone. */
int conf_changed(struct conf *c, struct err *err);
/* Forget every file: the next conf_read looks at the disk. */
void conf_forget(struct conf *c);
/* Empty before and listed. */
void conf_unlist(struct conf *c);
void conf_free(struct conf *c);

/* The file, read (once) if it is not yet among c->files. */
struct file *conf_file(struct conf *c, const char *path, struct err *err);
/* A file that is to be made; the walk meets it where a pattern names it. */
struct file *conf_new_file(struct conf *c, const char *path,
    const struct file *like);
/* A link that is to be made. */
void conf_plan_link(struct conf *c, const char *path, const char *target);
const struct planned *conf_planned(const struct conf *c, const char *path);

/* The vhost of this identity now; NULL. */
struct vhost *conf_vhost(const struct conf *c, const struct file *f,
    size_t ordinal);
/* One directory, also by links? */
int conf_same_dir(const char *a, const char *b);
/* Does the server read a file at this path? */
int conf_includes(const struct conf *c, const char *path);
/* path below the server root, absolute; malloc'd. */
char *conf_path(const struct conf *c, const char *path);

/* "mod_ssl.c" or "ssl_module": is it there? */
int conf_has_module(const struct conf *c, const char *name);
/* Into modules: the identifier and the source file's usual name. */
void conf_add_module(jv *modules, const char *identifier);
/* ${NAME} replaced as httpd does; unknown ones stay and are noted. */
char *conf_expand(struct conf *c, const char *text);

/* The last such directive directly in the vhost (not deep); NULL. */
const struct entry *vhost_last(const struct vhost *v, const char *directive);
/* The i-th word of an entry, malloc'd; NULL. */
char *entry_arg(const struct entry *e, size_t i);

/* --- for conf's own files --------------------------------------------------- */
/* Files that an Include of path means, sorted as httpd reads them (malloc'd
 * array of malloc'd paths); -1 and err. optional: IncludeOptional. */
int include_list(const struct conf *c, const char *path, int optional,
    char ***list, size_t *n, struct err *err);
int conf_walk(struct conf *c, struct err *err);
/* Is the section's content in force? transparent: its directives belong to the
 * section around it. */
int cond_holds(const struct conf *c, const struct node *n, const char *args,
    int *transparent);
void vhost_begin(struct conf *c, struct vhost *v, const char *args);
void vhost_end(struct conf *c, struct vhost *v);
void vhost_free(struct vhost *v);

#endif
