/* What lib/acme takes over from a server's answer, and from a document for a
 * session: nothing unchecked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acme/session.h"
#include "base/buf.h"
#include "crypto/key.h"
#include "pki.h"

static struct acme_session session = {.plain = NET_PLAIN_NEVER};

/* A call of https://ca.example/a/b that was answered like this. Owned by the
 * caller; what it has was checked against name. */
static struct acme_call
answered(const char *header, jv value, const char *body, unsigned flags,
    enum err_name name)
{
	struct acme_call c = ACME_CALL_INIT;
	struct net_answer a = {.status = 201};

	c.session = &session;
	c.url = "https://ca.example/a/b";
	c.flags = flags;
	a.headers = doc_object();
	if (header != NULL)
		a.headers = doc_set(a.headers, header, value);
	else
		doc_free(value);
	a.body = body == NULL ? NULL : xstrdup(body);
	a.len = body == NULL ? 0 : strlen(body);
	acme_accept(&c, &a);
	net_answer_release(&a);
	if (c.err.name != name)
		fail_msg("%s: %s", header, err_text(&c.err));
	return c;
}

static void
test_location(void **state)
{
	static const char *const bad[] = {"http://ca.example/x",
	    "file:///etc/passwd", "https://user@ca.example/x", "//",
	    "https://ca.example/a\tb"};
	struct acme_call c;

	(void)state;
	c = answered("location", doc_string("c?d"), NULL, 0, ERR_none);
	assert_string_equal(c.location, "https://ca.example/a/c?d");
	assert_int_equal(c.status, 201);
	acme_call_release(&c);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		c = answered("location", doc_string(bad[i]), NULL, 0,
		    ERR_protocol);
		assert_non_null(strstr(err_text(&c.err), c.url));
		assert_non_null(strstr(err_text(&c.err), "Location"));
		acme_call_release(&c);
	}
}

static void
test_links(void **state)
{
	static const char *const rels[] = {"alternate", "next"};
	struct acme_call c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rels); i++) {
		char *good = xasprintf("</l>;rel=\"%s\"", rels[i]);
		char *bad = xasprintf("<http://ca.example/l>;rel=\"%s\"",
		    rels[i]);

		c = answered("link", doc_push(doc_array(), doc_string(good)),
		    NULL, 0, ERR_none);
		assert_string_equal(doc_str_at(i ? c.next : c.alternates, 0),
		    "https://ca.example/l");
		assert_int_equal(doc_len(i ? c.alternates : c.next), 0);
		acme_call_release(&c);
		c = answered("link", doc_push(doc_array(), doc_string(bad)),
		    NULL, 0, ERR_protocol);
		assert_non_null(strstr(err_text(&c.err), "a link of"));
		acme_call_release(&c);
		free(bad);
		free(good);
	}
}

static void
test_body(void **state)
{
	struct acme_call c;

	(void)state;
	c = answered(NULL, doc_none(), "{\"a\":1}", 0, ERR_none);
	assert_true(doc_is(c.body, DOC_OBJECT));
	acme_call_release(&c);
	c = answered(NULL, doc_none(), "", 0, ERR_none);
	assert_true(doc_is(c.body, DOC_NONE));
	acme_call_release(&c);
	c = answered(NULL, doc_none(), "{\"a\":", 0, ERR_protocol);
	assert_non_null(strstr(err_text(&c.err), c.url));
	acme_call_release(&c);
	c = answered(NULL, doc_none(), "-----BEGIN", ACME_TEXT, ERR_none);
	assert_string_equal(c.text, "-----BEGIN");
	acme_call_release(&c);
	c = answered(NULL, doc_none(), NULL, ACME_TEXT, ERR_protocol);
	acme_call_release(&c);
}

