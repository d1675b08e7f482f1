/* help.h - the overview that --help prints (spec 3.10). */
#ifndef CERTBOT_HELP_H
#define CERTBOT_HELP_H

#include "base/doc.h"

/* Is -h or --help one of the arguments? */
int help_asked(jv args);
/* The overview. */
void help_print(void);

#endif
