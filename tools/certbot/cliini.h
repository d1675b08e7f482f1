/* cliini.h - cli.ini files (spec 3.3): each item becomes an argument. */
#ifndef CERTBOT_CLIINI_H
#define CERTBOT_CLIINI_H

#include "base/doc.h"

/* The arguments (array of strings) with the items of all configuration files
 * put before them: "--key=value", or "--flag". Eats args. For the verb renew
 * the names of a file do not count. none and err (a
 * usage error, exit 2) for an unreadable file or a bad line. */
jv cliini_prepend(jv args TAKES, const char *verb, struct err *err);

#endif
