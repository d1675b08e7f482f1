#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/proc.h"
#include "plugin/guest.h"

/* What the plugin under test has done: "+token", "-token", ... */
static struct buf done;
static int asks, waits, fails, cleanup_fails;

static int
perform(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	jv c = doc_at(all, i);
	int rc = 0;

	(void)ctx;
	(void)buf_addf(&done, "+%s ", doc_str(c, "token"));
	if (asks) {
		jv q = doc_set_str(doc_object(), "kind", "input");
		jv v = guest_ask(g, doc_set_str(q, "text", "which?"), err);
		if (doc_text_of(v) != NULL) {
			(void)buf_addf(&done, "=%s ", doc_text_of(v));
			guest_learned(g, "dir", doc_copy(v));
		}
		doc_free(v);
		rc = err_is_set(err) ? -1 : 0;
	}
	if (fails && (int)i == fails - 1)
		rc = err_set(err, ERR_misconfigured, "no zone");
	doc_free(c);
	return rc;
}

static int
cleanup(struct guest *g, void *ctx, jv c, int last, struct err *err)
{
	(void)g;
	(void)ctx;
	(void)buf_addf(&done, "-%s%s ", doc_str(c, "token"), last ? "!" : "");
	return cleanup_fails ? err_set(err, ERR_pluginFailed, "stuck") : 0;
}

static int
wait_op(struct guest *g, void *ctx, struct err *err)
{
	(void)ctx;
	if (!waits)
		return 0;
	switch (guest_wait(g, NULL, 0, 60000)) {
	case -1:
		(void)buf_adds(&done, "slept ");
		return 0;
	default:
		(void)buf_adds(&done, "ended ");
		return err_set(err, ERR_interrupted, "the input ended");
	}
}

static char *
hint(struct guest *g, void *ctx, jv failed)
{
	(void)g;
	(void)ctx;
	return xasprintf("%zu failed", doc_len(failed));
}

static void
end(struct guest *g, void *ctx)
{
	(void)g;
	(void)ctx;
	(void)buf_adds(&done, ".");
}

static int
cleanup_left(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	jv c = doc_at(all, i);

	(void)g;
	(void)ctx;
	(void)buf_addf(&done, "~%s%s ", doc_str(c, "token"),
	    i + 1 == doc_len(all) ? "!" : "");
	doc_free(c);
	return cleanup_fails ? err_set(err, ERR_pluginFailed, "stuck") : 0;
}

static const struct guest_ops ops = {.perform = perform,
    .cleanup = cleanup,
    .cleanup_left = cleanup_left,
    .wait = wait_op,
    .hint = hint,
    .end = end};

/* The whole conversation with this input: output (malloc'd), status. */
static char *
talk(const struct guest_ops *o, const char *input, int *status)
{
	int in[2], out[2];
	struct buf b;
	struct err err = {0};
	static const char desc[] = "{\"challenges\":[\"dns-01\"],"
				   "\"about\":\"what it is\"}";
	jv d = doc_parse(desc, strlen(desc), &err);

	buf_reset(&done);
	assert_int_equal(pipe(in) | pipe(out), 0);
	assert_int_equal(fcntl(out[1], F_SETPIPE_SZ, 1 << 20) > 0, 1);
	assert_int_equal(fd_write_all(in[1], input, strlen(input)), 0);
	close(in[1]);
	*status = guest_run(in[0], out[1], d, o, NULL);
	close(in[0]);
	close(out[1]);
	buf_init(&b, 1 << 20);
	while (buf_read(&b, out[0]) > 0)
		;
	close(out[0]);
	doc_free(d);
	(void)buf_adds(&b, "");
	(void)buf_adds(&done, "");
	return b.p == NULL ? xstrdup("") : buf_detach(&b);
}

#define CH(t)                                                 \
	"{\"type\":\"dns-01\",\"token\":\"" t                 \
	"\",\"keyAuthorization\":\"k\",\"validation\":\"v\"," \
	"\"identifier\":{\"type\":\"dns\",\"value\":\"a\"}}"
#define OP(op, more) "{\"op\":\"" op "\"" more "}\n"
#define OK "{\"ok\":true}\n"

static void
expect(const struct guest_ops *o, const char *input, const char *output,
    const char *did, int want)
{
	int status;
	char *got = talk(o, input, &status);

	assert_string_equal(got, output);
	assert_string_equal(done.p == NULL ? "" : done.p, did);
	assert_int_equal(status, want);
	free(got);
}

