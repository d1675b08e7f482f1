/* certbot's decision as a table (spec/core-behaviour.md 4.2 to 4.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/certstore/plan.c"

#define DAYS(n) ((int64_t)(n)*86400)

static const struct row {
	const char *what;
	struct plan_options o;
	struct plan_facts f;
	struct plan_result want;
} rows[] = {
#define NONE MATCH_NONE, NULL, "rsa", 0, 0
#define SAME MATCH_IDENTICAL, "rsa", "rsa", 0, 0
#define SAME_DUE MATCH_IDENTICAL, "rsa", "rsa", 0, 1
#define PENDING MATCH_IDENTICAL, "rsa", "rsa", 1, 1
#define OTHER_KEY MATCH_IDENTICAL, "ecdsa", "rsa", 0, 0
#define PART MATCH_SUBSET, "rsa", "rsa", 0, 1
#define PART_KEY MATCH_SUBSET, "ecdsa", "rsa", 0, 0
#define NAMED MATCH_NAME, "rsa", "rsa", 0, 1
#define NAMED_KEY MATCH_NAME, "rsa", "ecdsa", 0, 0
    {"nothing matches", {0}, {NONE}, {PLAN_NEW, WHY_NONE_MATCHES, 0}},
    {"nothing matches, whatever is forced", {.force = 1, .ask = 1}, {NONE},
	{PLAN_NEW, WHY_NONE_MATCHES, 0}},

    {"identical, not due, -n", {0}, {SAME}, {PLAN_KEEP, WHY_NOT_DUE, 0}},
    {"identical, not due, asked", {.ask = 1}, {SAME},
	{PLAN_ASK_SAME, WHY_NOT_DUE, 0}},
    {"identical, not due, --keep", {.ask = 1, .keep = 1}, {SAME},
	{PLAN_KEEP, WHY_NOT_DUE, 0}},
    {"identical, due", {.ask = 1}, {SAME_DUE}, {PLAN_RENEW, WHY_DUE, 0}},
    {"identical, due, --keep", {.keep = 1}, {SAME_DUE},
	{PLAN_RENEW, WHY_DUE, 0}},
    {"identical, forced", {.force = 1}, {SAME}, {PLAN_RENEW, WHY_FORCED, 0}},
    {"identical, forced and --keep", {.force = 1, .keep = 1}, {SAME},
	{PLAN_RENEW, WHY_FORCED, 0}},
    {"identical, dry run", {.dry_run = 1, .keep = 1}, {SAME},
	{PLAN_RENEW, WHY_DRY_RUN, 0}},
    {"identical, dry run, due", {.dry_run = 1}, {SAME_DUE},
	{PLAN_RENEW, WHY_DUE, 0}},
    {"identical, pending comes first", {.force = 1, .dry_run = 1}, {PENDING},
	{PLAN_KEEP, WHY_PENDING, 0}},
    {"--expand has no effect on the same names", {.expand = 1}, {SAME},
	{PLAN_KEEP, WHY_NOT_DUE, 0}},

    {"subset, -n", {0}, {PART}, {PLAN_ASK_EXPAND, WHY_EXPANDED, 0}},
    {"subset, asked", {.ask = 1}, {PART}, {PLAN_ASK_EXPAND, WHY_EXPANDED, 0}},
    {"subset, --expand", {.expand = 1}, {PART}, {PLAN_RENEW, WHY_EXPANDED, 0}},
    {"subset, --force-renewal", {.force = 1}, {PART},
	{PLAN_RENEW, WHY_EXPANDED, 0}},
    {"subset, --renew-with-new-domains", {.new_names = 1}, {PART},
	{PLAN_ASK_EXPAND, WHY_EXPANDED, 0}},

    {"other names, -n", {.cert_name = 1}, {NAMED},
	{PLAN_RENEW, WHY_NEW_NAMES, 0}},
    {"other names, asked", {.cert_name = 1, .ask = 1}, {NAMED},
	{PLAN_ASK_NAMES, WHY_NEW_NAMES, 0}},
    {"other names, forced: still asked",
	{.cert_name = 1, .ask = 1, .force = 1, .expand = 1}, {NAMED},
	{PLAN_ASK_NAMES, WHY_NEW_NAMES, 0}},
    {"other names, --renew-with-new-domains",
	{.cert_name = 1, .ask = 1, .new_names = 1}, {NAMED},
	{PLAN_RENEW, WHY_NEW_NAMES, 0}},

    {"default key type differs, -n", {0}, {OTHER_KEY},
	{PLAN_KEEP, WHY_NOT_DUE, 1}},
    {"default key type differs, forced", {.force = 1}, {OTHER_KEY},
	{PLAN_RENEW, WHY_FORCED, 1}},
    {"default key type differs, asked", {.ask = 1, .keep = 1}, {OTHER_KEY},
	{PLAN_ASK_KEY, WHY_KEY_TYPE, 0}},
    {"key question answered no", {.ask = 1, .keep = 1, .keep_key = 1},
	{OTHER_KEY}, {PLAN_KEEP, WHY_NOT_DUE, 1}},
    {"key question answered yes", {.ask = 1, .change_key = 1}, {OTHER_KEY},
	{PLAN_RENEW, WHY_KEY_TYPE, 0}},
    {"--key-type alone, -n", {.key_type = "rsa"}, {OTHER_KEY},
	{PLAN_KEY_ERROR, WHY_KEY_TYPE, 0}},
    {"--key-type alone, answered no",
	{.key_type = "rsa", .ask = 1, .keep_key = 1}, {OTHER_KEY},
	{PLAN_KEY_ERROR, WHY_KEY_TYPE, 0}},
    {"--cert-name alone", {.cert_name = 1}, {OTHER_KEY},
	{PLAN_KEEP, WHY_NOT_DUE, 1}},
    {"--key-type and --cert-name", {.key_type = "rsa", .cert_name = 1},
	{OTHER_KEY}, {PLAN_RENEW, WHY_KEY_TYPE, 0}},
    {"--key-type RSA of an rsa certificate", {.key_type = "RSA"},
	{MATCH_IDENTICAL, "rsa", "RSA", 0, 0}, {PLAN_KEEP, WHY_NOT_DUE, 0}},
    {"subset with another key type", {.expand = 1}, {PART_KEY},
	{PLAN_RENEW, WHY_EXPANDED, 1}},
    {"the key's question comes before the names'", {.cert_name = 1, .ask = 1},
	{NAMED_KEY}, {PLAN_ASK_KEY, WHY_KEY_TYPE, 0}},
    {"other names and another key type", {.cert_name = 1, .key_type = "ecdsa"},
	{NAMED_KEY}, {PLAN_RENEW, WHY_NEW_NAMES, 0}},
};

static void
decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_result got = plan_decide(&rows[i].o, &rows[i].f);

		if (got.answer != rows[i].want.answer ||
		    got.why != rows[i].want.why ||
		    got.keep_type != rows[i].want.keep_type)
			fail_msg("%s: answer %d why %d keep_type %d",
			    rows[i].what, (int)got.answer, (int)got.why,
			    got.keep_type);
	}
}

static const int64_t start = 1700000000; /* 2023-11-14 22:13:20 UTC */

