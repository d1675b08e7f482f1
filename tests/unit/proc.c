#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/proc.h"
#include "scratch.h"

/* Output of sh -c script, with what p says besides; malloc'd. */
static char *
shell(struct proc *p, const char *script)
{
	const char *argv[] = {"/bin/sh", "-c", script, "sh", NULL};
	struct buf out;

	buf_init(&out, 1 << 16);
	p->argv = argv;
	assert_int_equal(proc_run(p, NULL, 0, &out, NULL, 20000, NULL), 0);
	p->argv = NULL;
	return buf_detach(&out);
}

static void
check_shell(struct proc p, const char *script, const char *want)
{
	char *got = shell(&p, script);

	assert_string_equal(got, want);
	free(got);
}

static void
test_run(void **state)
{
	const char *const argv[] = {"cat", NULL};
	struct proc p = PROC_INIT;
	struct buf out;
	char *big = malloc(1 << 20);

	(void)state;
	buf_init(&out, 2 << 20);
	memset(big, 'x', 1 << 20);
	p.argv = argv;
	/* More than two pipes hold: fed and collected at the same time. */
	assert_int_equal(proc_run(&p, big, 1 << 20, &out, NULL, 20000, NULL),
	    0);
	assert_int_equal(out.len, 1 << 20);
	assert_memory_equal(out.p, big, 1 << 20);
	assert_int_equal(p.pid, -1);
	assert_int_equal(p.in_fd, -1);
	assert_int_equal(p.out_fd, -1);
	assert_int_equal(proc_exit_code(&p), 0);
	buf_release(&out);
	free(big);
}

static void
test_run_both_outputs(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c",
	    "echo out; echo err >&2; exit 3", NULL};
	struct proc p = PROC_INIT;
	struct buf out, errout;

	(void)state;
	buf_init(&out, 100);
	buf_init(&errout, 100);
	p.argv = argv;
	assert_int_equal(proc_run(&p, NULL, 0, &out, &errout, -1, NULL), 0);
	assert_string_equal(out.p, "out\n");
	assert_string_equal(errout.p, "err\n");
	assert_int_equal(proc_exit_code(&p), 3);
	buf_release(&out);
	buf_release(&errout);
}

static void
test_run_ceiling(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c",
	    "i=0; while [ $i -lt 20000 ]; do echo 123456789; i=$((i+1)); done",
	    NULL};
	struct proc p = PROC_INIT;
	struct err err = {0};
	struct buf out;

	(void)state;
	buf_init(&out, 15);
	p.argv = argv;
	assert_int_equal(proc_run(&p, NULL, 0, &out, NULL, -1, &err), 0);
	assert_string_equal(out.p, "123456789\n12345");
	assert_int_equal(proc_exit_code(&p), 0);
	assert_int_equal(err.name, ERR_badData);
	err_clear(&err);
	buf_release(&out);
}

/* A child that reads nothing of its input is no error, nor SIGPIPE. */
static void
test_run_deaf_child(void **state)
{
	const char *const argv[] = {"true", NULL};
	struct proc p = PROC_INIT;
	char *big = calloc(1, 1 << 20);

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	p.argv = argv;
	assert_int_equal(proc_run(&p, big, 1 << 20, NULL, NULL, 20000, NULL),
	    0);
	(void)signal(SIGPIPE, SIG_DFL);
	free(big);
}

static void
test_run_timeout(void **state)
{
	const char *const argv[] = {"sleep", "1000", NULL};
	struct proc p = PROC_INIT;
	struct err err = {0};

	(void)state;
	p.argv = argv;
	assert_int_equal(proc_run(&p, NULL, 0, NULL, NULL, 50, &err), -1);
	assert_int_equal(err.name, ERR_timeout);
	assert_int_equal(p.pid, -1);
	assert_int_equal(proc_exit_code(&p), 128 + SIGTERM);
	err_clear(&err);
}

/* What a hook leaves in the background may hold the pipe as long as it
 * likes. */
static void
test_run_daemon_left_behind(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c", "sleep 1000 & echo $!",
	    NULL};
	struct proc p = PROC_INIT;
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	p.argv = argv;
	assert_int_equal(proc_run(&p, NULL, 0, &out, NULL, 20000, NULL), 0);
	assert_true(atoi(out.p) > 1);
	assert_int_equal(kill(atoi(out.p), SIGKILL), 0);
	buf_release(&out);
}

