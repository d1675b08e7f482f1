/* driver.h - one run of certbot: the subcommands, and what they share. */
#ifndef CERTBOT_DRIVER_H
#define CERTBOT_DRIVER_H

#include "base/doc.h"
#include "config.h"

/* A subcommand: 0 or -1 and err (spec 7.8 says how it is shown). */
int verb_run(struct config *c, struct err *err);
int verb_install(struct config *c, struct err *err);
int verb_enhance(struct config *c, struct err *err);
int verb_rollback(struct config *c, struct err *err);
int verb_certonly(struct config *c, struct err *err);
int verb_renew(struct config *c, struct err *err);
int verb_certificates(struct config *c, struct err *err);
int verb_revoke(struct config *c, struct err *err);
int verb_delete(struct config *c, struct err *err);
int verb_register(struct config *c, struct err *err);
int verb_update_account(struct config *c, struct err *err);
int verb_unregister(struct config *c, struct err *err);
int verb_show_account(struct config *c, struct err *err);
int verb_update_symlinks(struct config *c, struct err *err);
int verb_plugins(struct config *c, struct err *err);
int verb_reconfigure(struct config *c, struct err *err);

/* An error text that is returned, not raised: no footer (spec 9.2). */
int plain_error(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Is url a test server's (spec 4.7)? */
int server_is_test(const char *url);

/* certbot's built-in URL. */
extern const char server_production[];

#endif
