/* email.h - the question for an address (spec 5.3, 7.3). */
#ifndef CERTBOT_EMAIL_H
#define CERTBOT_EMAIL_H

#include "config.h"

enum email_for { EMAIL_REGISTER, EMAIL_UPDATE };

/* Ask until the address looks like one; it becomes the option's value. */
int email_ask(struct config *c, enum email_for what, struct err *err);

/* The server refused the address: 0 after asking for another, -1 when why is
 * another error (err unset) or nobody can be asked (err set). */
int email_refused(struct config *c, const struct err *why, struct err *err);

#endif
