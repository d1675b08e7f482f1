/* certbot/storage.h - what a plugin remembers from run to run: certbot's
 * .pluginstorage.json in the configuration directory, an object for each
 * plugin. The same as a program, for other languages: certstore storage. */
#ifndef CERTBOT_STORAGE_H
#define CERTBOT_STORAGE_H

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The value under key as JSON text, malloc'd. NULL with CERTBOT_NOT_FOUND when
 * there is none. */
char *certbot_storage_get(const char *config_dir, const char *plugin,
    const char *key, struct certbot_error *e);
/* Keeps the value (JSON text; NULL: nothing) under key: it is on the disk when
 * this returns. Other processes of the same certbot, whose work directory this
 * is, wait for each other; what other plugins keep stays. */
int certbot_storage_put(const char *config_dir, const char *work_dir,
    const char *plugin, const char *key, const char *json,
    struct certbot_error *e);

#ifdef __cplusplus
}
#endif

#endif
