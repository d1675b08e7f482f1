#include "net/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/safefile.h"
#include "net/frame.h"
#include "net/start.h"
#include "net/trace.h"

enum {
	OUT_MAX = 256 << 20,
	IN_MAX = FRAME_LINE_MAX + FRAME_BODY_MAX + (1 << 20)
};

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

static int
connect_to(const char *path, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		return err_set(err, ERR_netProcess,
		    "the path in ACME_NET is too long: %s", path);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return err_set(err, ERR_netProcess, "cannot make a socket: %s",
		    strerror(errno));
	while (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1) {
		if (errno == EINTR)
			continue;
		err_set(err, ERR_netProcess,
		    "cannot reach acme-net at %s, named in ACME_NET: %s", path,
		    strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

struct net *
net_open(struct err *err)
{
	const char *path = getenv("ACME_NET");
	struct net_process own = NET_PROCESS_INIT;
	struct net *net;
	int fd;

	fd = path && *path ? connect_to(path, err) :
			     net_process_start(&own, err);
	if (fd == -1)
		return NULL;
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	net = xcalloc(1, sizeof(*net));
	net->fd = fd;
	net->trace = -1;
	net->own = own;
	buf_init(&net->in, IN_MAX);
	buf_init(&net->out, OUT_MAX);
	TAILQ_INIT(&net->sent);
	STAILQ_INIT(&net->kept);
	return net;
}

void
net_close(struct net *net)
{
	struct sent *s;
	struct kept *k;

	if (!net)
		return;
	close(net->fd);
	net_process_end(&net->own);
	while ((s = TAILQ_FIRST(&net->sent))) {
		TAILQ_REMOVE(&net->sent, s, next);
		free(s);
	}
	while ((k = STAILQ_FIRST(&net->kept))) {
		STAILQ_REMOVE_HEAD(&net->kept, next);
		net_answer_release(&k->a);
		free(k);
	}
	buf_release(&net->in);
	buf_release(&net->out);
	free(net);
}

void
net_trace(struct net *net, int fd)
{
	net->trace = fd;
}

void
net_uninterruptible(struct net *net)
{
	net->uninterruptible = 1;
}

static int
ended(struct net *net, struct err *err)
{
	net->gone = 1;
	return err_set(err, ERR_netProcess,
	    "acme-net, the network process, ended unexpectedly");
}

/* Send what the socket takes at once. */
static int
flush_out(struct net *net, struct err *err)
{
	size_t done = 0;
	ssize_t n;

	if (net->gone)
		return ended(net, err);
	while (done < net->out.len) {
		n = send(net->fd, net->out.p + done, net->out.len - done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			break;
		if (n == -1)
			return ended(net, err);
		done += (size_t)n;
	}
	buf_drop(&net->out, done);
	return 0;
}

static jv
add_pool(jv head TAKES, const char *header, const char *of)
{
	head = doc_set_str(head, "header", header);
	return doc_set_str(head, "of", of);
}

/* What a request and a fetch for the pool have in common. */
static jv
request_head(uint64_t id, const struct net_request *req)
{
	static const char *const plain[] = {"never", "loopback", "any"};
	jv head = doc_set_int(doc_object(), "id", (long)id);

	if (!req)
		return head;
	if (doc_is(req->headers, DOC_OBJECT))
		head = doc_set(head, "headers", doc_copy(req->headers));
	if (req->limit > 0)
		head = doc_set_int(head, "limit", req->limit);
	if (req->timeout > 0)
		head = doc_set_int(head, "timeout", req->timeout);
	if (req->ca) {
		/* acme-net has a working directory of its own. */
		char *ca = path_absolute(req->ca);

		head = doc_set_str(head, "ca", ca);
		free(ca);
	}
	if (req->no_verify)
		head = doc_set_flag(head, "verify", 0);
	if (req->redirects > 0)
		head = doc_set_int(head, "redirects", req->redirects);
	return doc_set_str(head, "plain", plain[req->plain]);
}

static int
queue(struct net *net, jv head TAKES, const void *body, size_t len, int whole,
    struct err *err)
{
	struct sent *s;

	if (net->gone) {
		doc_free(head);
		return ended(net, err);
	}
	if (frame_add(&net->out, head, body, len))
		return err_set(err, ERR_internal,
		    "a request is too large for acme-net");
	s = xcalloc(1, sizeof(*s));
	s->id = net->last_id;
	s->whole = whole;
	TAILQ_INSERT_TAIL(&net->sent, s, next);
	return flush_out(net, err);
}

int
net_send(struct net *net, const struct net_request *req, uint64_t *id,
    struct err *err)
{
	int whole = 0;
	jv head;

	*id = ++net->last_id;
	head = request_head(*id, req);
	head = doc_set_str(head, "method", req->method);
	head = doc_set_str(head, "url", req->url);
	if (req->pool_header && req->pool_of)
		head = doc_set(head, "pool",
		    add_pool(doc_object(), req->pool_header, req->pool_of));
	if (net->trace >= 0)
		whole = trace_request(net->trace, *id, req);
	return queue(net, head, req->body, req->len, whole, err);
}

int
net_take(struct net *net, const char *header, const char *of,
    const struct net_request *how, uint64_t *id, struct err *err)
{
	jv head;

	*id = ++net->last_id;
	head = doc_set_str(request_head(*id, how), "op", "take");
	return queue(net, add_pool(head, header, of), NULL, 0, 0, err);
}

static enum net_fault
fault_of(const char *word)
{
	if (strcmp(word, "refused") == 0)
		return NET_REFUSED;
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
		return ended(net, err);
	n = buf_read(&net->in, net->fd);
	if (n > 0)
		return 1;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return ended(net, err);
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
		if (flush_out(net, err))
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
