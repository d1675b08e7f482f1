/* scratch.h - a directory of a test's own, and cases as an ordinary user. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SCRATCH_USER = 65534 };

static char scratch[64];

static int
scratch_drop(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

/* The current directory, open to an ordinary user; cmocka's group setup. */
static int
scratch_make(void **state)
{
	(void)state;
	snprintf(scratch, sizeof(scratch), "/tmp/unit-XXXXXX");
	return mkdtemp(scratch) == NULL || chmod(scratch, 0777) != 0 ||
	    chdir(scratch) != 0;
}

static int
scratch_remove(void **state)
{
	(void)state;
	if (chdir("/") != 0)
		return -1;
	return nftw(scratch, scratch_drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* What fn returns (0 to 255) in a child that is no root, who never sees
 * EACCES. */
static inline int
scratch_as_user(int (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 &&
		    (setgroups(0, NULL) != 0 || setgid(SCRATCH_USER) != 0 ||
			setuid(SCRATCH_USER) != 0))
			_exit(255);
		_exit(fn());
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* The whole small file, "" when it is not there; static. */
static inline const char *
scratch_text(const char *path)
{
	static char text[256];
	FILE *f = fopen(path, "re");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof(text) - 1, f);

	text[n] = '\0';
	if (f != NULL)
		fclose(f);
	return text;
}

static inline void
scratch_put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

#endif
