/* plugins.h - the driver's view of plugins: their options in the table. */
#ifndef CERTBOT_PLUGINS_H
#define CERTBOT_PLUGINS_H

#include "config.h"
#include "options.h"
#include "plugin/descriptor.h"

/* All plugins, read once. */
const struct plugin_set *plugins_all(void);

/* There is no such plugin, or the one that is there cannot be used, and why: err
 * noPlugin. Always -1. */
int plugins_missing(const char *name, struct err *err);

/* Rows of the plugins' options, by plugin name; malloc'd (the texts live to the
 * end of the program). */
struct option *plugins_options(size_t *n);

/* Add to args (eaten) the options of this plugin that are set. */
jv plugins_arguments(jv args TAKES, const struct config *c, const char *plugin);

/* Add "--flag=value" for a value (eaten): a list for each of its elements, a
 * true flag alone, an object as JSON. */
jv plugins_argument(jv args TAKES, const char *flag, jv value TAKES);

#endif
