/* client_answers.c - answers: read, waited for, given to whom they belong. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "net/client_private.h"
#include "net/frame.h"
#include "net/trace.h"

static enum net_fault
fault_of(const char *word)
{
	if (strcmp(word, "refused") == 0)
		return NET_REFUSED;
	if (strcmp(word, "unresolved") == 0)
		return NET_UNRESOLVED;
	return strcmp(word, "lost") == 0 ? NET_LOST : NET_BROKEN;
}

static void
answer_fill(struct net_answer *a, long id, jv head, char *body TAKES,
    size_t len)
{
	const char *fault = doc_str(head, "fault");
	const char *reason = doc_str(head, "reason");
	long status = 0;

	memset(a, 0, sizeof(*a));
	a->id = (uint64_t)id;
	a->body = body;
	a->len = len;
	a->headers = doc_get_kind(head, "headers", DOC_OBJECT);
	if (!doc_is(a->headers, DOC_OBJECT)) {
		doc_free(a->headers);
		a->headers = doc_object();
	}
	if (doc_int(head, "status", &status) == 0 && status > 0 &&
	    status < 1000)
		a->status = (int)status;
	if (!fault)
		return;
	a->fault = fault_of(fault);
	a->reason = xstrdup(reason ? reason : "the request failed");
	a->timed_out = doc_flag(head, "timedOut", 0);
}

static struct sent *
sent_find(struct net *net, uint64_t id)
{
	struct sent *s;

	TAILQ_FOREACH(s, &net->sent, next)
		if (s->id == id)
			return s;
	return NULL;
}

/* An answer out of what was read, with its request's fate. 1, 0, -1. */
static int
take_answer(struct net *net, struct net_answer *a, enum fate *fate,
    struct err *err)
{
	struct sent *s;
	char *body;
	size_t len;
	long id;
	jv head;
	int rc;

	rc = frame_take(&net->in, &head, &body, &len, err);
	if (rc == 0)
		return 0;
	if (rc < 0) {
		net->gone = 1;
		return err_set(err, ERR_netProcess,
		    "acme-net sent what is no message");
	}
	if (doc_int(head, "id", &id) || id < 1 ||
	    !(s = sent_find(net, (uint64_t)id))) {
		free(body);
		doc_free(head);
		net->gone = 1;
		return err_set(err, ERR_netProcess,
		    "acme-net answered what was not asked");
	}
	answer_fill(a, id, head, body, len);
	doc_free(head);
	if (net->trace >= 0)
		trace_answer(net->trace, a, s->whole);
	*fate = s->fate;
	TAILQ_REMOVE(&net->sent, s, next);
	free(s);
	return 1;
}

/* Read once. 1 something came, 0 nothing yet, -1. */
static int
fill_in(struct net *net, struct err *err)
{
	long n;

	if (net->gone)
		return net_ended(net, err);
	n = buf_read(&net->in, net->fd);
	if (n > 0)
		return 1;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return net_ended(net, err);
}

/* Wait until acme-net can be read from or, with bytes to send, written to.
 * 1, 0 after timeout_ms, -1 and err interrupted. */
static int
wait_net(struct net *net, long timeout_ms, struct err *err)
{
	struct pollfd p = {.fd = net->fd, .events = POLLIN};
	int rc;

	if (net->out.len) {
		/* acme-net always reads: this is short. */
		p.events |= POLLOUT;
		rc = poll(&p, 1, timeout_ms < 0 ? -1 : (int)timeout_ms);
		return rc != 0;
	}
	if (net->uninterruptible) {
		rc = poll(&p, 1, timeout_ms < 0 ? -1 : (int)timeout_ms);
		return rc != 0;
	}
	rc = wait_readable(&net->fd, 1, timeout_ms);
	if (rc == -2)
		return err_set(err, ERR_interrupted, "interrupted by signal %d",
		    signals_caught());
	return rc == 0;
}

/* The next answer from acme-net itself. 1, 0, -1. */
static int
receive(struct net *net, struct net_answer *a, enum fate *fate, long timeout_ms,
    struct err *err)
{
	int64_t end = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
	int rc;

	for (;;) {
		long left = -1;

		if ((rc = take_answer(net, a, fate, err)) != 0)
			return rc;
		if (net_flush(net, err))
			return -1;
		if ((rc = fill_in(net, err)) == 1)
			continue;
		if (rc < 0)
			return -1;
		if (end >= 0) {
			int64_t now = clock_ms();

			left = now < end ? (long)(end - now) : 0;
		}
		rc = wait_net(net, left, err);
		if (rc <= 0)
			return rc;
	}
}

int
net_next(struct net *net, struct net_answer *a, long timeout_ms,
    struct err *err)
{
	int64_t end = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
	struct kept *k = STAILQ_FIRST(&net->kept);
	enum fate fate = FATE_NEXT;
	int rc;

	memset(a, 0, sizeof(*a));
	if (k) {
		STAILQ_REMOVE_HEAD(&net->kept, next);
		*a = k->a;
		free(k);
		return 1;
	}
	for (;;) {
		rc = receive(net, a, &fate, timeout_ms, err);
		if (rc <= 0 || fate == FATE_NEXT)
			return rc;
		net_answer_release(a);
		if (end >= 0)
			timeout_ms = end > clock_ms() ?
			    (long)(end - clock_ms()) :
			    0;
	}
}

static void
keep(struct net *net, const struct net_answer *a)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->a = *a;
	STAILQ_INSERT_TAIL(&net->kept, k, next);
}

static void
set_fates(struct net *net, uint64_t first, uint64_t end, enum fate fate)
{
	struct sent *s;

	TAILQ_FOREACH(s, &net->sent, next)
		if (s->id >= first && s->id < end)
			s->fate = fate;
}

static int
gather(struct net *net, uint64_t first, size_t n, struct net_answer *a,
    struct err *err)
{
	struct net_answer got;
	enum fate fate;
	size_t left = n;

	while (left) {
		if (receive(net, &got, &fate, -1, err) < 0)
			return -1;
		if (fate == FATE_DROP) {
			net_answer_release(&got);
		} else if (fate == FATE_NEXT) {
			keep(net, &got);
		} else {
			a[got.id - first] = got;
			left--;
		}
	}
	return 0;
}

int
net_exchange(struct net *net, const struct net_request *req, size_t n,
    struct net_answer *a, struct err *err)
{
	uint64_t first = net->last_id + 1, id;
	size_t i;
	int rc = 0;

	memset(a, 0, n * sizeof(*a));
	for (i = 0; i < n && rc == 0; i++)
		rc = net_send(net, &req[i], &id, err);
	set_fates(net, first, first + n, FATE_HELD);
	if (rc == 0)
		rc = gather(net, first, n, a, err);
	if (rc == 0)
		return 0;
	set_fates(net, first, first + n, FATE_DROP);
	for (i = 0; i < n; i++) {
		net_answer_release(&a[i]);
		a[i].fault = NET_GONE;
	}
	return -1;
}
