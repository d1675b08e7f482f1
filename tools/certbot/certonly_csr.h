/* certonly_csr.h - certonly --csr: no lineage, no hooks, files where the user
 * wants them (spec 5.11). */
#ifndef CERTBOT_CERTONLY_CSR_H
#define CERTBOT_CERTONLY_CSR_H

#include "config.h"

/* The places given must be free before anything is ordered. */
int csr_paths_check(const struct config *c, struct err *err);

/* account (eaten) is the document with directory and account. */
int certonly_csr(struct config *c, jv account TAKES, struct err *err);

#endif
