/* proc.h - the one module that starts processes: an argument vector, no shell,
 * named descriptors only, always reaped. */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <signal.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"

enum {
	PROC_NULL = -1,	   /* /dev/null */
	PROC_INHERIT = -2, /* our own */
	PROC_PIPE = -3	   /* a new pipe; our end is in the struct */
};
enum {
	PROC_KEEP_LOCKS = 1,	 /* CERTBOT_LOCK_FDS and its descriptors stay */
	PROC_KEEP_FDS = 2,	 /* do not close descriptors from 3 up */
	PROC_IGNORE_SIGNALS = 4, /* INT TERM HUP QUIT ignored in the child
				 * (plugins, acme-net; design, Signals) */
	PROC_NEW_GROUP = 8,	 /* a process group of its own */
	PROC_KEEP_UI = 16,	 /* ACME_UI as set by ui_fd stays */
	PROC_DIE_WITH_PARENT = 32 /* PR_SET_PDEATHSIG SIGKILL */
};

struct proc {
	/* to be filled by the caller before proc_start */
	const char *const *argv; /* argv[0] is looked up in PATH unless it
				   * holds a slash */
	const char *const *env;	 /* "K=V" set over ours, "K" removes; NULL-
				   * terminated; NULL: ours as it is */
	const char *dir;	 /* working directory, NULL: ours */
	int in, out, err;	 /* PROC_* or a descriptor */
	const int *keep;	 /* more descriptors that stay open under
				   * their own numbers, ended by -1; or NULL */
	unsigned flags;
	/* filled by proc_start */
	pid_t pid;		   /* -1: not running */
	int in_fd, out_fd, err_fd; /* our ends of PROC_PIPE, else -1 */
	int status;		   /* of waitpid, after proc_wait */
};
#define PROC_INIT                                                          \
	{                                                                  \
		.in = PROC_NULL, .out = PROC_INHERIT, .err = PROC_INHERIT, \
		.pid = -1, .in_fd = -1, .out_fd = -1, .err_fd = -1         \
	}

/* Start. noInput when the program is not there; the child never returns into
 * our code when exec fails: that is reported here. The child's signal mask is
 * empty and its dispositions are the defaults, except INT, TERM, HUP and QUIT
 * that are ignored here (nohup) - unless all four are: a host did that. */
int proc_start(struct proc *p, struct err *err);

/* Close our pipe ends and wait. Fills status; 0, or -1 with errno. */
int proc_wait(struct proc *p);
/* Has it ended? 1 (status filled), 0 not yet. */
int proc_poll(struct proc *p);
/* Close its input, signal (its group with PROC_NEW_GROUP), wait up to grace_ms,
 * then SIGKILL; reaped and our pipe ends closed in any case. */
void proc_stop(struct proc *p, int sig, long grace_ms);
/* Exit status as a shell gives it: code, or 128 + signal. */
int proc_exit_code(const struct proc *p);

/* A daemon that the child leaves behind is not waited for.
 * Feed in (may be NULL), collect out and err (may be NULL; their max is the
 * ceiling: output beyond is dropped and E2BIG noted in the err), wait.
 * timeout_ms < 0: none; `timeout` after it, child stopped. */
int proc_run(struct proc *p, const void *in, size_t in_len, struct buf *out,
    struct buf *errout, long timeout_ms, struct err *err);

/* Absolute path of a sibling program NAME: beside our own executable
 * (/proc/self/exe) when we are in bin/, in ../../bin from libexec/acme-tools;
 * malloc'd; NULL and err noInput when it is not there. */
char *proc_sibling(const char *name, struct err *err);
/* The installation's plugin directory (../libexec/acme-tools from bin/), and
 * its data directory (../share/acme-tools). malloc'd, may not exist. */
char *proc_plugin_dir(void);
char *proc_data_dir(void);

/* First of all in a program: a descriptor of 0, 1, 2 that is closed is taken by
 * a file that fails, so that no file, pipe or socket of ours becomes "standard
 * output". */
void proc_hold_stdio(void);

/* Monotonic milliseconds. */
int64_t clock_ms(void);

/* --- signals: one self-pipe for the programs that clean up ----------------- */
/* From now on INT, TERM, HUP (and QUIT) are only noted; PIPE is ignored. The
 * descriptor becomes readable when one came: for poll(2). */
int signals_catch(void);
/* The first signal that came, 0 if none. */
int signals_caught(void);
/* Restore the default and die of sig. */
void signals_die(int sig) NORETURN;

/* Wait until one of fds (at most 64 of them, -1 ignored) is readable, a
 * caught signal, or timeout_ms (<0: for ever). Index of the readable fd, -1
 * timeout, -2 signal: from then on always. */
int wait_readable(const int *fds, size_t n, long timeout_ms);

#endif
