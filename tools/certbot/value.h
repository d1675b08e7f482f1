/* value.h - an option's text becomes a value: types, choices, checks done in
 * the order of the arguments (spec 3.2, 3.5 to 3.7). */
#ifndef CERTBOT_VALUE_H
#define CERTBOT_VALUE_H

#include "config.h"
#include "options.h"

/* The words that an option of this type takes, ended by NULL; NULL when it is
 * not limited to words. */
const char *const *value_words(enum option_type type);

/* A flag was given. Always 0. */
int value_flag(struct config *c, const struct option *o);

/* text was given for o, called title in messages. -1 and err: `usage` ends
 * with 2, others with 1. */
int value_store(struct config *c, const struct option *o, const char *title,
    const char *text, struct err *err);

/* Add the names of a list ("a,b") to -d (spec 3.7). */
int value_add_domains(struct config *c, const char *text, struct err *err);

/* Add an IP address (--ip-address, or a request's) to them, behind the names. */
int value_add_address(struct config *c, const char *text, struct err *err);

/* One name as certbot checks and normalises it (spec 3.7); malloc'd; NULL and
 * err badData. */
char *value_domain(const char *text, struct err *err);

/* A -w, and a --webroot-map, whose names join those of -d (spec 3.6). */
int value_add_webroot(struct config *c, const struct option *o,
    const char *text, struct err *err);
int value_add_webroot_map(struct config *c, const struct option *o,
    const char *title, const char *text, struct err *err);

/* Names of -d that have no web root yet get the last -w (spec 3.6); called
 * once, after parsing. */
void value_finish_webroots(struct config *c);

/* Full names of challenge types out of "http,dns-01": array; none and err. */
jv value_challenges(const char *text, struct err *err);

/* As Python's int(): sign, digits, single '_' between digits, blanks around.
 * 0, or -1 when text is none. */
int value_int(const char *text, long *n);

#endif