/* Plain http is for servers on this machine only. */
static void
test_plain(void **state)
{
	static const struct {
		const char *server;
		enum net_plain want;
	} rows[] = {
	    {"https://ca.example/dir", NET_PLAIN_NEVER},
	    {"http://ca.example/dir", NET_PLAIN_NEVER},
	    {"http://127.0.0.1.ca.example/dir", NET_PLAIN_NEVER},
	    {"https://127.0.0.1/dir", NET_PLAIN_NEVER},
	    {"http://127.0.0.1:4001/dir", NET_PLAIN_LOOPBACK},
	    {"http://localhost/dir", NET_PLAIN_LOOPBACK},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (acme_plain(rows[i].server) != rows[i].want)
			fail_msg("%s", rows[i].server);
}

static struct net_answer
refusal(int status, const char *body)
{
	struct net_answer a = {.status = status};

	a.headers = doc_object();
	a.body = xstrdup(body);
	a.len = strlen(body);
	return a;
}

static void
test_problem(void **state)
{
	static const char nonce[] =
	    "{\"type\":\"urn:ietf:params:acme:error:badNonce\","
	    "\"detail\":\"stale\"}";
	struct err err = {0};
	struct net_answer a = refusal(400, nonce);

	(void)state;
	assert_true(acme_problem_is(&a, "badNonce"));
	assert_false(acme_problem_is(&a, "badNonceAgain"));
	assert_false(acme_problem_is(&a, "bad"));
	assert_int_equal(acme_problem(&a, "x:/y", &err), -1);
	assert_int_equal(err.name, ERR_acme);
	assert_string_equal(err_text(&err), "stale");
	a.status = 200;
	assert_false(acme_problem_is(&a, "badNonce"));
	/* a signed request follows nobody */
	a.status = 307;
	assert_int_equal(acme_problem(&a, "x:/y", &err), -1);
	assert_int_equal(err.name, ERR_protocol);
	assert_non_null(strstr(err_text(&err), "not followed"));
	net_answer_release(&a);
	a = refusal(503, "<html>");
	assert_int_equal(acme_problem(&a, "x:/y", &err), -1);
	assert_int_equal(err.name, ERR_retryLater);
	net_answer_release(&a);
	a = refusal(404, "");
	assert_int_equal(acme_problem(&a, "x:/y", &err), -1);
	assert_int_equal(err.name, ERR_protocol);
	net_answer_release(&a);
	err_clear(&err);
}

/* A document's directory is used without a request if it is whole. Beside the
 * tests there is no acme-net: what would have to be asked for ends there. */
static void
test_directory(void **state)
{
	static const char server[] = "https://ca.example/dir";
	static const char *const entries[] = {"newNonce", "newAccount",
	    "newOrder", "revokeCert"};
	static const char *const bad[] = {"http://ca.example/x", "file:///x",
	    "x", ""};
	struct stage st = {.name = "test"};
	jv whole = doc_object(), got;

	(void)state;
	unsetenv("ACME_NET");
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		whole = doc_set_str(whole, entries[i], "https://ca.example/n");
	for (size_t i = 0; i <= ARRAY_LEN(entries) * ARRAY_LEN(bad); i++) {
		struct acme *a = acme_new(&st);
		struct err err = {0};
		jv known = doc_copy(whole);

		if (i > 0)
			known = doc_set_str(known, entries[(i - 1) / 4],
			    bad[(i - 1) % 4]);
		got = acme_directory(a, server, known, &err);
		assert_int_equal(doc_is(got, DOC_OBJECT), i == 0);
		assert_int_equal(err.name, i == 0 ? ERR_none : ERR_netProcess);
		err_clear(&err);
		doc_free(got);
		doc_free(known);
		acme_free(a);
	}
	doc_free(whole);
}

/* A session belongs to one server, key and account. */
static void
test_sessions(void **state)
{
	static const char server[] = "https://ca.example/dir";
	static const char kid[] = "https://ca.example/acct/1";
	struct stage st = {.name = "test"};
	struct acme *a = acme_new(&st);
	EVP_PKEY *key = pki_key();
	struct acme_session *s;
	struct err err = {0};
	jv none = doc_object();

	(void)state;
	EVP_PKEY_up_ref(key);
	s = acme_session(a, server, none, key, NULL, &err);
	assert_non_null(s);
	EVP_PKEY_up_ref(key);
	assert_ptr_equal(acme_session(a, server, none, key, NULL, &err), s);
	EVP_PKEY_up_ref(key);
	assert_ptr_not_equal(acme_session(a, server, none, key, kid, &err), s);
	EVP_PKEY_up_ref(key);
	assert_ptr_not_equal(
	    acme_session(a, "https://b.example/", none, key, NULL, &err), s);
	assert_ptr_not_equal(
	    acme_session(a, server, none, pki_key(), NULL, &err), s);
	assert_false(err_is_set(&err));
	assert_null(
	    acme_session(a, server, none, key, "file:///etc/passwd", &err));
	assert_int_equal(err.name, ERR_protocol);
	err_clear(&err);
	doc_free(none);
	acme_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_location),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_body),
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_problem),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_sessions),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
