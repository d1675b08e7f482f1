/* poll.h - when to look again (design: no fixed sleeps): 100 ms after the
 * answer, then 0.25, 0.5, 1, 2, 3 s; a longer Retry-After wins; until the
 * deadline. */
#ifndef ACME_POLL_H
#define ACME_POLL_H

#include "base/base.h"

struct poll {
	int64_t deadline, next; /* clock_ms */
	int64_t limit;		/* what Retry-After moves the deadline to; 0 */
	unsigned round;
	long late; /* Retry-After, seconds, that ends after the deadline; 0 */
};

void poll_begin(struct poll *p, long timeout_s);
/* Time that the server asks for is given to it, until so long after now. */
void poll_patience(struct poll *p, long seconds);
/* After a look that found it unfinished. retry_after seconds or -1. */
void poll_again(struct poll *p, long retry_after);
/* Wait until the next look while extra_fd (a plugin's output, -1: none) says
 * nothing. 0 time to look; 1 extra_fd is readable; -1 the deadline has
 * passed, or the server wants no look before it (late); -2 a caught signal. */
int poll_wait(const struct poll *p, int extra_fd);

#endif
