/* jq.h - jq programs that are not ours (a provider's, a user's), each in a
 * child of its own: no environment, no home directory, no file can be opened
 * (so no import), limits on time and memory. The only module that compiles
 * programs of libjq. */
#ifndef BASE_JQ_H
#define BASE_JQ_H

#include "base/doc.h"

enum {
	JQ_CHILD_MEMORY = 256
	    << 20,		    /* bytes of its address space beyond ours */
	JQ_CHILD_CPU = 120,	    /* seconds of processor in its whole life */
	JQ_CHILD_MS = 10000,	    /* for one input, and to compile */
	JQ_CHILD_TEXT_MAX = 1 << 20 /* bytes of a program */
};

struct jq_child;

/* Compile text (what is the program's name for errors) in a new child. NULL and
 * err badData, with libjq's own words. */
struct jq_child *jq_child_new(const char *text, const char *what,
    struct err *err);

/* One input, which must give exactly one output: owned. none and err badData:
 * the program's error, none or several outputs, more than ms (0: JQ_CHILD_MS),
 * more memory than it may have. After the last two the child is gone, and the
 * next call starts another. */
jv jq_child_run(struct jq_child *c, jv input TAKES, long ms, struct err *err);

/* Ends and reaps it; NULL is fine. */
void jq_child_free(struct jq_child *c);

#endif
