#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/term.h"

static void
check_wrap(const char *text, const char *want)
{
	char *got = term_wrap(text);

	assert_string_equal(got, want);
	free(got);
}

#define TEN "123456789 "
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static void
test_separator(void **state)
{
	(void)state;
	assert_int_equal(strlen(term_separator), 79);
	assert_memory_equal(term_separator, "- - ", 4);
	assert_string_equal(term_separator + 76, "- -");
}

/* Each row as Python's textwrap.fill, line by line, gives it. */
static void
test_wrap(void **state)
{
	(void)state;
	check_wrap("", "");
	check_wrap("\n", "");
	check_wrap("a\n", "a");
	check_wrap("a\n\nb\n\n", "a\n\nb\n");
	check_wrap("a\r\nb\rc\vd", "a\nb\nc\nd");
	check_wrap("  a   b  ", "  a   b");
	check_wrap("    ", "");
	check_wrap("a\tb\t\tc", "a       b               c");
	check_wrap(SEVENTY "123456789x", SEVENTY "123456789x");
	check_wrap(SEVENTY "123456789xy",
	    TEN TEN TEN TEN TEN TEN "123456789\n123456789xy");
	check_wrap(SEVENTY "12345-789xy a  b",
	    TEN TEN TEN TEN TEN TEN "123456789\n12345-789xy a  b");
}

static void
test_wrap_long_words(void **state)
{
	char word[101], text[300], want[300];

	(void)state;
	memset(word, 'w', 100);
	word[100] = '\0';
	check_wrap(word, word);
	snprintf(text, sizeof(text), "a %s   b", word);
	snprintf(want, sizeof(want), "a\n%s\nb", word);
	check_wrap(text, want);
	snprintf(text, sizeof(text), "  %s", word);
	check_wrap(text, word);
}

static void
test_wrap_counts_characters(void **state)
{
	char text[300] = "";
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		memcpy(text + (size_t)i * 3, "\xc3\xa4 ", 4);
	check_wrap(text,
	    "\xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 "
	    "\xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 "
	    "\xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 "
	    "\xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 "
	    "\xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 "
	    "\xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4 \xc3\xa4");
}

static int
pipe_with(const char *text, size_t n)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fd_write_all(fds[1], text, n), 0);
	close(fds[1]);
	return fds[0];
}

static void
test_read_line(void **state)
{
	int fd = pipe_with("first\n\nlast", 11);
	char *line;

	(void)state;
	line = term_read_line(fd);
	assert_string_equal(line, "first");
	free(line);
	line = term_read_line(fd);
	assert_string_equal(line, "");
	free(line);
	line = term_read_line(fd);
	assert_string_equal(line, "last");
	free(line);
	assert_null(term_read_line(fd));
	assert_int_equal(errno, 0);
	close(fd);
	assert_null(term_read_line(-1));
	assert_int_equal(errno, EBADF);
}

static void
test_read_line_leaves_the_rest(void **state)
{
	int fd = pipe_with("one\ntwo\n", 8);
	char rest[8];

	(void)state;
	free(term_read_line(fd));
	assert_int_equal(read(fd, rest, sizeof(rest)), 4);
	assert_memory_equal(rest, "two\n", 4);
	close(fd);
}

static void
test_read_line_ceiling(void **state)
{
	FILE *f = tmpfile();
	char *line;
	int i;

	(void)state;
	assert_non_null(f);
	for (i = 0; i < 64 << 10; i++)
		fputc('x', f);
	fputs("\ny", f);
	for (i = 0; i < 64 << 10; i++)
		fputc('y', f);
	fflush(f);
	assert_int_equal(lseek(fileno(f), 0, SEEK_SET), 0);
	line = term_read_line(fileno(f));
	assert_int_equal(strlen(line), 64 << 10);
	free(line);
	assert_null(term_read_line(fileno(f)));
	assert_int_equal(errno, E2BIG);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_separator),
	    cmocka_unit_test(test_wrap),
	    cmocka_unit_test(test_wrap_long_words),
	    cmocka_unit_test(test_wrap_counts_characters),
	    cmocka_unit_test(test_read_line),
	    cmocka_unit_test(test_read_line_leaves_the_rest),
	    cmocka_unit_test(test_read_line_ceiling),
	};

	return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
