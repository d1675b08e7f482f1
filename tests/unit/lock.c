#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/lock.h"
#include "base/proc.h"
#include "scratch.h"

/* What is done just before the next lock is asked for; once. */
static void (*before_lock)(void);

int
fcntl(int fd, int cmd, ...)
{
	void (*act)(void) = before_lock;
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	if (cmd == F_OFD_SETLK && act != NULL) {
		before_lock = NULL;
		act();
	}
	return (int)syscall(SYS_fcntl, fd, cmd, arg);
}

/* Python takes certbot's lock, says so, and holds it to the end of its
 * input. */
static const char python_holds[] =
    "import fcntl, os, sys\n"
    "fd = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY, 0o600)\n"
    "fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
    "os.write(1, b'held')\n"
    "sys.stdin.read()\n";

static void
start_python(struct proc *p, const char *path)
{
	const char *argv[] = {"python3", "-c", python_holds, path, NULL};
	char line[8] = "";

	*p = (struct proc)PROC_INIT;
	p->argv = argv;
	p->in = p->out = PROC_PIPE;
	p->err = PROC_NULL;
	assert_int_equal(proc_start(p, NULL), 0);
	(void)!read(p->out_fd, line, 4);
	p->argv = NULL;
	p->status = strcmp(line, "held") == 0;
}

static int
python_can_lock(const char *path)
{
	struct proc p;
	int held;

	start_python(&p, path);
	held = p.status;
	assert_int_equal(proc_wait(&p), 0);
	return held;
}

