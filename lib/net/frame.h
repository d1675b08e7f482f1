/* frame.h - one message of the conversation with acme-net: a line of JSON, then
 * as many raw bytes as its "length" says (design, section 1). Both ends. */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include "base/buf.h"
#include "base/doc.h"

enum {
	FRAME_LINE_MAX = 256 << 10, /* bytes of the JSON line */
	FRAME_BODY_MAX = 16 << 20   /* bytes of a body */
};

/* Append a message to out. Eats head ("length" is set here). 0 or -1 with
 * errno E2BIG. */
int frame_add(struct buf *out, jv head TAKES, const void *body, size_t len);

/* Take a whole message from the front of in. 1: *head (owned) and *body
 * (malloc'd, 0-terminated) with *len; 0: more bytes are needed; -1 and err
 * protocol: the bytes are no message (the connection is to be closed). */
int frame_take(struct buf *in, jv *head, char **body, size_t *len,
    struct err *err);

#endif
