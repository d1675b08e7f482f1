#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "acme/objects.h"
#include "acme/session.h"

#define ORDER                                                          \
	"\"identifiers\":[{\"type\":\"dns\",\"value\":\"B.example\"}," \
	"{\"type\":\"dns\",\"value\":\"*.a.example\"}],"               \
	"\"authorizations\":[\"https://ca.example/z/1\","              \
	"\"https://ca.example/z/2\"],"                                 \
	"\"finalize\":\"https://ca.example/f/1\""
#define URL "https://ca.example/o/1"

static struct acme_session session = {.plain = NET_PLAIN_NEVER};

static jv
parsed(const char *text)
{
	struct err err = {0};
	jv v = doc_parse(text, strlen(text), &err);

	if (err_is_set(&err))
		fail_msg("%s: %s", text, err_text(&err));
	return v;
}

static void
test_order_good(void **state)
{
	static const char *const good[] = {
	    "{\"status\":\"pending\"," ORDER "}",
	    "{\"status\":\"ready\",\"more\":[1]," ORDER "}",
	    "{\"status\":\"processing\"," ORDER "}",
	    "{\"status\":\"invalid\",\"error\":{}," ORDER "}",
	    "{\"status\":\"valid\",\"certificate\":\"https://ca.example/c\"," ORDER
	    "}",
	};
	struct err err = {0};
	size_t i;
	jv order;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		order = order_check(&session, URL, parsed(good[i]), &err);
		assert_string_equal(err_text(&err), "");
		assert_true(doc_is(order, DOC_OBJECT));
		assert_string_equal(doc_str(order, "url"), URL);
		assert_false(object_is_stale(order, 60));
		doc_free(order);
	}
}

static void
order_refused(const char *url, const char *text, const char *says)
{
	struct err err = {0};
	jv order = order_check(&session, url, parsed(text), &err);

	if (!doc_is(order, DOC_NONE) || err.name != ERR_protocol ||
	    strstr(err_text(&err), says) == NULL)
		fail_msg("%s: '%s' lacks '%s'", text, err_text(&err), says);
	err_clear(&err);
}

static void
test_order_bad(void **state)
{
	(void)state;
	order_refused(NULL, "{\"status\":\"pending\"," ORDER "}", "Location");
	order_refused(URL, "[]", "no JSON object");
	order_refused(URL, "{" ORDER "}", "no status");
	order_refused(URL, "{\"status\":7," ORDER "}", "no status");
	order_refused(URL, "{\"status\":\"on\"," ORDER "}", "unknown status");
	order_refused(URL, "{\"status\":\"pending\"}", "identifiers");
	order_refused(URL,
	    "{\"status\":\"pending\",\"identifiers\":[],"
	    "\"authorizations\":[],\"finalize\":\"https://ca.example/f\"}",
	    "identifiers");
	order_refused(URL,
	    "{\"status\":\"pending\",\"identifiers\":[{\"type\":\"dns\"}],"
	    "\"authorizations\":[],\"finalize\":\"https://ca.example/f\"}",
	    "identifier");
	order_refused(URL, "{\"status\":\"valid\"," ORDER "}", "certificate");
	order_refused(URL,
	    "{\"status\":\"valid\",\"certificate\":\"http://ca.example/c\"," ORDER
	    "}",
	    "certificate");
	order_refused(URL,
	    "{\"status\":\"pending\",\"identifiers\":[{\"type\":\"dns\","
	    "\"value\":\"a.example\"}],\"authorizations\":[\"file:///etc\"],"
	    "\"finalize\":\"https://ca.example/f\"}",
	    "authorization");
	order_refused(URL,
	    "{\"status\":\"pending\",\"identifiers\":[{\"type\":\"dns\","
	    "\"value\":\"a.example\"}],\"authorizations\":[5],"
	    "\"finalize\":\"https://ca.example/f\"}",
	    "no URL");
}

