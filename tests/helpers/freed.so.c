/* freed.so.c - preloaded: does memory that is given back still hold a secret?
 *
 *	FREED_WORDS=FILE FREED_LOG=FILE LD_PRELOAD=freed.so COMMAND
 *
 * FREED_WORDS has a word on each line; for each of them that stands in a block
 * when it is freed, "N of PROGRAM" (N: the line) is appended to FREED_LOG. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void __libc_free(void *p);
void free(void *p);

enum { WORDS_MAX = 128 };

static char text[64 << 10];
static struct {
	const char *p;
	size_t n;
	int told;
} words[WORDS_MAX];
static int n_words;

__attribute__((constructor)) static void
read_words(void)
{
	const char *path = getenv("FREED_WORDS");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t len = fd == -1 ? 0 : read(fd, text, sizeof(text) - 1);

	for (char *p = text; p < text + len && n_words < WORDS_MAX;) {
		size_t n = strcspn(p, "\n");

		words[n_words].p = p;
		words[n_words].n = n;
		n_words += n > 0;
		p += n + 1;
	}
	if (fd != -1)
		close(fd);
}

static void
tell(int i)
{
	const char *path = getenv("FREED_LOG");
	char line[128];
	int fd, n;

	words[i].told = 1;
	n = snprintf(line, sizeof(line), "%d of %s\n", i + 1,
	    program_invocation_short_name);
	fd = path != NULL ?
	    open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) :
	    -1;
	if (fd != -1) {
		(void)!write(fd, line, (size_t)n);
		close(fd);
	}
}

void
free(void *p)
{
	size_t size = p != NULL ? malloc_usable_size(p) : 0;
	int e = errno;

	for (int i = 0; i < n_words && size > 0; i++)
		if (!words[i].told && size >= words[i].n &&
		    memmem(p, size, words[i].p, words[i].n) != NULL)
			tell(i);
	errno = e;
	__libc_free(p);
}
