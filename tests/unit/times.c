#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/times.h"

static void
test_text(void **state)
{
	static const struct {
		int64_t t;
		const char *want;
	} rows[] = {
	    {0, "1970-01-01T00:00:00Z"},
	    {951782400, "2000-02-29T00:00:00Z"},
	    {4294967296, "2106-02-07T06:28:16Z"},
	    {-1, "1969-12-31T23:59:59Z"},
	    {INT64_MAX, "9999-12-31T23:59:59Z"},
	    {INT64_MIN, "0000-01-01T00:00:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = time_text(rows[i].t);

		assert_string_equal(got, rows[i].want);
		free(got);
	}
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"1985-04-12T23:20:50.52Z", 482196050}, /* RFC 3339 5.8 */
	    {"1996-12-19T16:39:57-08:00", 851042397},
	    {"1990-12-31T23:59:60Z", 662687999},
	    {"1937-01-01T12:00:27.87+00:20", -1041337173},
	    {"2000-02-29t00:00:00z", 951782400},
	    {"2106-02-07 06:28:16+00:00", 4294967296},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t got = 7;

		assert_int_equal(time_parse(rows[i].text, &got), 0);
		assert_int_equal(got, rows[i].want);
	}
}

static void
test_parse_refuses(void **state)
{
	static const char *const rows[] = {"", "1970", "1970-01-01",
	    "1970-01-01T00:00:00", "1970-13-01T00:00:00Z",
	    "1970-00-01T00:00:00Z", "2001-02-29T00:00:00Z",
	    "2001-04-31T00:00:00Z", "1970-01-01T24:00:00Z",
	    "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z",
	    "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00Zx",
	    "1970-01-01T00:00:00Z ", "1970-01-01T00:00:00+1:00",
	    "1970-01-01T00:00:00+0100", "1970-01-01T00:00:00+24:00",
	    "+970-01-01T00:00:00Z", "1970- 1-01T00:00:00Z",
	    "1970-01-01X00:00:00Z"};
	int64_t t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(time_parse(rows[i], &t), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_parse_refuses),
	};

	return cmocka_run_group_tests_name("times", tests, NULL, NULL);
}