/* An order for n names with as many authorizations. */
static jv
order_of(int n, int n_authorizations, struct err *err)
{
	jv order = parsed("{\"status\":\"pending\"," ORDER "}");
	jv ids = doc_array(), urls = doc_array();
	jv id = parsed("{\"type\":\"dns\",\"value\":\"a.example\"}");

	for (int i = 0; i < n; i++)
		ids = doc_push(ids, doc_copy(id));
	for (int i = 0; i < n_authorizations; i++)
		urls = doc_push_str(urls, "https://ca.example/z/1");
	doc_free(id);
	order = doc_set(order, "identifiers", ids);
	order = doc_set(order, "authorizations", urls);
	return order_check(&session, URL, order, err);
}

/* A hundred names, no more. */
static void
test_order_lists_too_long(void **state)
{
	struct err err = {0};
	jv order = order_of(100, 100, &err);

	(void)state;
	assert_true(doc_is(order, DOC_OBJECT));
	doc_free(order);
	assert_true(doc_is(order_of(101, 100, &err), DOC_NONE));
	assert_int_equal(err.name, ERR_protocol);
	err_clear(&err);
	assert_true(doc_is(order_of(100, 101, &err), DOC_NONE));
	assert_int_equal(err.name, ERR_protocol);
	err_clear(&err);
}

static void
test_order_names(void **state)
{
	struct err err = {0};
	jv order = parsed("{" ORDER "}");
	jv same = parsed("[\"*.A.example\",\"b.example\"]");
	jv more = parsed("[\"*.a.example\",\"b.example\",\"c.example\"]");
	jv less = parsed("[\"b.example\"]");

	(void)state;
	assert_int_equal(order_names_check(order, same, &err), 0);
	assert_int_equal(order_names_check(order, more, &err), -1);
	assert_int_equal(err.name, ERR_protocol);
	assert_int_equal(order_names_check(order, less, &err), -1);
	err_clear(&err);
	doc_free(less);
	doc_free(more);
	doc_free(same);
	doc_free(order);
}

/* What is read again is for the names that it was for. */
static void
test_same_names(void **state)
{
	struct err err = {0};
	jv order = parsed("{" ORDER "}");
	jv other = parsed("{\"url\":\"x:/o\",\"identifiers\":["
			  "{\"type\":\"dns\",\"value\":\"b.example\"},"
			  "{\"type\":\"dns\",\"value\":\"evil.example\"}]}");
	jv a = parsed("{\"identifier\":{\"type\":\"dns\",\"value\":"
		      "\"a.example\"},\"wildcard\":true}");
	jv b = parsed("{\"identifier\":{\"type\":\"dns\",\"value\":"
		      "\"a.example\"}}");

	(void)state;
	assert_int_equal(order_identifiers_check(order, order, &err), 0);
	assert_int_equal(order_identifiers_check(order, other, &err), -1);
	assert_int_equal(err.name, ERR_protocol);
	assert_non_null(strstr(err_text(&err), "evil.example"));
	err_clear(&err);
	assert_int_equal(authorization_same_check(a, a, &err), 0);
	assert_int_equal(authorization_same_check(a, b, &err), -1);
	assert_int_equal(err.name, ERR_protocol);
	err_clear(&err);
	assert_int_equal(order_authorization_check(order, a, &err), 0);
	assert_int_equal(order_authorization_check(order, b, &err), -1);
	err_clear(&err);
	doc_free(b);
	doc_free(a);
	doc_free(other);
	doc_free(order);
}

