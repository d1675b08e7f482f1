/* Renewal files: reading, certbot's order of new keys, our own section. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/renewal.h"
#include "store/renewal_account.h"
#include "store/renewal_order.h"
#include "store_dir.h"

#define PATHS                                            \
	"cert = /l/cert.pem\nprivkey = /l/privkey.pem\n" \
	"chain = /l/chain.pem\nfullchain = /l/fullchain.pem\n"

static jv
parse(const char *json)
{
	jv v = doc_parse(json, strlen(json), NULL);

	assert_true(doc_is(v, DOC_OBJECT));
	return v;
}

static void
orders_keys(void **state)
{
	static const struct {
		const char *params, *want;
	} rows[] = {
	    {"{\"account\":\"a\",\"http01_port\":5102,"
	     "\"server\":\"https://ca.example/dir\","
	     "\"authenticator\":\"standalone\",\"key_type\":\"ecdsa\"}",
		"account http01_port key_type server authenticator"},
	    {"{\"account\":\"a\",\"authenticator\":\"webroot\","
	     "\"webroot_path\":[\"/w\"],\"webroot_map\":{},"
	     "\"key_type\":\"rsa\",\"server\":"
	     "\"https://acme-v02.api.letsencrypt.org/directory\"}",
		"account authenticator webroot_path server key_type "
		"webroot_map"},
	    {"{\"zzz_x\":1,\"dns_foo_credentials\":\"c\","
	     "\"dns_foo_propagation_seconds\":10,\"reuse_key\":true,"
	     "\"installer\":\"nginx\",\"nginx_ctl\":\"n\","
	     "\"manual_cleanup_hook\":\"c\",\"manual_auth_hook\":\"a\","
	     "\"post_hook\":\"p\",\"pre_hook\":\"q\"}",
		"reuse_key pre_hook post_hook installer "
		"dns_foo_propagation_seconds dns_foo_credentials "
		"manual_auth_hook manual_cleanup_hook nginx_ctl zzz_x"},
	    {"{}", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		jv params = parse(rows[i].params),
		   order = renewal_order(params);
		char *got = doc_join(order, " ");

		assert_string_equal(got, rows[i].want);
		free(got);
		doc_free(order);
		doc_free(params);
	}
}

static void
says_what_is_broken(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"",
		"renewal config file {} is missing a required file "
		"reference"},
	    {"version = 1.22.0\ncert = /x\n[renewalparams]\na = b, c\n",
		"renewal config file {'version': '1.22.0', 'cert': '/x', "
		"'renewalparams': {'a': ['b', 'c']}} is missing a required "
		"file reference"},
	    {"x = \"it's\"\n",
		"renewal config file {'x': \"it's\"} is missing a required "
		"file reference"},
	};
	struct renewal r;
	struct err err = {0};
	char *want;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		write_in_dir("renewal/a.conf", rows[i].text);
		assert_int_equal(renewal_read(&r, store_dir, "a", &err), -1);
		assert_int_equal(err.name, ERR_brokenLineage);
		assert_string_equal(err_text(&err), rows[i].want);
		err_clear(&err);
		renewal_release(&r);
	}
	write_in_dir("renewal/a.conf", PATHS "nonsense\n");
	assert_int_equal(renewal_read(&r, store_dir, "a", &err), -1);
	want = xasprintf("error parsing %s/renewal/a.conf", store_dir);
	assert_string_equal(err_text(&err), want);
	free(want);
	renewal_release(&r);
	err_clear(&err);
	assert_int_equal(renewal_read(&r, store_dir, "b", &err), -1);
	assert_int_equal(err.name, ERR_noLineage);
	renewal_release(&r);
	err_clear(&err);
}

static void
knows_names(void **state)
{
	static const char *const bad[] = {"", ".a", "a/b", "..", "a\nb",
	    "a\177"};
	char longest[300];
	jv names;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(renewal_name_check(bad[i], NULL), -1);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(renewal_name_check(longest, NULL), -1);
	longest[247] = '\0';
	assert_int_equal(renewal_name_check(longest, NULL), -1);
	longest[246] = '\0';
	assert_int_equal(renewal_name_check(longest, NULL), 0);
	assert_int_equal(renewal_name_check("a.example-0001", NULL), 0);

	names = renewal_list(store_dir, &err);
	assert_int_equal(doc_kind(names), DOC_ARRAY);
	assert_int_equal(doc_len(names), 0);
	doc_free(names);
	write_in_dir("renewal/b.conf", "");
	write_in_dir("renewal/a.conf", "");
	write_in_dir("renewal/a-0001.conf", "");
	write_in_dir("renewal/A.conf", "");
	write_in_dir("renewal/.c.conf", "");
	write_in_dir("renewal/.conf", "");
	write_in_dir("renewal/d.conf.bak", "");
	names = renewal_list(store_dir, &err);
	char *got = doc_join(names, " ");
	assert_string_equal(got, "A a-0001 a b");
	free(got);
	doc_free(names);
}

/* Values come back as they were set; archive_dir has its default. */
static void
keeps_values(void **state)
{
	jv params = parse("{\"pre_hook\":\"a, #b\",\"must_staple\":true,"
			  "\"http01_port\":80,\"pref_challs\":[\"dns-01\"],"
			  "\"installer\":null,\"webroot_map\":{\"a\":\"/w\"}}");
	jv tools = parse("{\"challenges\":[{\"for\":[\"*.a\",\"b\"],"
			 "\"plugin\":\"x\",\"options\":{\"x_y\":\"1\","
			 "\"m\":{\"a\":\"/w\"}}},{\"plugin\":\"y\"}]}");
	struct renewal r;
	struct err err = {0};
	char *text;
	jv got;

	(void)state;
	write_in_dir("renewal/a.conf",
	    PATHS
	    "[renewalparams]\nold = 1\n[[webroot_map]]\nz = /z\n"
	    "[acme_tools]\nours = kept\n[[challenge_7]]\nplugin = p\n[[own]]\nx = 1\n");
	assert_int_equal(renewal_read(&r, store_dir, "a", &err), 0);
	text = in_dir("archive/a");
	assert_string_equal(r.archive_dir, text);
	free(text);
	assert_int_equal(renewal_set(&r, params, tools, &err), 0);
	assert_int_equal(renewal_write(&r, NULL, &err), 0);
	renewal_release(&r);

	assert_int_equal(renewal_read(&r, store_dir, "a", &err), 0);
	got = renewal_params(&r);
	jv want = parse(
	    "{\"pre_hook\":\"a, #b\",\"must_staple\":\"True\","
	    "\"http01_port\":\"80\",\"pref_challs\":[\"dns-01\"],"
	    "\"installer\":\"None\",\"webroot_map\":{\"a\":\"/w\"}}");
	assert_true(doc_equal(got, want));
	doc_free(want);
	doc_free(got);
	got = renewal_tools(&r);
	assert_true(doc_equal(got, tools));
	doc_free(got);
	assert_int_equal(renewal_set(&r, params, doc_none(), &err), 0);
	got = renewal_tools(&r);
	assert_int_equal(doc_kind(got), DOC_NONE);
	doc_free(got);
	text = ini_text(r.ini, &err);
	assert_non_null(strstr(text, "[acme_tools]\nours = kept\n"));
	assert_non_null(strstr(text, "[[own]]\nx = 1\n"));
	assert_null(strstr(text, "challenge"));
	assert_non_null(strstr(text, "version = 1.22.0\n"));
	free(text);
	renewal_release(&r);
	doc_free(tools);
	doc_free(params);
}

