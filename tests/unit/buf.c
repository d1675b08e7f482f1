#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"

/* There is always room for the 0 behind the bytes. */
static void
test_room(void **state)
{
	char bytes[300];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (size_t n = 1; n <= sizeof(bytes); n++) {
		struct buf b;

		buf_init(&b, 1000);
		assert_int_equal(buf_add(&b, bytes, n), 0);
		assert_true(b.cap > b.len);
		buf_release(&b);
	}
}

static void
test_add(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_null(b.p);
	assert_int_equal(buf_add(&b, "", 0), 0);
	assert_int_equal(buf_adds(&b, "one"), 0);
	assert_int_equal(buf_addc(&b, ' '), 0);
	assert_int_equal(buf_addf(&b, "%d-%s", 2, "three"), 0);
	assert_string_equal(b.p, "one 2-three");
	assert_int_equal(b.len, 11);
	buf_drop(&b, 4);
	assert_string_equal(b.p, "2-three");
	buf_drop(&b, 0);
	buf_drop(&b, 7);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.p, "");
	assert_int_equal(buf_add_quoted(&b, "a \"b\" \\c"), 0);
	assert_string_equal(b.p, "\"a \\\"b\\\" \\\\c\"");
	buf_release(&b);
	assert_null(b.p);
	assert_int_equal(b.max, 1000);
}

static void
test_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_int_equal(buf_adds(&b, "1234"), 0);
	errno = 0;
	assert_int_equal(buf_adds(&b, "56"), -1);
	assert_int_equal(errno, E2BIG);
	errno = 0;
	assert_int_equal(buf_addf(&b, "%d", 56), -1);
	assert_int_equal(errno, E2BIG);
	assert_int_equal(buf_add(&b, "", SIZE_MAX), -1);
	assert_string_equal(b.p, "1234");
	assert_int_equal(buf_addc(&b, '5'), 0);
	assert_string_equal(b.p, "12345");
	assert_int_equal(buf_addc(&b, '6'), -1);
	assert_int_equal(buf_add_quoted(&b, ""), -1);
	assert_string_equal(b.p, "12345");
	buf_release(&b);
}

static void
test_wiped(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1000);
	buf_adds(&b, "secret");
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(b.p[i], 0);
	buf_adds(&b, "dropped");
	buf_drop(&b, 7);
	for (i = 0; i < 7; i++)
		assert_int_equal(b.p[i], 0);
	buf_release(&b);
	buf_reset(&b);
	wipe_free(NULL, 10);
}

static void
test_detach(void **state)
{
	struct buf b;
	char *p;

	(void)state;
	buf_init(&b, 10);
	p = buf_detach(&b);
	assert_string_equal(p, "");
	free(p);
	buf_adds(&b, "mine");
	p = buf_detach(&b);
	assert_string_equal(p, "mine");
	free(p);
	assert_null(b.p);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_adds(&b, "0123456789"), 0);
	buf_release(&b);
}

static void
test_read(void **state)
{
	struct buf b;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	buf_init(&b, 5);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	assert_int_equal(buf_read(&b, fds[0]), 3);
	assert_int_equal(write(fds[1], "de", 2), 2);
	assert_int_equal(buf_read(&b, fds[0]), 2);
	assert_string_equal(b.p, "abcde");
	assert_int_equal(write(fds[1], "f", 1), 1);
	errno = 0;
	assert_int_equal(buf_read(&b, fds[0]), -1);
	assert_int_equal(errno, E2BIG);
	close(fds[1]);
	/* Exactly full at the end of the file is no error. */
	assert_int_equal(buf_read(&b, fds[0]), 0);
	close(fds[0]);
	assert_int_equal(buf_read(&b, -1), -1);
	assert_int_equal(errno, EBADF);
	buf_release(&b);
	buf_init(&b, 5);
	assert_int_equal(buf_read(&b, -1), -1);
	assert_int_equal(errno, EBADF);
	buf_release(&b);
}

/* A pipe that does not block takes it all the same, once it is read. */
static void
test_write_all(void **state)
{
	static char data[300000];
	struct buf b;
	int fds[2], status;
	pid_t pid;

	(void)state;
	memset(data, 'x', sizeof(data));
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fds[0]);
		_exit(fd_write_all(fds[1], data, sizeof(data)) ? 1 : 0);
	}
	close(fds[1]);
	buf_init(&b, sizeof(data));
	while (buf_read(&b, fds[0]) > 0)
		continue;
	assert_int_equal(b.len, sizeof(data));
	assert_memory_equal(b.p, data, sizeof(data));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(fds[0]);
	buf_release(&b);
	assert_int_equal(fd_write_all(-1, "x", 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(fd_write_all(-1, "x", 0), 0);
}

static void
test_strings(void **state)
{
	char *p;

	(void)state;
	p = xstrndup("abcdef", 3);
	assert_string_equal(p, "abc");
	free(p);
	p = xstrndup("ab", 30);
	assert_string_equal(p, "ab");
	free(p);
	p = xasprintf("%s-%d", "x", 1);
	assert_string_equal(p, "x-1");
	free(p);
	free(xmalloc(0));
	p = xcalloc(0, 0);
	assert_non_null(p);
	p = xrealloc(p, 0);
	assert_non_null(p);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_add),
	    cmocka_unit_test(test_ceiling),
	    cmocka_unit_test(test_wiped),
	    cmocka_unit_test(test_detach),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_write_all),
	    cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