static void
test_order_authorizations(void **state)
{
	struct err err = {0};
	jv order = parsed("{" ORDER "}");
	jv both = parsed("[{\"identifier\":{\"type\":\"dns\",\"value\":"
			 "\"a.example\"},\"wildcard\":true},"
			 "{\"identifier\":{\"type\":\"dns\",\"value\":"
			 "\"b.example\"}}]");
	jv plain = parsed("[{\"identifier\":{\"type\":\"dns\",\"value\":"
			  "\"a.example\"}},"
			  "{\"identifier\":{\"type\":\"dns\",\"value\":"
			  "\"b.example\"}}]");
	jv one = parsed("[{\"identifier\":{\"type\":\"dns\",\"value\":"
			"\"b.example\"}}]");

	(void)state;
	assert_int_equal(order_authorizations_check(order, both, &err), 0);
	assert_int_equal(order_authorizations_check(order, plain, &err), -1);
	assert_non_null(strstr(err_text(&err), "nobody asked for"));
	assert_int_equal(order_authorizations_check(order, one, &err), -1);
	assert_non_null(strstr(err_text(&err), "*.a.example"));
	err_clear(&err);
	doc_free(one);
	doc_free(plain);
	doc_free(both);
	doc_free(order);
}

static void
test_forward(void **state)
{
	static const char *const way[] = {"{\"status\":\"pending\"}",
	    "{\"status\":\"ready\"}", "{\"status\":\"processing\"}",
	    "{\"status\":\"valid\"}", "{\"status\":\"invalid\"}"};
	struct err err = {0};
	size_t i, k;
	jv a, b;

	(void)state;
	for (i = 0; i < ARRAY_LEN(way); i++)
		for (k = 0; k < ARRAY_LEN(way); k++) {
			a = parsed(way[i]);
			b = parsed(way[k]);
			assert_int_equal(order_forward_check(a, b, &err),
			    k < i ? -1 : 0);
			assert_int_equal(err.name,
			    k < i ? ERR_protocol : ERR_none);
			err_clear(&err);
			doc_free(b);
			doc_free(a);
		}
}

static jv
authz_with(const char *challenges, struct err *err)
{
	char text[4096];

	snprintf(text, sizeof(text),
	    "{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\","
	    "\"value\":\"a.example\"},\"challenges\":%s}",
	    challenges);
	return authorization_check(&session, URL, parsed(text), err);
}

static void
test_challenges(void **state)
{
	struct err err = {0};
	jv z, c;

	(void)state;
	z = authz_with("[{\"type\":\"new-01\",\"url\":7},"
		       "{\"type\":\"dns-01\",\"url\":\"https://ca.example/1\"},"
		       "{\"type\":\"http-01\",\"url\":\"https://ca.example/2\","
		       "\"token\":\"a_B-9\",\"status\":\"pending\"}]",
	    &err);
	assert_true(doc_is(z, DOC_OBJECT));
	c = authorization_challenge(z, "http-01");
	assert_string_equal(doc_str(c, "token"), "a_B-9");
	doc_free(c);
	assert_true(doc_is(authorization_challenge(z, "dns-01"), DOC_NONE));
	assert_true(doc_is(authorization_challenge(z, "new-01"), DOC_NONE));
	assert_true(
	    doc_is(authorization_challenge(z, "tls-alpn-01"), DOC_NONE));
	doc_free(z);
}

static void
test_tokens_refused(void **state)
{
	static const char *const tokens[] = {"\"\"", "\"../x\"", "\"a/b\"",
	    "\"$(id)\"", "\"a b\"", "\"a\\u0000b\"", "\"a=\"", "7", "null"};
	char text[256];
	struct err err = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(tokens); i++) {
		snprintf(text, sizeof(text),
		    "[{\"type\":\"http-01\","
		    "\"url\":\"https://ca.example/2\",\"token\":%s}]",
		    tokens[i]);
		assert_true(doc_is(authz_with(text, &err), DOC_NONE));
		assert_int_equal(err.name, ERR_protocol);
		assert_non_null(strstr(err_text(&err), "token"));
		err_clear(&err);
	}
}