static const struct due_row {
	const char *what;
	int64_t lifetime, age;
	const char *interval;
	int autorenew, revoked, want;
} due_rows[] = {
    {"90 days, 59 old", DAYS(90) - 1, DAYS(59), NULL, 1, 0, 0},
    {"90 days, 60 old", DAYS(90) - 1, DAYS(60), NULL, 1, 0, 1},
    {"365 days, 334 old", DAYS(365), DAYS(334), NULL, 1, 0, 0},
    {"365 days, 336 old", DAYS(365), DAYS(336), NULL, 1, 0, 1},
    {"45 days, 29 old", DAYS(45), DAYS(29), NULL, 1, 0, 0},
    {"45 days, 31 old", DAYS(45), DAYS(31), NULL, 1, 0, 1},
    {"10 days, 6 old", DAYS(10), DAYS(6), NULL, 1, 0, 0},
    {"10 days, 7 old", DAYS(10), DAYS(7), NULL, 1, 0, 1},
    {"6 days, 71 hours old", DAYS(6), 71 * 3600, NULL, 1, 0, 0},
    {"6 days, 73 hours old", DAYS(6), 73 * 3600, NULL, 1, 0, 1},
    {"expired", DAYS(90), DAYS(91), NULL, 1, 0, 1},
    {"autorenew off", DAYS(90), DAYS(91), NULL, 0, 1, 0},
    {"revoked", DAYS(90), DAYS(1), NULL, 1, 1, 1},
    {"10 days given, 79 old", DAYS(90), DAYS(79), "10 days", 1, 0, 0},
    {"10 days given, 81 old", DAYS(90), DAYS(81), "10 days", 1, 0, 1},
    {"60 given, 31 old", DAYS(90), DAYS(31), "60", 1, 0, 1},
    {"nonsense given, before the end", DAYS(90), DAYS(89), "soon", 1, 0, 0},
    {"nonsense given, expired", DAYS(90), DAYS(91), "soon", 1, 0, 1},
};

