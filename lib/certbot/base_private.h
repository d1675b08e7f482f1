/* base_private.h - between the library's own shapes (doc, err) and those of the
 * public headers; not installed. */
#ifndef CERTBOT_BASE_PRIVATE_H
#define CERTBOT_BASE_PRIVATE_H

#include "base/doc.h"
#include "certbot/base.h"

/* err (cleared) as e, which may be NULL. Always -1. */
int certbot__error(struct certbot_error *e, struct err *err);
/* The reverse: e as err. Always -1. */
int certbot__err(struct err *err, const struct certbot_error *e);
/* 0, or certbot__error. */
int certbot__result(int rc, struct certbot_error *e, struct err *err);

/* An array of strings from texts ended by NULL (which may be NULL itself). */
jv certbot__array(const char *const *texts);
/* Appends an array's strings (borrowed). */
void certbot__append(struct certbot_list *l, jv array);

#endif
