/* lib/certbot: a plugin's program in conversation, and its checkpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "certbot/checkpoint.h"
#include "certbot/credentials.h"
#include "certbot/files.h"
#include "certbot/plugin.h"
#include "scratch.h"

#define OK "{\"ok\":true}\n"
#define INIT "{\"op\":\"init\",\"version\":1,\"interactive\":true}\n"
#define DEPLOY                                                  \
	"{\"op\":\"deploy\",\"domain\":\"a.example\",\"cert\":" \
	"\"/c\",\"key\":\"/k\",\"chain\":\"/h\""
#define FULL ",\"fullchain\":\"/f\"}\n"

/* The whole conversation of a plugin named x with this input; malloc'd. */
static char *
talk(const struct certbot_plugin_ops *ops, const char *input)
{
	char name[] = "./x", *argv[] = {name, NULL};
	int in[2], out[2], status;
	struct buf b;
	pid_t pid;

	scratch_put("x.json",
	    "{\"name\":\"x\",\"kinds\":[\"authenticator\",\"installer\"],"
	    "\"challenges\":[\"http-01\"]}");
	assert_int_equal(pipe(in) | pipe(out), 0);
	assert_int_equal(fd_write_all(in[1], input, strlen(input)), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		for (int i = 0; i < 2; i++) {
			close(in[i]);
			close(out[i]);
		}
		_exit(certbot_plugin_main(1, argv, ops, NULL));
	}
	close(in[0]);
	close(in[1]);
	close(out[1]);
	buf_init(&b, 1 << 20);
	while (buf_read(&b, out[0]) > 0)
		;
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)buf_adds(&b, "");
	return b.p == NULL ? xstrdup("") : buf_detach(&b);
}

/* After the replies to init and what else is in front. */
static void
says(const struct certbot_plugin_ops *ops, const char *input, const char *want)
{
	char *got = talk(ops, input);

	if (strstr(got, want) == NULL)
		fail_msg("%s lacks %s", got, want);
	free(got);
}

static int
noisy(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	(void)p;
	(void)ctx;
	(void)e;
	printf("noise\n");
	fflush(stdout);
	return system("echo noise; cat") == 0 ? 0 : -1;
}

/* What a plugin, or a program that it starts, prints or reads is no part of the
 * conversation. */
static void
test_set_aside(void **state)
{
	static const struct certbot_plugin_ops ops = {.prepare = noisy};
	char *got = talk(&ops, INIT "{\"op\":\"prepare\"}\n");

	(void)state;
	assert_string_equal(got, OK OK);
	free(got);
}

static int
options(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	struct certbot_list l = {0};
	char *flag = certbot_plugin_flag(p, "auth_hook");
	const char *hook = certbot_plugin_option(p, "auth-hook");

	(void)ctx;
	certbot_plugin_options(p, "dirs", &l);
	certbot_fail(e, CERTBOT_FAILED, "%s=%s %zu %s %d %s %d %s", flag, hook,
	    l.n, certbot_plugin_option(p, "n"),
	    certbot_plugin_option_set(p, "on"), certbot_plugin_name(p),
	    certbot_plugin_option(p, "none") == NULL,
	    certbot_plugin_dir(p, "work"));
	certbot_list_release(&l);
	free(flag);
	return -1;
}

static void
test_options(void **state)
{
	static const struct certbot_plugin_ops ops = {.prepare = options};

	(void)state;
	says(&ops,
	    "{\"op\":\"init\",\"version\":1,\"config\":{\"auth_hook\":\"h\","
	    "\"dirs\":[\"/a\",\"/b\"],\"n\":3,\"on\":true,\"none\":null},"
	    "\"dirs\":{\"work\":\"/w\"}}\n{\"op\":\"prepare\"}\n",
	    "\"detail\":\"--x-auth-hook=h 2 3 1 x 1 /w\"");
}

static int
deploy(struct certbot_plugin *p, void *ctx, const char *name,
    const struct certbot_files *f, struct certbot_error *e)
{
	(void)p;
	(void)ctx;
	return certbot_fail(e, CERTBOT_MISCONFIGURED, "%s %s %s %s %s", name,
	    f->cert, f->key, f->chain != NULL ? f->chain : "none",
	    f->fullchain != NULL ? f->fullchain : "none");
}

static void
test_deploy(void **state)
{
	static const struct certbot_plugin_ops ops = {.deploy = deploy};

	(void)state;
	says(&ops, INIT DEPLOY FULL,
	    "{\"error\":{\"type\":\"misconfigured\","
	    "\"detail\":\"a.example /c /k /h /f\"");
	says(&ops,
	    INIT "{\"op\":\"deploy\",\"domain\":\"a.example\",\"cert\":\"/c\","
		 "\"key\":\"/k\",\"chain\":null,\"fullchain\":null}\n",
	    "\"detail\":\"a.example /c /k none none\"");
	says(&ops,
	    INIT
	    "{\"op\":\"deploy\",\"domain\":\"a.example\",\"cert\":\"/c\"}\n",
	    "without its name, certificate and key");
	says(&ops, INIT "{\"op\":\"enhance\"}\n", "not-supported");
}

