#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "net/client.h"

static struct net_answer
answer_with(const char *name, const char *value)
{
	struct net_answer a = {.status = 200};

	a.headers = doc_set_str(doc_object(), name, value);
	return a;
}

static long
retry_after(const char *value)
{
	struct net_answer a = answer_with("retry-after", value);
	long n = net_retry_after(&a);

	net_answer_release(&a);
	return n;
}

static void
test_retry_after_seconds(void **state)
{
	(void)state;
	assert_int_equal(retry_after("0"), 0);
	assert_int_equal(retry_after("120"), 120);
	assert_int_equal(retry_after("31622399"), 366 * 24 * 3600 - 1);
	assert_int_equal(retry_after("999999999"), 366 * 24 * 3600);
	assert_int_equal(retry_after("1000000000000"), 366 * 24 * 3600);
	assert_int_equal(retry_after("99999999999999999999999999"),
	    366 * 24 * 3600);
	assert_int_equal(retry_after("-5"), -1);
	assert_int_equal(retry_after("1.5"), -1);
	assert_int_equal(retry_after(""), -1);
	assert_int_equal(retry_after("soon"), -1);
}

static void
test_retry_after_date(void **state)
{
	static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT",
	    "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"};
	time_t then = time(NULL) + 100;
	struct tm tm;
	char text[64];
	size_t i;

	(void)state;
	gmtime_r(&then, &tm);
	for (i = 0; i < ARRAY_LEN(forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		strftime(text, sizeof(text), forms[i], &tm);
#pragma GCC diagnostic pop
		assert_in_range(retry_after(text), 95, 100);
	}
	assert_int_equal(retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), 0);
	assert_int_equal(retry_after("Fri, 31 Dec 9999 23:59:59 GMT"),
	    366 * 24 * 3600);
	assert_int_equal(retry_after("Sun, 06 Nov 1994 08:49:37 GMT x"), -1);
	assert_int_equal(retry_after("Sun, 66 Nov 1994 08:49:37 GMT"), -1);
}

static void
links_are(const char *header, const char *rel, const char *want)
{
	struct net_answer a = answer_with("link", header);
	jv urls = net_links(&a, rel, "https://ca.example/dir/page?q");
	char *text = doc_join(urls, " ");

	assert_string_equal(text, want);
	free(text);
	doc_free(urls);
	net_answer_release(&a);
}

static void
test_links(void **state)
{
	(void)state;
	links_are("<https://x.example/a>;rel=\"alternate\"", "alternate",
	    "https://x.example/a");
	links_are("<https://x.example/a>; rel=alternate", "alternate",
	    "https://x.example/a");
	links_are("</a>;rel=\"index\", </b>;rel=\"alternate\","
		  "<c>;title=\"x,<y>;rel=up\";REL=\"Up ALTERNATE\"",
	    "alternate", "https://ca.example/b https://ca.example/dir/c");
	links_are("</a>;rel=up;rel=alternate", "alternate", "");
	links_are("</a>", "alternate", "");
	links_are("</a>;rel=\"alternatex xalternate\"", "alternate", "");
	links_are("</a>;title=\"\\\";rel=alternate\"", "alternate", "");
	links_are("<https://x.example/a;rel=alternate", "alternate", "");
	links_are(";;,,<>;rel=alternate", "alternate",
	    "https://ca.example/dir/page?q");
}

static void
resolves(const char *ref, const char *want)
{
	char *url = url_resolve("http://a/b/c/d;p?q", ref);

	assert_non_null(url);
	assert_string_equal(url, want);
	free(url);
}

/* The examples of RFC 3986 5.4. */
static void
test_resolve(void **state)
{
	char longest[8192 + 2] = "";

	(void)state;
	resolves("g:h", "g:h");
	resolves("g", "http://a/b/c/g");
	resolves("./g", "http://a/b/c/g");
	resolves("g/", "http://a/b/c/g/");
	resolves("/g", "http://a/g");
	resolves("//g", "http://g");
	resolves("?y", "http://a/b/c/d;p?y");
	resolves("g?y", "http://a/b/c/g?y");
	resolves("#s", "http://a/b/c/d;p?q#s");
	resolves("g#s", "http://a/b/c/g#s");
	resolves("g?y#s", "http://a/b/c/g?y#s");
	resolves(";x", "http://a/b/c/;x");
	resolves("", "http://a/b/c/d;p?q");
	resolves(".", "http://a/b/c/");
	resolves("./", "http://a/b/c/");
	resolves("..", "http://a/b/");
	resolves("../g", "http://a/b/g");
	resolves("../..", "http://a/");
	resolves("../../g", "http://a/g");
	resolves("../../../../g", "http://a/g");
	resolves("/./g", "http://a/g");
	resolves("/../g", "http://a/g");
	resolves("g.", "http://a/b/c/g.");
	resolves("..g", "http://a/b/c/..g");
	resolves("./g/.", "http://a/b/c/g/");
	resolves("g/../h", "http://a/b/c/h");
	resolves("g;x=1/../y", "http://a/b/c/y");
	resolves("g?y/../x", "http://a/b/c/g?y/../x");
	assert_null(url_resolve("nothing", "g"));
	assert_null(url_resolve("mailto:x", "g"));
	assert_null(url_resolve("nothing", "g:h"));
	memset(longest, 'x', sizeof(longest) - 1);
	memcpy(longest, "g:", 2);
	assert_null(url_resolve("http://a/b", longest));
	longest[8192] = '\0';
	resolves(longest, longest);
}

