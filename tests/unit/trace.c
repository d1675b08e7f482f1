/* What --trace writes: nothing that lets a reader act for the account. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/trace.h"
#include "scratch.h"

/* The trace of one request; *whole as trace_request says. Static. */
static const char *
traced(const struct net_request *req, int *whole)
{
	int fd = open("trace", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	*whole = trace_request(fd, 7, req);
	close(fd);
	return scratch_text("trace");
}

static struct net_request
request(const char *url, const char *header, const char *value)
{
	struct net_request r = {.method = "GET", .url = url};

	r.headers = doc_object();
	if (header != NULL)
		r.headers = doc_set_str(r.headers, header, value);
	return r;
}

static void
test_plain_request(void **state)
{
	struct net_request r = request("https://ca.example/dir", "accept",
	    "a\x1b/b");
	int whole;

	(void)state;
	assert_string_equal(traced(&r, &whole),
	    "> 7 GET https://ca.example/dir\n> accept: a\\x1b/b\n");
	assert_true(whole);
	doc_free(r.headers);
}

/* A request that holds a credential: neither it nor the answer is shown. */
static void
test_credentials(void **state)
{
	struct net_request r = request("https://dns.example/z?key=SECRET", NULL,
	    NULL);
	int whole;

	(void)state;
	assert_string_equal(traced(&r, &whole),
	    "> 7 GET https://dns.example/z?***\n");
	assert_false(whole);
	doc_free(r.headers);
	r = request("https://dns.example/z", "X-Auth-Token", "SECRET");
	assert_string_equal(traced(&r, &whole),
	    "> 7 GET https://dns.example/z\n> X-Auth-Token: ***\n");
	assert_false(whole);
	doc_free(r.headers);
	r = request("https://dns.example/z", NULL, NULL);
	r.body = "password=SECRET";
	r.len = 15;
	assert_string_equal(traced(&r, &whole),
	    "> 7 GET https://dns.example/z\n> (15 bytes)\n");
	assert_false(whole);
	doc_free(r.headers);
}

/* What could be sent once more: its signature is cut. */
static void
test_signed_request(void **state)
{
	static const char body[] =
	    "{\"payload\":\"p\",\"signature\":\"SECRET\"}";
	struct net_request r = request("https://ca.example/o", "content-type",
	    "application/jose+json");
	int whole;

	(void)state;
	r.body = body;
	r.len = strlen(body);
	assert_string_equal(traced(&r, &whole),
	    "> 7 GET https://ca.example/o\n"
	    "> content-type: application/jose+json\n"
	    "> {\"payload\":\"p\",\"signature\":\"***\"}\n");
	assert_true(whole);
	/* no JWS after all */
	r.body = "SECRET";
	r.len = 6;
	assert_null(strstr(traced(&r, &whole), "SECRET"));
	doc_free(r.headers);
}

static const char *
answer_traced(const struct net_answer *a, int whole)
{
	int fd = open("trace", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	trace_answer(fd, a, whole);
	close(fd);
	return scratch_text("trace");
}

static void
test_answers(void **state)
{
	char body[] = "text";
	struct net_answer a = {.id = 7, .status = 200, .body = body, .len = 4};

	(void)state;
	a.headers = doc_set_str(doc_object(), "x", "y");
	a.headers = doc_set_str(a.headers, "replay-nonce", "SECRET");
	a.headers = doc_set_str(a.headers, "set-cookie", "SECRET");
	a.headers = doc_set_str(a.headers, "date", "now");
	assert_string_equal(answer_traced(&a, 1),
	    "< 7 200\n< date: now\n< x: y\ntext\n");
	assert_string_equal(answer_traced(&a, 0),
	    "< 7 200\n< date: now\n< (4 bytes)\n");
	doc_free(a.headers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain_request),
	    cmocka_unit_test(test_credentials),
	    cmocka_unit_test(test_signed_request),
	    cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests_name("trace", tests, scratch_make,
	    scratch_remove);
}