static void
test_simple(void **state)
{
	static const struct guest_ops none = {0};

	(void)state;
	expect(&ops, "", "", ".", 0);
	expect(&ops, OP("init", ",\"version\":1") OP("prepare", ""), OK OK, ".",
	    0);
	expect(&ops, OP("more-info", ""),
	    "{\"ok\":true,\"info\":\"what it is\"}\n", ".", 0);
	expect(&ops, OP("preferences", ",\"names\":[\"a\",\"b\"]"),
	    "{\"ok\":true,\"preferences\":[[\"dns-01\"],[\"dns-01\"]]}\n", ".",
	    0);
	expect(&none, OP("prepare", "") OP("wait", ""), OK OK, "", 0);
	expect(&none, OP("preferences", ",\"names\":[]") OP("prepare", ""),
	    "{\"error\":{\"type\":\"not-supported\",\"detail\":\"the operation "
	    "\\\"preferences\\\" is not supported\"}}\n" OK,
	    "", 0);
}

static void
test_version(void **state)
{
	int status;
	char *got = talk(&ops, OP("init", ",\"version\":2"), &status);

	(void)state;
	assert_non_null(strstr(got, "not-supported"));
	assert_int_equal(status, 0);
	free(got);
}

static void
test_perform(void **state)
{
	(void)state;
	expect(&ops,
	    OP("perform", ",\"challenges\":[" CH("a") "," CH("b") "]")
		OP("cleanup", ",\"challenges\":[" CH("a") "]") OP("cleanup",
		    ",\"challenges\":[" CH("a") "," CH("b") "],\"failed\":[" CH(
			"b") "]"),
	    "{\"ok\":true,\"results\":[{\"ok\":true},{\"ok\":true}]}\n" OK
	    "{\"ok\":true,\"hint\":\"1 failed\"}\n",
	    "+a +b -a -b! .", 0);
	/* what was never performed is not cleaned up */
	expect(&ops, OP("cleanup", ",\"challenges\":[" CH("c") "]"), OK, ".",
	    0);
}

static void
test_perform_fails(void **state)
{
	(void)state;
	fails = 2;
	expect(&ops,
	    OP("perform",
		",\"challenges\":[" CH("a") "," CH("b") "," CH("c") "]"),
	    "{\"error\":{\"type\":\"misconfigured\",\"detail\":\"no zone\"},"
	    "\"results\":[{\"ok\":true},{\"error\":{\"type\":"
	    "\"misconfigured\",\"detail\":\"no zone\"}}]}\n",
	    "+a +b -a -b! .", 0);
	fails = 0;
}

static void
test_incomplete(void **state)
{
	int status;
	char *got = talk(&ops,
	    OP("perform", ",\"challenges\":[{\"type\":\"dns-01\"}]"), &status);

	(void)state;
	assert_non_null(strstr(got, "incomplete challenge"));
	assert_string_equal(done.p, ".");
	free(got);
	/* all that it is, but for no name */
	got = talk(&ops,
	    OP("perform",
		",\"challenges\":[{\"type\":\"dns-01\",\"token\":\"a\","
		"\"keyAuthorization\":\"k\",\"validation\":\"v\","
		"\"identifier\":{\"type\":\"dns\"}}]"),
	    &status);
	assert_non_null(strstr(got, "incomplete challenge"));
	assert_string_equal(done.p, ".");
	free(got);
}

static void
test_end_undoes(void **state)
{
	(void)state;
	expect(&ops, OP("perform", ",\"challenges\":[" CH("a") "," CH("b") "]"),
	    "{\"ok\":true,\"results\":[{\"ok\":true},{\"ok\":true}]}\n",
	    "+a +b -a -b! .", 0);
	cleanup_fails = 1;
	expect(&ops, OP("perform", ",\"challenges\":[" CH("a") "," CH("b") "]"),
	    "{\"ok\":true,\"results\":[{\"ok\":true},{\"ok\":true}]}\n",
	    "+a +b -a -b! .", 70);
	cleanup_fails = 0;
}

