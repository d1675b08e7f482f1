/* json.h - --json: standard output is for scripts. The shapes are documented in
 * certbot-certificates(5). */
#ifndef CERTBOT_JSON_H
#define CERTBOT_JSON_H

#include "config.h"

/* Is it among the words (borrowed array) of the command line, of cli.ini? They
 * may be wrong otherwise. Then from the parsed options. */
void json_look(jv words);
void json_configure(struct config *c);
/* Is standard output for scripts? Then nothing else may be printed there:
 * screen.h and prompts.h see to it. */
int json_wanted(void);

/* One line on standard output. */
void json_print(jv value TAKES);
/* {"error": problem document}, the last line of a command that fails. */
void json_print_error(const struct err *err);

/* What there is to say of a lineage: doc (borrowed) has "lineage" and
 * "certificate", where known "renewalparams" and "renewal", as certstore prints
 * it. Owned. */
jv json_lineage(jv doc);
/* The line of one lineage that certonly, run or renew has dealt with: result is
 * "success", "failure", "skipped" or "parsefail"; err (may be NULL) says why it
 * failed. doc as for json_lineage. Prints only where json_wanted(). */
void json_print_result(jv doc, const char *result, const struct err *err);

#endif
