#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/proc.h"
#include "plugin/host.h"

static char dir[] = "/tmp/acme-tools-host.XXXXXX";
static jv said; /* log entries */

static void
sink(void *ctx, jv entry TAKES)
{
	(void)ctx;
	said = doc_push(said, entry);
}

/* A plugin whose body is this sh text, run for each line. */
static struct plugin *
plugin_of(const char *body, struct plugin_desc **desc, struct err *err)
{
	static const char json[] =
	    "{\"name\":\"x\",\"kinds\":[\"authenticator\"],"
	    "\"challenges\":[\"http-01\"]}";
	char *path = xasprintf("%s/x", dir);
	FILE *f = fopen(path, "w");
	jv v = doc_parse(json, strlen(json), err);

	assert_non_null(f);
	fprintf(f,
	    "#!/bin/sh\nwhile IFS= read -r line; do\n%s\ndone\n"
	    "echo ended >>%s/end\n",
	    body, dir);
	fclose(f);
	assert_int_equal(chmod(path, 0755), 0);
	*desc = plugin_desc_parse(v, "x", path, err);
	doc_free(v);
	free(path);
	assert_non_null(*desc);
	return plugin_start(*desc, err);
}

static jv
one_challenge(void)
{
	jv c = doc_set_str(doc_object(), "type", "http-01");

	return doc_push(doc_array(), doc_set_str(c, "token", "t"));
}

static void
stop(struct plugin *p, struct plugin_desc *d, int want)
{
	struct err err = {0};

	assert_int_equal(plugin_stop(p, &err), want);
	err_clear(&err);
	plugin_desc_free(d);
}

