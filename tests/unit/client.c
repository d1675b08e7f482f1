/* The client against a server of lib/net in a child: both ends at once. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/proc.h"
#include "net/client.h"
#include "net/frame.h"
#include "net/server.h"

enum { HELD = 16, FDS = 32, BIG = 3 << 20 };

/* What the server does is said by the URL's path. */
struct held {
	struct net_client *client;
	jv head;
};
struct server {
	struct net_server *server;
	struct held held[HELD];
	size_t n;
};

static void
reply(struct net_client *c, jv head, const char *body, size_t len)
{
	long id = 0;
	jv a = doc_object();

	doc_int(head, "id", &id);
	a = doc_set_int(doc_set_int(a, "id", id), "status", 200);
	net_server_reply(c, doc_set(a, "headers", doc_object()), body, len);
}

/* All that were held, the last first. */
static void
let_go(struct server *s)
{
	while (s->n) {
		struct held *h = &s->held[--s->n];
		const char *url = doc_str(h->head, "url");

		reply(h->client, h->head, url, strlen(url));
		doc_free(h->head);
	}
}

static void
on_message(void *ctx, struct net_client *c, jv head, char *body, size_t len)
{
	struct server *s = ctx;
	const char *url = doc_str(head, "url");
	jv a;

	if (!url) {
		char *text = doc_text(head);

		reply(c, head, text, strlen(text));
		free(text);
	} else if (strstr(url, "/hold") && s->n < HELD) {
		s->held[s->n].client = c;
		s->held[s->n++].head = doc_copy(head);
	} else if (strstr(url, "/release")) {
		reply(c, head, "released", 8);
		let_go(s);
	} else if (strstr(url, "/big")) {
		char *big = xcalloc(1, BIG);

		reply(c, head, big, BIG);
		free(big);
	} else if (strstr(url, "/die")) {
		_exit(1);
	} else if (strstr(url, "/unasked")) {
		a = doc_set_int(doc_object(), "id", 4711);
		net_server_reply(c, doc_set_int(a, "status", 200), NULL, 0);
	} else if (strstr(url, "/fault")) {
		long id = 0;

		doc_int(head, "id", &id);
		a = doc_set_int(doc_object(), "id", id);
		a = doc_set_str(a, "fault", "lost");
		a = doc_set_str(a, "reason", "the line was cut");
		net_server_reply(c, doc_set_flag(a, "timedOut", 1), NULL, 0);
	} else if (strstr(url, "/head")) {
		char *text = doc_text(head);

		reply(c, head, text, strlen(text));
		free(text);
	} else {
		reply(c, head, body, len);
	}
	free(body);
	doc_free(head);
}

static const struct net_server_ops ops = {on_message, NULL};

struct fixture {
	char dir[64], path[96];
	pid_t pid;
};

