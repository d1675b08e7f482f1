/* client.c - a stage's end: opened, and requests sent. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/safefile.h"
#include "net/client_private.h"
#include "net/frame.h"
#include "net/trace.h"

enum {
	OUT_MAX = 256 << 20,
	IN_MAX = FRAME_LINE_MAX + FRAME_BODY_MAX + (1 << 20)
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

int
net_fd(const struct net *net)
{
	return net->fd;
}

void
net_uninterruptible(struct net *net)
{
	net->uninterruptible = 1;
}

int
net_ended(struct net *net, struct err *err)
{
	net->gone = 1;
	return err_set(err, ERR_netProcess,
	    "acme-net, the network process, ended unexpectedly");
}

int
net_flush(struct net *net, struct err *err)
{
	size_t done = 0;
	ssize_t n;

	if (net->gone)
		return net_ended(net, err);
	while (done < net->out.len) {
		n = send(net->fd, net->out.p + done, net->out.len - done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			break;
		if (n == -1)
			return net_ended(net, err);
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
		return net_ended(net, err);
	}
	if (frame_add(&net->out, head, body, len))
		return err_set(err, ERR_internal,
		    "a request is too large for acme-net");
	s = xcalloc(1, sizeof(*s));
	s->id = net->last_id;
	s->whole = whole;
	TAILQ_INSERT_TAIL(&net->sent, s, next);
	return net_flush(net, err);
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
