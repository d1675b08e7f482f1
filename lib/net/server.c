#include "net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/frame.h"

enum {
	CLIENTS_MAX = 512,
	READ_MAX = FRAME_LINE_MAX + FRAME_BODY_MAX + (1 << 20)
};

/* One answer on its way. */
struct chunk {
	STAILQ_ENTRY(chunk) next;
	struct buf b;
	size_t done;
};

struct net_client {
	TAILQ_ENTRY(net_client) next;
	STAILQ_HEAD(, chunk) out;
	struct buf in;
	size_t backlog;
	int fd, dead;
};

struct net_server {
	TAILQ_HEAD(, net_client) clients;
	size_t n;
	int fd;
	int full; /* accept ran out of descriptors: wait until a client goes */
	const struct net_server_ops *ops;
	void *ctx;
};

static int
listen_at(const char *path, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	mode_t mask;
	int fd, rc;

	if (strlen(path) >= sizeof(sun.sun_path))
		return err_set(err, ERR_cannotCreate,
		    "the socket's path %s is too long: shorten TMPDIR", path);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return err_sys(err, ERR_cannotCreate, errno,
		    "cannot make a socket");
	mask = umask(077);
	rc = bind(fd, (const struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (rc == -1 || listen(fd, 64) == -1) {
		err_sys(err, ERR_cannotCreate, errno, "cannot listen on %s",
		    path);
		close(fd);
		return -1;
	}
	return fd;
}

struct net_server *
net_server_new(const char *path, const struct net_server_ops *ops, void *ctx,
    struct err *err)
{
	struct net_server *s;
	int fd = listen_at(path, err);

	if (fd == -1)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	TAILQ_INIT(&s->clients);
	s->fd = fd;
	s->ops = ops;
	s->ctx = ctx;
	return s;
}

static void
chunk_free(struct chunk *k)
{
	buf_release(&k->b);
	free(k);
}

static void
client_free(struct net_client *c)
{
	struct chunk *k;

	while ((k = STAILQ_FIRST(&c->out))) {
		STAILQ_REMOVE_HEAD(&c->out, next);
		chunk_free(k);
	}
	buf_release(&c->in);
	close(c->fd);
	free(c);
}

void
net_server_free(struct net_server *s)
{
	struct net_client *c;

	if (!s)
		return;
	while ((c = TAILQ_FIRST(&s->clients))) {
		TAILQ_REMOVE(&s->clients, c, next);
		client_free(c);
	}
	close(s->fd);
	free(s);
}

static void
client_add(struct net_server *s, int fd)
{
	struct net_client *c = xcalloc(1, sizeof(*c));

	c->fd = fd;
	STAILQ_INIT(&c->out);
	buf_init(&c->in, READ_MAX);
	TAILQ_INSERT_TAIL(&s->clients, c, next);
	s->n++;
}

static int
same_user(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    peer.uid == geteuid();
}

int
net_server_adopt(struct net_server *s, int fd, struct err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return err_sys(err, ERR_internal, errno,
		    "cannot use descriptor %d", fd);
	if (!same_user(fd))
		return err_set(err, ERR_permission,
		    "descriptor %d is no socket of this user", fd);
	client_add(s, fd);
	return 0;
}

static void
client_write(struct net_client *c)
{
	struct chunk *k;

	while ((k = STAILQ_FIRST(&c->out))) {
		ssize_t n = send(c->fd, k->b.p + k->done, k->b.len - k->done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n == -1) {
			c->dead = 1;
			return;
		}
		c->backlog -= (size_t)n;
		k->done += (size_t)n;
		if (k->done < k->b.len)
			continue;
		STAILQ_REMOVE_HEAD(&c->out, next);
		chunk_free(k);
	}
}

void
net_server_reply(struct net_client *c, jv head TAKES, const void *body,
    size_t len)
{
	struct chunk *k;

	if (c->dead) {
		doc_free(head);
		return;
	}
	k = xcalloc(1, sizeof(*k));
	buf_init(&k->b, FRAME_LINE_MAX + 1 + FRAME_BODY_MAX);
	if (frame_add(&k->b, head, body, len)) {
		chunk_free(k);
		c->dead = 1;
		return;
	}
	c->backlog += k->b.len;
	STAILQ_INSERT_TAIL(&c->out, k, next);
	client_write(c);
}

size_t
net_client_backlog(const struct net_client *c)
{
	return c->backlog;
}

size_t
net_server_clients(const struct net_server *s)
{
	return s->n;
}

size_t
net_server_fds(struct net_server *s, struct pollfd *fds, size_t max)
{
	struct net_client *c;
	size_t n = 0;

	if (max == 0)
		return 0;
	fds[n].fd = s->full || s->n >= CLIENTS_MAX ? -1 : s->fd;
	fds[n++].events = POLLIN;
	TAILQ_FOREACH(c, &s->clients, next) {
		if (n == max)
			break;
		fds[n].fd = c->fd;
		fds[n++].events = STAILQ_EMPTY(&c->out) ? POLLIN :
							  POLLIN | POLLOUT;
	}
	return n;
}

static void
client_read(struct net_server *s, struct net_client *c)
{
	long n = buf_read(&c->in, c->fd);
	size_t len;
	char *body;
	jv head;
	int rc;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		c->dead = 1;
		return;
	}
	while ((rc = frame_take(&c->in, &head, &body, &len, NULL)) == 1)
		s->ops->message(s->ctx, c, head, body, len);
	if (rc < 0)
		c->dead = 1;
}

static void
accept_all(struct net_server *s)
{
	int fd;

	while (s->n < CLIENTS_MAX) {
		fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd == -1) {
			s->full = errno == EMFILE || errno == ENFILE ||
			    errno == ENOBUFS || errno == ENOMEM;
			return;
		}
		if (same_user(fd))
			client_add(s, fd);
		else
			close(fd);
	}
}

static void
bury(struct net_server *s)
{
	struct net_client *c, *after;

	for (c = TAILQ_FIRST(&s->clients); c; c = after) {
		after = TAILQ_NEXT(c, next);
		if (!c->dead)
			continue;
		TAILQ_REMOVE(&s->clients, c, next);
		s->n--;
		s->full = 0;
		if (s->ops->gone)
			s->ops->gone(s->ctx, c);
		client_free(c);
	}
}

void
net_server_serve(struct net_server *s, const struct pollfd *fds, size_t n)
{
	struct net_client *c;
	size_t i = 1;

	TAILQ_FOREACH(c, &s->clients, next) {
		if (i < n && fds[i].fd == c->fd) {
			if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
				client_read(s, c);
			i++;
		}
		if (!c->dead)
			client_write(c);
	}
	if (n && fds[0].revents & POLLIN)
		accept_all(s);
	bury(s);
}
