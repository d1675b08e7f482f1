/* trace.h - what --trace writes: requests and answers as text, without anything
 * secret. Internal to lib/net. */
#ifndef NET_TRACE_H
#define NET_TRACE_H

#include "base/buf.h"
#include "net/client.h"

/* Write request id to fd. Headers that are not known to be harmless are left
 * out; a body is shown only of a signed request (application/jose+json), its
 * "signature" cut. 1 when the answer may be shown whole, else 0. */
int trace_request(int fd, uint64_t id, const struct net_request *req);
/* Write the answer; without `whole` only a few headers of it. */
void trace_answer(int fd, const struct net_answer *a, int whole);

#endif
