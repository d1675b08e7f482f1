/* explain_text.h - argument vectors as text for sh. */
#ifndef CERTBOT_EXPLAIN_TEXT_H
#define CERTBOT_EXPLAIN_TEXT_H

#include "config.h"

/* The words of args (eaten), quoted where needed, then end. A word that begins
 * with "$dir/", "$@" or "${" stays the shell's. */
void explain_step(jv args TAKES, const char *end);
/* A line of the script as it is. */
void explain_line(const char *line);

#endif
