#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/stage.h"
#include "scratch.h"

static jv
parse(const char *text)
{
	struct err err = {0};
	jv v = doc_parse(text, strlen(text), &err);

	assert_string_equal(err_text(&err), "");
	return v;
}

static void
check_expand(const char *pattern, const char *doc, const char *want)
{
	struct err err = {0};
	jv v = parse(doc);
	char *got = stage_expand(pattern, v, &err);

	if (want != NULL) {
		assert_non_null(got);
		assert_string_equal(got, want);
	} else {
		assert_null(got);
		assert_int_equal(err.name, ERR_badDocument);
		assert_non_null(strstr(err_text(&err), pattern));
	}
	free(got);
	err_clear(&err);
	doc_free(v);
}

static void
test_expand(void **state)
{
	(void)state;
	check_expand("plain.pem", "{}", "plain.pem");
	check_expand("100%", "{}", "100%");
	check_expand("%n.pem", "{\"request\":{\"names\":[\"a.b\",\"c.d\"]}}",
	    "a.b.pem");
	check_expand("k/%n/%n.pem", "{\"request\":{\"names\":[\"*.b.c\"]}}",
	    "k/b.c/b.c.pem");
	check_expand("%n",
	    "{\"order\":{\"identifiers\":[{\"type\":\"dns\",\"value\":\"o.p\"}]}}",
	    "o.p");
	check_expand("%n",
	    "{\"lineage\":{\"name\":\"l\"},\"request\":{\"names\":[\"a.b\"]}}",
	    "l");
	check_expand("%n",
	    "{\"plan\":{\"lineage\":\"p\"},\"lineage\":{\"name\":\"l\"}}", "p");
}

static void
test_expand_refuses(void **state)
{
	(void)state;
	check_expand("x/%n", "{}", NULL);
	check_expand("x/%n", "{\"request\":{\"names\":[]}}", NULL);
	check_expand("x/%n", "{\"request\":{\"names\":[7]}}", NULL);
	check_expand("x/%n", "{\"plan\":{\"lineage\":\"../../etc/x\"}}", NULL);
	check_expand("x/%n", "{\"plan\":{\"lineage\":\"a/b\"}}", NULL);
	check_expand("x/%n", "{\"plan\":{\"lineage\":\"..\"}}", NULL);
	check_expand("x/%n", "{\"plan\":{\"lineage\":\".hidden\"}}", NULL);
	check_expand("x/%n", "{\"plan\":{\"lineage\":\"\"}}", NULL);
	check_expand("x/%n", "{\"request\":{\"names\":[\"*..x\"]}}", NULL);
}

static void
check_names(const char *doc, const char *want)
{
	jv v = parse(doc), names = stage_names(v);
	char *got = doc_join(names, "|");

	assert_string_equal(got, want);
	free(got);
	doc_free(names);
	doc_free(v);
}

static void
test_names(void **state)
{
	(void)state;
	check_names("{\"request\":{\"names\":[\"b\",\"a\"]}}", "b|a");
	check_names(
	    "{\"request\":{\"names\":[]},\"order\":{\"identifiers\":[{\"value\":\"x\"},{\"value\":1},{\"value\":\"y\"}]}}",
	    "x|y");
	check_names("{\"request\":7,\"order\":[]}", "");
	check_names("[]", "");
}

static const struct opt own[] = {OPT_END};

