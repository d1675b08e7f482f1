#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "service.h"

enum { FDS_MAX = 600, IDLE_MS = 60 * 1000 };

static void
on_message(void *ctx, struct net_client *c, jv head TAKES, char *body TAKES,
    size_t len)
{
	request_message(ctx, c, head, body, len);
}

static void
on_gone(void *ctx, struct net_client *c)
{
	pool_forget(ctx, c);
	origin_forget(ctx, c);
}

const struct net_server_ops service_ops = {on_message, on_gone};

/* The supervisor wrote: forget the signals that are pending, which it has
 * seen. 1 when it has closed its end. */
static int
lifeline_closed(int fd)
{
	static const struct timespec at_once = {0, 0};
	sigset_t all;
	char byte;
	ssize_t n = read(fd, &byte, 1);

	if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
		return 1;
	sigfillset(&all);
	while (sigtimedwait(&all, NULL, &at_once) > 0)
		;
	return 0;
}

static size_t
finish_done(struct service *sv)
{
	struct CURLMsg *m;
	size_t n = 0;
	int left;

	while ((m = curl_multi_info_read(sv->multi, &left))) {
		struct job *j;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &j);
		answer_finish(j, m->data.result);
		n++;
	}
	return n;
}

/* Wait for the network, the clients and the lifeline (fds[0]). How many of fds
 * are in use. */
static size_t
wait_any(struct service *sv, int lifeline, struct pollfd *fds)
{
	static struct curl_waitfd extra[FDS_MAX];
	size_t n, i;

	fds[0].fd = lifeline;
	fds[0].events = POLLIN;
	n = 1 + net_server_fds(sv->server, fds + 1, FDS_MAX - 1);
	for (i = 0; i < n; i++) {
		extra[i].fd = fds[i].fd;
		extra[i].events = (short)((fds[i].events & POLLIN ?
						  CURL_WAIT_POLLIN :
						  0) |
		    (fds[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
		extra[i].revents = 0;
		fds[i].revents = 0;
	}
	curl_multi_poll(sv->multi, extra, (unsigned)n, IDLE_MS, NULL);
	(void)poll(fds, (nfds_t)n, 0);
	return n;
}

static int
setup(struct service *sv)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -1;
	sv->multi = curl_multi_init();
	if (!sv->multi)
		return -1;
	curl_multi_setopt(sv->multi, CURLMOPT_PIPELINING,
	    (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(sv->multi, CURLMOPT_MAXCONNECTS, 64L);
	return 0;
}

int
service_run(struct service *sv, int lifeline)
{
	static struct pollfd fds[FDS_MAX];
	int running;
	size_t n;

	if (setup(sv))
		return 70;
	for (;;) {
		origin_start_all(sv);
		curl_multi_perform(sv->multi, &running);
		if (finish_done(sv))
			continue;
		if (lifeline < 0 && net_server_clients(sv->server) == 0)
			return 0;
		n = wait_any(sv, lifeline, fds);
		net_server_serve(sv->server, fds + 1, n - 1);
		if (fds[0].revents && lifeline_closed(lifeline)) {
			close(lifeline);
			lifeline = -1;
		}
	}
}
