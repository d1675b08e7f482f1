#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "acme/poll.h"
#include "base/proc.h"

/* From now to the next look, as poll.h promises it. */
static void
assert_next(const struct poll *p, int64_t before, int64_t ms)
{
	assert_in_range(p->next, before + ms, clock_ms() + ms);
}

static void
test_intervals(void **state)
{
	static const int64_t want[] = {250, 500, 1000, 2000, 3000, 3000, 3000};
	int64_t before = clock_ms();
	struct poll p;
	size_t i;

	(void)state;
	poll_begin(&p, 90);
	assert_next(&p, before, 100);
	assert_in_range(p.deadline, before + 90000, clock_ms() + 90000);
	for (i = 0; i < ARRAY_LEN(want); i++) {
		before = clock_ms();
		poll_again(&p, -1);
		assert_next(&p, before, want[i]);
	}
}

static void
test_retry_after(void **state)
{
	int64_t before;
	struct poll p;

	(void)state;
	poll_begin(&p, 90);
	before = clock_ms();
	poll_again(&p, 7);
	assert_next(&p, before, 7000);
	before = clock_ms();
	poll_again(&p, 0); /* shorter than ours: ours */
	assert_next(&p, before, 500);
}

/* A server that asks for time gets it, for half an hour and no more. */
static void
test_patience(void **state)
{
	int64_t begun = clock_ms();
	struct poll p;

	(void)state;
	poll_begin(&p, 90);
	poll_patience(&p, 1800);
	poll_again(&p, -1);
	assert_in_range(p.deadline, begun + 90000, clock_ms() + 90000);
	poll_again(&p, 100);
	assert_int_equal(p.late, 0);
	assert_in_range(p.deadline, begun + 189500, clock_ms() + 189500);
	poll_again(&p, 86400);
	assert_int_equal(p.late, 0);
	assert_int_equal(p.next, p.limit);
	assert_int_equal(p.deadline, p.limit);
	assert_in_range(p.limit, begun + 1800000, clock_ms() + 1800000);
	p.next = 0;
	poll_again(&p, 86400);
	assert_int_equal(p.next, p.limit); /* as long as that is to come */
	p.limit = p.deadline = clock_ms();
	poll_again(&p, 86400);
	assert_int_equal(p.late, 86400);
	assert_int_equal(poll_wait(&p, -1), -1);
	poll_begin(&p, 90);
	poll_patience(&p, 0); /* as long as the time given */
	poll_again(&p, 100);
	assert_int_equal(p.late, 100);
}

static void
test_wait(void **state)
{
	int64_t before = clock_ms();
	struct poll p;

	(void)state;
	poll_begin(&p, 90);
	assert_int_equal(poll_wait(&p, -1), 0);
	assert_true(clock_ms() >= before + 100);
}

static void
test_deadline(void **state)
{
	struct poll p;
	int64_t before;

	(void)state;
	poll_begin(&p, 0);
	assert_int_equal(poll_wait(&p, -1), -1);
	/* A look that would come after the end is not waited for. */
	before = clock_ms();
	poll_begin(&p, 60);
	poll_again(&p, 3600);
	assert_int_equal(poll_wait(&p, -1), -1);
	assert_true(clock_ms() < before + 30000);
}

static void
test_descriptor(void **state)
{
	struct poll p;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	poll_begin(&p, 60);
	poll_again(&p, 30);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(poll_wait(&p, fds[0]), 1);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_intervals),
	    cmocka_unit_test(test_retry_after),
	    cmocka_unit_test(test_patience),
	    cmocka_unit_test(test_wait),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_descriptor),
	};

	return cmocka_run_group_tests_name("poll", tests, NULL, NULL);
}
