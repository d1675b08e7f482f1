/* help.h - what --help prints (spec 3.10), from the table of options. */
#ifndef CERTBOT_HELP_H
#define CERTBOT_HELP_H

#include "base/doc.h"

/* Is -h or --help one of the arguments? */
int help_asked(jv args);

/* The page that the arguments (borrowed) ask for: the word after -h or --help
 * is its topic; the overview if that is none. */
void help_print(jv args);

/* The page of no topic, as argparse prints it for "-hv" and "--hel". */
void help_print_short(void);

#endif
