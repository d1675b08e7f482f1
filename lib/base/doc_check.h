/* doc_check.h - the bytes of a JSON text, looked at before libjq sees them
 * (design, section 3): libjq 1.6 is lenient. */
#ifndef BASE_DOC_CHECK_H
#define BASE_DOC_CHECK_H

#include "base/err.h"

/* Of one object: libjq 1.6 hashes names without a secret, so that a server
 * could send those that collide. */
enum { DOC_MEMBERS_MAX = 10000 };

/* RFC 8259 grammar, UTF-8 without NUL, depth at most DOC_DEPTH_MAX, no member
 * twice in an object, at most DOC_MEMBERS_MAX. 0, or -1 and err badDocument with the byte's place. */
int doc_check(const char *text, size_t len, struct err *err);

/* Length of the valid UTF-8 sequence at p (n bytes are there); 0: none. */
size_t utf8_length(const unsigned char *p, size_t n);

#endif
