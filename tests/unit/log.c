#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "scratch.h"

/* What work says on standard error in a process of its own, whose driver is
 * at the other end of ui (-1: it has none); static. */
static const char *
said(void (*work)(void), int ui)
{
	int fd, status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		char text[16];

		fd = open("said", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		dup2(fd, STDERR_FILENO);
		snprintf(text, sizeof(text), "%d", ui);
		if (ui != -1)
			setenv("ACME_UI", text, 1);
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return scratch_text("said");
}

static void
say_all(void)
{
	log_debug("x", "d");
	log_info("x", "i");
	log_warning("x", "w %d", 7);
	log_error("x", "e");
	log_add(LOG_DEBUG, "x", SHOW_ERR, "to err");
	log_add(LOG_DEBUG, "x", SHOW_OUT, "to out");
}

static void
say_normally(void)
{
	log_begin("prog", 0);
	say_all();
}

static void
say_quietly(void)
{
	log_begin("prog", -1);
	say_all();
}

static void
say_more(void)
{
	log_begin("prog", 1);
	say_all();
}

static void
say_most(void)
{
	log_begin("prog", 5);
	say_all();
}

static void
say_bad_bytes(void)
{
	log_begin("prog", 0);
	log_warning("x", "a\x1b[31mb\x07 line\nnext");
}

static void
test_standard_error(void **state)
{
	(void)state;
	assert_string_equal(said(say_normally, -1),
	    "prog: w 7\nprog: e\nprog: to err\nprog: to out\n");
	assert_string_equal(said(say_quietly, -1), "prog: e\nprog: to err\n");
	assert_string_equal(said(say_more, -1),
	    "prog: i\nprog: w 7\nprog: e\nprog: to err\nprog: to out\n");
	assert_string_equal(said(say_most, -1),
	    "prog: d\nprog: i\nprog: w 7\nprog: e\nprog: to err\nprog: to out\n");
	assert_string_equal(said(say_bad_bytes, -1),
	    "prog: a\\x1b[31mb\\x07 line\nnext\n");
}

/* The next line that came up, as a value. */
static jv
came(int fd)
{
	static struct buf b;
	char *nl;
	jv v;

	if (b.max == 0)
		buf_init(&b, DOC_MAX);
	while (b.p == NULL || (nl = memchr(b.p, '\n', b.len)) == NULL)
		if (buf_read(&b, fd) <= 0)
			return doc_none();
	v = doc_parse(b.p, (size_t)(nl - b.p), NULL);
	buf_drop(&b, (size_t)(nl - b.p) + 1);
	return v;
}

static void
check_entry(int fd, long level, const char *text, const char *show)
{
	jv line = came(fd), entry = doc_get(line, "log");
	jv time = doc_get_kind(entry, "time", DOC_NUMBER);
	long got = 0;

	assert_int_equal(doc_int(entry, "level", &got), 0);
	assert_int_equal(got, level);
	assert_string_equal(doc_str(entry, "logger"), "x");
	assert_string_equal(doc_str(entry, "text"), text);
	assert_string_equal(doc_str(entry, "show"), show);
	assert_true(doc_is(time, DOC_NUMBER));
	doc_free(time);
	doc_free(entry);
	doc_free(line);
}

static void
say_up(void)
{
	log_begin("prog", -1);
	if (getenv("ACME_UI") != NULL || !log_to_driver())
		_exit(1);
	say_all();
	log_progress("waiting", 1, 3);
}

static void
test_upward(void **state)
{
	int pair[2];
	long n = 0;
	jv line, progress;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_string_equal(said(say_up, pair[1]), "");
	close(pair[1]);
	check_entry(pair[0], 10, "d", "log");
	check_entry(pair[0], 20, "i", "log");
	check_entry(pair[0], 30, "w 7", "log");
	check_entry(pair[0], 40, "e", "log");
	check_entry(pair[0], 10, "to err", "err");
	check_entry(pair[0], 10, "to out", "out");
	line = came(pair[0]);
	progress = doc_get(line, "progress");
	assert_string_equal(doc_str(progress, "what"), "waiting");
	assert_int_equal(doc_int(progress, "total", &n), 0);
	assert_int_equal(n, 3);
	doc_free(progress);
	doc_free(line);
	close(pair[0]);
}

/* A send that takes all but the last byte, when it is to. */
static int stingy;

ssize_t
send(int fd, const void *p, size_t len, int flags)
{
	struct iovec v = {(void *)(uintptr_t)p, len - (stingy && len > 1)};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};

	return sendmsg(fd, &m, flags);
}

