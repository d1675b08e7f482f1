/* store_dir.h - a directory of the test's own, and files in it. */
#ifndef TESTS_STORE_DIR_H
#define TESTS_STORE_DIR_H

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safefile.h"

static char store_dir[256];

static int
store_dir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(store_dir, sizeof(store_dir), "%s/acme-tools-unit.XXXXXX",
	    tmp && strlen(tmp) < 200 ? tmp : "/tmp");
	umask(022);
	return mkdtemp(store_dir) ? 0 : -1;
}

static int
store_dir_teardown(void **state)
{
	(void)state;
	return safefile_remove_tree(store_dir, NULL);
}

/* DIR/name; malloc'd. */
static inline char *
in_dir(const char *name)
{
	return path_join(store_dir, name);
}

static inline void
write_in_dir(const char *name, const char *text)
{
	char *path = in_dir(name), *dir = path_dir(path);

	assert_int_equal(safefile_mkdirs(dir, 0755, NULL), 0);
	assert_int_equal(
	    safefile_write(path, text, strlen(text), 0644, 0, NULL), 0);
	free(dir);
	free(path);
}

static inline char *
read_in_dir(const char *name)
{
	char *path = in_dir(name), *text;
	struct buf b;

	buf_init(&b, FILE_TEXT_MAX);
	assert_int_equal(safefile_read(path, &b, NULL), 0);
	text = xstrdup(b.p ? b.p : "");
	buf_release(&b);
	free(path);
	return text;
}

static inline int
is_there(const char *name)
{
	char *path = in_dir(name);
	struct stat st;
	int there = lstat(path, &st) == 0;

	free(path);
	return there;
}

static inline int
mode_of(const char *name)
{
	char *path = in_dir(name);
	struct stat st = {0};

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return (int)(st.st_mode & 07777);
}

#endif
