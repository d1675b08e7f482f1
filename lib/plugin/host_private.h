/* host_private.h - what the files of the host share. */
#ifndef PLUGIN_HOST_PRIVATE_H
#define PLUGIN_HOST_PRIVATE_H

#include "base/proc.h"
#include "plugin/host.h"

enum { ERR_LINES_MAX = 64 << 10, ENDING_MS = 200 };

struct plugin {
	const struct plugin_desc *desc;
	struct proc proc;
	struct buf in;	   /* what it said and nobody has read */
	struct buf errout; /* its standard error, up to a newline */
	jv learned;	   /* object, see plugin_learned */
	int pidfd;
	int performing; /* it may have something to clean up */
	int waiting;	/* a reply of its is due */
	int deaf;	/* signals change nothing any more */
	int64_t until;	/* clock_ms for the last reply; 0: no limit */
	int ended;	/* its output has ended */
	int broken;	/* it has said what nobody understands */
};

/* Pass on whole lines of its standard error; all of it at the end. */
void host_log_errout(struct plugin *p, int all);
/* Read what there is of its standard error, pass it on. */
void host_read_errout(struct plugin *p);
/* Pass on a checked log entry. */
void host_log_entry(struct plugin *p, jv entry TAKES);
/* Wait for the plugin to say something (or to take more, for_write), for ms at
 * most, and take it in. After a caught signal -1 unless deaf. */
int host_listen(struct plugin *p, int for_write, int ms, int deaf);
/* Deal with what it has said, up to a reply: 1 and *reply (NULL: dropped), 0
 * more is needed, -1. closed: nobody can answer questions any more. */
int host_digest(struct plugin *p, int closed, jv *reply, struct err *err);

#endif
