/* help_texts.h - what --help says beside the options: of the subcommands, of
 * the groups of options, and the overview. */
#ifndef CERTBOT_HELP_TEXTS_H
#define CERTBOT_HELP_TEXTS_H

#include <stddef.h>

/* A group of options, or a subcommand with its group. */
struct help_group {
	const char *topic; /* as the rows of the options have it */
	const char *title; /* its heading; NULL: the topic */
	const char *about; /* the paragraph below the heading */
	const char *does;  /* a subcommand: what it does; NULL */
	const char *usage; /* its usage after "usage: "; NULL: the short one */
};

/* In the order of "-h all", ended by topic NULL. */
extern const struct help_group help_groups[];

/* The group of this topic; NULL. */
const struct help_group *help_group(const char *topic);

/* Is this a group of something that this program has? Not the group of a
 * subcommand that it does not know. */
int help_group_present(const struct help_group *g);

/* The common subcommands and flags, as they are here; malloc'd. */
char *help_overview(void);

/* What follows it where it stands alone. */
extern const char help_more[];

/* All subcommands with what they do, sorted; malloc'd. */
char *help_commands(void);

#endif