static void
check_start_fails(const char *program, enum err_name name)
{
	const char *argv[] = {program, NULL};
	struct proc p = PROC_INIT;
	struct err err = {0};

	p.argv = argv;
	p.in = p.out = PROC_PIPE;
	assert_int_equal(proc_start(&p, &err), -1);
	assert_int_equal(err.name, name);
	assert_non_null(strstr(err_text(&err), program));
	assert_int_equal(p.pid, -1);
	assert_int_equal(p.in_fd, -1);
	assert_int_equal(p.out_fd, -1);
	/* Nothing of it is left to be reaped. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	err_clear(&err);
}

static void
test_start_fails(void **state)
{
	struct proc p = PROC_INIT;
	const char *const argv[] = {"/bin/true", NULL};
	struct err err = {0};

	(void)state;
	scratch_put("plain", "no program\n");
	check_start_fails("no-such-program-here", ERR_noInput);
	check_start_fails("/no/such/program", ERR_noInput);
	check_start_fails("./plain", ERR_permission);
	assert_int_equal(chmod("plain", 0755), 0);
	check_start_fails("./plain", ERR_noInput);
	p.argv = argv;
	p.dir = "no-such-dir";
	assert_int_equal(proc_start(&p, &err), -1);
	assert_non_null(strstr(err_text(&err), "no-such-dir"));
	err_clear(&err);
}

static void
test_environment(void **state)
{
	const char *const env[] = {"PROC_A=new", "PROC_GONE", "PROC_B=b=c",
	    NULL};
	struct proc p = PROC_INIT;

	(void)state;
	setenv("PROC_A", "old", 1);
	setenv("PROC_GONE", "x", 1);
	setenv("PROC_STAYS", "s", 1);
	setenv("CERTBOT_LOCK_FDS", "77", 1);
	setenv("ACME_UI", "78", 1);
	p.env = env;
	check_shell(p,
	    "echo $PROC_A ${PROC_GONE-none} $PROC_B $PROC_STAYS ${CERTBOT_LOCK_FDS-none} ${ACME_UI-none}",
	    "new none b=c s none none\n");
	p.flags = PROC_KEEP_LOCKS | PROC_KEEP_UI;
	check_shell(p, "echo $CERTBOT_LOCK_FDS $ACME_UI", "77 78\n");
	assert_string_equal(getenv("PROC_A"), "old");
	unsetenv("CERTBOT_LOCK_FDS");
	unsetenv("ACME_UI");
}

static void
test_directory(void **state)
{
	struct proc p = PROC_INIT;

	(void)state;
	p.dir = "/";
	check_shell(p, "pwd", "/\n");
}

/* Descriptors of the child: 0 to 2 and what is named, nothing else. */
static void
test_descriptors(void **state)
{
	static const char list[] =
	    "for n in 0 1 2 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$n ] || printf '%s ' $n; done";
	struct proc p = PROC_INIT;
	int fds[6], keep[] = {0, -1};
	char want[40], text[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = open("/dev/null", O_RDONLY); /* not close-on-exec */
	assert_int_equal(fds[0], 3);
	check_shell(p, list, "0 1 2 ");
	keep[0] = fds[3];
	p.keep = keep;
	snprintf(want, sizeof(want), "0 1 2 %d ", fds[3]);
	check_shell(p, list, want);
	/* Named ones stay even if they are close-on-exec. */
	assert_int_equal(fcntl(fds[3], F_SETFD, FD_CLOEXEC), 0);
	check_shell(p, list, want);
	p.keep = NULL;
	snprintf(text, sizeof(text), "%d:%d", fds[1], fds[2]);
	setenv("CERTBOT_LOCK_FDS", text, 1);
	check_shell(p, list, "0 1 2 ");
	p.flags = PROC_KEEP_LOCKS;
	snprintf(want, sizeof(want), "0 1 2 %d %d ", fds[1], fds[2]);
	check_shell(p, list, want);
	/* All others, but not the locks. */
	p.flags = PROC_KEEP_FDS;
	snprintf(want, sizeof(want), "0 1 2 %d %d %d ", fds[0], fds[4], fds[5]);
	check_shell(p, list, want);
	unsetenv("CERTBOT_LOCK_FDS");
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

/* Sources among 0 to 2 themselves: 1 and 2 exchanged. */
static void
test_descriptors_exchanged(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c", "echo a; echo b >&2",
	    NULL};
	struct proc p = PROC_INIT;
	int saved[2] = {dup(1), dup(2)}, rc;

	(void)state;
	fflush(NULL);
	dup2(open("one", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 1);
	dup2(open("two", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 2);
	p.argv = argv;
	p.out = 2;
	p.err = 1;
	rc = proc_start(&p, NULL) | proc_wait(&p);
	dup2(saved[0], 1);
	dup2(saved[1], 2);
	close(saved[0]);
	close(saved[1]);
	assert_int_equal(rc, 0);
	assert_string_equal(scratch_text("one"), "b\n");
	assert_string_equal(scratch_text("two"), "a\n");
}

/* With 0 to 2 closed, pipes and the report take their numbers. */
static int
start_without_stdio(void)
{
	const char *const argv[] = {"/bin/sh", "-c", "read x; echo got $x",
	    NULL};
	struct proc p = PROC_INIT;
	char text[16] = "";
	int bad;

	close(0);
	close(1);
	close(2);
	p.argv = argv;
	p.in = p.out = PROC_PIPE;
	p.err = PROC_NULL;
	if (proc_start(&p, NULL) != 0)
		return 1;
	bad = write(p.in_fd, "hi\n", 3) != 3 || read(p.out_fd, text, 7) != 7 ||
	    strcmp(text, "got hi\n") != 0;
	return proc_wait(&p) != 0 || bad;
}

static void
test_start_without_stdio(void **state)
{
	(void)state;
	assert_int_equal(scratch_as_user(start_without_stdio), 0);
}

/* Not signals 32 and 33, glibc's own, which its posix_spawn (and so make)
 * leaves ignored in what it starts. Not of the shell itself: newer ones block
 * signals while they wait. */
static const char show_signals[] =
    "exec awk '/^Sig(Ign|Blk):/ { printf \"%s %s \", $1, substr($2, 10) }'"
    " /proc/self/status";

static void
test_signals_reset(void **state)
{
	struct proc p = PROC_INIT;
	sigset_t set;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR2, SIG_IGN);
	check_shell(p, show_signals, "SigBlk: 0000000 SigIgn: 0000000 ");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGUSR2, SIG_DFL);
	p.flags = PROC_IGNORE_SIGNALS; /* HUP 1, INT 2, QUIT 4, TERM 0x4000 */
	check_shell(p, show_signals, "SigBlk: 0000000 SigIgn: 0004007 ");
}

/* nohup reaches the child; what a host did to a plugin does not. */
static void
test_signals_ignored(void **state)
{
	static const int four[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct proc p = PROC_INIT;

	(void)state;
	(void)signal(SIGHUP, SIG_IGN);
	check_shell(p, show_signals, "SigBlk: 0000000 SigIgn: 0000001 ");
	for (size_t i = 0; i < ARRAY_LEN(four); i++)
		(void)signal(four[i], SIG_IGN);
	check_shell(p, show_signals, "SigBlk: 0000000 SigIgn: 0000000 ");
	for (size_t i = 0; i < ARRAY_LEN(four); i++)
		(void)signal(four[i], SIG_DFL);
}

/* A started child that has said "up". */
static void
start_up(struct proc *p, const char *script, unsigned flags)
{
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	char c = 0;

	*p = (struct proc)PROC_INIT;
	p->argv = argv;
	p->out = PROC_PIPE;
	p->flags = flags;
	assert_int_equal(proc_start(p, NULL), 0);
	assert_int_equal(read(p->out_fd, &c, 1), 1);
	p->argv = NULL;
}

static void
test_stop(void **state)
{
	struct proc p;
	int64_t start = clock_ms();

	(void)state;
	start_up(&p, "echo up; exec sleep 1000", 0);
	assert_int_equal(proc_poll(&p), 0);
	proc_stop(&p, SIGTERM, 60000);
	assert_int_equal(proc_exit_code(&p), 128 + SIGTERM);
	start_up(&p, "trap '' TERM; echo up; while :; do sleep 1000; done",
	    PROC_NEW_GROUP);
	proc_stop(&p, SIGTERM, 50);
	assert_int_equal(proc_exit_code(&p), 128 + SIGKILL);
	assert_int_equal(p.pid, -1);
	assert_int_equal(p.out_fd, -1);
	proc_stop(&p, SIGTERM, 50);
	assert_int_equal(proc_poll(&p), 1);
	assert_true(clock_ms() - start < 30000);
}

static void
test_new_group(void **state)
{
	struct proc p;

	(void)state;
	start_up(&p, "echo up; exec sleep 1000", PROC_NEW_GROUP);
	assert_int_equal(getpgid(p.pid), p.pid);
	proc_stop(&p, SIGKILL, 0);
	start_up(&p, "echo up; exec sleep 1000", 0);
	assert_int_equal(getpgid(p.pid), getpgrp());
	proc_stop(&p, SIGKILL, 0);
}

static void
test_die_with_parent(void **state)
{
	int up[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		const char *const argv[] = {"/bin/sh", "-c",
		    "echo up; exec sleep 1000", NULL};
		struct proc p = PROC_INIT;

		p.argv = argv;
		p.out = up[1];
		p.flags = PROC_DIE_WITH_PARENT;
		if (proc_start(&p, NULL) != 0)
			_exit(1);
		close(up[1]);
		pause();
	}
	close(up[1]);
	assert_int_equal(read(up[0], &c, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* End of file comes when the grandchild is gone, too. */
	while (read(up[0], &c, 1) == 1)
		;
	close(up[0]);
}

static void
test_path(void **state)
{
	struct proc p = PROC_INIT;
	const char *const argv[] = {"in-path", "x y", NULL};
	struct buf out;
	char *old = strdup(getenv("PATH")), *path = NULL;

	(void)state;
	assert_int_equal(mkdir("bin", 0755) | mkdir("bin2", 0755), 0);
	scratch_put("bin/in-path", "not executable\n");
	scratch_put("bin2/in-path", "#!/bin/sh\nprintf %s \"$1\"\n");
	assert_int_equal(chmod("bin2/in-path", 0755), 0);
	assert_true(asprintf(&path, "bin:bin2:%s", old) > 0);
	setenv("PATH", path, 1);
	buf_init(&out, 100);
	p.argv = argv;
	p.dir = "/"; /* "bin2" of PATH is ours, not the child's */
	assert_int_equal(proc_run(&p, NULL, 0, &out, NULL, 20000, NULL), 0);
	assert_string_equal(out.p, "x y");
	setenv("PATH", old, 1);
	buf_release(&out);
	free(path);
	free(old);
}

static void
test_places(void **state)
{
	struct err err = {0};
	char *self = proc_sibling("proc", &err), *dir;

	(void)state;
	assert_non_null(self);
	assert_string_equal(strrchr(self, '/'), "/proc");
	dir = proc_plugin_dir();
	assert_non_null(strstr(dir, "/libexec/acme-tools"));
	assert_null(proc_sibling("no-such-sibling", &err));
	assert_int_equal(err.name, ERR_noInput);
	assert_non_null(strstr(err_text(&err), "no-such-sibling"));
	err_clear(&err);
	free(dir);
	/* one that is there, but cannot be run */
	dir = xasprintf("%s.sibling", self);
	scratch_put(dir, "");
	assert_null(proc_sibling("proc.sibling", &err));
	assert_int_equal(err.name, ERR_noInput);
	err_clear(&err);
	assert_int_equal(unlink(dir), 0);
	free(dir);
	free(self);
}

/* In a child, because what is caught stays so. */
static void
test_signals_caught(void **state)
{
	int status, fds[2], none = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(wait_readable(&none, 1, 1), -1);
	assert_int_equal(wait_readable(fds, 1, 0), -1);
	assert_int_equal(write(fds[1], "x", 1), 1);
	{
		const int two[] = {-1, fds[0]};

		assert_int_equal(wait_readable(two, 2, -1), 1);
	}
	pid = fork();
	if (pid == 0) {
		int fd;

		(void)signal(SIGHUP, SIG_IGN);
		fd = signals_catch();
		(void)raise(SIGHUP); /* was ignored, stays so */
		if (signals_caught() != 0 || signals_catch() != fd)
			_exit(1);
		(void)raise(SIGTERM);
		(void)raise(SIGINT);
		if (signals_caught() != SIGTERM ||
		    wait_readable(fds, 1, -1) != -2 ||
		    wait_readable(&fd, 1, -1) != -2)
			_exit(2);
		signals_die(SIGTERM);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_run),
	    cmocka_unit_test(test_run_both_outputs),
	    cmocka_unit_test(test_run_ceiling),
	    cmocka_unit_test(test_run_deaf_child),
	    cmocka_unit_test(test_run_timeout),
	    cmocka_unit_test(test_run_daemon_left_behind),
	    cmocka_unit_test(test_start_fails),
	    cmocka_unit_test(test_environment),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_descriptors),
	    cmocka_unit_test(test_descriptors_exchanged),
	    cmocka_unit_test(test_start_without_stdio),
	    cmocka_unit_test(test_signals_reset),
	    cmocka_unit_test(test_signals_ignored),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_new_group),
	    cmocka_unit_test(test_die_with_parent),
	    cmocka_unit_test(test_path),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_signals_caught),
	};

	/* Strays of whoever started us are not the subject, nor is what a
	 * shell ignores in what it starts in the background. */
	close_range(3, ~0U, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	return cmocka_run_group_tests_name("proc", tests, scratch_make,
	    scratch_remove);
}
