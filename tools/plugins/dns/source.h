/* source.h - credentials that are no INI file of certbot's: where the clouds'
 * own programs have them. */
#ifndef DNS_SOURCE_H
#define DNS_SOURCE_H

#include "dns.h"

/* Each fills d->cred and d->shown; what is nowhere is left to the provider
 * file (metadata services). 0, or -1 and err. */
int aws_load(struct dns *d, struct err *err);
int google_load(struct dns *d, const char *path, struct err *err);

/* A variable of the environment that is set; NULL. */
const char *env_text(const char *name);
/* The file that a variable names, else one below the home directory; malloc'd. */
char *home_file(const char *variable, const char *in_home);
/* Keep a credential; plain: the provider file may see it. NULL is none. */
void cred_take(struct dns *d, const char *key, const char *value, int plain);
/* The text of a file, without white space at its end; a missing one is none. */
void cred_take_file(struct dns *d, const char *key, const char *path);

#endif
