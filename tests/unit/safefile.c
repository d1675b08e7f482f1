#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <signal.h>

#include <cmocka.h>

#include "base/safefile.h"
#include "flushes.h"
#include "scratch.h"

static unsigned
mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static int
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Files of any name in dir: none may be left behind by what failed. */
static int
entries(const char *dir)
{
	char command[128];
	FILE *f;
	int n = -1;

	snprintf(command, sizeof(command), "ls -A '%s' | wc -l", dir);
	f = popen(command, "r");
	if (f == NULL || fscanf(f, "%d", &n) != 1)
		abort();
	pclose(f);
	return n;
}

static int
put(const char *path, const char *text, mode_t mode, unsigned flags,
    struct err *err)
{
	return safefile_write(path, text, strlen(text), mode, flags, err);
}

static void
expect(struct err *err, enum err_name name, const char *path)
{
	assert_int_equal(err->name, name);
	assert_non_null(strstr(err_text(err), path));
	err_clear(err);
}

static void
test_write(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(mkdir("w", 0755), 0);
	umask(077);
	assert_int_equal(put("w/a", "one", 0644, 0, &err), 0);
	assert_int_equal(mode_of("w/a"), 0644);
	assert_int_equal(put("w/b", "x", 0666, SAFEFILE_UMASK, &err), 0);
	assert_int_equal(mode_of("w/b"), 0600);
	umask(022);
	assert_int_equal(put("w/a", "two", 0600, 0, &err), 0);
	assert_string_equal(scratch_text("w/a"), "two");
	assert_int_equal(mode_of("w/a"), 0600);
	assert_int_equal(put("w/a", "", 0600, 0, &err), 0);
	assert_string_equal(scratch_text("w/a"), "");
	assert_int_equal(entries("w"), 2);
	assert_int_equal(safefile_remove_tree("w", &err), 0);
}

static void
test_write_is_new_file(void **state)
{
	struct stat a, b;

	(void)state;
	assert_int_equal(put("n", "one", 0600, 0, NULL), 0);
	assert_int_equal(link("n", "n-old"), 0);
	assert_int_equal(put("n", "two", 0600, 0, NULL), 0);
	/* Whoever has the old file open keeps all of it. */
	assert_string_equal(scratch_text("n-old"), "one");
	assert_int_equal(stat("n", &a) | stat("n-old", &b), 0);
	assert_true(a.st_ino != b.st_ino);
}

static void
test_write_keeps_mode(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(put("k", "one", 0640, 0, NULL), 0);
	if (geteuid() == 0)
		assert_int_equal(chown("k", (uid_t)-1, 12345), 0);
	assert_int_equal(put("k", "two", 0600, SAFEFILE_KEEP_MODE, NULL), 0);
	assert_int_equal(mode_of("k"), 0640);
	assert_int_equal(stat("k", &st), 0);
	if (geteuid() == 0)
		assert_int_equal(st.st_gid, 12345);
	assert_int_equal(put("k2", "x", 0600, SAFEFILE_KEEP_MODE, NULL), 0);
	assert_int_equal(mode_of("k2"), 0600);
}

/* First what a file holds, then the name that it gets: after a crash a name never
 * leads to less than the whole. */
static void
test_write_flushes(void **state)
{
	(void)state;
	assert_int_equal(mkdir("fl", 0755) | mkdir("fl2", 0755), 0);
	flushes_from_now("fl/a");
	assert_int_equal(put("fl/a", "four", 0600, 0, NULL), 0);
	assert_string_equal(flushes, "-file 4 +dir fl ");
	flushes_from_now("fl/b");
	assert_int_equal(put("fl/b", "three", 0600, SAFEFILE_EXCLUSIVE, NULL),
	    0);
	assert_string_equal(flushes, "-file 5 +dir fl ");
	flushes_from_now("fl2/c");
	assert_int_equal(safefile_rename("fl/a", "fl2/c", NULL), 0);
	assert_string_equal(flushes, "+dir fl2 +dir fl ");
	flushes_from_now("fl/new/er");
	assert_int_equal(safefile_mkdirs("fl/new/er", 0700, NULL), 0);
	assert_string_equal(flushes, "-dir fl +dir new ");
	flushes_from_now("");
}

