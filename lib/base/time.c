/* time.c - RFC 3339 times. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/stage.h"

char *
time_text(int64_t unix_time)
{
	time_t t = (time_t)unix_time;
	struct tm tm;
	char text[64];

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return xstrdup(text);
}

int
time_parse(const char *text, int64_t *unix_time)
{
	struct tm tm = { 0 };
	int n = 0, hours, minutes;
	const char *p;

	if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &tm.tm_year,
	    &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
	    &n) != 6 || n == 0)
		return -1;
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
	    tm.tm_sec > 60 || tm.tm_hour < 0 || tm.tm_min < 0)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	p = text + n;
	if (*p == '.') {
		p++;
		p += strspn(p, "0123456789");
	}
	*unix_time = (int64_t)timegm(&tm);
	if ((*p == 'Z' || *p == 'z') && p[1] == '\0')
		return 0;
	n = 0;
	if ((*p != '+' && *p != '-') ||
	    sscanf(p + 1, "%2d:%2d%n", &hours, &minutes, &n) != 2 ||
	    p[1 + n] != '\0' || hours > 23 || minutes > 59)
		return -1;
	*unix_time -= (*p == '+' ? 1 : -1) * (hours * 3600 + minutes * 60);
	return 0;
}