static jv
install(struct guest *g, void *ctx, const char *op, jv request, struct err *err)
{
	(void)g;
	(void)ctx;
	buf_addf(&done, "%s ", op);
	if (strcmp(op, "enhance") == 0)
		err_set(err, ERR_alreadyPresent, "it is there");
	else if (strcmp(op, "renew-deploy") == 0)
		err_set(err, ERR_notSupported, "no");
	else if (strcmp(op, "save") == 0 && doc_str(request, "notes") != NULL)
		err_set(err, ERR_pluginFailed, "disk");
	else
		return doc_object();
	return doc_none();
}

/* What another process has performed: undone although this one knows nothing
 * of it, once, and all of it though one cannot be. */
static void
test_left(void **state)
{
	static const struct guest_ops forgetful = {.perform = perform,
	    .cleanup = cleanup};
	static const char left[] = OP("cleanup",
	    ",\"left\":true,\"challenges\":[" CH("a") "," CH("b") "]");
	static const char stuck[] = "{\"error\":{\"type\":\"failed\","
				    "\"detail\":\"stuck\"}}\n";

	(void)state;
	expect(&ops, left, OK, "~a ~b! .", 0);
	expect(&ops, OP("cleanup", ",\"challenges\":[" CH("a") "]"), OK, ".",
	    0);
	expect(&forgetful, left, OK, "", 0);
	cleanup_fails = 1;
	expect(&ops, left, stuck, "~a ~b! .", 0);
	cleanup_fails = 0;
}

static void
test_unsaved(void **state)
{
	static const struct guest_ops o = {.other = install};

	(void)state;
	expect(&o, OP("deploy", "") OP("save", ",\"title\":\"T\""), OK OK,
	    "deploy save ", 0);
	expect(&o, OP("deploy", "") OP("save", ",\"title\":null"), OK OK,
	    "deploy save recover config-test restart ", 0);
	expect(&o, OP("enhance", ""),
	    "{\"error\":{\"type\":\"already-present\",\"detail\":\"it is "
	    "there\"}}\n",
	    "enhance recover config-test restart ", 0);
	expect(&o, OP("deploy", "") OP("recover", ""), OK OK, "deploy recover ",
	    0);
	expect(&o, OP("renew-deploy", ""),
	    "{\"error\":{\"type\":\"not-supported\",\"detail\":\"no\"}}\n",
	    "renew-deploy ", 0);
	expect(&o, OP("names", "") OP("restart", ""), OK OK, "names restart ",
	    0);
}

static void
test_broken_input(void **state)
{
	static const char *const broken[] = {"{\"op\":\n", "[]\n", "{}\n",
	    "{\"op\":1}\n", "\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		char *input = xasprintf("%s%s",
		    OP("perform", ",\"challenges\":[" CH("a") "]"), broken[i]);
		int status;
		char *got = talk(&ops, input, &status);

		assert_int_equal(status, 76);
		assert_string_equal(done.p, "+a -a! .");
		free(got);
		free(input);
	}
}

static void
test_question(void **state)
{
	static const char asked[] =
	    "{\"ask\":{\"kind\":\"input\",\"text\":\"which?\"}}\n";
	char *got;
	int status;

	(void)state;
	asks = 1;
	got = talk(&ops,
	    OP("perform",
		",\"challenges\":[" CH(
		    "a") "]") "{\"answer\":{\"value\":\"/srv\"}}\n",
	    &status);
	assert_int_equal(strncmp(got, asked, strlen(asked)), 0);
	assert_string_equal(got + strlen(asked),
	    "{\"ok\":true,\"results\":[{\"ok\":true}],\"config\":{\"dir\":"
	    "\"/srv\"}}\n");
	assert_string_equal(done.p, "+a =/srv -a! .");
	free(got);
	got = talk(&ops,
	    OP("perform",
		",\"challenges\":[" CH(
		    "a") "]") "{\"answer\":{\"cancel\":true}}\n",
	    &status);
	assert_non_null(strstr(got, "was cancelled"));
	free(got);
	got = talk(&ops,
	    OP("perform",
		",\"challenges\":[" CH(
		    "a") "]") "{\"answer\":{\"error\":\"Missing command line flag\"}}\n",
	    &status);
	assert_non_null(
	    strstr(got, "\"detail\":\"Missing command line flag\""));
	free(got);
	/* no answer at all: cleaned up */
	got = talk(&ops, OP("perform", ",\"challenges\":[" CH("a") "]"),
	    &status);
	assert_string_equal(done.p, "+a -a! .");
	free(got);
	got = talk(&ops,
	    OP("perform", ",\"challenges\":[" CH("a") "]") OP("wait", ""),
	    &status);
	assert_int_equal(status, 76);
	free(got);
	asks = 0;
}