/* A stage that has read these options; its output goes to "out". */
static struct stage
begun(int rc, ...)
{
	struct stage st = {.name = "unit-stage",
	    .usage = {"unit-stage", "", NULL},
	    .options = own};
	char *argv[8] = {scratch};
	int argc = 1, saved = dup(STDOUT_FILENO), fd;
	va_list ap;

	va_start(ap, rc);
	while ((argv[argc] = va_arg(ap, char *)) != NULL)
		argc++;
	va_end(ap);
	fflush(stdout);
	fd = open("out", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	assert_int_equal(stage_begin(&st, argc, argv), rc);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return st;
}

/* stage_end without closing the standard output that the test writes to. */
static int
ended(struct stage *st)
{
	int saved = dup(STDOUT_FILENO), status;

	fflush(stdout);
	status = stage_end(st);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return status;
}

static void
clear_environment(void)
{
	unsetenv("ACME_SERVER");
	unsetenv("REQUESTS_CA_BUNDLE");
	unsetenv("CURL_CA_BUNDLE");
	unsetenv("SSL_CERT_FILE");
}

static void
test_common_options(void **state)
{
	struct stage st;
	char want[80];

	(void)state;
	clear_environment();
	st = begun(0, NULL);
	assert_null(st.server);
	assert_null(st.ca_bundle);
	assert_null(st.account_dir);
	assert_int_equal(st.timeout, 90);
	assert_string_equal(stage_verb(&st), "");
	assert_false(stage_reads(&st));
	assert_int_equal(ended(&st), 0);

	st = begun(0, "new", "--account-dir", "acc/../acc", "--timeout=5", "-",
	    NULL);
	snprintf(want, sizeof(want), "%s/acc", scratch);
	assert_string_equal(st.account_dir, want);
	assert_int_equal(st.timeout, 5);
	assert_string_equal(stage_verb(&st), "new");
	assert_true(stage_reads(&st));
	assert_int_equal(ended(&st), 0);
}

static void
test_environment(void **state)
{
	struct stage st;

	(void)state;
	clear_environment();
	setenv("ACME_SERVER", "https://env/", 1);
	setenv("SSL_CERT_FILE", "/ssl", 1);
	st = begun(0, NULL);
	assert_string_equal(st.server, "https://env/");
	assert_string_equal(st.ca_bundle, "/ssl");
	assert_int_equal(ended(&st), 0);
	setenv("CURL_CA_BUNDLE", "/curl", 1);
	setenv("REQUESTS_CA_BUNDLE", "", 1);
	st = begun(0, NULL);
	assert_string_equal(st.ca_bundle, "/curl");
	assert_int_equal(ended(&st), 0);
	setenv("REQUESTS_CA_BUNDLE", "/requests", 1);
	st = begun(0, "--server=https://given/", NULL);
	assert_string_equal(st.server, "https://given/");
	assert_string_equal(st.ca_bundle, "/requests");
	assert_int_equal(ended(&st), 0);
	st = begun(0, "--ca-bundle", "/given", NULL);
	assert_string_equal(st.ca_bundle, "/given");
	assert_int_equal(ended(&st), 0);
	clear_environment();
}

/* The statuses of failures in this order, ended by 0, and the batch's. */
static void
check_status(int want, ...)
{
	struct stage st = begun(0, NULL);
	int saved = dup(STDOUT_FILENO), shown = dup(STDERR_FILENO), fd, name;
	va_list ap;

	fflush(stdout);
	fd = open("out", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	va_start(ap, want);
	while ((name = va_arg(ap, int)) != 0) {
		struct err err = {0};

		err_set(&err, (enum err_name)name, "unit");
		stage_fail(&st, doc_object(), &err);
		stage_emit(&st, doc_object());
		assert_false(err_is_set(&err));
	}
	va_end(ap);
	dup2(saved, STDOUT_FILENO);
	dup2(shown, STDERR_FILENO);
	close(saved);
	close(shown);
	assert_int_equal(ended(&st), want);
}

static void
test_batch_status(void **state)
{
	(void)state;
	check_status(0, 0);
	check_status(75, ERR_timeout, 0);
	check_status(75, ERR_timeout, ERR_retryLater, 0);
	check_status(77, ERR_timeout, ERR_refused, 0);
	check_status(77, ERR_refused, ERR_timeout, 0);
	check_status(77, ERR_timeout, ERR_refused, ERR_badData, 0);
	check_status(65, ERR_badData, ERR_refused, ERR_timeout, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_expand),
	    cmocka_unit_test(test_expand_refuses),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_common_options),
	    cmocka_unit_test(test_environment),
	    cmocka_unit_test(test_batch_status),
	};

	return cmocka_run_group_tests_name("stage", tests, scratch_make,
	    scratch_remove);
}
