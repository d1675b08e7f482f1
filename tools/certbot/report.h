/* report.h - what a run tells at its end (spec 7.4, 5.8). */
#ifndef CERTBOT_REPORT_H
#define CERTBOT_REPORT_H

#include "config.h"

/* "Requesting a certificate for …" and its three sisters. */
void report_requesting(const struct config *c, jv names, int renew);
/* Paths, expiry, NEXT STEPS; the donation notice waits for the end. */
void report_obtained(const struct config *c, jv doc);
/* Has this run told of a certificate that it has saved? */
int report_has_obtained(void);
/* Names that failed (spec 5.8). */
void report_failed_names(const struct config *c, const struct err *err);
/* At process exit: the donation notice, if something was obtained. */
void report_end(void);

#endif