static void
refuses_forms(void **state)
{
	static const char *const bad[] = {"{\"a\":[[1]]}", "{\"a\":[1]}",
	    "{\"a\":{\"b\":{\"c\":\"d\"}}}", "{\"a\":[\"x\\ny\"]}",
	    "{\"a\\n[b]\\nc\":\"d\"}", "{\"a\":\"x\\ry\"}", "{\"\":\"d\"}"};
	struct renewal r;
	struct err err = {0};

	(void)state;
	renewal_new(&r, store_dir, "a");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		jv params = parse(bad[i]);

		assert_int_equal(renewal_set(&r, params, doc_none(), &err), -1);
		assert_int_equal(err.name, ERR_badDocument);
		err_clear(&err);
		doc_free(params);
	}
	renewal_release(&r);
}

static void
account_of(const char *name, const char *want)
{
	struct renewal r;
	struct err err = {0};
	char *got;

	assert_int_equal(renewal_read(&r, store_dir, name, &err), 0);
	got = ini_get_text(r.ini, "renewalparams", "account");
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
	free(got);
	renewal_release(&r);
}

/* A key that changes takes the lineages of its account along, and no others. */
static void
follows_accounts(void **state)
{
	struct err err = {0};
	jv got;

	(void)state;
	write_in_dir("renewal/a.conf",
	    PATHS "[renewalparams]\naccount = old\n");
	write_in_dir("renewal/b.conf",
	    PATHS "[renewalparams]\naccount = other\n");
	write_in_dir("renewal/c.conf", PATHS "[renewalparams]\n");
	write_in_dir("renewal/d.conf", "broken\n");
	got = renewal_rename_account(store_dir, "old", "new", &err);
	assert_int_equal(doc_len(got), 1);
	assert_string_equal(doc_str_at(got, 0), "a");
	doc_free(got);
	account_of("a", "new");
	account_of("b", "other");
	account_of("c", NULL);
}

#define in_own_dir(f) \
	cmocka_unit_test_setup_teardown(f, store_dir_setup, store_dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(orders_keys),
	    in_own_dir(says_what_is_broken),
	    in_own_dir(knows_names),
	    in_own_dir(keeps_values),
	    in_own_dir(refuses_forms),
	    in_own_dir(follows_accounts),
	};

	return cmocka_run_group_tests_name("renewal", tests, NULL, NULL);
}