static void
test_end_in_wait(void **state)
{
	int64_t begin = clock_ms();
	char *got;
	int status;

	(void)state;
	waits = 1;
	got = talk(&ops,
	    OP("perform", ",\"challenges\":[" CH("a") "]") OP("wait", ""),
	    &status);
	assert_string_equal(done.p, "+a ended -a! .");
	assert_true(clock_ms() - begin < 5000);
	free(got);
	waits = 0;
}

/* A host that has gone is the end of input, too. */
static void
test_host_gone(void **state)
{
	static const char input[] = OP("prepare", "") OP("prepare", "")
	    OP("perform", ",\"challenges\":[" CH("a") "]");
	int in[2], out[2], status;

	(void)state;
	buf_reset(&done);
	assert_int_equal(pipe(in) | pipe(out), 0);
	assert_int_equal(fd_write_all(in[1], input, strlen(input)), 0);
	close(out[0]);
	status = guest_run(in[0], out[1], doc_none(), &ops, NULL);
	assert_int_equal(status, 0);
	close(in[0]);
	close(in[1]);
	close(out[1]);
}

static int served;

static void
serve(void *arg)
{
	char c;

	served += read(*(int *)arg, &c, 1) == 1;
}

static int
attending_wait(struct guest *g, void *ctx, struct err *err)
{
	static int fds[2];

	(void)ctx;
	(void)err;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(guest_attend(g, fds[0], serve, &fds[0]), 0);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	while (served < 3)
		if (guest_wait(g, NULL, 0, 20) == -2)
			break;
	return 0;
}

static void
test_attend(void **state)
{
	static const struct guest_ops attending = {.wait = attending_wait};
	int in[2], out[2];
	char line[64];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(in) | pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		close(in[1]);
		(void)guest_run(in[0], out[1], doc_none(), &attending, NULL);
		_exit(served == 3 ? 0 : 1);
	}
	assert_int_equal(
	    fd_write_all(in[1], OP("wait", ""), strlen(OP("wait", ""))), 0);
	assert_true(read(out[0], line, sizeof(line)) > 0);
	close(in[1]);
	{
		struct proc p = PROC_INIT;
		p.pid = pid;
		assert_int_equal(proc_wait(&p), 0);
		assert_int_equal(proc_exit_code(&p), 0);
	}
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

/* Room for eight, each with its own argument; a ninth is refused, and those that
 * are there stay. */
static int
crowded_wait(struct guest *g, void *ctx, struct err *err)
{
	static int fds[9][2];

	(void)ctx;
	(void)err;
	for (int i = 0; i < 9; i++) {
		assert_int_equal(pipe2(fds[i], O_NONBLOCK), 0);
		assert_int_equal(guest_attend(g, fds[i][0], serve, &fds[i][0]),
		    i < 8 ? 0 : -1);
		assert_int_equal(write(fds[i][1], "a", 1), 1);
	}
	while (served < 8)
		if (guest_wait(g, NULL, 0, 20) == -2)
			break;
	return 0;
}

static void
test_attend_many(void **state)
{
	static const struct guest_ops crowded = {.wait = crowded_wait};

	(void)state;
	served = 0;
	expect(&crowded, OP("wait", ""), OK, "", 0);
	assert_int_equal(served, 8);
}

static int
setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	buf_init(&done, 1 << 16);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_simple),
	    cmocka_unit_test(test_version),
	    cmocka_unit_test(test_perform),
	    cmocka_unit_test(test_perform_fails),
	    cmocka_unit_test(test_incomplete),
	    cmocka_unit_test(test_end_undoes),
	    cmocka_unit_test(test_left),
	    cmocka_unit_test(test_unsaved),
	    cmocka_unit_test(test_broken_input),
	    cmocka_unit_test(test_question),
	    cmocka_unit_test(test_end_in_wait),
	    cmocka_unit_test(test_host_gone),
	    cmocka_unit_test(test_attend),
	    cmocka_unit_test(test_attend_many),
	};

	return cmocka_run_group_tests_name("guest", tests, setup, NULL);
}
