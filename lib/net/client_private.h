/* client_private.h - what the client_*.c share. */
#ifndef NET_CLIENT_PRIVATE_H
#define NET_CLIENT_PRIVATE_H

#include <sys/queue.h>

#include "base/buf.h"
#include "net/client.h"
#include "net/start.h"

enum fate {
	FATE_NEXT, /* for net_next */
	FATE_HELD, /* an exchange waits for it */
	FATE_DROP  /* nobody waits any more */
};

/* A request on its way. */
struct sent {
	TAILQ_ENTRY(sent) next;
	uint64_t id;
	enum fate fate;
	int whole; /* the trace may show the answer's body */
};

/* An answer that came while another was waited for. */
struct kept {
	STAILQ_ENTRY(kept) next;
	struct net_answer a;
};

struct net {
	int fd, trace;
	int uninterruptible, gone;
	uint64_t last_id;
	struct buf in, out;
	struct net_process own;
	TAILQ_HEAD(, sent) sent;
	STAILQ_HEAD(, kept) kept;
};

/* Send what the socket takes at once. */
int net_flush(struct net *net, struct err *err);
/* acme-net is gone: -1 and err. */
int net_ended(struct net *net, struct err *err);

#endif
