/* A request of our own for a challenge, before servers that answer in all the
 * ways that there are. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/proc.h"
#include "plugin/guest_private.h"
#include "plugin/probe.h"

#define HTTP(status, body) \
	"HTTP/1.1 " status "\r\nContent-Type: text/plain\r\n\r\n" body

struct server {
	int fd, requests; /* requests: a pipe, what came */
	pid_t pid;
	long port;
};

static void
serve_one(int fd, int requests, const char *answer)
{
	char text[4096];
	size_t len = 0;
	ssize_t n;
	int client = accept(fd, NULL, NULL);

	while (client != -1 && len < sizeof(text) - 1 &&
	    (n = read(client, text + len, sizeof(text) - 1 - len)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, "\r\n\r\n") != NULL)
			break;
	}
	(void)fd_write_all(requests, text, len);
	if (answer != NULL)
		(void)fd_write_all(client, answer, strlen(answer));
	close(client);
}

static int
bound(struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(fd, (struct sockaddr *)a, sizeof(*a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)a, &len), 0);
	return fd;
}

/* first: the answer to the first request, then to all. NULL: none. */
static struct server
start(const char *first, const char *then)
{
	struct server s;
	struct sockaddr_in a;
	int p[2];

	s.fd = bound(&a);
	s.port = ntohs(a.sin_port);
	assert_int_equal(listen(s.fd, 8), 0);
	assert_int_equal(pipe(p), 0);
	s.pid = fork();
	if (s.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_one(s.fd, p[1], first);
		for (;;)
			serve_one(s.fd, p[1], then);
	}
	close(p[1]);
	close(s.fd);
	s.requests = p[0];
	return s;
}

static void
stop(struct server *s, char *seen, size_t size)
{
	ssize_t n;

	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	n = read(s->requests, seen, size - 1);
	seen[n < 0 ? 0 : n] = '\0';
	close(s->requests);
}

/* probe_challenge in a conversation that goes on; what it logged in logged. */
static int
probe(struct probe *list, size_t n, int partial, long ms, char *logged,
    struct err *err)
{
	static const char text[] =
	    "{\"type\":\"http-01\",\"token\":\"tok\",\"keyAuthorization\":"
	    "\"tok.key\",\"validation\":\"tok.key\",\"identifier\":"
	    "{\"type\":\"dns\",\"value\":\"a.example\"}}";
	jv c = doc_parse(text, strlen(text), NULL);
	struct guest g = {.partial = partial};
	int in[2], out[2], rc;
	ssize_t len;

	assert_int_equal(pipe(in) | pipe(out), 0);
	(void)fcntl(out[0], F_SETFL, O_NONBLOCK);
	g.in = in[0];
	g.out = out[1];
	buf_init(&g.buf, 1024);
	rc = probe_challenge(&g, list, n, c, clock_ms() + ms, err);
	len = read(out[0], logged, 4095);
	logged[len < 0 ? 0 : len] = '\0';
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	doc_free(c);
	return rc;
}

static void
expect(const char *first, const char *then, long ms, const char *why,
    const char *told)
{
	struct server s = start(first, then);
	struct probe p = {.address = "*", .port = s.port};
	char logged[4096], seen[4096];
	struct err err = {0};

	assert_int_equal(probe(&p, 1, 0, ms, logged, &err),
	    why == NULL ? 0 : -1);
	stop(&s, seen, sizeof(seen));
	assert_non_null(strstr(seen,
	    "GET /.well-known/acme-challenge/tok HTTP/1.1\r\nHost: "
	    "a.example:"));
	if (why != NULL)
		assert_non_null(strstr(err_text(&err), why));
	if (told != NULL)
		assert_non_null(strstr(logged, told));
	else
		assert_string_equal(logged, "");
	err_clear(&err);
}

