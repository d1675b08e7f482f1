#include "base/times.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"

#define YEAR_0 (-62167219200LL)
#define YEAR_10000 253402300800LL

char *
time_text(int64_t unix_time)
{
	time_t t = unix_time < YEAR_0 ? YEAR_0 :
	    unix_time >= YEAR_10000   ? YEAR_10000 - 1 :
					unix_time;
	struct tm tm;

	gmtime_r(&t, &tm);
	return xasprintf("%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* n digits at *s, which moves on; -1 when they are not there. */
static int
digits(const char **s, int n)
{
	int value = 0;

	for (; n > 0; n--, ++*s) {
		if (**s < '0' || **s > '9')
			return -1;
		value = value * 10 + (**s - '0');
	}
	return value;
}

static int
skip(const char **s, const char *set)
{
	if (**s == '\0' || strchr(set, **s) == NULL)
		return -1;
	++*s;
	return 0;
}

/* "Z" or "+hh:mm" as seconds to be taken away. */
static int
parse_offset(const char **s, long *offset)
{
	int sign = **s == '-' ? -1 : 1, h, m;

	*offset = 0;
	if (skip(s, "Zz") == 0)
		return 0;
	if (skip(s, "+-") != 0 || (h = digits(s, 2)) < 0 || h > 23 ||
	    skip(s, ":") != 0 || (m = digits(s, 2)) < 0 || m > 59)
		return -1;
	*offset = sign * (h * 3600L + m * 60L);
	return 0;
}

static int
parse_fields(const char **s, struct tm *tm)
{
	if ((tm->tm_year = digits(s, 4)) < 0 || skip(s, "-") != 0 ||
	    (tm->tm_mon = digits(s, 2)) < 1 || tm->tm_mon > 12 ||
	    skip(s, "-") != 0 || (tm->tm_mday = digits(s, 2)) < 1 ||
	    tm->tm_mday > 31 || skip(s, "Tt ") != 0 ||
	    (tm->tm_hour = digits(s, 2)) < 0 || tm->tm_hour > 23 ||
	    skip(s, ":") != 0 || (tm->tm_min = digits(s, 2)) < 0 ||
	    tm->tm_min > 59 || skip(s, ":") != 0 ||
	    (tm->tm_sec = digits(s, 2)) < 0 || tm->tm_sec > 60)
		return -1;
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	return 0;
}

int
time_parse(const char *text, int64_t *unix_time)
{
	struct tm tm = {0};
	long offset;
	int mday, mon;

	if (parse_fields(&text, &tm) != 0)
		return -1;
	if (skip(&text, ".") == 0) {
		if (digits(&text, 1) < 0)
			return -1;
		text += strspn(text, "0123456789");
	}
	if (parse_offset(&text, &offset) != 0 || *text != '\0')
		return -1;
	/* A leap second counts as the one before it. */
	if (tm.tm_sec == 60)
		tm.tm_sec = 59;
	mday = tm.tm_mday;
	mon = tm.tm_mon;
	*unix_time = (int64_t)timegm(&tm) - offset;
	/* timegm makes March of February 30. */
	return tm.tm_mday == mday && tm.tm_mon == mon ? 0 : -1;
}
