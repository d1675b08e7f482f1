#include "acme/poll.h"

#include "base/proc.h"

static const int intervals_ms[] = {100, 250, 500, 1000, 2000, 3000};

static int64_t
interval(unsigned round)
{
	return intervals_ms[round < ARRAY_LEN(intervals_ms) ?
		round :
		ARRAY_LEN(intervals_ms) - 1];
}

void
poll_begin(struct poll *p, long timeout_s)
{
	int64_t now = clock_ms();

	p->round = 0;
	p->late = 0;
	p->next = now + interval(0);
	p->deadline = now + (int64_t)timeout_s * 1000;
	p->limit = 0;
}

void
poll_patience(struct poll *p, long seconds)
{
	int64_t limit = clock_ms() + (int64_t)seconds * 1000;

	if (limit > p->deadline)
		p->limit = limit;
}

/* The deadline moves by what the server asks for beyond our own rhythm; a wait
 * that would end after the limit ends at it. */
static void
be_patient(struct poll *p, int64_t now, int64_t more)
{
	p->deadline += more;
	if (p->deadline > p->limit)
		p->deadline = p->limit;
	if (p->next > p->limit && now < p->limit)
		p->next = p->limit;
}

void
poll_again(struct poll *p, long retry_after)
{
	int64_t own = interval(++p->round), ms = own, now = clock_ms();

	p->late = 0;
	if (retry_after > 0 && (int64_t)retry_after * 1000 > ms)
		ms = (int64_t)retry_after * 1000;
	p->next = now + ms;
	if (p->limit > 0)
		be_patient(p, now, ms - own);
	if (retry_after > 0 && p->next > p->deadline)
		p->late = retry_after;
}

int
poll_wait(const struct poll *p, int extra_fd)
{
	int64_t now, until;
	int r;

	for (;;) {
		now = clock_ms();
		if (now >= p->next && p->next <= p->deadline)
			return 0;
		if (now >= p->deadline || p->late)
			return -1;
		until = p->next < p->deadline ? p->next : p->deadline;
		r = wait_readable(&extra_fd, 1, (long)(until - now));
		if (r == -2)
			return -2;
		if (r == 0)
			return 1;
	}
}
