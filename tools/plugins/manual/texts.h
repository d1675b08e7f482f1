/* texts.h - what the manual plugin tells a person to do (spec 8.4). */
#ifndef MANUAL_TEXTS_H
#define MANUAL_TEXTS_H

#include "base/doc.h"

/* Instructions for challenge i of all. http_before and dns_before: how many of
 * each were shown before, in earlier calls, too. malloc'd. */
char *manual_instructions(jv all, size_t i, size_t http_before,
    size_t dns_before);

/* What to say when the CA did not accept these challenges; malloc'd. */
char *manual_hint(jv failed, int has_hook);

#endif
