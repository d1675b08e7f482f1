/* pump.h - the driver as the pump of design section 3: it starts a pass's
 * stages at once, takes each one's output and hands it to the next, and shows
 * and asks what they send up meanwhile. Several passes run side by side:
 * whoever waits for something turns the pumps of all. */
#ifndef CERTBOT_PUMP_H
#define CERTBOT_PUMP_H

#include "base/doc.h"

enum { PASS_STEPS = 8 };

struct child; /* a running stage */
struct page;  /* where output collects (screen.h) */

struct pass {
	/* filled by the caller */
	jv doc;	  /* goes into the first step; owned */
	jv steps; /* array of argument vectors (arrays of strings) */
	/* called when a step's document came, before the next gets it; may
	 * replace p->doc; -1 ends the pass. NULL: nothing to do. */
	int (*after)(void *ctx, struct pass *p, size_t step, struct err *err);
	/* only with a single step: called for each document that it prints, as
	 * it comes; doc may be an array then. May itself wait. */
	void (*each)(void *ctx, jv doc TAKES);
	void *ctx;
	struct page *page; /* of its output; NULL: shown */
	/* state */
	struct child *children;
	size_t n, at;
	int ended;
	int busy; /* each() is running */
	struct pass *next;
	struct err err; /* how it failed */
};

/* Start all steps (documents come from doc). 0, or -1 and p->err. */
int pass_start(struct pass *p);
/* Turn the pumps until this pass has ended; its children are reaped. A caught
 * signal is passed on to the children once; their passes end with what the
 * stages say. */
void pass_wait(struct pass *p);
/* Free doc, steps, err. */
void pass_release(struct pass *p);

/* Something else to wait for: ready() is called when fd can be read while
 * anybody waits. */
struct watch {
	int fd;
	void (*ready)(void *ctx);
	void *ctx;
	struct watch *next;
};
void pump_watch(struct watch *w);
void pump_unwatch(struct watch *w);
/* One round: wait for anything that runs or is watched, or a signal, and serve
 * it. */
void pump_turn(void);

/* One stage, start to end: eats args and doc (none: no input), gives its
 * document (owned; none when the stage printed none). The document's "error"
 * becomes err; it is still returned. */
jv pump_stage(jv args TAKES, jv doc TAKES, struct err *err);
/* The same for a stage that prints several documents, which each() gets one by
 * one. doc may be an array of documents, too. Errors stay in the documents;
 * err only when the stage itself could not run. */
void pump_stage_each(jv args TAKES, jv doc TAKES,
    void (*each)(void *ctx, jv doc TAKES), void *ctx, struct err *err);
/* All of them: an array. */
jv pump_stage_all(jv args TAKES, jv doc TAKES, struct err *err);

/* Connect to an acme-net that lives as long as the driver. */
int pump_network(struct err *err);
void pump_network_end(void);

/* Descriptors of the locks that stages inherit stay open in them. */
#endif
