/* flushes.h - what the program flushes is noted: its own fsync() stands before
 * the C library's. */
#ifndef TESTS_FLUSHES_H
#define TESTS_FLUSHES_H

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* "file SIZE" or "dir NAME" for each flush, after '+' when there was something
 * at the path flush_watch at that moment, after '-' when not. */
static char flushes[512];
static char flush_watch[512];

static void
flushes_from_now(const char *watch)
{
	snprintf(flush_watch, sizeof(flush_watch), "%s", watch);
	flushes[0] = '\0';
}

int
fsync(int fd)
{
	char link[64], path[4096] = "", *at = flushes + strlen(flushes);
	size_t room = sizeof(flushes) - strlen(flushes);
	struct stat st, other;
	char there = lstat(flush_watch, &other) == 0 ? '+' : '-';

	if (flush_watch[0] != '\0' && fstat(fd, &st) == 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (readlink(link, path, sizeof(path) - 1) < 0)
			return -1;
		if (S_ISDIR(st.st_mode))
			snprintf(at, room, "%cdir %s ", there,
			    strrchr(path, '/') + 1);
		else
			snprintf(at, room, "%cfile %ld ", there,
			    (long)st.st_size);
	}
	return (int)syscall(SYS_fsync, fd);
}

#endif
