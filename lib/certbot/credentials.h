/* certbot/credentials.h - a file with the secrets of a provider. */
#ifndef CERTBOT_CREDENTIALS_H
#define CERTBOT_CREDENTIALS_H

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct certbot_plugin;
struct certbot_credentials;

/* An INI file with a provider's secrets. One that others can read is used, and
 * the user warned through p (which may be NULL). */
struct certbot_credentials *certbot_credentials_open(struct certbot_plugin *p,
    const char *path, struct certbot_error *e);
void certbot_credentials_close(struct certbot_credentials *c);
/* The value of a key; NULL when it is missing or empty. */
const char *certbot_credentials_get(struct certbot_credentials *c,
    const char *key);
/* Are all keys (NULL-ended) there? CERTBOT_MISCONFIGURED names those that are
 * not. */
int certbot_credentials_require(struct certbot_credentials *c,
    const char *const *keys, struct certbot_error *e);

#ifdef __cplusplus
}
#endif

#endif
