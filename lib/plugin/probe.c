#include "plugin/probe.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/proc.h"

#define PATH_PREFIX "/.well-known/acme-challenge/"

enum {
	ANSWER_MAX = 64 << 10,
	ANSWER_MS = 5000, /* for one answer */
	AGAIN_MS = 100,
	CONNECT_MS = 10, /* between two looks */
	HTTP_PORT = 80
};

enum outcome { ANSWERED, WRONG, UNKNOWN, STOPPED };

/* One request. */
struct ask {
	struct guest *g;
	struct probe *at;
	const char *domain, *token, *wanted;
	char why[256]; /* of WRONG and UNKNOWN */
};

static int
address_of(const struct probe *p, struct sockaddr_storage *out, socklen_t *len)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	const char *text = p->address;
	char inner[INET6_ADDRSTRLEN];
	size_t n = strlen(text);

	memset(out, 0, sizeof(*out));
	if (strcmp(text, "*") == 0 || strcmp(text, "0.0.0.0") == 0)
		text = "127.0.0.1";
	if (text[0] == '[' && n > 2 && n - 2 < sizeof(inner)) {
		memcpy(inner, text + 1, n - 2);
		inner[n - 2] = '\0';
		text = inner;
	}
	if (strcmp(text, "::") == 0)
		text = "::1";
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)p->port);
		*len = sizeof(*v4);
		return 0;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		return -1;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)p->port);
	*len = sizeof(*v6);
	return 0;
}

static enum outcome says(struct ask *a, enum outcome o, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static enum outcome
says(struct ask *a, enum outcome o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(a->why, sizeof(a->why), fmt, ap);
	va_end(ap);
	return o;
}

/* Until a connection that is being made is there: 0, or an errno. */
static int
connected(struct ask *a, int fd, int64_t end)
{
	struct pollfd p = {fd, POLLOUT, 0};
	socklen_t len = sizeof(int);
	int e = 0;

	while (poll(&p, 1, 0) == 0) {
		if (guest_wait(a->g, NULL, 0, CONNECT_MS) == -2)
			return ECANCELED;
		if (clock_ms() >= end)
			return ETIMEDOUT;
	}
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) == 0 ? e : errno;
}

static int
send_request(const struct ask *a, int fd)
{
	char port[8] = "";
	char *text;
	ssize_t sent;
	size_t len;

	if (a->at->port != HTTP_PORT)
		(void)snprintf(port, sizeof(port), ":%ld", a->at->port);
	text = xasprintf("%sGET " PATH_PREFIX "%s HTTP/1.1\r\nHost: %s%s\r\n"
			 "User-Agent: acme-tools\r\nAccept: */*\r\n"
			 "Connection: close\r\n\r\n",
	    a->at->proxy_protocol ? "PROXY UNKNOWN\r\n" : "", a->token,
	    a->domain, port);
	len = strlen(text);
	/* A new connection has room for that much. */
	sent = send(fd, text, len, MSG_NOSIGNAL);
	free(text);
	return sent == (ssize_t)len ? 0 : -1;
}

/* Is what follows the header the key authorization? Blanks behind it do not
 * count (RFC 8555 8.3), nor do the lengths of a chunked body. */
static int
is_wanted(const char *body, const char *wanted)
{
	size_t len = strlen(wanted);
	const char *at = strstr(body, wanted);

	if (at == NULL)
		return 0;
	if (at == body)
		return body[len + strspn(body + len, " \t\r\n")] == '\0';
	return strtoul(body, NULL, 16) >= len && at[-1] == '\n' &&
	    (size_t)(at - body) <= strcspn(body, "\n") + 1;
}

static enum outcome
judge(struct ask *a, const struct buf *b)
{
	const char *text = b->p == NULL ? "" : b->p;
	const char *body = strstr(text, "\r\n\r\n");
	long status = 0;

	if (b->len == 0)
		return says(a, WRONG, "ends the connection without an answer");
	if (strncmp(text, "HTTP/1.", 7) == 0 &&
	    isdigit((unsigned char)text[7]) && text[8] == ' ')
		status = strtol(text + 9, NULL, 10);
	if (status < 200 || status > 999 || body == NULL)
		return says(a, WRONG, "does not answer in HTTP/1.1");
	if (status >= 300 && status < 400)
		return says(a, UNKNOWN, "redirects the request (%ld)", status);
	if (status != 200)
		return says(a, WRONG, "answers %ld", status);
	return is_wanted(body + 4, a->wanted) ?
	    ANSWERED :
	    says(a, WRONG, "answers 200 with another text");
}

