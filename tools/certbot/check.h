/* check.h - what is checked after parsing, in certbot's order (spec 3.6). */
#ifndef CERTBOT_CHECK_H
#define CERTBOT_CHECK_H

#include "config.h"

/* -1 and err (exit 1). Changes values that one option implies for others
 * (--dry-run, --staging, --must-staple, renew's -n). */
int check_config(struct config *c, struct err *err);

/* --dry-run and --staging: the server, and what else they imply (spec 3.6 item
 * 3, 4.7). */
int check_test_server(struct config *c, struct err *err);

/* Why path could not be read, as Python words it, out of what safefile_read has
 * said in err. Borrowed of it. */
const char *check_unread(const char *path, const struct err *err);

#endif
