#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/base.h"
#include "plan.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static struct plan_result
result(enum plan_answer answer, enum plan_reason why, int keep_type)
{
	struct plan_result r = {answer, why, keep_type};

	return r;
}

/* Spec 4.3 from step 2: the names are those of the certificate. */
static struct plan_result
identical(const struct plan_options *o, const struct plan_facts *f, int changed,
    int keep_type)
{
	if (f->pending)
		return result(PLAN_KEEP, WHY_PENDING, keep_type);
	if (changed)
		return result(PLAN_RENEW, WHY_KEY_TYPE, 0);
	if (o->force)
		return result(PLAN_RENEW, WHY_FORCED, keep_type);
	if (f->due)
		return result(PLAN_RENEW, WHY_DUE, keep_type);
	if (o->dry_run)
		return result(PLAN_RENEW, WHY_DRY_RUN, keep_type);
	if (o->keep || !o->ask)
		return result(PLAN_KEEP, WHY_NOT_DUE, keep_type);
	return result(PLAN_ASK_SAME, WHY_NOT_DUE, keep_type);
}

struct plan_result
plan_decide(const struct plan_options *o, const struct plan_facts *f)
{
	int changed = 0, keep_type = 0;

	if (f->rule == MATCH_NONE)
		return result(PLAN_NEW, WHY_NONE_MATCHES, 0);
	if (f->old_type && strcasecmp(f->wanted_type, f->old_type) != 0) {
		changed = (o->key_type && o->cert_name) || o->change_key;
		if (!changed && o->ask && !o->keep_key)
			return result(PLAN_ASK_KEY, WHY_KEY_TYPE, 0);
		if (!changed && o->key_type)
			return result(PLAN_KEY_ERROR, WHY_KEY_TYPE, 0);
		keep_type = !changed;
	}
	switch (f->rule) {
	case MATCH_NAME:
		if (o->ask && !o->new_names)
			return result(PLAN_ASK_NAMES, WHY_NEW_NAMES, keep_type);
		return result(PLAN_RENEW, WHY_NEW_NAMES, keep_type);
	case MATCH_SUBSET:
		if (!o->expand && !o->force)
			return result(PLAN_ASK_EXPAND, WHY_EXPANDED, keep_type);
		return result(PLAN_RENEW, WHY_EXPANDED, keep_type);
	default:
		return identical(o, f, changed, keep_type);
	}
}

/* --- intervals ------------------------------------------------------------- */

struct unit {
	const char *words; /* blank before and after each */
	long seconds;	   /* 0: months */
	int months;
};

static const struct unit units[] = {
    {" s sec second seconds ", 1, 0},
    {" m mi min minute minutes ", MINUTE, 0},
    {" h hr hour hours ", HOUR, 0},
    {" d day days ", DAY, 0},
    {" w wk week weeks ", 7 * DAY, 0},
    {" mth month months ", 0, 1},
    {" y yr year years ", 0, 12},
};

static int64_t
add_months(int64_t t, long months)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31};
	time_t when = (time_t)t;
	struct tm tm;
	long total, year;
	int last;

	if (!gmtime_r(&when, &tm))
		return t;
	total = (long)tm.tm_mon + months;
	year = (long)tm.tm_year +
	    (total >= 0 ? total / 12 : -((11 - total) / 12));
	total = ((total % 12) + 12) % 12;
	last = days[total];
	if (total == 1 && ((year + 1900) % 4 == 0) &&
	    ((year + 1900) % 100 != 0 || (year + 1900) % 400 == 0))
		last = 29;
	tm.tm_year = (int)year;
	tm.tm_mon = (int)total;
	if (tm.tm_mday > last)
		tm.tm_mday = last;
	return (int64_t)timegm(&tm);
}

static const struct unit *
find_unit(const char *word, size_t len)
{
	char key[16] = " ";

	if (len == 0 || len > sizeof(key) - 3)
		return NULL;
	for (size_t i = 0; i < len; i++)
		key[i + 1] = (char)tolower((unsigned char)word[i]);
	key[len + 1] = ' ';
	key[len + 2] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strstr(units[i].words, key))
			return &units[i];
	return NULL;
}

/* A number at *p, which moves on; -1 when there is none. */
static double
read_number(const char **p)
{
	static const char *const ones[] = {"one ", "a "};
	char digits[32];
	size_t n = strspn(*p, "0123456789.");

	for (size_t i = 0; i < ARRAY_LEN(ones); i++)
		if (!strncasecmp(*p, ones[i], strlen(ones[i]))) {
			*p += strlen(ones[i]);
			return 1;
		}
	if (n == 0 || n >= sizeof(digits) || !isdigit((unsigned char)**p))
		return -1;
	memcpy(digits, *p, n);
	digits[n] = '\0';
	*p += n;
	return strtod(digits, NULL);
}

int64_t
interval_add(int64_t t, const char *interval, int sign)
{
	const char *p = interval + strspn(interval, " \t");
	const struct unit *u;
	int64_t at = t;
	double number;
	size_t n = strspn(p, "0123456789");

	if (n && n < 8 && !p[n + strspn(p + n, " \t")])
		return t + sign * strtoll(p, NULL, 10) * DAY;
	if (!*p)
		return t;
	while (*p) {
		number = read_number(&p);
		p += strspn(p, " \t");
		n = strspn(p,
		    "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		u = find_unit(p, n);
		if (number < 0 || number > 1e6 || !u)
			return t;
		if (u->seconds)
			at += sign * (int64_t)(number * (double)u->seconds);
		else
			at = add_months(at, sign * (long)number * u->months);
		p += n;
		p += strspn(p, " \t");
	}
	return at;
}

/* --- due ------------------------------------------------------------------- */

/* Seconds before the end at which a certificate of this lifetime is renewed:
 * the manual's 30 days for the usual ones, a third of shorter lifetimes, half
 * of very short ones. notAfter is the last second of the validity. */
static int64_t
default_window(int64_t lifetime)
{
	if (lifetime + 1 >= 90 * (int64_t)DAY)
		return 30 * (int64_t)DAY;
	if (lifetime + 1 >= 10 * (int64_t)DAY)
		return lifetime / 3;
	return lifetime / 2;
}

int
plan_due(const struct due_facts *f, int64_t *from)
{
	int64_t start, now = f->now;
	int due;

	if (f->interval) {
		start = interval_add(f->not_after, f->interval, -1);
		due = f->not_after < interval_add(now, f->interval, 1);
	} else {
		start = f->not_after -
		    default_window(f->not_after - f->not_before);
		due = now > start;
	}
	if (from)
		*from = start;
	if (!f->autorenew)
		return 0;
	return f->revoked || due;
}

int
plan_test_server(const char *server)
{
	return server && strstr(server, "staging") != NULL;
}
