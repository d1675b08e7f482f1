/* opts.h - a stage's command line: one table row for each option, from which
 * parsing and -h come. (The driver has a richer table of its own.) */
#ifndef BASE_OPTS_H
#define BASE_OPTS_H

#include "base/doc.h"

enum opt_type {
	OPT_FLAG,   /* int: set to 1 */
	OPT_COUNT,  /* int: incremented */
	OPT_STRING, /* const char *: borrowed from argv */
	OPT_NUMBER, /* long >= 0 */
	OPT_LIST,   /* jv array of strings: appended (commas are not split) */
	OPT_NAMES   /* jv array: split at commas, blanks trimmed, appended */
};

struct opt {
	const char *name; /* long, without "--" */
	char letter;	  /* 0: none */
	enum opt_type type;
	void *dest;
	const char *metavar; /* NULL for flags */
	const char *help;
};
#define OPT_END                                     \
	{                                           \
		NULL, 0, OPT_FLAG, NULL, NULL, NULL \
	}

/* What a program says of itself for -h: "usage: NAME SYNOPSIS". */
struct opts_usage {
	const char *program;
	const char *synopsis; /* one line for each form, '\n' between */
	const char *about;    /* one sentence */
};

/* Parse argv[0..argc-1] (argv[0] is skipped) by the tables (NULL-terminated
 * array of tables). Options and operands may be mixed; "--" ends options; long
 * names must be written out, "--name=value" and "--name value" both work. Operands go to *rest (array of strings,
 * owned by the caller). -h/--help and --version print and return 1 (exit 0).
 * -1 and err usage otherwise. */
int opts_parse(int argc, char *const argv[], const struct opt *const *tables,
    const struct opts_usage *usage, jv *rest, struct err *err);

extern const char acme_tools_version[]; /* of the package */

#endif