static const struct certbot_question which = {.text = "Which?",
    .choices = (const char *const[]){"one", "two", NULL}};

static int
menu(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	size_t i;

	(void)ctx;
	if (certbot_plugin_menu(p, &which, &i, e) != 0) {
		if (e->type == CERTBOT_CANCELLED)
			return certbot_fail(e, CERTBOT_FAILED, "called off");
		return -1;
	}
	return certbot_fail(e, CERTBOT_FAILED, "chosen: %s", which.choices[i]);
}

static void
test_menu(void **state)
{
	static const struct certbot_plugin_ops ops = {.prepare = menu};
	static const struct {
		const char *answer, *want;
	} rows[] = {
	    {"\"value\":0", "chosen: one"},
	    {"\"value\":1", "chosen: two"},
	    {"\"value\":2", "does not fit the question"},
	    {"\"value\":-1", "does not fit the question"},
	    {"\"value\":\"one\"", "does not fit the question"},
	    {"\"cancel\":true", "called off"},
	    {"\"error\":\"nobody is there\"", "nobody is there"},
	};
	char input[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(input, sizeof(input),
		    INIT "{\"op\":\"prepare\"}\n{\"answer\":{%s}}\n",
		    rows[i].answer);
		says(&ops, input, rows[i].want);
	}
}

static int
with_credentials(struct certbot_plugin *p, void *ctx, struct certbot_error *e)
{
	struct certbot_credentials *c = certbot_credentials_open(p, "ini", e);

	(void)ctx;
	certbot_credentials_close(c);
	return c == NULL ? -1 : 0;
}

static void
test_credentials(void **state)
{
	static const struct certbot_plugin_ops ops = {
	    .prepare = with_credentials};
	static const char warns[] =
	    "Unsafe permissions on credentials configuration file: ini";
	static const mode_t modes[] = {0600, 0640, 0604, 0602, 0601};

	(void)state;
	scratch_put("ini", "x_token = secret\n");
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		char *got;

		assert_int_equal(chmod("ini", modes[i]), 0);
		got = talk(&ops, INIT "{\"op\":\"prepare\"}\n");
		assert_int_equal(strstr(got, warns) != NULL,
		    (modes[i] & 07) != 0);
		assert_null(strstr(got, "secret"));
		free(got);
	}
}

static void
test_checkpoints(void **state)
{
	struct certbot_error e = {0};
	struct certbot_checkpoints *c;
	char *file = xasprintf("%s/file", scratch);
	char *made = xasprintf("%s/made", scratch);
	char *work = xasprintf("%s/work", scratch);
	const char *const files[] = {file, NULL}, *const news[] = {made, NULL};
	const char *const relative[] = {"file", NULL};

	(void)state;
	assert_int_equal(mkdir("work", 0755), 0);
	c = certbot_checkpoint_open(work, 0, &e);
	assert_non_null(c);
	assert_int_equal(certbot_checkpoint_add(c, 0, relative, "n", &e), -1);
	assert_int_equal(e.type, CERTBOT_BAD_DATA);

	/* temporary: gone without a trace */
	scratch_put("file", "old");
	assert_int_equal(certbot_checkpoint_add(c, 1, files, "n", &e), 0);
	assert_int_equal(certbot_checkpoint_created(c, 1, news, &e), 0);
	scratch_put("file", "tried");
	scratch_put("made", "tried");
	assert_int_equal(certbot_checkpoint_revert_temporary(c, &e), 0);
	assert_string_equal(scratch_text("file"), "old");
	assert_int_equal(access("made", F_OK), -1);
	assert_false(certbot_checkpoint_unfinished(c));

	/* finished: undone by a rollback alone */
	assert_int_equal(certbot_checkpoint_add(c, 0, files, "n", &e), 0);
	assert_true(certbot_checkpoint_unfinished(c));
	scratch_put("file", "new");
	assert_int_equal(certbot_checkpoint_finish(c, "Title", &e), 0);
	assert_int_equal(certbot_checkpoint_revert_temporary(c, &e), 0);
	assert_int_equal(certbot_checkpoint_recover(c, &e), 0);
	assert_string_equal(scratch_text("file"), "new");
	assert_int_equal(certbot_checkpoint_rollback(c, 1, &e), 0);
	assert_string_equal(scratch_text("file"), "old");

	/* unfinished: recovered */
	assert_int_equal(certbot_checkpoint_add(c, 0, files, "n", &e), 0);
	scratch_put("file", "half");
	assert_int_equal(certbot_checkpoint_recover(c, &e), 0);
	assert_string_equal(scratch_text("file"), "old");
	certbot_checkpoint_close(c);
	free(work);
	free(made);
	free(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_set_aside),
	    cmocka_unit_test(test_options),
	    cmocka_unit_test(test_deploy),
	    cmocka_unit_test(test_menu),
	    cmocka_unit_test(test_credentials),
	    cmocka_unit_test(test_checkpoints),
	};

	unsetenv("ACME_UI");
	return cmocka_run_group_tests_name("api_plugin", tests, scratch_make,
	    scratch_remove);
}