static void
serve(struct server *s)
{
	struct pollfd fds[FDS];
	size_t n, seen = 0;

	do {
		n = net_server_fds(s->server, fds, FDS);
		if (poll(fds, n, 30000) == 0)
			break;
		net_server_serve(s->server, fds, n);
		seen |= net_server_clients(s->server);
	} while (!seen || net_server_clients(s->server));
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct server s = {0};
	struct err err = {0};

	snprintf(f->dir, sizeof(f->dir), "/tmp/unit-client-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/socket", f->dir);
	s.server = net_server_new(f->path, &ops, &s, &err);
	assert_non_null(s.server);
	f->pid = fork();
	if (f->pid == 0) {
		serve(&s);
		_exit(0);
	}
	net_server_free(s.server);
	setenv("ACME_NET", f->path, 1);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int ws;

	kill(f->pid, SIGKILL);
	waitpid(f->pid, &ws, 0);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static struct net *
opened(void)
{
	struct err err = {0};
	struct net *net = net_open(&err);

	assert_non_null(net);
	return net;
}

static struct net_request
get(const char *url)
{
	struct net_request r = {.method = "GET", .url = url};

	return r;
}

/* Answers that come in another order belong to their requests. */
static void
test_order(void **state)
{
	struct net_request r[] = {get("x:/hold/1"), get("x:/hold/2"),
	    get("x:/release"), get("x:/echo")};
	struct net_answer a[ARRAY_LEN(r)];
	struct net *net = opened();
	struct err err = {0};
	size_t i;

	(void)state;
	r[3].body = "mirror";
	r[3].len = 6;
	assert_int_equal(net_exchange(net, r, ARRAY_LEN(r), a, &err), 0);
	assert_string_equal(a[0].body, "x:/hold/1");
	assert_string_equal(a[1].body, "x:/hold/2");
	assert_string_equal(a[2].body, "released");
	assert_string_equal(a[3].body, "mirror");
	for (i = 0; i < ARRAY_LEN(r); i++) {
		assert_int_equal(a[i].status, 200);
		net_answer_release(&a[i]);
	}
	net_close(net);
}

/* What was sent before an exchange is still answered to net_next. */
static void
test_next_beside_exchange(void **state)
{
	struct net_request held = get("x:/hold/a"), other = get("x:/release");
	struct net *net = opened();
	struct err err = {0};
	struct net_answer a;
	uint64_t id;

	(void)state;
	assert_int_equal(net_send(net, &held, &id, &err), 0);
	assert_int_equal(net_next(net, &a, 0, &err), 0);
	assert_int_equal(net_exchange(net, &other, 1, &a, &err), 0);
	assert_string_equal(a.body, "released");
	net_answer_release(&a);
	assert_int_equal(net_next(net, &a, 10000, &err), 1);
	assert_int_equal(a.id, id);
	assert_string_equal(a.body, "x:/hold/a");
	net_answer_release(&a);
	net_close(net);
}

/* Much in both directions at once does not lock up. */
static void
test_large(void **state)
{
	struct net_request r[8];
	struct net_answer a[ARRAY_LEN(r)];
	struct net *net = opened();
	struct err err = {0};
	char *big = xcalloc(1, BIG);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(r); i++) {
		r[i] = get(i % 2 ? "x:/big" : "x:/echo");
		r[i].body = big;
		r[i].len = BIG;
	}
	assert_int_equal(net_exchange(net, r, ARRAY_LEN(r), a, &err), 0);
	for (i = 0; i < ARRAY_LEN(r); i++) {
		assert_int_equal(a[i].len, BIG);
		net_answer_release(&a[i]);
	}
	free(big);
	net_close(net);
}

static void
test_death(void **state)
{
	struct net_request r[] = {get("x:/hold"), get("x:/die")};
	struct net_answer a[ARRAY_LEN(r)];
	struct net *net = opened();
	struct err err = {0};
	uint64_t id;

	(void)state;
	assert_int_equal(net_exchange(net, r, ARRAY_LEN(r), a, &err), -1);
	assert_int_equal(err.name, ERR_netProcess);
	assert_int_equal(a[0].fault, NET_GONE);
	assert_int_equal(err_exit_status(&err), 69);
	err_clear(&err);
	assert_int_equal(net_send(net, &r[0], &id, &err), -1);
	assert_int_equal(err.name, ERR_netProcess);
	err_clear(&err);
	net_close(net);
}

static void
test_unasked(void **state)
{
	struct net_request r = get("x:/unasked");
	struct net *net = opened();
	struct err err = {0};
	struct net_answer a;

	(void)state;
	assert_int_equal(net_exchange(net, &r, 1, &a, &err), -1);
	assert_int_equal(err.name, ERR_netProcess);
	err_clear(&err);
	net_close(net);
}

static void
test_fault(void **state)
{
	struct net_request r = get("x:/fault");
	struct net *net = opened();
	struct err err = {0};
	struct net_answer a;

	(void)state;
	assert_int_equal(net_exchange(net, &r, 1, &a, &err), 0);
	assert_int_equal(a.fault, NET_LOST);
	assert_true(a.timed_out);
	assert_string_equal(a.reason, "the line was cut");
	net_answer_release(&a);
	net_close(net);
}

