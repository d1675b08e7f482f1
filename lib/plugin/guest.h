/* guest.h - the plugin's end of the conversation (design, section 4), for
 * plugins written in C. A plugin is:
 *
 *	static const struct guest_ops ops = { .init = ..., .perform = ... };
 *	int main(int argc, char *argv[]) {
 *		return guest_main(argc, argv, &ops, NULL);
 *	}
 *
 * --describe prints the descriptor file that lies beside the executable. An
 * operation without a function is answered with not-supported (init, prepare,
 * wait: with ok). What was performed and not cleaned up is remembered here,
 * and handed to cleanup at end of input. */
#ifndef PLUGIN_GUEST_H
#define PLUGIN_GUEST_H

#include "base/doc.h"
#include "base/log.h"

struct guest; /* the conversation; handed to every function below */

struct guest_ops {
	/* config: by option names; borrowed. */
	int (*init)(struct guest *g, void *ctx, jv config, struct err *err);
	int (*prepare)(struct guest *g, void *ctx, struct err *err);
	/* Array of arrays of types; NULL: the descriptor's for every name. */
	jv (*preferences)(struct guest *g, void *ctx, jv names,
	    struct err *err);
	/* One challenge, index i of all (borrowed array), already remembered as
	 * performed: cleanup is called for it even when this fails. */
	int (*perform)(struct guest *g, void *ctx, jv all, size_t i,
	    struct err *err);
	/* Until everything performed is in force. */
	int (*wait)(struct guest *g, void *ctx, struct err *err);
	/* Undo one challenge that was performed; last means that no other is
	 * left. */
	int (*cleanup)(struct guest *g, void *ctx, jv challenge, int last,
	    struct err *err);
	/* Undo challenge i of all (borrowed array), which another process of this
	 * plugin performed that died before it undid it; it may be there or
	 * not. Without this function nothing outlives a process, or prepare has
	 * put it right. */
	int (*cleanup_left)(struct guest *g, void *ctx, jv all, size_t i,
	    struct err *err);
	/* Text for the user when the CA did not accept what was performed
	 * (spec 5.8); malloc'd or NULL. failed: array of challenges. */
	char *(*hint)(struct guest *g, void *ctx, jv failed);
	/* Any other operation (installers): the reply; none and err (an
	 * enhancement that is there: ERR_alreadyPresent). What such operations
	 * have changed, and no "save" with a title has put into a checkpoint,
	 * is recovered at end of input: "recover", "config-test" and "restart"
	 * are called here then, in this order. */
	jv (*other)(struct guest *g, void *ctx, const char *op, jv request,
	    struct err *err);
	/* End of input, after every cleanup. */
	void (*end)(struct guest *g, void *ctx);
};

/* The program: exit status (0, or 64 for a wrong command line, 70 when something
 * could not be undone, 76 for input that is no conversation; what was performed is
 * undone in any case; an error's own when the descriptor cannot be read). */
int guest_main(int argc, char *argv[], const struct guest_ops *ops, void *ctx);

/* The conversation alone, over these descriptors (guest_main, tests, fuzzer).
 * desc is the descriptor (borrowed). */
int guest_run(int in, int out, jv desc, const struct guest_ops *ops, void *ctx);

/* Absolute directory "config", "work" or "logs" from init; NULL. */
const char *guest_dir(const struct guest *g, const char *which);
/* May a person be asked? */
int guest_interactive(const struct guest *g);
/* In wait: may some challenges fail, and others go on? Then what is not in
 * force is a warning, and the server decides. */
int guest_partial(const struct guest *g);

/* A log line through the host; show as in base/log.h. */
void guest_log(struct guest *g, enum log_level level, enum log_show show,
    const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A question through the host (base/log.h ui_ask has its members). The value,
 * owned; none and err (with member "cancel": true when it was cancelled). */
jv guest_ask(struct guest *g, jv question TAKES, struct err *err);

/* Wait for fds (n of them, at most 16, -1 ignored) or ms (<0: for ever), while the host
 * lives. Index of the readable one; -1: the time has passed; -2: end of input,
 * stop what you do (cleanup is next). Plugins wait in no other way. */
int guest_wait(struct guest *g, const int *fds, size_t n, long ms);
/* From now on, whenever the conversation or guest_wait waits: fn(arg) when fd is
 * readable, and now and then besides (a server's time limits): it must not
 * block. At most 8 of them, for the life of the conversation; -1 for one more. */
int guest_attend(struct guest *g, int fd, void (*fn)(void *arg), void *arg);
/* A value that the user gave in an answer and that belongs into the saved
 * options, by option name: goes up with the reply to this request. */
void guest_learned(struct guest *g, const char *option, jv value TAKES);
/* Has the input ended? Never blocks. */
int guest_ended(struct guest *g);
/* Of challenges: those not yet cleaned up, array; owned. */
jv guest_performed(const struct guest *g);

#endif
