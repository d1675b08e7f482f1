/* eff.h - the newsletter of the Electronic Frontier Foundation (spec 9.9):
 * nothing is sent unless the person has agreed. */
#ifndef CERTBOT_EFF_H
#define CERTBOT_EFF_H

#include "config.h"

/* After a registration or a change of address: note in the account's meta.json
 * what --eff-email, --no-eff-email or the person says. -1 and err only where
 * the question fails. */
int eff_choose(const struct config *c, struct err *err);

/* After a certificate was obtained: send the address that was noted, once,
 * whatever the answer; says when that fails. */
void eff_subscribe(const struct config *c);

#endif
