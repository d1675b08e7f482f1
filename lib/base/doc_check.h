/* doc_check.h - the bytes of a JSON text are read here, not by libjq
 * (design, section 3): libjq 1.6 is lenient. */
#ifndef BASE_DOC_CHECK_H
#define BASE_DOC_CHECK_H

#include "base/err.h"

/* Of one object: libjq 1.6 hashes names without a secret, so that a server
 * could send those that collide. */
enum { DOC_MEMBERS_MAX = 10000 };

/* What doc_parse would say of the text, and no copy of its strings: 0, or -1 and
 * err badDocument with the byte's place. */
int doc_check(const char *text, size_t len, struct err *err);

/* Length of the valid UTF-8 sequence at p (n bytes are there); 0: none. */
size_t utf8_length(const unsigned char *p, size_t n);

/* How many of the n bytes at p, from the first on, are printable ASCII other
 * than a quote or a backslash: what stands for itself everywhere. */
size_t utf8_plain(const unsigned char *p, size_t n);

#endif
