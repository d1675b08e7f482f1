/* pending.h - an issuance that is going on, kept in WORK/pending/HASH/ so that
 * a crash after the CA has issued loses nothing (design, section 2). */
#ifndef CERTBOT_PENDING_H
#define CERTBOT_PENDING_H

#include "config.h"

struct pending {
	char *dir;     /* 0700 */
	char *key;     /* DIR/privkey.pem: where the new key goes */
	int temporary; /* a dry run's: removed at the end whatever happened */
};

/* Open the place for this lineage name (made when missing); one that is to be
 * made has another than one that is there. For a dry run a temporary directory. */
int pending_open(struct pending *p, const struct config *c, const char *lineage,
    int is_new, struct err *err);
/* The document kept there, if it means the same request and server; none. */
jv pending_load(const struct pending *p, jv request, const char *server);
/* What is kept means something else, and gives way. */
int pending_restart(const struct pending *p, struct err *err);
/* The key belongs to an order that is no more. */
void pending_drop_key(const struct pending *p);
/* Keep the document (borrowed). */
int pending_keep(const struct pending *p, jv doc, struct err *err);
/* The issuance is over (saved, or its order is of no more use): remove. */
void pending_drop(struct pending *p);
/* Release; a temporary one is removed. */
void pending_close(struct pending *p);
/* A lineage was deleted: what was pending for it goes, too. */
void pending_forget(const struct config *c, const char *lineage);

#endif
