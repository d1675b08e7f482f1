#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/opts.h"
#include "scratch.h"

static struct {
	int flag, count, early;
	const char *text;
	long number;
	jv list, names;
} got;

static const struct opt first[] = {
    {"flag", 'f', OPT_FLAG, &got.flag, NULL, "a flag"},
    {"text", 't', OPT_STRING, &got.text, "TEXT", "a text"},
    {"number", 'n', OPT_NUMBER, &got.number, "N",
	"a number whose explanation is so long that it cannot stand on one line of the help"},
    {"domains", 'd', OPT_NAMES, &got.names, "NAMES", "names"},
    {"both", 0, OPT_FLAG, &got.early, NULL, "of the first table"},
    OPT_END,
};
static const struct opt second[] = {
    {"verbose", 'v', OPT_COUNT, &got.count, NULL, "more"},
    {"item", 0, OPT_LIST, &got.list, "ITEM", "an item"},
    {"both", 0, OPT_FLAG, &got.flag, NULL, "of the second table"},
    {"a-very-long-option-name", 0, OPT_FLAG, &got.flag, NULL, "long"},
    OPT_END,
};
static const struct opt *const tables[] = {first, second, NULL};
static const struct opts_usage usage = {"tool", "[OPTION...]\nlist",
    "Does nothing."};

/* Options after "tool", at most 8, ended by NULL; operands joined by "|". */
static int
parse(struct err *err, const char *want_rest, ...)
{
	char *argv[10] = {strdup("tool")}, *rest;
	int argc = 1, rc;
	va_list ap;
	jv operands;

	doc_free(got.list);
	doc_free(got.names);
	memset(&got, 0, sizeof(got));
	got.list = got.names = doc_none();
	va_start(ap, want_rest);
	while ((argv[argc] = va_arg(ap, char *)) != NULL)
		argc++;
	va_end(ap);
	rc = opts_parse(argc, argv, tables, &usage, &operands, err);
	rest = doc_join(operands, "|");
	if (rc == 0)
		assert_string_equal(rest, want_rest);
	free(rest);
	doc_free(operands);
	free(argv[0]);
	return rc;
}

static void
check_list(jv list, const char *want)
{
	char *text = doc_join(list, "|");

	assert_string_equal(text, want);
	free(text);
}

static void
test_forms(void **state)
{
	(void)state;
	assert_int_equal(
	    parse(NULL, "a|b", "a", "--flag", "--text", "x", "b", NULL), 0);
	assert_int_equal(got.flag, 1);
	assert_string_equal(got.text, "x");
	assert_int_equal(parse(NULL, "", "--text=x=y", NULL), 0);
	assert_string_equal(got.text, "x=y");
	assert_int_equal(parse(NULL, "", "--text=", NULL), 0);
	assert_string_equal(got.text, "");
	assert_int_equal(parse(NULL, "", "-fvvtx", NULL), 0);
	assert_int_equal(got.flag, 1);
	assert_int_equal(got.count, 2);
	assert_string_equal(got.text, "x");
	assert_int_equal(parse(NULL, "", "-t", "-f", NULL), 0);
	assert_string_equal(got.text, "-f");
	assert_int_equal(
	    parse(NULL, "-|--flag|-x", "-", "--", "--flag", "-x", NULL), 0);
	assert_int_equal(got.flag, 0);
	assert_int_equal(parse(NULL, "", "--text", "x", "--text", "y", NULL),
	    0);
	assert_string_equal(got.text, "y");
	assert_int_equal(parse(NULL, "", "--both", NULL), 0);
	assert_int_equal(got.early, 1);
	assert_int_equal(got.flag, 0);
}

static void
test_lists(void **state)
{
	(void)state;
	assert_int_equal(parse(NULL, "", "-d", "a, b ,c", "--domains=d",
			     "--item", "x,y", "--item=z", NULL),
	    0);
	check_list(got.names, "a|b|c|d");
	check_list(got.list, "x,y|z");
	/* An empty name is for the check of names to refuse. */
	assert_int_equal(parse(NULL, "", "-d", "a,,b", NULL), 0);
	check_list(got.names, "a||b");
}

static void
test_numbers(void **state)
{
	static const char *const bad[] = {"", "x", "-1", "1x", " 1", "+1",
	    "99999999999999999999"};
	struct err err = {0};

	(void)state;
	assert_int_equal(parse(NULL, "", "-n", "0", NULL), 0);
	assert_int_equal(got.number, 0);
	assert_int_equal(parse(NULL, "", "--number=90", NULL), 0);
	assert_int_equal(got.number, 90);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(parse(&err, "", "-n", bad[i], NULL), -1);
		assert_int_equal(err.name, ERR_usage);
		assert_non_null(strstr(err_text(&err), "--number"));
		err_clear(&err);
	}
}

static void
test_errors(void **state)
{
	static const struct {
		const char *arg, *says;
	} rows[] = {
	    {"--bogus", "unknown option '--bogus'"},
	    {"--bogus=x", "unknown option '--bogus'"},
	    {"--fla", "unknown option '--fla'"},
	    {"--flags", "unknown option '--flags'"},
	    {"-x", "unknown option '-x'"},
	    {"-fx", "unknown option '-x'"},
	    {"--flag=1", "takes no value"},
	    {"--text", "needs a value"},
	    {"-t", "needs a value"},
	    {"--help=x", "takes no value"},
	    {"--=x", "unknown option"},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(parse(&err, "", rows[i].arg, NULL), -1);
		assert_int_equal(err.name, ERR_usage);
		assert_non_null(strstr(err_text(&err), rows[i].says));
		assert_true(i > 5 || strstr(err_text(&err), "tool -h") != NULL);
		err_clear(&err);
	}
}

/* What the program prints with this option; static. */
static const char *
printed(const char *option)
{
	static char text[4096];
	int saved = dup(STDOUT_FILENO), fd, rc;
	ssize_t n;

	fflush(stdout);
	fd = open("printed", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(fd, STDOUT_FILENO);
	rc = parse(NULL, "", "x", option, "--bogus", NULL);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	n = pread(fd, text, sizeof(text) - 1, 0);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	assert_int_equal(rc, 1);
	return text;
}

static void
test_help(void **state)
{
	const char *text, *line;

	(void)state;
	text = printed("--version");
	assert_memory_equal(text, "tool ", 5);
	assert_non_null(strstr(text, acme_tools_version));
	assert_string_equal(printed("-h"), printed("--help"));
	text = printed("-h");
	assert_memory_equal(text,
	    "usage: tool [OPTION...]\n       tool list\n\nDoes nothing.\n\n",
	    57);
	assert_non_null(strstr(text, "\n  -t, --text TEXT         a text\n"));
	assert_non_null(strstr(text, "\n  -v, --verbose           more\n"));
	assert_non_null(strstr(text, "of the first table"));
	assert_null(strstr(text, "of the second table"));
	assert_non_null(strstr(text,
	    "\n  --a-very-long-option-name\n                          long\n"));
	for (line = text; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") < 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests_name("opts", tests, scratch_make,
	    scratch_remove);
}
