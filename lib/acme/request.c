/* A request before it is signed: the connection, the stage's trust and limits. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "acme/session.h"
#include "base/safefile.h"

enum { REQUEST_SECONDS = 45 };

enum net_plain
acme_plain(const char *server)
{
	return strncmp(server, "https:", 6) != 0 && url_loopback(server) ?
	    NET_PLAIN_LOOPBACK :
	    NET_PLAIN_NEVER;
}

struct net *
acme_net(struct acme *a, struct err *err)
{
	const char *trace = a->stage->trace;

	if (a->net != NULL)
		return a->net;
	if (trace != NULL && a->trace_fd < 0) {
		a->trace_fd = safefile_open_own(trace,
		    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
		if (a->trace_fd < 0) {
			err_sys(err, ERR_cannotCreate, errno,
			    "the trace %s cannot be written", trace);
			return NULL;
		}
	}
	if ((a->net = net_open(err)) != NULL && a->trace_fd >= 0)
		net_trace(a->net, a->trace_fd);
	return a->net;
}

struct net_request
acme_request(struct acme *a, const char *method, const char *url,
    enum net_plain plain)
{
	const struct stage *st = a->stage;
	int post = strcmp(method, "POST") == 0;
	struct net_request r = {0};

	r.method = method;
	r.url = url;
	r.headers = post ? a->post_headers : a->get_headers;
	r.timeout = st->timeout > 0 && st->timeout < REQUEST_SECONDS ?
	    st->timeout :
	    REQUEST_SECONDS;
	r.ca = st->ca_bundle;
	r.no_verify = st->no_verify_ssl;
	r.plain = plain;
	return r;
}