static void
test_long_token(void **state)
{
	struct err err = {0};
	jv z = parsed("{\"status\":\"pending\",\"identifier\":{\"type\":"
		      "\"dns\",\"value\":\"a.example\"}}");
	char *token = malloc(65537);
	jv c = doc_set_str(doc_object(), "type", "http-01");

	(void)state;
	memset(token, 'a', 65536);
	token[65536] = '\0';
	c = doc_set_str(c, "url", "https://ca.example/2");
	c = doc_set_str(c, "token", token);
	z = doc_set(z, "challenges", doc_push(doc_array(), c));
	assert_true(
	    doc_is(authorization_check(&session, URL, z, &err), DOC_NONE));
	assert_int_equal(err.name, ERR_protocol);
	err_clear(&err);
	free(token);
}

static void
test_authorization_errors(void **state)
{
	struct err err = {0};
	jv z, errors;

	(void)state;
	z = authz_with(
	    "[{\"type\":\"http-01\",\"url\":\"https://ca.example/1\","
	    "\"token\":\"a\",\"error\":{\"detail\":\"x\"}},"
	    "{\"type\":\"dns-01\",\"url\":\"https://ca.example/2\","
	    "\"token\":\"a\"}]",
	    &err);
	errors = authorization_errors(z);
	assert_int_equal(doc_len(errors), 1);
	doc_free(errors);
	doc_free(z);
}

static void
test_account(void **state)
{
	static const char *const bad[] = {"[]", "{}", "{\"status\":\"odd\"}",
	    "{\"status\":\"valid\",\"contact\":\"mailto:a\"}",
	    "{\"status\":\"valid\",\"contact\":[1]}",
	    "{\"status\":\"valid\",\"orders\":\"http://ca.example/\"}"};
	struct err err = {0};
	size_t i;
	jv a;

	(void)state;
	a = account_check(&session, URL,
	    parsed("{\"status\":\"valid\",\"contact\":[\"mailto:a@b.c\"],"
		   "\"orders\":\"https://ca.example/l\"}"),
	    &err);
	assert_string_equal(doc_str(a, "url"), URL);
	doc_free(a);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		a = account_check(&session, URL, parsed(bad[i]), &err);
		assert_true(doc_is(a, DOC_NONE));
		assert_int_equal(err.name, ERR_protocol);
		err_clear(&err);
	}
}

static void
test_expired(void **state)
{
	char *then = time_text((int64_t)time(NULL) - 1);
	char *later = time_text((int64_t)time(NULL) + 3600);
	jv v = doc_set_str(doc_object(), "expires", then);

	(void)state;
	assert_true(object_is_expired(v));
	v = doc_set_str(v, "expires", later);
	assert_false(object_is_expired(v));
	v = doc_set_str(v, "expires", "tomorrow");
	assert_false(object_is_expired(v));
	v = doc_del(v, "expires");
	assert_false(object_is_expired(v));
	doc_free(v);
	free(later);
	free(then);
}

static void
test_stale(void **state)
{
	char *then = time_text((int64_t)time(NULL) - 61);
	char *later = time_text((int64_t)time(NULL) + 3600);
	jv v = doc_set_str(doc_object(), "read", then);

	(void)state;
	assert_true(object_is_stale(v, 60));
	assert_false(object_is_stale(v, 3600));
	v = doc_set_str(v, "read", later);
	assert_true(object_is_stale(v, 60));
	v = doc_set_str(v, "read", "yesterday");
	assert_true(object_is_stale(v, 60));
	v = doc_del(v, "read");
	assert_true(object_is_stale(v, 60));
	doc_free(v);
	free(later);
	free(then);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order_good),
	    cmocka_unit_test(test_order_bad),
	    cmocka_unit_test(test_order_lists_too_long),
	    cmocka_unit_test(test_order_names),
	    cmocka_unit_test(test_same_names),
	    cmocka_unit_test(test_order_authorizations),
	    cmocka_unit_test(test_forward),
	    cmocka_unit_test(test_challenges),
	    cmocka_unit_test(test_tokens_refused),
	    cmocka_unit_test(test_long_token),
	    cmocka_unit_test(test_authorization_errors),
	    cmocka_unit_test(test_account),
	    cmocka_unit_test(test_expired),
	    cmocka_unit_test(test_stale),
	};

	return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