/* Each member of a request arrives as the design writes it. */
static void
test_wire(void **state)
{
	struct net_request r = {.method = "POST",
	    .url = "x:/head",
	    .limit = 9,
	    .timeout = 8,
	    .ca = "/ca",
	    .no_verify = 1,
	    .redirects = 2,
	    .plain = NET_PLAIN_LOOPBACK,
	    .pool_header = "replay-nonce",
	    .pool_of = "x:/nonce"};
	static const char want[] =
	    "{\"id\":1,\"headers\":{\"a\":\"b\"},"
	    "\"limit\":9,\"timeout\":8,\"ca\":\"/ca\",\"verify\":false,"
	    "\"redirects\":2,\"plain\":\"loopback\",\"method\":\"POST\","
	    "\"url\":\"x:/head\",\"pool\":{\"header\":\"replay-nonce\","
	    "\"of\":\"x:/nonce\"},\"length\":0}";
	static const char want_take[] =
	    "{\"id\":2,\"op\":\"take\",\"header\":"
	    "\"h\",\"of\":\"x:/n\",\"ca\":\"/ca\",\"plain\":\"never\","
	    "\"length\":0}";
	struct net_request how = {.ca = "/ca"};
	struct net *net = opened();
	struct err err = {0};
	struct net_answer a;
	uint64_t id;
	jv got, exp;

	(void)state;
	r.headers = doc_set_str(doc_object(), "a", "b");
	assert_int_equal(net_exchange(net, &r, 1, &a, &err), 0);
	got = doc_parse(a.body, a.len, &err);
	exp = doc_parse(want, strlen(want), &err);
	assert_true(doc_equal(got, exp));
	doc_free(got);
	doc_free(exp);
	doc_free(r.headers);
	net_answer_release(&a);
	assert_int_equal(net_take(net, "h", "x:/n", &how, &id, &err), 0);
	assert_int_equal(net_next(net, &a, 10000, &err), 1);
	got = doc_parse(a.body, a.len, &err);
	exp = doc_parse(want_take, strlen(want_take), &err);
	assert_true(doc_equal(got, exp));
	doc_free(got);
	doc_free(exp);
	net_answer_release(&a);
	net_close(net);
}

static void
refused_at(const char *path, const char *says)
{
	struct err err = {0};

	if (path != NULL)
		setenv("ACME_NET", path, 1);
	else
		unsetenv("ACME_NET");
	assert_null(net_open(&err));
	assert_int_equal(err.name, ERR_netProcess);
	assert_non_null(strstr(err_text(&err), says));
	err_clear(&err);
}

static void
test_no_server(void **state)
{
	char path[256] = "/";

	(void)state;
	refused_at("/nonexistent/socket", "/nonexistent/socket");
	for (size_t i = 1; i < 200; i++)
		path[i] = 'x';
	refused_at(path, "too long");
	/* beside the tests there is no acme-net to be started */
	refused_at(NULL, "cannot start acme-net");
}

/* Another user's end of the socket at path: 0 when nothing is answered. */
static int
answered_to_another(const char *path)
{
	static const char text[] = "{\"id\":1,\"url\":\"x:/echo\"}\n";
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char c;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (setgid(65534) != 0 || setuid(65534) != 0 ||
	    connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) != 0)
		return 2;
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
	return read(fd, &c, 1) > 0;
}

/* The socket is its user's own, and were it open, another would get nothing. */
static void
test_other_users(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	int ws = -1;
	pid_t pid;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(f->dir, 0755) | chmod(f->path, 0777), 0);
	pid = fork();
	if (pid == 0)
		_exit(answered_to_another(f->path));
	assert_int_equal(waitpid(pid, &ws, 0), pid);
	assert_true(WIFEXITED(ws));
	assert_int_equal(WEXITSTATUS(ws), 0);
}

/* A caught signal ends a wait once; after net_uninterruptible it does not. The
 * last test: the signal stays caught. */
static void
test_signal(void **state)
{
	struct net_request held = get("x:/hold"), rel = get("x:/release");
	struct net *net = opened();
	struct err err = {0};
	struct net_answer a;

	(void)state;
	assert_true(signals_catch() >= 0);
	raise(SIGTERM);
	assert_int_equal(net_exchange(net, &held, 1, &a, &err), -1);
	assert_int_equal(err.name, ERR_interrupted);
	err_clear(&err);
	net_uninterruptible(net);
	/* The answer nobody waits for any more is not given to others. */
	assert_int_equal(net_exchange(net, &rel, 1, &a, &err), 0);
	assert_string_equal(a.body, "released");
	net_answer_release(&a);
	assert_int_equal(net_next(net, &a, 50, &err), 0);
	net_close(net);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_next_beside_exchange, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(test_large, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_death, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_unasked, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_fault, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_wire, setup, teardown),
	    cmocka_unit_test(test_no_server),
	    cmocka_unit_test_setup_teardown(test_other_users, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_signal, setup, teardown),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
