/* logfile.h - the log of a run (spec 7.9, 9.2): DIR/letsencrypt.log, the older ones
 * behind it; entries are kept until it is open. */
#ifndef CERTBOT_LOGFILE_H
#define CERTBOT_LOGFILE_H

#include "base/doc.h"
#include "base/err.h"

void logfile_begin(void);
/* So many older logs stay (0: there is one, which grows). */
void logfile_configure(long backups);
/* Move the older ones, open DIR/letsencrypt.log, write what was kept. */
int logfile_open(const char *dir, struct err *err);
/* An entry of base/log.h. What cannot be written is said once, on standard error. */
void logfile_add(jv entry TAKES);
/* Where the log is: what was kept is written to a temporary file if none was opened.
 * NULL: nowhere. Borrowed. */
const char *logfile_path(void);
void logfile_end(void);

#endif
