#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/frame.h"

static jv
head_with(long id)
{
	return doc_set_int(doc_object(), "id", id);
}

static void
test_round_trip(void **state)
{
	static const char bytes[] = "a\n\0{}\n";
	struct err err = {0};
	struct buf b;
	char *body;
	size_t len, round;
	jv head;
	long id;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_int_equal(frame_add(&b, head_with(1), bytes, sizeof(bytes)), 0);
	assert_int_equal(frame_add(&b, head_with(2), NULL, 0), 0);
	for (round = 1; round <= 2; round++) {
		assert_int_equal(frame_take(&b, &head, &body, &len, &err), 1);
		assert_int_equal(doc_int(head, "id", &id), 0);
		assert_int_equal(id, round);
		assert_int_equal(len, round == 1 ? sizeof(bytes) : 0);
		assert_int_equal(body[len], 0);
		if (round == 1)
			assert_memory_equal(body, bytes, sizeof(bytes));
		free(body);
		doc_free(head);
	}
	assert_int_equal(frame_take(&b, &head, &body, &len, &err), 0);
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

/* Every cut of a message waits for more, and loses nothing. */
static void
test_byte_by_byte(void **state)
{
	struct err err = {0};
	struct buf whole, part;
	char *body;
	size_t len, i;
	jv head;

	(void)state;
	buf_init(&whole, 4096);
	buf_init(&part, 4096);
	assert_int_equal(frame_add(&whole, head_with(7), "body", 4), 0);
	for (i = 0; i + 1 < whole.len; i++) {
		buf_add(&part, whole.p + i, 1);
		assert_int_equal(frame_take(&part, &head, &body, &len, &err),
		    0);
	}
	buf_add(&part, whole.p + i, 1);
	assert_int_equal(frame_take(&part, &head, &body, &len, &err), 1);
	assert_string_equal(body, "body");
	free(body);
	doc_free(head);
	buf_release(&whole);
	buf_release(&part);
}

static void
refused(const char *bytes, size_t n)
{
	struct err err = {0};
	struct buf b;
	char *body;
	size_t len;
	jv head;

	buf_init(&b, 1 << 20);
	buf_add(&b, bytes, n);
	assert_int_equal(frame_take(&b, &head, &body, &len, &err), -1);
	assert_int_equal(err.name, ERR_protocol);
	err_clear(&err);
	buf_release(&b);
}

static void
test_no_messages(void **state)
{
	static const char *const lines[] = {"\n", "{}x\n", "[]\n", "12\n",
	    "{\"id\":1\n", "{\"length\":-1}\n", "{\"length\":1.5}\n",
	    "{\"length\":\"1\"}\n", "{\"length\":16777217}\n",
	    "{\"length\":1e300}\n", "{\"id\":1,\"id\":2}\n"};
	struct buf b;
	char *line, *body;
	size_t i, len;
	jv head;

	(void)state;
	for (i = 0; i < ARRAY_LEN(lines); i++)
		refused(lines[i], strlen(lines[i]));
	line = xmalloc(FRAME_LINE_MAX + 1);
	memset(line, ' ', FRAME_LINE_MAX + 1);
	refused(line, FRAME_LINE_MAX + 1);
	/* the largest body and the longest line that there are */
	buf_init(&b, 64);
	buf_addf(&b, "{\"length\":%d}\n", FRAME_BODY_MAX);
	assert_int_equal(frame_take(&b, &head, &body, &len, NULL), 0);
	buf_release(&b);
	line[0] = '{';
	line[FRAME_LINE_MAX - 1] = '}';
	line[FRAME_LINE_MAX] = '\n';
	buf_init(&b, 1 << 20);
	buf_add(&b, line, FRAME_LINE_MAX + 1);
	assert_int_equal(frame_take(&b, &head, &body, &len, NULL), 1);
	assert_int_equal(b.len, 0);
	free(body);
	doc_free(head);
	buf_release(&b);
	free(line);
}

/* What does not fit changes nothing. */
static void
test_ceilings(void **state)
{
	char *big = xcalloc(1, FRAME_LINE_MAX + 1);
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	buf_adds(&b, "kept");
	errno = 0;
	assert_int_equal(frame_add(&b, head_with(1), big, 100), -1);
	assert_int_equal(errno, E2BIG);
	assert_string_equal(b.p, "kept");
	assert_int_equal(b.len, 4);
	buf_release(&b);
	buf_init(&b, 64 << 20);
	assert_int_equal(frame_add(&b, head_with(1), big, FRAME_BODY_MAX + 1),
	    -1);
	memset(big, 'x', FRAME_LINE_MAX);
	assert_int_equal(
	    frame_add(&b, doc_set_str(head_with(1), "url", big), NULL, 0), -1);
	assert_int_equal(b.len, 0);
	buf_release(&b);
	free(big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_byte_by_byte),
	    cmocka_unit_test(test_no_messages),
	    cmocka_unit_test(test_ceilings),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
