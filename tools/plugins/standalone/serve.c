#include "serve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/buf.h"

static const char prefix[] = "/.well-known/acme-challenge/";
enum {
	CONNECTIONS_MAX = 200,
	CONNECTION_SECONDS = 30,
	CONNECTION_MEMORY = 16 << 10,
	SHOWN_MAX = 300
};

struct server {
	struct guest *g;
	struct MHD_Daemon *daemons[SOCKETS_MAX];
	size_t n;
	jv bodies; /* token -> body */
};

/* The request line's target as it came: MHD decodes and splits what it hands
 * to the handler. */
static void *
keep_target(void *ctx, const char *uri, struct MHD_Connection *c)
{
	(void)ctx;
	(void)c;
	return strdup(uri);
}

static void
forget_target(void *ctx, struct MHD_Connection *c, void **state,
    enum MHD_RequestTerminationCode code)
{
	(void)ctx;
	(void)c;
	(void)code;
	free(*state);
	*state = NULL;
}

static void
log_request(struct server *s, struct MHD_Connection *c, const char *method,
    const char *target, unsigned status)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char ip[INET6_ADDRSTRLEN] = "-";

	if (info != NULL && info->client_addr != NULL) {
		const struct sockaddr *a = info->client_addr;
		const void *p = a->sa_family == AF_INET6 ?
		    (const void *)&(
			(const struct sockaddr_in6 *)(const void *)a)
			->sin6_addr :
		    (const void *)&((const struct sockaddr_in *)(const void *)a)
			->sin_addr;
		(void)inet_ntop(a->sa_family, p, ip, sizeof(ip));
	}
	guest_log(s->g, LOG_DEBUG, SHOW_LOG, "%s - - \"%.16s %.*s\" %u -", ip,
	    method, SHOWN_MAX, target, status);
}

static enum MHD_Result
respond(struct MHD_Connection *c, unsigned status, const char *body,
    const char *type)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(body),
	    (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result ok;

	if (r == NULL)
		return MHD_NO;
	if (type != NULL)
		(void)MHD_add_response_header(r, "Content-Type", type);
	(void)MHD_add_response_header(r, "Connection", "close");
	ok = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result
handle(void *ctx, struct MHD_Connection *c, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_len, void **state)
{
	struct server *s = ctx;
	const char *target = *state == NULL ? "" : *state;
	const char *token, *body = NULL;
	unsigned status = 404;

	(void)url;
	(void)version;
	(void)upload;
	*upload_len = 0;
	if (strncmp(target, prefix, sizeof(prefix) - 1) == 0) {
		token = target + sizeof(prefix) - 1;
		body = doc_str(s->bodies, token);
	}
	if (strcmp(method, "GET") != 0)
		status = 501;
	else if (body != NULL || strcmp(target, "/") == 0)
		status = 200;
	log_request(s, c, method, target, status);
	if (status == 501)
		return respond(c, 501, "501", "text/html");
	if (status == 404)
		return respond(c, 404, "404", "text/html");
	if (body != NULL)
		return respond(c, 200, body, NULL);
	return respond(c, 200, "ACME client standalone challenge solver",
	    "text/html");
}

static void
run(void *arg)
{
	MHD_UNSIGNED_LONG_LONG ms;

	/* A timeout of 0: it has read more than it has dealt with. */
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		(void)MHD_run(arg);
		if (MHD_get_timeout(arg, &ms) != MHD_YES || ms != 0)
			break;
	}
}

struct server *
server_start(struct guest *g, struct sockets *sockets, struct err *err)
{
	struct server *s = xcalloc(1, sizeof(*s));

	s->g = g;
	s->bodies = doc_object();
	for (size_t i = 0; i < sockets->n; i++) {
		const union MHD_DaemonInfo *info = NULL;
		struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL,
		    NULL, handle, s, MHD_OPTION_LISTEN_SOCKET, sockets->fd[i],
		    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_SECONDS,
		    MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		    (size_t)CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK,
		    keep_target, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		    forget_target, NULL, MHD_OPTION_END);

		if (d == NULL) {
			close(sockets->fd[i]);
			continue;
		}
		s->daemons[s->n++] = d;
		info = MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD);
		if (info == NULL ||
		    guest_attend(g, info->epoll_fd, run, d) == -1) {
			err_set(err, ERR_internal,
			    "cannot watch so many sockets");
			server_stop(s);
			return NULL;
		}
	}
	if (s->n > 0)
		return s;
	err_set(err, ERR_pluginFailed, "the web server does not start");
	server_stop(s);
	return NULL;
}

void
server_stop(struct server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		MHD_stop_daemon(s->daemons[i]);
	doc_free(s->bodies);
	free(s);
}

int
server_add(struct server *s, const char *token, const char *body,
    struct err *err)
{
	if (token[0] == '\0' || strpbrk(token, "/?%") != NULL)
		return err_set(err, ERR_pluginFailed,
		    "the token has other characters than those of base64url");
	s->bodies = doc_set_str(s->bodies, token, body);
	return 0;
}

void
server_remove(struct server *s, const char *token)
{
	s->bodies = doc_del(s->bodies, token);
}