static void
test_take(void **state)
{
	struct lock l = LOCK_INIT, other = LOCK_INIT;
	struct err err = {0};
	struct stat st;
	char want[160];

	(void)state;
	umask(0);
	assert_int_equal(lock_take(&l, ".", 0, &err), 0);
	umask(022);
	assert_int_equal(stat(".certbot.lock", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(atol(scratch_text(".certbot.lock")), getpid());
	assert_true(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(lock_take(&other, ".", 0, &err), -1);
	assert_int_equal(err.name, ERR_locked);
	snprintf(want, sizeof(want),
	    "another instance of certbot is already running (process %ld holds ./.certbot.lock)",
	    (long)getpid());
	assert_string_equal(err_text(&err), want);
	assert_int_equal(other.fd, -1);
	err_clear(&err);
	lock_release(&l);
	assert_int_equal(l.fd, -1);
	assert_int_equal(access(".certbot.lock", F_OK), -1);
	assert_int_equal(lock_take(&l, ".", 0, &err), 0);
	lock_release(&l);
	lock_release(&l);
}

static void
test_stale_file_is_no_obstacle(void **state)
{
	struct lock l = LOCK_INIT;

	(void)state;
	scratch_put(".certbot.lock", "99999999999\nrubbish");
	assert_int_equal(lock_take(&l, ".", 0, NULL), 0);
	assert_int_equal(atol(scratch_text(".certbot.lock")), getpid());
	lock_release(&l);
}

static void
test_forget_leaves_the_file(void **state)
{
	struct lock l = LOCK_INIT;

	(void)state;
	assert_int_equal(lock_take(&l, ".", 0, NULL), 0);
	lock_forget(&l);
	assert_int_equal(access(".certbot.lock", F_OK), 0);
	assert_int_equal(lock_take(&l, ".", 0, NULL), 0);
	lock_release(&l);
}

static void
test_python_keeps_us_out(void **state)
{
	struct lock l = LOCK_INIT;
	struct err err = {0};
	struct proc p;
	char want[40];

	(void)state;
	start_python(&p, ".certbot.lock");
	assert_int_equal(p.status, 1);
	assert_int_equal(lock_take(&l, ".", 0, &err), -1);
	assert_int_equal(err.name, ERR_locked);
	snprintf(want, sizeof(want), "(process %ld holds", (long)p.pid);
	assert_non_null(strstr(err_text(&err), want));
	err_clear(&err);
	assert_int_equal(proc_wait(&p), 0);
	assert_int_equal(lock_take(&l, ".", 0, &err), 0);
	lock_release(&l);
}

static void
test_we_keep_python_out(void **state)
{
	struct lock l = LOCK_INIT;

	(void)state;
	assert_int_equal(lock_take(&l, ".", 0, NULL), 0);
	assert_false(python_can_lock(".certbot.lock"));
	lock_release(&l);
	assert_true(python_can_lock(".certbot.lock"));
	assert_int_equal(unlink(".certbot.lock"), 0);
}

/* The wait ends when the holder goes, long before its time is over. */
static void
test_wait(void **state)
{
	struct lock l = LOCK_INIT;
	struct proc p;
	int64_t start = clock_ms();
	pid_t pid;

	(void)state;
	start_python(&p, ".certbot.lock");
	pid = fork();
	if (pid == 0) {
		struct lock mine = LOCK_INIT;

		close(p.in_fd); /* Python's end of input is up to us */
		_exit(lock_take(&mine, ".", 60, NULL) == 0 ? 0 : 1);
	}
	assert_int_equal(lock_take(&l, ".", 0, NULL), -1);
	assert_int_equal(proc_wait(&p), 0);
	assert_int_equal(waitpid(pid, &p.status, 0), pid);
	assert_int_equal(p.status, 0);
	assert_true(clock_ms() - start < 30000);
	assert_int_equal(unlink(".certbot.lock"), 0);
}

/* Between a waiter's open and its lock the holder unlinks the file: the
 * waiter must not believe that it holds what nobody can see any more. */
static void
test_unlinked_meanwhile(void **state)
{
	struct lock l = LOCK_INIT, other = LOCK_INIT;
	pid_t pids[8];
	int status, bad = 0;

	(void)state;
	assert_int_equal(unlink("count") == 0 || errno == ENOENT, 1);
	scratch_put("count", "0");
	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		pids[i] = fork();
		for (int n = 0; pids[i] == 0 && n < 50; n++) {
			char text[16];

			if (lock_take(&l, ".", 60, NULL) != 0)
				_exit(1);
			snprintf(text, sizeof(text), "%d",
			    atoi(scratch_text("count")) + 1);
			scratch_put("count", text);
			lock_release(&l);
		}
		if (pids[i] == 0)
			_exit(0);
	}
	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		bad |= status;
	}
	assert_int_equal(bad, 0);
	assert_string_equal(scratch_text("count"), "400");
	assert_int_equal(lock_take(&other, ".", 0, NULL), 0);
	lock_release(&other);
}

static void
unlink_lock(void)
{
	(void)unlink(".certbot.lock");
}

/* The same at the worst moment. */
static void
test_unlinked_just_before(void **state)
{
	struct lock l = LOCK_INIT, other = LOCK_INIT;
	struct err err = {0};

	(void)state;
	before_lock = unlink_lock;
	assert_int_equal(lock_take(&l, ".", 0, &err), 0);
	assert_null(before_lock);
	assert_int_equal(lock_take(&other, ".", 0, &err), -1);
	assert_int_equal(err.name, ERR_locked);
	err_clear(&err);
	lock_release(&l);
}

/* A driver's child: the variable and the descriptor make the lock its own. */
static void
test_inherited(void **state)
{
	struct lock locks[3] = {LOCK_INIT, LOCK_INIT, LOCK_INIT};
	struct lock child = LOCK_INIT, foreign = LOCK_INIT;
	struct err err = {0};
	char want[40];
	int fd;

	(void)state;
	assert_int_equal(mkdir("config", 0700) | mkdir("work", 0700), 0);
	assert_int_equal(lock_take(&locks[0], "config", 0, NULL), 0);
	assert_int_equal(lock_take(&locks[2], "work", 0, NULL), 0);
	lock_export(locks, 3);
	snprintf(want, sizeof(want), "%d:%d", locks[0].fd, locks[2].fd);
	assert_string_equal(getenv("CERTBOT_LOCK_FDS"), want);
	assert_false(fcntl(locks[0].fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(lock_take(&child, "work", 0, &err), 0);
	assert_true(child.inherited);
	assert_int_equal(child.fd, -1);
	lock_release(&child);
	assert_int_equal(access("work/.certbot.lock", F_OK), 0);
	/* A descriptor that is open there, but holds nothing, is no lock. */
	lock_export(NULL, 0);
	assert_null(getenv("CERTBOT_LOCK_FDS"));
	assert_true(fcntl(locks[0].fd, F_GETFD) & FD_CLOEXEC);
	fd = open("work/.certbot.lock", O_RDWR | O_CLOEXEC);
	snprintf(want, sizeof(want), "%d", fd);
	setenv("CERTBOT_LOCK_FDS", want, 1);
	assert_int_equal(lock_take(&foreign, "work", 0, &err), -1);
	assert_int_equal(err.name, ERR_locked);
	err_clear(&err);
	close(fd);
	setenv("CERTBOT_LOCK_FDS", "x:7:", 1);
	assert_int_equal(lock_take(&foreign, "work", 0, &err), -1);
	err_clear(&err);
	unsetenv("CERTBOT_LOCK_FDS");
	lock_release(&locks[0]);
	lock_release(&locks[2]);
}

/* The driver dies by SIGKILL; its child still writes: the lock stays. */
static void
test_lock_outlives_the_driver(void **state)
{
	struct lock l = LOCK_INIT;
	int up[2], down[2], status;
	char c;
	pid_t driver;

	(void)state;
	assert_int_equal(pipe2(up, O_CLOEXEC) | pipe2(down, O_CLOEXEC), 0);
	driver = fork();
	if (driver == 0) {
		if (lock_take(&l, ".", 0, NULL) != 0)
			_exit(1);
		if (fork() == 0) {
			close(down[1]);
			(void)!write(up[1], "x", 1);
			(void)!read(down[0], &c, 1);
			_exit(0);
		}
		pause();
	}
	close(up[1]);
	close(down[0]);
	assert_int_equal(read(up[0], &c, 1), 1);
	assert_int_equal(kill(driver, SIGKILL), 0);
	assert_int_equal(waitpid(driver, &status, 0), driver);
	assert_int_equal(lock_take(&l, ".", 0, NULL), -1);
	close(down[1]);
	/* The end of the last child is the end of the pipe, and of the lock. */
	assert_int_equal(read(up[0], &c, 1), 0);
	assert_int_equal(lock_take(&l, ".", 10, NULL), 0);
	lock_release(&l);
	close(up[0]);
}

static int
locks_refused(void)
{
	struct lock l = LOCK_INIT;
	struct err err = {0};
	int bad;

	bad = lock_take(&l, "closed", 0, &err) == 0 ||
	    err.name != ERR_permission ||
	    strstr(err_text(&err), "closed/.certbot.lock") == NULL;
	err_clear(&err);
	return bad;
}

static void
test_errors(void **state)
{
	struct lock l = LOCK_INIT;
	struct err err = {0};

	(void)state;
	assert_int_equal(lock_take(&l, "nowhere", 0, &err), -1);
	assert_non_null(strstr(err_text(&err), "nowhere/.certbot.lock"));
	err_clear(&err);
	assert_int_equal(mkdir("closed", 0555), 0);
	assert_int_equal(scratch_as_user(locks_refused), 0);
	/* What a planted link points to is neither made nor written. */
	scratch_put("precious", "text");
	assert_int_equal(symlink("precious", ".certbot.lock"), 0);
	assert_int_equal(lock_take(&l, ".", 0, &err), -1);
	err_clear(&err);
	assert_string_equal(scratch_text("precious"), "text");
	assert_int_equal(unlink(".certbot.lock"), 0);
}

static void
test_try_private(void **state)
{
	struct lock a = LOCK_INIT, b = LOCK_INIT;
	struct err err = {0};

	(void)state;
	assert_int_equal(lock_try_private(&a, "one.lock", &err), 0);
	assert_int_equal(lock_try_private(&b, "one.lock", &err), -1);
	assert_int_equal(err.name, ERR_locked);
	err_clear(&err);
	lock_release(&a);
	assert_int_equal(lock_try_private(&b, "one.lock", &err), 0);
	lock_release(&b);
	assert_int_equal(lock_try_private(&b, "none/one.lock", &err), -1);
	assert_int_not_equal(err.name, ERR_locked);
	err_clear(&err);
}

static void
test_private(void **state)
{
	struct lock l = LOCK_INIT;
	int up[2], status;
	char c = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	assert_int_equal(lock_take_private(&l, "store.lock", NULL), 0);
	pid = fork();
	if (pid == 0) {
		struct lock mine = LOCK_INIT;

		/* The inherited description is not its own. */
		if (lock_take_private(&mine, "store.lock", NULL) != 0)
			_exit(1);
		(void)!write(up[1], "x", 1);
		_exit(0);
	}
	assert_int_equal(fcntl(up[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(up[0], &c, 1), -1);
	/* The child has this description, too: unlock it, not only close. */
	struct flock free_all = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
	assert_int_equal(fcntl(l.fd, F_OFD_SETLK, &free_all), 0);
	lock_release(&l);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(up[0], &c, 1), 1);
	close(up[0]);
	close(up[1]);
}

/* A signal ends the wait. In a child: signals stay caught. */
static void
test_signal_ends_the_wait(void **state)
{
	struct lock l = LOCK_INIT;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(lock_take(&l, ".", 0, NULL), 0);
	pid = fork();
	if (pid == 0) {
		struct lock mine = LOCK_INIT;
		struct err err = {0};

		signals_catch();
		(void)raise(SIGTERM);
		_exit(lock_take(&mine, ".", 3600, &err) == -1 &&
			    err.name == ERR_interrupted ?
			0 :
			1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	lock_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_take),
	    cmocka_unit_test(test_stale_file_is_no_obstacle),
	    cmocka_unit_test(test_forget_leaves_the_file),
	    cmocka_unit_test(test_python_keeps_us_out),
	    cmocka_unit_test(test_we_keep_python_out),
	    cmocka_unit_test(test_wait),
	    cmocka_unit_test(test_unlinked_meanwhile),
	    cmocka_unit_test(test_unlinked_just_before),
	    cmocka_unit_test(test_inherited),
	    cmocka_unit_test(test_lock_outlives_the_driver),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_try_private),
	    cmocka_unit_test(test_private),
	    cmocka_unit_test(test_signal_ends_the_wait),
	};

	return cmocka_run_group_tests_name("lock", tests, scratch_make,
	    scratch_remove);
}
