/* config.h - what the user wants: every option's value by certbot's internal
 * name, and where it came from. A configuration is two JSON objects, so a copy
 * for one lineage costs nothing. */
#ifndef CERTBOT_CONFIG_H
#define CERTBOT_CONFIG_H

#include "base/doc.h"

struct config {
	const char *verb; /* "certonly", … static */
	jv values;	  /* dest -> value; absent: the default */
	jv set;		  /* dest -> true: given by the user (spec 3.8) */
	jv restored;	  /* dest -> true: came from a renewal file */
	jv arguments;	  /* as given, for texts and the log */
};

void config_init(struct config *c);
void config_release(struct config *c);
void config_copy(struct config *to, const struct config *from);

/* Value or default. Strings live as long as c is unchanged; NULL for None. */
const char *config_str(const struct config *c, const char *dest);
int config_flag(const struct config *c, const char *dest);
/* 1 true, 0 false, -1 not decided (None). */
int config_tri(const struct config *c, const char *dest);
long config_int(const struct config *c, const char *dest);
jv config_get(const struct config *c, const char *dest);  /* owned */
jv config_list(const struct config *c, const char *dest); /* owned array */

/* Set by the user / at run time. */
void config_give(struct config *c, const char *dest, jv val TAKES);
void config_put(struct config *c, const char *dest, jv val TAKES);

/* Set by the user, derived as spec 3.8 says (account by server, …). */
int config_is_set(const struct config *c, const char *dest);

#endif
