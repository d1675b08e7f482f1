#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/jq.h"
#include "base/proc.h"
#include "base/safefile.h"

static void
gives(struct jq_child *c, const char *input, const char *want)
{
	struct err err = {0};
	jv in = doc_parse(input, strlen(input), &err);
	jv out = jq_child_run(c, in, 0, &err);
	char *text;

	if (err_is_set(&err))
		fail_msg("%s", err_text(&err));
	text = doc_text(out);
	assert_string_equal(text, want);
	free(text);
	doc_free(out);
}

static void
fails(struct jq_child *c, const char *want, long ms)
{
	struct err err = {0};
	jv out = jq_child_run(c, doc_null(), ms, &err);

	assert_true(doc_is(out, DOC_NONE));
	if (strstr(err_text(&err), want) == NULL)
		fail_msg("%s", err_text(&err));
	err_clear(&err);
}

static struct jq_child *new (const char *program)
{
	struct err err = {0};
	struct jq_child *c = jq_child_new(program, "test", &err);

	if (c == NULL)
		fail_msg("%s", err_text(&err));
	return c;
}

static void
many_inputs(void **state)
{
	struct jq_child *c = new ("def f: . + 1; .n | f");

	(void)state;
	for (int i = 0; i < 50; i++)
		gives(c, "{\"n\":41}", "42");
	jq_child_free(c);
}

static void
large(void **state)
{
	struct jq_child *c = new ("[range(200000) | \"abcdefgh\"] | length");

	(void)state;
	gives(c, "null", "200000");
	jq_child_free(c);
}

static void
no_environment(void **state)
{
	struct jq_child *c = new ("[env, $ENV]");

	(void)state;
	gives(c, "null", "[{},{}]");
	jq_child_free(c);
}

static void
put(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(path);
}

/* Modules and data that are there, in all ways in which a program may ask for
 * them. */
static void
no_files(void **state)
{
	static const char *const programs[] = {
	    "import \"m\" as x {search: \"%s\"}; x::f",
	    "include \"m\" {search: \"%s\"}; f",
	    "import \"d\" as $d {search: \"%s\"}; $d"};
	char dir[] = "/tmp/unit-jq-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(dir));
	put(dir, "m.jq", "def f: 1;\n");
	put(dir, "d.json", "1\n");
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		const char *at = strstr(programs[i], "%s");
		char *text = xasprintf("%.*s%s%s", (int)(at - programs[i]),
		    programs[i], dir, at + 2);
		struct err err = {0};

		assert_null(jq_child_new(text, "test", &err));
		assert_int_equal(err.name, ERR_badData);
		err_clear(&err);
		free(text);
	}
	assert_int_equal(safefile_remove_tree(dir, NULL), 0);
}

static void
errors(void **state)
{
	struct err err = {0};
	struct jq_child *c;

	(void)state;
	assert_null(jq_child_new("{", "a.jq", &err));
	assert_non_null(strstr(err_text(&err), "a.jq: "));
	err_clear(&err);
	c = new ("error(\"no such thing\")");
	fails(c, "test: no such thing", 0);
	fails(c, "test: no such thing", 0);
	jq_child_free(c);
	c = new ("empty");
	fails(c, "no output", 0);
	jq_child_free(c);
	c = new ("1, 2");
	fails(c, "several outputs", 0);
	jq_child_free(c);
	c = new ("error({a: 1})");
	fails(c, "{\"a\":1}", 0);
	jq_child_free(c);
}

static void
limits(void **state)
{
	struct jq_child *c = new ("if . == null then last(range(1e15)) else . "
				  "end");
	int64_t start = clock_ms();

	(void)state;
	fails(c, "more than 1 seconds", 1000);
	assert_true(clock_ms() - start < 8000);
	gives(c, "7", "7"); /* another child */
	jq_child_free(c);
	if (SANITIZED)
		return;
	c = new ("[range(1e9)] | length");
	fails(c, "more memory", 60000);
	jq_child_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_inputs),
	    cmocka_unit_test(large),
	    cmocka_unit_test(no_environment),
	    cmocka_unit_test(no_files),
	    cmocka_unit_test(errors),
	    cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests_name("jq", tests, NULL, NULL);
}