/* File systems that lack files without a name, or a rename that replaces
 * nothing. */
static int no_tmpfile, no_noreplace;

int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int
renameat2(int from_dir, const char *from, int to_dir, const char *to,
    unsigned flags)
{
	if (no_noreplace) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

static void
test_write_exclusive(void **state)
{
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		no_tmpfile = i > 0;
		no_noreplace = i > 1;
		assert_int_equal(mkdir("e", 0755), 0);
		assert_int_equal(
		    put("e/a", "one", 0400, SAFEFILE_EXCLUSIVE, &err), 0);
		assert_int_equal(mode_of("e/a"), 0400);
		assert_string_equal(scratch_text("e/a"), "one");
		assert_int_equal(
		    put("e/a", "two", 0400, SAFEFILE_EXCLUSIVE, &err), -1);
		expect(&err, ERR_cannotCreate, "e/a");
		assert_string_equal(scratch_text("e/a"), "one");
		assert_int_equal(symlink("nowhere", "e/link"), 0);
		assert_int_equal(
		    put("e/link", "x", 0600, SAFEFILE_EXCLUSIVE, &err), -1);
		expect(&err, ERR_cannotCreate, "e/link");
		assert_int_equal(entries("e"), 2);
		assert_int_equal(safefile_remove_tree("e", &err), 0);
	}
	no_tmpfile = no_noreplace = 0;
}

