/* plugin_storage.h - values that plugins keep from run to run, in certbot's
 * own file CONFIG/.pluginstorage.json (0600, spec core 9.8): an object of
 * plugins' names, each an object of its keys. */
#ifndef STORE_PLUGIN_STORAGE_H
#define STORE_PLUGIN_STORAGE_H

#include "base/doc.h"

/* The value of plugin's key; owned. None when there is none (err unset), or
 * with err when the file cannot be read (badData: it is corrupted). */
jv plugin_storage_get(const char *config_dir, const char *plugin,
    const char *key, struct err *err);

/* Store value (any JSON; none removes the key). Read, changed and written under
 * the private lock of work_dir, which processes of one driver share; all else
 * in the file stays. */
int plugin_storage_put(const char *config_dir, const char *work_dir,
    const char *plugin, const char *key, jv value TAKES, struct err *err);

#endif