static void
answered(void **state)
{
	(void)state;
	expect(HTTP("200 OK", "tok.key"), NULL, 0, NULL, NULL);
	expect(HTTP("200 OK", "tok.key\r\n"), NULL, 0, NULL, NULL);
	expect(HTTP("200 OK", "7\r\ntok.key\r\n0\r\n\r\n"), NULL, 0, NULL,
	    NULL);
}

static void
wrongly_answered(void **state)
{
	(void)state;
	expect(HTTP("403 Forbidden", "no"), NULL, 0, " answers 403.", NULL);
	expect(HTTP("200 OK", "tok.keys"), NULL, 0,
	    " answers 200 with another text.", NULL);
	expect(HTTP("200 OK", "see tok.key"), NULL, 0,
	    " answers 200 with another text.", NULL);
	expect(HTTP("404 Not Found", "tok.key"), NULL, 0, " answers 404.",
	    NULL);
	expect(NULL, NULL, 0, " ends the connection without an answer.", NULL);
	expect("\x15\x03\x01", NULL, 0, " does not answer in HTTP/1.1.", NULL);
}

static void
not_known(void **state)
{
	struct probe p = {.address = "localhost", .port = 80};
	struct err err = {0};
	char logged[4096];

	(void)state;
	expect(HTTP("301 Moved", ""), NULL, 0, NULL,
	    "redirects the request (301)");
	assert_int_equal(probe(&p, 1, 0, 0, logged, &err), 0);
	assert_non_null(strstr(logged, "cannot be seen from here"));
	assert_int_equal(probe(&p, 0, 0, 0, logged, &err), 0);
}

static void
after_a_while(void **state)
{
	(void)state;
	expect(HTTP("404 Not Found", ""), HTTP("200 OK", "tok.key"), 10000,
	    NULL, NULL);
}

static void
nobody_listens(void **state)
{
	struct sockaddr_in a;
	int fd = bound(&a);
	struct probe p = {.address = "127.0.0.1", .port = ntohs(a.sin_port)};
	struct err err = {0};
	char logged[4096];

	(void)state;
	assert_int_equal(probe(&p, 1, 0, 0, logged, &err), -1);
	assert_int_equal(err.name, ERR_pluginFailed);
	assert_non_null(strstr(err_text(&err), " refuses the connection. "));
	assert_non_null(strstr(err_text(&err), "Authority was not asked"));
	err_clear(&err);
	close(fd);
}

static void
one_of_several(void **state)
{
	struct server no = start(HTTP("404 Not Found", ""), NULL);
	struct server yes = start(HTTP("200 OK", "tok.key"), NULL);
	struct probe p[] = {{.address = "127.0.0.1", .port = no.port},
	    {.address = "127.0.0.1", .port = yes.port, .proxy_protocol = 1}};
	struct err err = {0};
	char logged[4096], seen[4096];

	(void)state;
	assert_int_equal(probe(p, 2, 0, 0, logged, &err), 0);
	stop(&no, seen, sizeof(seen));
	assert_int_equal(strncmp(seen, "GET ", 4), 0);
	stop(&yes, seen, sizeof(seen));
	assert_int_equal(strncmp(seen, "PROXY UNKNOWN\r\nGET ", 19), 0);
}

static void
some_may_fail(void **state)
{
	struct server s = start(HTTP("404 Not Found", ""), NULL);
	struct probe p = {.address = "127.0.0.1", .port = s.port};
	struct err err = {0};
	char logged[4096], seen[4096];

	(void)state;
	assert_int_equal(probe(&p, 1, 1, 0, logged, &err), 0);
	assert_non_null(strstr(logged, "answers 404"));
	assert_non_null(strstr(logged, "\"warning\""));
	assert_null(strstr(logged, "was not asked"));
	stop(&s, seen, sizeof(seen));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answered),
	    cmocka_unit_test(wrongly_answered),
	    cmocka_unit_test(not_known),
	    cmocka_unit_test(after_a_while),
	    cmocka_unit_test(nobody_listens),
	    cmocka_unit_test(one_of_several),
	    cmocka_unit_test(some_may_fail),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