/* A link planted at the place is replaced; what it points to stays. */
static void
test_write_never_follows(void **state)
{
	struct stat st;

	(void)state;
	scratch_put("victim", "precious");
	assert_int_equal(symlink("victim", "planted"), 0);
	assert_int_equal(put("planted", "new", 0600, 0, NULL), 0);
	assert_int_equal(lstat("planted", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_string_equal(scratch_text("victim"), "precious");
	/* KEEP_MODE does not take the mode from behind a link either. */
	assert_int_equal(chmod("victim", 0666), 0);
	assert_int_equal(unlink("planted"), 0);
	assert_int_equal(symlink("victim", "planted"), 0);
	assert_int_equal(put("planted", "new", 0600, SAFEFILE_KEEP_MODE, NULL),
	    0);
	assert_int_equal(mode_of("planted"), 0600);
}

static void
test_write_fails(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(put("missing/dir/a", "x", 0600, 0, &err), -1);
	expect(&err, ERR_cannotCreate, "missing/dir/a");
	assert_int_equal(mkdir("isdir", 0755), 0);
	assert_int_equal(put("isdir", "x", 0600, 0, &err), -1);
	expect(&err, ERR_cannotCreate, "isdir");
	assert_false(exists("isdir/x"));
	assert_int_equal(put("victim/a", "x", 0600, 0, &err), -1);
	expect(&err, ERR_cannotCreate, "victim/a");
}

static void
test_write_long_name(void **state)
{
	char name[256];

	(void)state;
	memset(name, 'n', 255);
	name[255] = '\0';
	assert_int_equal(put(name, "x", 0600, 0, NULL), 0);
	assert_string_equal(scratch_text(name), "x");
}

static void
test_sweep(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d[1]", 0755), 0);
	scratch_put("d[1]/f", "x");
	scratch_put("d[1]/.f.tmp-a1b2C3", "left");
	scratch_put("d[1]/.f.tmp-mine", "not ours");
	scratch_put("d[1]/.g.tmp-a1b2C3", "another's");
	safefile_sweep("d[1]/f");
	assert_false(exists("d[1]/.f.tmp-a1b2C3"));
	assert_int_equal(entries("d[1]"), 3);
	assert_string_equal(scratch_text("d[1]/f"), "x");
}

/* A limit on the size of files stands for the full disk. */
static int
write_too_much(void)
{
	static char big[8192];
	struct rlimit small = {4096, 4096};
	struct err err = {0};
	int bad;

	signal(SIGXFSZ, SIG_IGN);
	if (mkdir("full", 0755) != 0 || put("full/a", "old", 0600, 0, NULL) ||
	    setrlimit(RLIMIT_FSIZE, &small) != 0)
		return 2;
	bad = safefile_write("full/a", big, sizeof(big), 0600, 0, &err) == 0 ||
	    err.name != ERR_ioError ||
	    strstr(err_text(&err), "full/a") == NULL ||
	    strcmp(scratch_text("full/a"), "old") != 0 || entries("full") != 1;
	err_clear(&err);
	return bad;
}

static void
test_write_full_disk(void **state)
{
	(void)state;
	assert_int_equal(scratch_as_user(write_too_much), 0);
}

static int
write_refused(void)
{
	struct err err = {0};
	struct buf b;
	int bad = 0;

	if (mkdir("ro", 0755) != 0 || put("ro/a", "old", 0600, 0, NULL) != 0 ||
	    put("secret", "s", 0, 0, NULL) != 0 || chmod("ro", 0555) != 0)
		return 2;
	bad |= put("ro/a", "new", 0600, 0, &err) == 0;
	bad |= err.name != ERR_permission;
	bad |= strstr(err_text(&err), "ro/a") == NULL;
	bad |= strcmp(scratch_text("ro/a"), "old") != 0;
	bad |= safefile_mkdirs("ro/x/y", 0700, &err) == 0;
	bad |= err.name != ERR_permission;
	bad |= safefile_remove_tree("ro", &err) == 0;
	bad |= err.name != ERR_permission;
	bad |= safefile_link("t", "ro/l", &err) == 0;
	bad |= err.name != ERR_permission;
	bad |= safefile_rename("ro/a", "ro/b", &err) == 0;
	bad |= err.name != ERR_permission;
	buf_init(&b, 10);
	bad |= safefile_read("secret", &b, &err) == 0;
	bad |= err.name != ERR_permission;
	buf_release(&b);
	err_clear(&err);
	/* A directory one may write to, but not read. */
	bad |= chmod("ro", 0300) != 0 || put("ro/a", "new", 0600, 0, NULL);
	bad |= chmod("ro", 0700) != 0;
	bad |= strcmp(scratch_text("ro/a"), "new") != 0;
	bad |= safefile_remove_tree("ro", NULL) != 0;
	return bad;
}

static void
test_permission(void **state)
{
	(void)state;
	assert_int_equal(scratch_as_user(write_refused), 0);
}

static int
write_of_other_group(void)
{
	struct err err = {0};
	int bad = put("g", "new", 0600, SAFEFILE_KEEP_MODE, &err) == 0 ||
	    err.name != ERR_permission ||
	    strcmp(scratch_text("g"), "old") != 0 || entries(".") != 1;

	err_clear(&err);
	return bad;
}

/* A group that we cannot give: the file stays, no other group reads the new. */
static void
test_group_is_kept_or_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir("gr", 0777) | chmod("gr", 0777) | chdir("gr"),
	    0);
	assert_int_equal(put("g", "old", 0644, 0, NULL), 0);
	assert_int_equal(chown("g", SCRATCH_USER, 12345), 0);
	assert_int_equal(scratch_as_user(write_of_other_group), 0);
	assert_int_equal(chdir(".."), 0);
}

