/* keyfile.h - the private key of an order: where it waits for its certificate,
 * and how it is found again (design, section 1). */
#ifndef STORE_KEYFILE_H
#define STORE_KEYFILE_H

#include <openssl/evp.h>
#include "base/doc.h"

/* The name beside `place` (the name asked for) under which a new key waits
 * until its certificate has come: DIR/.BASE.order-<16 hex of SHA-256(order
 * URL)>.
 * malloc'd. */
char *keyfile_waiting(const char *place, const char *order_url);

/* The key of the document's certificate (certificate.fullchain): looked for at
 * place (--key; may be NULL) and beside it by the order's URL, then at the
 * document's key.path and beside that. *path (malloc'd, may be NULL) says
 * which. noInput when no file is there, badData when none fits. */
EVP_PKEY *keyfile_find(jv doc, const char *place, char **path, struct err *err);

#endif