static void
is_due(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(due_rows); i++) {
		const struct due_row *r = &due_rows[i];
		struct due_facts f = {.autorenew = r->autorenew,
		    .revoked = r->revoked,
		    .not_before = start,
		    .not_after = start + r->lifetime,
		    .now = start + r->age + 1,
		    .interval = r->interval};

		if (plan_due(&f, NULL) != r->want)
			fail_msg("%s", r->what);
	}
}

/* When it is due is said as well. */
static void
due_from(void **state)
{
	struct due_facts f = {.autorenew = 1,
	    .not_before = start,
	    .not_after = start + DAYS(90),
	    .now = start};
	int64_t from = 0;

	(void)state;
	assert_int_equal(plan_due(&f, &from), 0);
	assert_int_equal(from, start + DAYS(60));
	f.interval = "2 weeks";
	assert_int_equal(plan_due(&f, &from), 0);
	assert_int_equal(from, start + DAYS(76));
}

static const struct {
	const char *text;
	int64_t want;
} intervals[] = {
    {"30", DAYS(30)},
    {" 30 ", DAYS(30)},
    {"30 days", DAYS(30)},
    {"30d", DAYS(30)},
    {"1 DAY", DAYS(1)},
    {"a day", DAYS(1)},
    {"one week", DAYS(7)},
    {"2 wk", DAYS(14)},
    {"12 hours", DAYS(1) / 2},
    {"1.5 days", DAYS(3) / 2},
    {"90 mi", 5400},
    {"5m", 300},
    {"10 sec", 10},
    {"1 day 12 h", DAYS(3) / 2},
    {"", 0},
    {"soon", 0},
    {"10 lightyears", 0},
    {"days", 0},
    {"-3 days", 0},
    {"ten days", 0},
    {"1 year", DAYS(366)},
    {"1 month", DAYS(30)},
    {"2 mth", DAYS(61)},
};

static void
reads_intervals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
		int64_t got = interval_add(start, intervals[i].text, 1) - start;

		if (got != intervals[i].want)
			fail_msg("'%s': %lld", intervals[i].text,
			    (long long)got);
	}
}

static void
counts_months_by_calendar(void **state)
{
	(void)state;
	/* 2023-01-31 00:00 + 1 month = 2023-02-28; 2024 is a leap year. */
	assert_int_equal(interval_add(1675123200, "1 month", 1), 1677542400);
	assert_int_equal(interval_add(1706659200, "1 month", 1), 1709164800);
	/* 2023-01-15 - 2 months = 2022-11-15; - 1 year = 2022-01-15 */
	assert_int_equal(interval_add(1673740800, "2 months", -1), 1668470400);
	assert_int_equal(interval_add(1673740800, "1 y", -1), 1642204800);
	/* 2023-12-31 + 14 months = 2025-02-28 */
	assert_int_equal(interval_add(1703980800, "14 months", 1), 1740700800);
}

static void
knows_test_servers(void **state)
{
	(void)state;
	assert_int_equal(plan_test_server("https://acme-staging-v02.api."
					  "letsencrypt.org/directory"),
	    1);
	assert_int_equal(plan_test_server("https://ca.example/staging"), 1);
	assert_int_equal(plan_test_server("https://ca.example/dir"), 0);
	assert_int_equal(plan_test_server(NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(decides),
	    cmocka_unit_test(is_due),
	    cmocka_unit_test(due_from),
	    cmocka_unit_test(reads_intervals),
	    cmocka_unit_test(counts_months_by_calendar),
	    cmocka_unit_test(knows_test_servers),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
