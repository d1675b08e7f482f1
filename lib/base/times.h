/* times.h - times of day as documents have them (RFC 3339). */
#ifndef BASE_TIMES_H
#define BASE_TIMES_H

#include "base/base.h"

/* RFC 3339 in UTC ("2026-11-24T01:02:03Z") of seconds since 1970; years 0 to
 * 9999, what lies beyond as the nearest of these; malloc'd. */
char *time_text(int64_t unix_time);

/* -1 unless RFC 3339 (any offset, fraction allowed and dropped). */
int time_parse(const char *text, int64_t *unix_time);

#endif
