/* revoke.h - acme-revoke's own (RFC 8555 7.6). */
#ifndef ACME_REVOKE_H
#define ACME_REVOKE_H

#include "acme/client.h"

struct tool {
	struct stage *stage;
	struct acme *acme;
	/* options */
	const char *cert, *key, *reason, *account;
};

/* RFC 5280 5.3.1's number of a --reason word in any case; -1 and err usage. */
int reason_code(const char *word, struct err *err);

/* Revoke the document's certificate (stage_vector_fn). */
void revoke_vector(void *ctx, struct stage *st, jv *docs TAKES, size_t n);

#endif
