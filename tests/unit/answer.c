/* What lib/acme takes over from a server's answer: nothing unchecked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acme/session.h"
#include "base/buf.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_location),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_body),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
