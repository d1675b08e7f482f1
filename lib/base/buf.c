/* buf.c - bytes with a ceiling, and memory that is always there. */
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 64 << 10 };

static void
wipe(void *p, size_t len)
{
	if (p != NULL && len > 0)
		explicit_bzero(p, len);
}

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void
buf_release(struct buf *b)
{
	wipe(b->p, b->cap);
	free(b->p);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	wipe(b->p, b->len);
	b->len = 0;
}

/* Room for n more bytes and the final 0. The old memory is wiped, so no copy
 * of a secret stays behind. */
static int
grow(struct buf *b, size_t n)
{
	size_t cap = b->cap < 256 ? 256 : b->cap;
	char *p;

	if (n > b->max || b->len > b->max - n) {
		errno = E2BIG;
		return -1;
	}
	if (b->p != NULL && b->len + n + 1 <= b->cap)
		return 0;
	while (cap < b->len + n + 1)
		cap *= 2;
	p = xmalloc(cap);
	if (b->len > 0)
		memcpy(p, b->p, b->len);
	wipe(b->p, b->len);
	free(b->p);
	b->p = p;
	b->cap = cap;
	return 0;
}

int
buf_add(struct buf *b, const void *p, size_t len)
{
	if (grow(b, len) != 0)
		return -1;
	if (len > 0)
		memcpy(b->p + b->len, p, len);
	b->len += len;
	b->p[b->len] = '\0';
	return 0;
}

int
buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int rc;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	rc = buf_adds(b, s);
	wipe_free(s, strlen(s));
	return rc;
}

int
buf_add_quoted(struct buf *b, const char *s)
{
	struct buf quoted;
	int rc;

	buf_init(&quoted, 2 * strlen(s) + 2);
	(void)buf_addc(&quoted, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			(void)buf_addc(&quoted, '\\');
		(void)buf_addc(&quoted, *s);
	}
	(void)buf_addc(&quoted, '"');
	rc = buf_add(b, quoted.p, quoted.len);
	buf_release(&quoted);
	return rc;
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->len - n);
	wipe(b->p + b->len - n, n);
	b->len -= n;
	b->p[b->len] = '\0';
}

char *
buf_detach(struct buf *b)
{
	char *p = b->p != NULL ? b->p : xstrdup("");

	b->p = NULL;
	b->len = b->cap = 0;
	return p;
}

/* Exactly full is no error at the end of the file. */
static long
read_none(int fd)
{
	char c;
	ssize_t n;

	do
		n = read(fd, &c, 1);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		errno = E2BIG;
		return -1;
	}
	return n;
}

long
buf_read(struct buf *b, int fd)
{
	return buf_read_most(b, fd, READ_SIZE);
}

long
buf_read_most(struct buf *b, int fd, size_t most)
{
	size_t room = b->max - b->len < most ? b->max - b->len : most;
	ssize_t n;

	if (room == 0)
		return read_none(fd);
	if (grow(b, room) != 0)
		return -1;
	do
		n = read(fd, b->p + b->len, room);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		b->len += (size_t)n;
	b->p[b->len] = '\0';
	return n;
}

int
fd_write_all(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n == -1 && errno == EAGAIN) {
			struct pollfd pfd = {fd, POLLOUT, 0};

			poll(&pfd, 1, -1);
		} else if (n == -1 && errno != EINTR) {
			return -1;
		} else if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

void
fd_set_cloexec(int fd, int on)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags != -1)
		(void)fcntl(fd, F_SETFD,
		    on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC);
}

static void NORETURN
out_of_memory(void)
{
	static const char text[] = "out of memory\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	_exit(70);
}

void *
xmalloc(size_t n)
{
	void *p = malloc(n > 0 ? n : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xrealloc(void *p, size_t n)
{
	p = realloc(p, n > 0 ? n : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = xmalloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
xvasprintf(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		out_of_memory();
	return s;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void
wipe_free(void *p, size_t len)
{
	wipe(p, len);
	free(p);
}