static void
say_stingily(void)
{
	stingy = 1;
	log_begin("prog", 0);
	log_info("x", "one");
	log_info("x", "two");
}

static void
test_last_byte(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_string_equal(said(say_stingily, pair[1]), "");
	close(pair[1]);
	check_entry(pair[0], 20, "one", "log");
	check_entry(pair[0], 20, "two", "log");
	close(pair[0]);
}

/* A long line goes through a socket that takes it in pieces, whole. */
static void
say_long(void)
{
	static char big[300000];

	memset(big, 'y', sizeof(big) - 1);
	log_begin("prog", 0);
	log_info("x", "%s", big);
	log_info("x", "after");
}

static void
test_partial_writes(void **state)
{
	int pair[2], small = 4096, status;
	char text[16];
	pid_t pid;
	jv line, entry;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	assert_int_equal(fcntl(pair[1], F_SETFL, O_NONBLOCK), 0);
	pid = fork();
	if (pid == 0) {
		snprintf(text, sizeof(text), "%d", pair[1]);
		setenv("ACME_UI", text, 1);
		say_long();
		_exit(0);
	}
	close(pair[1]);
	line = came(pair[0]);
	entry = doc_get(line, "log");
	assert_int_equal(strlen(doc_str(entry, "text")), 299999);
	doc_free(entry);
	doc_free(line);
	check_entry(pair[0], 20, "after", "log");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(pair[0]);
}

/* Its driver is dead: no signal, no error; people still hear of it. */
static void
test_dead_driver(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[0]);
	assert_string_equal(said(say_normally, pair[1]),
	    "prog: w 7\nprog: e\nprog: to err\nprog: to out\n");
	close(pair[1]);
}

static void
say_without_driver(void)
{
	log_begin("prog", 0);
	if (getenv("ACME_UI") != NULL || log_to_driver())
		_exit(1);
	log_error("x", "here");
}

/* A number that is no socket of ours is not written to. */
static void
test_wrong_descriptor(void **state)
{
	int fd = open("innocent", O_RDWR | O_CREAT | O_TRUNC, 0600);

	(void)state;
	assert_string_equal(said(say_without_driver, fd), "prog: here\n");
	assert_string_equal(scratch_text("innocent"), "");
	close(fd);
	assert_string_equal(said(say_without_driver, 999), "prog: here\n");
}

static void
pass_plugin_lines(void)
{
	static const char *const lines[] = {"{\"text\":\"bare\"}",
	    "{\"text\":\"odd\",\"level\":\"high\",\"show\":\"loud\"}",
	    "{\"text\":7}", "[]",
	    "{\"text\":\"shown\",\"level\":10,\"show\":\"err\"}",
	    "{\"text\":\"hidden\",\"level\":10}"};

	log_begin("prog", 1);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		log_pass(doc_parse(lines[i], strlen(lines[i]), NULL));
}

static void
test_pass(void **state)
{
	(void)state;
	assert_string_equal(said(pass_plugin_lines, -1),
	    "prog: bare\nprog: odd\nprog: shown\n");
}

static jv sunk;

static void
sink(void *ctx, jv entry)
{
	++*(int *)ctx;
	doc_move(&sunk, entry);
}

static void
test_sink(void **state)
{
	int n = 0;

	(void)state;
	sunk = doc_none();
	log_set_sink(sink, &n);
	assert_true(log_to_driver());
	log_debug("x", "deep");
	log_progress("nothing", 1, 2);
	assert_int_equal(n, 1);
	assert_string_equal(doc_str(sunk, "text"), "deep");
	log_set_sink(NULL, NULL);
	doc_free(sunk);
}

