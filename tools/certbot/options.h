/* options.h - the one table of the driver's options. Parsing, help, cli.ini,
 * shell completion, the manual page's list and the renewal parameters all come
 * from it. Plugins' options join it from their descriptors. */
#ifndef CERTBOT_OPTIONS_H
#define CERTBOT_OPTIONS_H

#include "base/doc.h"

enum option_type {
	OPTION_TRUE,	/* flag: dest becomes true */
	OPTION_FALSE,	/* flag: dest becomes false */
	OPTION_COUNT,	/* flag: dest is counted up */
	OPTION_VERSION, /* prints the version and ends */
	OPTION_TABLE,	/* prints this table and ends */
	OPTION_HELP,	/* prints help and ends */
	OPTION_TEXT,
	OPTION_INT,	/* as Python's int() takes it */
	OPTION_NATURAL, /* int >= 0 */
	OPTION_FILE,
	OPTION_DIR,
	OPTION_LIST,	    /* text, accumulates */
	OPTION_DOMAINS,	    /* -d: checked, split at commas, accumulates */
	OPTION_ADDRESS,	    /* --ip-address: joins the names of -d */
	OPTION_CHALLENGES,  /* --preferred-challenges */
	OPTION_WEBROOT,	    /* -w: a directory, pairs with -d by position */
	OPTION_WEBROOT_MAP, /* JSON object */
	OPTION_KEY_TYPE,    /* rsa or ecdsa */
	OPTION_CURVE,
	OPTION_REASON, /* revocation reason */
	OPTION_COMMENT /* no parentheses */
};

enum {
	HIDDEN = 1,	/* not in help */
	DEPRECATED = 2, /* accepted, no effect */
	SAVED = 4,	/* kept in [renewalparams] (spec 2.5) */
	SECRET = 8,	/* shown as *** in the log */
	SELECT = 16,	/* chooses the plugin of that name */
	OURS = 32,	/* not certbot's: no abbreviation */
	PLUGIN = 64	/* a plugin's, from its descriptor */
};

struct option {
	const char *spellings; /* "-d --domains --domain" */
	const char *dest;      /* certbot's internal name */
	enum option_type type;
	const char *fallback; /* default as text; NULL: None (flags: False) */
	const char *metavar;
	const char *topics; /* the first is its place in "-h all"; gen: only
			     * there; every: on each page */
	unsigned flags;
	const char *help; /* NULL when hidden */
};

/* The whole table: own options, then the plugins', by plugin name. The first
 * call reads the descriptors. */
const struct option *options_all(size_t *n);

/* The row with this spelling ("--domain", "-d"); NULL. The descriptors are read
 * only for those that are not certbot's own. */
const struct option *options_by_name(const char *spelling);
/* The row for dest (the first of several); NULL. */
const struct option *options_by_dest(const char *dest);

/* The i-th spelling; malloc'd; NULL past the last. */
char *option_spelling(const struct option *o, size_t i);
/* "-d/--domains/--domain" as argparse names it; malloc'd. */
char *option_title(const struct option *o);
int option_is_flag(const struct option *o);
/* What stands for its value in help, upper case; malloc'd; NULL for a flag. */
char *option_metavar(const struct option *o);
/* Its default as a value: null, bool, number, string, empty list; owned. */
jv option_default(const struct option *o);
/* The same in Python's words: None, True, [], 80; malloc'd. */
char *option_default_text(const struct option *o);

/* Subcommands: certbot's names and aliases. */
struct verb {
	const char *name;
	const char *alias; /* NULL */
};
extern const struct verb verbs[];
/* The verb that word names (alias resolved); NULL. */
const char *verb_find(const char *word);

#endif
