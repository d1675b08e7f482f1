/* guest_private.h - what the files of the guest share. */
#ifndef PLUGIN_GUEST_PRIVATE_H
#define PLUGIN_GUEST_PRIVATE_H

#include "base/buf.h"
#include "plugin/guest.h"

enum { ATTEND_MAX = 8 };

struct guest {
	int in, out;
	jv desc;
	const struct guest_ops *ops;
	void *ctx;
	struct buf buf;
	jv performed; /* array of challenges */
	jv dirs;
	jv learned; /* object, for the reply to come */
	struct {
		int fd;
		void (*fn)(void *arg);
		void *arg;
	} attended[ATTEND_MAX];
	size_t n_attended;
	int interactive;
	int partial; /* of the wait that is asked for */
	int unsaved; /* an installer's changes that no checkpoint has yet */
	int ended;   /* the input has ended, or the host is gone */
	int broken;  /* the input is no conversation */
};

/* Write one line to the host; a host that is gone is the end of input. */
void guest_send(struct guest *g, jv line TAKES);
/* The next line as an object; none at end of input. */
jv guest_next(struct guest *g);

#endif
