/* ask.h - questions about virtual hosts. */
#ifndef APACHE_ASK_H
#define APACHE_ASK_H

#include "apache.h"

/* One of all vhosts for a name that none has (C6); *list is malloc'd. */
int ask_vhost(struct apache *a, const char *domain, struct vref **list,
    size_t *n, struct err *err);
/* Those for a wildcard (C7); with create plaintext ones may be named too. */
int ask_wildcard(struct apache *a, const char *domain, int create,
    struct vref **list, size_t *n, struct err *err);

#endif
