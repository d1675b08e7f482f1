/* files.h - the files of TLS settings in the configuration directory (spec
 * installers D). */
#ifndef NGINX_FILES_H
#define NGINX_FILES_H

#include "nginx.h"

/* Install or bring up to date options-ssl-nginx.conf and ssl-dhparams.pem. */
int files_install(struct nginx *n, struct err *err);

#endif
