/* files.h - the files of TLS settings in the configuration directory (spec
 * installers D). */
#ifndef NGINX_FILES_H
#define NGINX_FILES_H

#include "nginx.h"

/* Install or bring up to date options-ssl-nginx.conf and ssl-dhparams.pem. */
int files_install(struct nginx *n, struct err *err);
/* The file in share/ that fits nginx's and OpenSSL's version. */
const char *files_options_source(const struct nginx *n);

#endif