static int
checks(const char *url, enum net_plain plain)
{
	struct err err = {0};
	int rc = url_check(url, plain, "the URL", &err);

	if (rc)
		assert_int_equal(err.name, ERR_protocol);
	err_clear(&err);
	return rc;
}

static void
test_url_check(void **state)
{
	static const char *const good[] = {"https://ca.example",
	    "https://ca.example/dir?x=1#y", "HTTPS://CA.example:14000/",
	    "https://[::1]:443/", "https://127.0.0.1/%20",
	    "https://a_b.example/"};
	static const char *const bad[] = {"", "ca.example", "/path",
	    "https:", "https://", "https:///path", "https:ca.example",
	    "ftp://ca.example/", "file:///etc/passwd", "javascript:alert(1)",
	    "https://user@ca.example/", "https://u:p@ca.example/",
	    "https://ca.example@evil.example/", "https://ca.example:0/",
	    "https://ca.example:65536/", "https://ca.example:100000/",
	    "https://ca.example:0443443/", "https://ca.example:x/",
	    "https://ca.example:/", "https://[::1/", "https://[x]/",
	    "https://ca example/", "https://ca.example/\n",
	    "https://ca.example/\x1b[2J", "https://ca.example/\xc3\xa9",
	    "https://ca.example\\@evil.example/", "https://ca!.example/"};
	struct err err = {0};
	char *longest = xasprintf("https://%0253d/", 0);
	size_t i;

	(void)state;
	assert_int_equal(checks(longest, NET_PLAIN_NEVER), 0);
	free(longest);
	longest = xasprintf("https://%0254d/", 0);
	assert_int_equal(checks(longest, NET_PLAIN_NEVER), -1);
	free(longest);
	for (i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(checks(good[i], NET_PLAIN_NEVER), 0);
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(checks(bad[i], NET_PLAIN_ANY), -1);
	assert_int_equal(
	    url_check("https://u@ca.example/", NET_PLAIN_ANY, "newNonce", &err),
	    -1);
	assert_non_null(strstr(err_text(&err), "it holds a user name"));
	assert_int_equal(url_check(NULL, NET_PLAIN_ANY, "newNonce", &err), -1);
	assert_non_null(strstr(err_text(&err), "newNonce"));
	err_clear(&err);
}

static void
test_plain(void **state)
{
	static const char *const near[] = {"http://127.0.0.1:1/x",
	    "http://127.9.9.9", "http://localhost/", "http://LOCALHOST:80/",
	    "http://[::1]/"};
	static const char *const far[] = {"http://ca.example/",
	    "http://localhost.example/", "http://128.0.0.1/",
	    "http://127.0.0.1.example/", "http://[::2]/", "http://0/",
	    "http://127.1/"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(near); i++) {
		assert_true(url_loopback(near[i]));
		assert_int_equal(checks(near[i], NET_PLAIN_NEVER), -1);
		assert_int_equal(checks(near[i], NET_PLAIN_LOOPBACK), 0);
	}
	for (i = 0; i < ARRAY_LEN(far); i++) {
		assert_false(url_loopback(far[i]));
		assert_int_equal(checks(far[i], NET_PLAIN_LOOPBACK), -1);
		assert_int_equal(checks(far[i], NET_PLAIN_ANY), 0);
	}
	assert_false(url_loopback("nothing"));
}

static void
test_faults(void **state)
{
	static const struct {
		enum net_fault fault;
		int timed_out, exit;
	} rows[] = {{NET_REFUSED, 0, 69}, {NET_LOST, 0, 75}, {NET_LOST, 1, 75},
	    {NET_BROKEN, 0, 76}, {NET_GONE, 0, 69}};
	struct net_answer a;
	struct err err = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		a = answer_with("retry-after", "9");
		a.fault = rows[i].fault;
		a.timed_out = rows[i].timed_out;
		a.reason = xstrdup("what \x1b happened");
		assert_int_equal(net_fault_err(&a, &err), -1);
		assert_int_equal(err_exit_status(&err), rows[i].exit);
		assert_null(strchr(err_text(&err), '\x1b'));
		if (rows[i].fault == NET_LOST)
			assert_int_equal(err.retry_after, 9);
		err_clear(&err);
		net_answer_release(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_retry_after_seconds),
	    cmocka_unit_test(test_retry_after_date),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_resolve),
	    cmocka_unit_test(test_url_check),
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
