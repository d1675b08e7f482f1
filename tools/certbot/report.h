/* report.h - what a run tells at its end (spec 7.4, 5.8). */
#ifndef CERTBOT_REPORT_H
#define CERTBOT_REPORT_H

#include "config.h"

/* "Requesting a certificate for …" and its three sisters. */
void report_requesting(const struct config *c, jv names, int renew);
/* Paths and expiry of what was obtained. */
void report_saved(const struct config *c, jv doc);
/* NEXT STEPS: how it is renewed, if it is new; how an installer that
 * failed is tried again. */
void report_next_steps(const struct config *c, jv doc, int is_new, int failed);
/* The donation notice is to come at the end, unless it was a test. */
void report_donate(const struct config *c);
/* All three. */
void report_obtained(const struct config *c, jv doc);
/* Has this run told of a certificate that it has saved? */
int report_has_obtained(void);
/* Names that failed (spec 5.8). */
void report_failed_names(const struct config *c, const struct err *err);
/* At process exit: the donation notice, if something was obtained. */
void report_end(void);

#endif
