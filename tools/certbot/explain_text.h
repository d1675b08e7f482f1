/* explain_text.h - argument vectors as text for sh. */
#ifndef CERTBOT_EXPLAIN_TEXT_H
#define CERTBOT_EXPLAIN_TEXT_H

#include "config.h"

/* Words of a step that stay the shell's. */
extern const char explain_key_file[], explain_eab_file[];

/* The words of args (eaten), quoted where needed, then end. */
void explain_step(jv args TAKES, const char *end);
/* One word. */
void explain_quoted(const char *word);
/* A line of the script as it is. */
void explain_line(const char *line);

#endif