static void
test_read(void **state)
{
	struct err err = {0};
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	scratch_put("five", "12345");
	assert_int_equal(safefile_read("five", &b, &err), 0);
	assert_string_equal(b.p, "12345");
	assert_int_equal(b.max, 5);
	buf_reset(&b);
	scratch_put("six", "123456");
	assert_int_equal(safefile_read("six", &b, &err), -1);
	expect(&err, ERR_badData, "six");
	buf_reset(&b);
	assert_int_equal(symlink("five", "to-five"), 0);
	assert_int_equal(safefile_read("to-five", &b, &err), 0);
	assert_int_equal(b.len, 5);
	buf_reset(&b);
	assert_int_equal(safefile_read("not-there", &b, &err), -1);
	expect(&err, ERR_noInput, "not-there");
	assert_int_equal(safefile_read(".", &b, &err), -1);
	expect(&err, ERR_badData, "directory");
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(safefile_read("fifo", &b, &err), -1);
	expect(&err, ERR_badData, "fifo");
	/* A size of 0 says nothing in /proc. */
	assert_int_equal(safefile_read("/proc/self/status", &b, &err), -1);
	expect(&err, ERR_badData, "/proc/self/status");
	buf_release(&b);
}

static void
test_rename(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(mkdir("r1", 0755) | mkdir("r2", 0755), 0);
	scratch_put("r1/a", "x");
	assert_int_equal(safefile_rename("r1/a", "r2/b", &err), 0);
	assert_string_equal(scratch_text("r2/b"), "x");
	assert_int_equal(safefile_rename("r1/a", "r2/b", &err), -1);
	expect(&err, ERR_noInput, "r1/a");
}

static void
test_link(void **state)
{
	struct err err = {0};
	char *target;

	(void)state;
	assert_int_equal(mkdir("l", 0755), 0);
	assert_int_equal(safefile_link("one", "l/a", &err), 0);
	assert_int_equal(safefile_link("two", "l/a", &err), 0);
	target = path_readlink("l/a");
	assert_non_null(target);
	assert_string_equal(target, "two");
	free(target);
	scratch_put("l/file", "x");
	assert_int_equal(safefile_link("two", "l/file", &err), -1);
	expect(&err, ERR_cannotCreate, "l/file");
	assert_string_equal(scratch_text("l/file"), "x");
	assert_int_equal(entries("l"), 2);
}

static void
test_mkdirs(void **state)
{
	struct err err = {0};

	(void)state;
	umask(077);
	assert_int_equal(safefile_mkdirs("m/a//b/", 0755, &err), 0);
	assert_int_equal(mode_of("m"), 0755);
	assert_int_equal(mode_of("m/a/b"), 0755);
	umask(0);
	assert_int_equal(safefile_mkdirs("m/c", 0700, &err), 0);
	assert_int_equal(mode_of("m/c"), 0700);
	assert_int_equal(umask(022), 0);
	/* What is there stays as it is. */
	assert_int_equal(safefile_mkdirs("m/a/b", 0700, &err), 0);
	assert_int_equal(mode_of("m/a/b"), 0755);
	assert_int_equal(safefile_mkdirs("/", 0700, &err), 0);
	scratch_put("m/f", "x");
	assert_int_equal(safefile_mkdirs("m/f", 0700, &err), -1);
	expect(&err, ERR_cannotCreate, "m/f");
	assert_int_equal(safefile_mkdirs("m/f/g", 0700, &err), -1);
	expect(&err, ERR_cannotCreate, "m/f");
	assert_int_equal(symlink("m/c", "to-dir"), 0);
	assert_int_equal(safefile_mkdirs("to-dir/d", 0700, &err), 0);
	assert_true(exists("m/c/d"));
	assert_int_equal(safefile_mkdirs("", 0700, &err), -1);
	err_clear(&err);
}

static int
check_others(void)
{
	struct err err = {0};
	int bad = safefile_check_dir("check", 0755, &err) == 0 ||
	    err.name != ERR_permission;

	err_clear(&err);
	return bad;
}