/* --- questions ------------------------------------------------------------- */

static jv
question(void)
{
	jv q = doc_set_str(doc_object(), "kind", "yesno");

	return doc_set_str(q, "text", "Really?");
}

/* Asks twice: says the answers as text, or what went wrong. */
static void
ask_twice(void)
{
	log_begin("prog", 0);
	for (int i = 0; i < 2; i++) {
		struct err err = {0};
		jv value = ui_ask(question(), &err);
		char *text = doc_text(value);

		dprintf(STDERR_FILENO, "%s %d%d%s\n",
		    err_is_set(&err) ? err_text(&err) : text,
		    err.name == ERR_interrupted, err.name == ERR_misconfigured,
		    err.has_members && doc_flag(err.members, "cancel", 0) ?
			" cancel" :
			"");
		free(text);
		doc_free(value);
		err_clear(&err);
	}
}

/* The driver's lines for two questions; the answers as the asker has them. */
static void
check_answers(const char *lines, const char *want)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[0], lines, strlen(lines)), strlen(lines));
	assert_int_equal(shutdown(pair[0], SHUT_WR), 0);
	assert_string_equal(said(ask_twice, pair[1]), want);
	close(pair[1]);
	close(pair[0]);
}

static void
test_ask_driver(void **state)
{
	int pair[2];
	static const char lines[] =
	    "{\"answer\":{\"id\":1,\"value\":true}}\n{\"answer\":{\"id\":2,\"value\":[\"a\"]}}\n";
	jv line, ask;
	long id = 0;

	(void)state;
	check_answers(lines, "true 00\n[\"a\"] 00\n");
	check_answers("{\"answer\":{\"id\":9,\"value\":1}}\n{\"other\":1}\n"
		      "{\"answer\":{\"id\":1}}\n"
		      "{\"answer\":{\"id\":2,\"value\":null}}\n",
	    "null 00\nnull 00\n");
	check_answers("{\"answer\":{\"id\":1,\"cancel\":true}}\n"
		      "{\"answer\":{\"id\":2,\"error\":\"no flag\"}}\n",
	    "the question was cancelled 10 cancel\nno flag 01\n");
	check_answers("{\"answer\":{\"id\":1,\"value\":2}}\n",
	    "2 00\nthe driver ended before it answered a question 10\n");

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[0], lines, sizeof(lines) - 1),
	    sizeof(lines) - 1);
	said(ask_twice, pair[1]);
	close(pair[1]);
	line = came(pair[0]);
	ask = doc_get(line, "ask");
	assert_string_equal(doc_str(ask, "text"), "Really?");
	assert_int_equal(doc_int(ask, "id", &id), 0);
	assert_int_equal(id, 1);
	doc_free(ask);
	doc_free(line);
	close(pair[0]);
}

static void
ask_nobody(void)
{
	struct err err = {0};
	jv value;

	(void)setsid(); /* no terminal any more */
	log_begin("prog", 0);
	value = ui_ask(doc_set_str(question(), "flag", "--yes"), &err);
	dprintf(STDERR_FILENO, "%s %d\n", err_text(&err),
	    err.name == ERR_misconfigured);
	doc_free(value);
	err_clear(&err);
}

static void
test_ask_nobody(void **state)
{
	(void)state;
	assert_string_equal(said(ask_nobody, -1),
	    "there is no terminal to ask: Really? (set it with --yes) 1\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_standard_error),
	    cmocka_unit_test(test_upward),
	    cmocka_unit_test(test_last_byte),
	    cmocka_unit_test(test_partial_writes),
	    cmocka_unit_test(test_dead_driver),
	    cmocka_unit_test(test_wrong_descriptor),
	    cmocka_unit_test(test_pass),
	    cmocka_unit_test(test_sink),
	    cmocka_unit_test(test_ask_driver),
	    cmocka_unit_test(test_ask_nobody),
	};

	unsetenv("ACME_UI");
	return cmocka_run_group_tests_name("log", tests, scratch_make,
	    scratch_remove);
}