static void
test_take_line(void **state)
{
	static const struct {
		const char *text;
		enum plugin_line want;
	} cases[] = {
	    {"{\"ok\":true}", PLUGIN_MORE},
	    {"", PLUGIN_MORE},
	    {"{\"ok\":true}\n", PLUGIN_REPLY},
	    {"{\"error\":{\"type\":\"failed\"}}\n", PLUGIN_REPLY},
	    {"{\"error\":\"x\"}\n", PLUGIN_BROKEN},
	    {"{\"ok\":false}\n", PLUGIN_BROKEN},
	    {"{\"ok\":1}\n", PLUGIN_BROKEN},
	    {"[]\n", PLUGIN_BROKEN},
	    {"\n", PLUGIN_BROKEN},
	    {"hello\n", PLUGIN_BROKEN},
	    {"{\"log\":\"text\"}\n", PLUGIN_LOG},
	    {"{\"log\":{\"text\":\"t\",\"level\":\"debug\"}}\n", PLUGIN_LOG},
	    {"{\"log\":{\"level\":10}}\n", PLUGIN_BROKEN},
	    {"{\"log\":7}\n", PLUGIN_BROKEN},
	    {"{\"ask\":{\"kind\":\"input\",\"text\":\"t\"}}\n", PLUGIN_ASK},
	    {"{\"ask\":{\"kind\":\"riddle\",\"text\":\"t\"}}\n", PLUGIN_BROKEN},
	    {"{\"ask\":{\"kind\":\"input\"}}\n", PLUGIN_BROKEN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = {0};
		struct buf b;
		enum plugin_line got;
		jv out;

		buf_init(&b, PLUGIN_LINE_MAX);
		assert_int_equal(buf_adds(&b, cases[i].text), 0);
		got = plugin_take_line(&b, &out, &err);
		if (got != cases[i].want)
			fail_msg("%s gave %d", cases[i].text, got);
		assert_int_equal(err_is_set(&err), got == PLUGIN_BROKEN);
		err_clear(&err);
		doc_free(out);
		buf_release(&b);
	}
}

static void
test_log_levels(void **state)
{
	static const char text[] =
	    "{\"log\":{\"text\":\"t\",\"level\":\"warning\",\"show\":\"out\"}}"
	    "\n{\"log\":{\"text\":\"t\",\"level\":9000,\"show\":\"moon\"}}\n";
	struct err err = {0};
	struct buf b;
	long level;
	jv out;

	(void)state;
	buf_init(&b, PLUGIN_LINE_MAX);
	assert_int_equal(buf_adds(&b, text), 0);
	assert_int_equal(plugin_take_line(&b, &out, &err), PLUGIN_LOG);
	assert_int_equal(doc_int(out, "level", &level), 0);
	assert_int_equal(level, LOG_WARNING);
	assert_string_equal(doc_str(out, "show"), "out");
	doc_free(out);
	assert_int_equal(plugin_take_line(&b, &out, &err), PLUGIN_LOG);
	assert_int_equal(doc_int(out, "level", &level), 0);
	assert_int_equal(level, LOG_INFO);
	assert_string_equal(doc_str(out, "show"), "log");
	doc_free(out);
	buf_release(&b);
}

static void
test_errors(void **state)
{
	static const struct {
		const char *type;
		enum err_name want;
	} cases[] = {{"no-installation", ERR_noInstallation},
	    {"misconfigured", ERR_misconfigured},
	    {"not-supported", ERR_notSupported},
	    {"already-present", ERR_alreadyPresent},
	    {"failed", ERR_pluginFailed}, {"anything", ERR_pluginFailed},
	    {"urn:acme-tools:error:unreachable", ERR_unreachable}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = {0};
		jv e = doc_set_str(doc_object(), "type", cases[i].type);

		e = doc_set_str(e, "detail", "because");
		e = doc_set_str(e, "class", "PluginError");
		assert_int_equal(plugin_error(e, "x", &err), -1);
		assert_int_equal(err.name, cases[i].want);
		assert_string_equal(err_text(&err), "because");
		assert_string_equal(doc_str(err.members, "plugin"), "x");
		assert_string_equal(doc_str(err.members, "class"),
		    "PluginError");
		err_clear(&err);
		doc_free(e);
	}
}

static void
test_conversation(void **state)
{
	const struct stage st = {.name = "host"};
	struct err err = {0};
	struct plugin_desc *d;
	struct plugin *p = plugin_of(
	    "case $line in *perform*) echo '{\"log\":\"hi\"}'; echo aside >&2;"
	    " printf last >&2;"
	    " echo '{\"ok\":true,\"results\":[{\"ok\":true}],"
	    "\"config\":{\"map\":{\"a\":\"/b\"}}}' ;;"
	    " *cleanup*) echo '{\"ok\":true,\"hint\":\"look there\"}' ;;"
	    " *preferences*) echo '{\"ok\":true,\"preferences\":"
	    "[[\"dns-01\"],[]]}' ;;"
	    " *) echo '{\"ok\":true}' ;; esac",
	    &d, &err);
	jv results, lists, learned;
	char *hint = NULL;

	(void)state;
	assert_non_null(p);
	doc_move(&said, doc_array());
	assert_int_equal(plugin_init(p, doc_object(), &st, 1, &err), 0);
	assert_int_equal(plugin_perform(p, one_challenge(), &results, &err), 0);
	assert_int_equal(doc_len(results), 1);
	doc_free(results);
	learned = plugin_learned(p);
	assert_string_equal(doc_str_find(learned, "map", "a", NULL), "/b");
	doc_free(learned);
	lists = plugin_preferences(p,
	    doc_push_str(doc_push_str(doc_array(), "a"), "b"), &err);
	assert_int_equal(doc_len(lists), 2);
	doc_free(lists);
	assert_int_equal(
	    plugin_cleanup(p, one_challenge(), one_challenge(), &hint, &err),
	    0);
	assert_string_equal(hint, "look there");
	free(hint);
	assert_true(plugin_alive(p));
	stop(p, d, 0);
	/* Its log and its standard error have been passed on. */
	{
		char *all = doc_text(said);
		assert_non_null(strstr(all, "\"hi\""));
		assert_non_null(strstr(all, "x: aside"));
		assert_non_null(
		    strstr(all, "x: last")); /* a line without end */
		free(all);
	}
}

static void
expect_failure(const char *body, enum err_name want, const char *text,
    int want_stop)
{
	struct err err = {0};
	struct plugin_desc *d;
	struct plugin *p = plugin_of(body, &d, &err);
	jv results = doc_none();

	assert_non_null(p);
	assert_int_equal(plugin_perform(p, one_challenge(), &results, &err),
	    -1);
	doc_free(results);
	if (err.name != want || strstr(err_text(&err), text) == NULL)
		fail_msg("%s: %d %s", body, err.name, err_text(&err));
	err_clear(&err);
	stop(p, d, want_stop);
}

static void
test_failures(void **state)
{
	(void)state;
	expect_failure("exit 3", ERR_pluginFailed, "ended with status 3", -1);
	expect_failure("kill -9 $$", ERR_pluginFailed, "status 137", -1);
	expect_failure("exec >&-", ERR_pluginFailed, "closed its output", 0);
	expect_failure("echo hello", ERR_pluginFailed, "broken line", 0);
	expect_failure("echo '{\"ok\":true,\"results\":[]}'", ERR_pluginFailed,
	    "0 results for 1", 0);
	expect_failure("echo '{\"ok\":true,\"results\":[{}]}'",
	    ERR_pluginFailed, "without \"ok\"", 0);
	expect_failure("echo '{\"error\":{\"type\":\"misconfigured\","
		       "\"detail\":\"no zone\"}}'",
	    ERR_misconfigured, "no zone", 0);
	expect_failure("echo '{\"ok\":true,\"results\":[{\"error\":"
		       "{\"detail\":\"not this\"}}]}'",
	    ERR_pluginFailed, "not this", 0);
}

/* Standard input of a test is no terminal, so a question gets an error. */
static void
test_question(void **state)
{
	struct err err = {0};
	struct plugin_desc *d;
	struct plugin *p = plugin_of(
	    "echo '{\"ask\":{\"id\":7,\"kind\":\"input\",\"text\":\"t\"}}';"
	    "read -r answer; case $answer in"
	    " '{\"answer\":{\"id\":7,\"error\":'*) echo '{\"ok\":true}' ;;"
	    " *) echo \"$answer\" ;; esac",
	    &d, &err);
	jv reply;

	(void)state;
	if (access("/dev/tty", R_OK) == 0 && isatty(STDIN_FILENO)) {
		stop(p, d, 0);
		skip();
	}
	reply = plugin_call(p, "prepare", doc_object(), &err);
	assert_string_equal(err_text(&err), "");
	assert_true(doc_flag(reply, "ok", 0));
	doc_free(reply);
	stop(p, d, 0);
}

/* More than a pipe holds, in both directions at once. */
static void
test_much(void **state)
{
	struct err err = {0};
	struct plugin_desc *d;
	struct plugin *p = plugin_of(
	    "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); "
	    "echo '{\"log\":{\"text\":\"0123456789012345678901234567890\","
	    "\"level\":\"debug\"}}'; done; echo '{\"ok\":true}'",
	    &d, &err);
	char *big = xcalloc(1, 300001);
	jv reply;

	(void)state;
	memset(big, 'a', 300000);
	doc_move(&said, doc_array());
	reply = plugin_call(p, "prepare", doc_set_str(doc_object(), "big", big),
	    &err);
	assert_true(doc_flag(reply, "ok", 0));
	assert_true(doc_len(said) >= 3000);
	doc_free(reply);
	free(big);
	stop(p, d, 0);
}

static char *go; /* the plugin of test_hurry waits for a writer of this FIFO */

/* Its host has not given it up: it ends, so that the test does. */
static void
let_go(int sig)
{
	(void)sig;
	(void)close(open(go, O_WRONLY | O_NONBLOCK));
}

/* One that does not even read is waited for no longer than one that reads. */
static void
test_hurry(void **state)
{
	struct err err = {0};
	struct plugin_desc *d;
	struct plugin *p;
	char *big = xcalloc(1, 300001), *body;
	FILE *f;

	(void)state;
	go = xasprintf("%s/go", dir);
	body = xasprintf("echo '{\"ok\":true}'; read -r x <%s; exit 0", go);
	signal(SIGALRM, let_go);
	assert_int_equal(mkfifo(go, 0600), 0);
	p = plugin_of(body, &d, &err);
	doc_free(plugin_call(p, "prepare", doc_object(), &err));
	assert_false(err_is_set(&err));
	memset(big, 'a', 300000);
	plugin_hurry(p, 1);
	alarm(10);
	assert_true(doc_is(plugin_call(p, "cleanup",
			       doc_set_str(doc_object(), "big", big), &err),
	    DOC_NONE));
	alarm(0);
	assert_non_null(strstr(err_text(&err), "did not reply in time"));
	err_clear(&err);
	f = fopen(go, "w");
	assert_non_null(f);
	fputs("\n", f);
	fclose(f);
	stop(p, d, 0);
	free(body);
	free(big);
	free(go);
}

static void
get_signal(int sig)
{
	(void)sig;
	(void)raise(SIGTERM);
}

/* While half of a request is sent; the last of the tests, for a signal that was
 * caught stays so. */
static void
test_signal(void **state)
{
	struct err err = {0};
	struct plugin_desc *d;
	struct plugin *p;
	char *big = xcalloc(1, 300001), *body, *fifo, *lines;
	FILE *f;

	(void)state;
	fifo = xasprintf("%s/go2", dir);
	lines = xasprintf("%s/lines", dir);
	body = xasprintf("echo >>%s; echo '{\"ok\":true}'; read -r x <%s",
	    lines, fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	p = plugin_of(body, &d, &err);
	doc_free(plugin_call(p, "prepare", doc_object(), &err));
	assert_false(err_is_set(&err));
	assert_true(signals_catch() != -1);
	signal(SIGALRM, get_signal);
	memset(big, 'a', 300000);
	alarm(1);
	assert_true(doc_is(plugin_call(p, "deploy",
			       doc_set_str(doc_object(), "big", big), &err),
	    DOC_NONE));
	assert_int_equal(err.name, ERR_interrupted);
	err_clear(&err);
	assert_false(plugin_alive(p)); /* no other can follow */
	f = fopen(fifo, "w");
	assert_non_null(f);
	fclose(f);
	stop(p, d, 0);

	p = plugin_of(body, &d, &err);
	assert_true(
	    doc_is(plugin_call(p, "save", doc_object(), &err), DOC_NONE));
	assert_int_equal(err.name, ERR_interrupted);
	err_clear(&err);
	stop(p, d, 0);
	f = fopen(lines, "r");
	assert_non_null(f);
	assert_int_equal(getc(f), '\n');
	assert_int_equal(getc(f), EOF); /* nothing was begun after it */
	fclose(f);
	free(lines);
	free(fifo);
	free(body);
	free(big);
}

/* End of input is what ends it, and signals do not reach it. */
static void
test_end(void **state)
{
	struct err err = {0};
	struct plugin_desc *d;
	struct plugin *p;
	char *end = xasprintf("%s/end", dir);

	(void)state;
	(void)unlink(end);
	p = plugin_of("kill -TERM $$; kill -INT $$; echo '{\"ok\":true}'", &d,
	    &err);
	doc_free(plugin_call(p, "prepare", doc_object(), &err));
	assert_false(err_is_set(&err));
	assert_int_equal(plugin_drain(p, &err), 0);
	assert_int_equal(access(end, F_OK), -1);
	stop(p, d, 0);
	assert_int_equal(access(end, F_OK), 0);
	free(end);
	assert_int_equal(plugin_stop(NULL, &err), 0);
}

static int
setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	said = doc_array();
	log_begin("host", 2);
	log_set_sink(sink, NULL);
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	char *command = xasprintf("rm -rf %s", dir);
	int rc = system(command);

	(void)state;
	free(command);
	doc_free(said);
	return rc;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_take_line),
	    cmocka_unit_test(test_log_levels),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_conversation),
	    cmocka_unit_test(test_failures),
	    cmocka_unit_test(test_question),
	    cmocka_unit_test(test_much),
	    cmocka_unit_test(test_hurry),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_signal),
	};

	return cmocka_run_group_tests_name("host", tests, setup, teardown);
}
