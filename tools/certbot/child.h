/* child.h - one running stage: its document in, documents and upward lines
 * out. */
#ifndef CERTBOT_CHILD_H
#define CERTBOT_CHILD_H

#include "base/buf.h"
#include "base/doc.h"
#include "base/proc.h"

struct child {
	struct proc proc;
	int ui;		/* our end of the upward socket, -1 */
	struct buf up;	/* bytes from it */
	struct buf out; /* bytes of standard output */
	char *in;	/* text still to be written */
	size_t in_len, in_at;
	int ended;
};

/* Start a program of ours (args[0] is its name; borrowed). c must be ended
 * with child_end in any case. */
int child_start(struct child *c, jv args, struct err *err);
/* What it is to read: a document, an array of them, or none (borrowed). */
void child_feed(struct child *c, jv doc);
/* Write some of that; close its input behind the last byte. */
void child_write(struct child *c);
/* Log entries and questions that are there on the upward socket (a stage writes
 * its lines before the document that they concern). */
void child_listen(struct child *c);
/* Its output has ended: wait for it. */
void child_reap(struct child *c);
/* The same; its first line is the document (owned), whose error becomes err.
 * stage is its name. */
jv child_document(struct child *c, const char *stage, struct err *err);
/* Hand over the documents of the lines that are complete. */
void child_each(struct child *c, void (*each)(void *ctx, jv doc TAKES),
    void *ctx);
/* End it if it runs, and free what c holds. */
void child_end(struct child *c);

#endif
