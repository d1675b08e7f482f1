/* cli.h - the command line by argparse's rules (spec 3.1 to 3.3), cli.ini
 * files first. */
#ifndef CERTBOT_CLI_H
#define CERTBOT_CLI_H

#include "config.h"

enum cli_end {
	CLI_GO_ON,
	CLI_DONE,  /* help or version was printed: exit 0 */
	CLI_USAGE, /* err is set: usage block and exit 2 */
	CLI_WRONG  /* err is set: exit 1 */
};

/* Parse argv[1..]. c is initialised here. */
enum cli_end cli_parse(struct config *c, int argc, char *argv[],
    struct err *err);

/* certbot's usage block and "certbot: error: TEXT" on standard error. */
void cli_usage_error(const char *text);

/* The text of the short usage (spec 3.2), for the overview. */
extern const char cli_short_usage[];

#endif
