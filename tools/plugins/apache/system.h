/* system.h - how Apache is laid out on each system (spec installers C14). The
 * defaults of options that users see are in the descriptor. */
#ifndef APACHE_SYSTEM_H
#define APACHE_SYSTEM_H

#include "base/doc.h"

struct system {
	const char *ids;      /* of os-release, blanks around each */
	const char *files;    /* where vhosts are kept */
	const char *pattern;  /* which of them */
	const char *again;    /* verb when `graceful` fails; NULL */
	const char *options;  /* file with -D for the server; NULL */
	const char *variable; /* ... in the value of this */
	int read_files;	      /* read `files` whether included or not */
	int use_bin;	      /* -v and dumps by the server's binary */
	int modules_verb;     /* `ctl modules` instead of a dump */
	int first_start;      /* a start makes what configtest misses */
	int debian;	      /* sites-enabled, mods-enabled */
};

/* ids: array, ID first (plugin_system_ids). The last row is for all others. */
const struct system *system_find(jv ids);
/* Every NAME and NAME=VALUE that -D sets in the system's file: into vars. */
void system_defines(const struct system *s, jv *vars);
/* The same of one value, as it stands behind the "=". */
void system_defines_text(const char *text, jv *vars);

#endif
