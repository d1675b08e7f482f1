/* Values that can be used once: which one comes next, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/proc.h"
#include "net/server.h"

static int64_t now = 1000000000;
static char last[8];

static int64_t
own_clock(void)
{
	return now;
}

static void
own_reply(struct net_client *c, jv head, const char *body, size_t len)
{
	(void)c;
	doc_free(head);
	(void)snprintf(last, sizeof(last), "%.*s", (int)len, body);
}

#define clock_ms own_clock
#define net_server_reply own_reply
#include "../../tools/acme-net/pool.c"

void
answer_fault(struct net_client *c, uint64_t id, const char *fault,
    const char *reason, const struct job *j)
{
	(void)c;
	(void)id;
	(void)fault;
	(void)reason;
	(void)j;
}

/* What a taker gets at once; "" if it has to wait. */
static const char *
take(struct pool *p)
{
	struct service none = {0};

	last[0] = '\0';
	(void)pool_take(p, NULL, 1);
	if (last[0] == '\0') {
		LIST_INSERT_HEAD(&none.pools, p, next);
		pool_forget(&none, NULL);
		p->n_fetches = 0;
	}
	return last;
}

static struct pool *
pool_new(void)
{
	struct pool *p = xcalloc(1, sizeof(*p));

	TAILQ_INIT(&p->takers);
	return p;
}

static void
test_the_newest_first(void **state)
{
	struct pool *p = pool_new();

	(void)state;
	pool_put(p, "a");
	pool_put(p, "b");
	pool_put(p, "c");
	assert_string_equal(take(p), "c");
	assert_string_equal(take(p), "b");
	assert_string_equal(take(p), "a");
	assert_string_equal(take(p), "");
	free(p);
}

static void
test_five_minutes(void **state)
{
	struct pool *p = pool_new();

	(void)state;
	pool_put(p, "old");
	now += 1;
	pool_put(p, "young");
	now += 5 * 60 * 1000;
	assert_string_equal(take(p), "young");
	assert_string_equal(take(p), "");
	free(p);
}

static void
test_thirty_two(void **state)
{
	struct pool *p = pool_new();
	char text[8];

	(void)state;
	for (int i = 0; i < 40; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		pool_put(p, text);
	}
	for (int i = 39; i >= 8; i--) {
		(void)snprintf(text, sizeof(text), "%d", i);
		assert_string_equal(take(p), text);
	}
	assert_string_equal(take(p), "");
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_newest_first),
	    cmocka_unit_test(test_five_minutes),
	    cmocka_unit_test(test_thirty_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
