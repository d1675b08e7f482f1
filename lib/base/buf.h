/* buf.h - bytes that grow up to a ceiling. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/base.h"

/* Bytes p[0..len-1]; when p is not NULL, p[len] is 0 (not counted). */
struct buf {
	char *p;
	size_t len, cap, max;
};

void buf_init(struct buf *b, size_t max); /* max bytes, without the 0 */
void buf_release(struct buf *b);	  /* wipes, frees, stays initialised */
void buf_reset(struct buf *b);		  /* wipes, keeps the memory */

/* 0, or -1 with errno E2BIG when the ceiling would be passed (b unchanged). */
int buf_add(struct buf *b, const void *p, size_t len);
int buf_adds(struct buf *b, const char *s);
int buf_addc(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* s between double quotes, with a backslash before each '"' and '\\'. */
int buf_add_quoted(struct buf *b, const char *s);
void buf_drop(struct buf *b, size_t n); /* remove the first n bytes */

/* Hand the bytes over (malloc'd, 0-terminated); b is empty afterwards. */
char *buf_detach(struct buf *b);

/* One read(2) of up to 64 KiB: bytes read, 0 at end of file, -1 with errno
 * (E2BIG at the ceiling). */
long buf_read(struct buf *b, int fd);
/* The same, but no more than so many bytes. */
long buf_read_most(struct buf *b, int fd, size_t most);

/* Write all to fd, restarting after EINTR and EAGAIN: 0 or -1 with errno. */
int fd_write_all(int fd, const void *p, size_t len);
/* Whether fd ends where another program begins; async-signal-safe. */
void fd_set_cloexec(int fd, int on);

/* malloc family that ends the program (70) when memory is out. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);

/* Free after wiping len bytes; NULL is fine. */
void wipe_free(void *p, size_t len);

#endif
