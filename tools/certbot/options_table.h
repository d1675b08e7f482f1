#ifndef CERTBOT_OPTIONS_TABLE_H
#define CERTBOT_OPTIONS_TABLE_H

#include "options.h"

/* Ended by a row without spellings. Only options.c reads it. */
extern const struct option own_options[];

#endif