static enum outcome
hear(struct ask *a, int fd, int64_t end)
{
	enum outcome o;
	struct buf b;
	long n = 1;

	buf_init(&b, ANSWER_MAX);
	while (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR))) {
		int64_t left = end - clock_ms();
		int r = guest_wait(a->g, &fd, 1, left > 0 ? (long)left : 0);

		if (r != 0) {
			buf_release(&b);
			a->at->silent = r == -1;
			return r == -2 ?
			    STOPPED :
			    says(a, UNKNOWN, "does not answer in time");
		}
		n = buf_read(&b, fd);
	}
	o = judge(a, &b);
	buf_release(&b);
	return o;
}

static enum outcome
ask_once(struct ask *a)
{
	int64_t end = clock_ms() + ANSWER_MS;
	struct sockaddr_storage to;
	enum outcome o = UNKNOWN;
	socklen_t len;
	int fd, e = 0;

	if (a->at->silent || address_of(a->at, &to, &len) != 0)
		return says(a, UNKNOWN, "is not asked");
	fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd == -1)
		return says(a, UNKNOWN, "%s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&to, len) != 0)
		e = errno == EINPROGRESS ? connected(a, fd, end) : errno;
	if (e == ECANCELED) {
		o = STOPPED;
	} else if (e == ECONNREFUSED) {
		o = says(a, WRONG, "refuses the connection");
	} else if (e != 0) {
		a->at->silent = 1;
		(void)says(a, o, "cannot be reached: %s", strerror(e));
	} else if (send_request(a, fd) != 0) {
		o = says(a, WRONG, "ends the connection without an answer");
	} else {
		o = hear(a, fd, end);
	}
	close(fd);
	return o;
}

/* All addresses in turn. Of several that answer wrongly the first is told of. */
static enum outcome
ask_all(struct ask *a, struct probe *list, size_t n, struct buf *why)
{
	enum outcome all = n == 0 ? UNKNOWN : WRONG;

	buf_reset(why);
	for (size_t i = 0; i < n; i++) {
		enum outcome o;

		a->at = &list[i];
		o = ask_once(a);
		if (o == ANSWERED || o == STOPPED)
			return o;
		if (o == UNKNOWN)
			all = UNKNOWN;
		(void)buf_addf(why, "%s%s:%ld %s", i == 0 ? "" : ", ",
		    list[i].address, list[i].port, a->why);
	}
	return all;
}

/* What may stand in a request line and a header as it is. */
static int
is_plain(const char *text)
{
	return text != NULL && text[0] != '\0' &&
	    text[strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=")] ==
	    '\0';
}

static int
report(const struct ask *a, const struct buf *why, struct err *err)
{
	char port[8] = "";
	char *text;

	if (a->at->port != HTTP_PORT)
		(void)snprintf(port, sizeof(port), ":%ld", a->at->port);
	text = xasprintf(
	    "http://%s%s" PATH_PREFIX
	    "%s is not answered by the server on this machine as the challenge needs it: %s. Look what else its configuration does with this path",
	    a->domain, port, a->token, why->p == NULL ? "" : why->p);
	if (guest_partial(a->g)) {
		guest_log(a->g, LOG_WARNING, SHOW_LOG, "%s.", text);
		free(text);
		return 0;
	}
	(void)err_set(err, ERR_pluginFailed,
	    "%s. The Certificate Authority was not asked.", text);
	free(text);
	return -1;
}

int
probe_challenge(struct guest *g, struct probe *list, size_t n, jv challenge,
    int64_t end, struct err *err)
{
	struct ask a = {.g = g,
	    .domain = doc_str_find(challenge, "identifier", "value", NULL),
	    .token = doc_str(challenge, "token"),
	    .wanted = doc_str(challenge, "keyAuthorization")};
	enum outcome o;
	struct buf why;
	int rc = 0;

	if (!is_plain(a.domain) || !is_plain(a.token) || a.wanted == NULL)
		return 0;
	buf_init(&why, 1024);
	do
		o = ask_all(&a, list, n, &why);
	while (o == WRONG && clock_ms() < end &&
	    guest_wait(g, NULL, 0, AGAIN_MS) == -1);
	if (guest_ended(g))
		o = STOPPED;
	if (o == WRONG)
		rc = report(&a, &why, err);
	else if (o == UNKNOWN)
		guest_log(g, LOG_INFO, SHOW_LOG,
		    "Whether the challenge for %s is answered cannot be seen from here: %s",
		    a.domain, why.p == NULL ? "no address is known" : why.p);
	buf_release(&why);
	return rc;
}