static void
test_check_dir(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(safefile_mkdirs("check", 0755, &err), 0);
	assert_int_equal(safefile_check_dir("check", 0755, &err), 0);
	assert_int_equal(safefile_check_dir("check", 0700, &err), -1);
	assert_string_equal(err_text(&err),
	    "check exists, but it should be owned by current user with permissions 0o700");
	err_clear(&err);
	if (geteuid() == 0)
		assert_int_equal(scratch_as_user(check_others), 0);
	assert_int_equal(safefile_check_dir("nowhere", 0700, &err), -1);
	expect(&err, ERR_noInput, "nowhere");
}

static void
test_remove_tree(void **state)
{
	struct err err = {0};
	char path[64];

	(void)state;
	assert_int_equal(safefile_mkdirs("t/a/b/c", 0755, &err), 0);
	assert_int_equal(mkdir("outside", 0755), 0);
	scratch_put("outside/file", "precious");
	assert_int_equal(symlink("../../outside", "t/a/link"), 0);
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "t/a/file-%d", i);
		scratch_put(path, "");
	}
	assert_int_equal(safefile_remove_tree("t/", &err), 0);
	assert_false(exists("t"));
	assert_string_equal(scratch_text("outside/file"), "precious");
	assert_int_equal(symlink("outside", "t"), 0);
	assert_int_equal(safefile_remove_tree("t/", &err), 0);
	assert_false(exists("t"));
	assert_true(exists("outside/file"));
	assert_int_equal(safefile_remove_tree("t", &err), 0);
	assert_int_equal(safefile_remove_tree("outside/file", &err), 0);
	assert_false(exists("outside/file"));
}

/* Made for its owner alone whatever the umask, which stays as it was. */
static void
test_open_own(void **state)
{
	static const mode_t masks[] = {0, 022, 0377};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		int fd;

		umask(masks[i]);
		fd = safefile_open_own("own", O_WRONLY | O_EXCL);
		assert_int_equal(umask(022), masks[i]);
		assert_int_not_equal(fd, -1);
		close(fd);
		assert_int_equal(mode_of("own"), 0600);
		assert_int_equal(unlink("own"), 0);
	}
}

/* A tree that is deeper than any of ours is not worked on until descriptors are
 * out, but told. */
static void
test_remove_deep_tree(void **state)
{
	struct err err = {0};
	char path[256] = "deep";

	(void)state;
	for (size_t i = 0; i < 80; i++)
		strcat(path, "/d");
	assert_int_equal(safefile_mkdirs(path, 0755, &err), 0);
	assert_int_equal(safefile_remove_tree("deep", &err), -1);
	expect(&err, ERR_ioError, "deep");
	assert_true(exists(path));
	/* a part that is not too deep goes */
	path[strlen("deep") + 2 * 40] = '\0';
	assert_int_equal(safefile_remove_tree(path, &err), 0);
	assert_int_equal(safefile_remove_tree("deep", &err), 0);
	assert_false(exists("deep"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_write_is_new_file),
	    cmocka_unit_test(test_write_keeps_mode),
	    cmocka_unit_test(test_write_flushes),
	    cmocka_unit_test(test_write_exclusive),
	    cmocka_unit_test(test_write_never_follows),
	    cmocka_unit_test(test_write_fails),
	    cmocka_unit_test(test_write_long_name),
	    cmocka_unit_test(test_sweep),
	    cmocka_unit_test(test_write_full_disk),
	    cmocka_unit_test(test_permission),
	    cmocka_unit_test(test_group_is_kept_or_refused),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_rename),
	    cmocka_unit_test(test_link),
	    cmocka_unit_test(test_mkdirs),
	    cmocka_unit_test(test_check_dir),
	    cmocka_unit_test(test_remove_tree),
	    cmocka_unit_test(test_remove_deep_tree),
	    cmocka_unit_test(test_open_own),
	};

	return cmocka_run_group_tests_name("safefile", tests, scratch_make,
	    scratch_remove);
}
