/* Accounts on disk: certbot's layout and its links (spec 1.3, 1.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/jwk.h"
#include "crypto/key.h"
#include "pki.h"
#include "store/account.h"
#include "store_dir.h"

#define SERVER "https://ca.example:14000/acme/dir"
#define BELOW "ca.example:14000/acme/dir"
#define LE_V2 "https://acme-v02.api.letsencrypt.org/directory"
#define LE_V1 "https://acme-v01.api.letsencrypt.org/directory"
#define V2_PATH "acme-v02.api.letsencrypt.org/directory"
#define V1_PATH "acme-v01.api.letsencrypt.org/directory"
#define URL "https://ca.example:14000/acct/1"

/* A whole account; its id, malloc'd. */
static char *
make_account(const char *server, EVP_PKEY *key)
{
	struct err err = {0};
	char *dir = account_key_save(store_dir, server, key, &err), *id;

	assert_string_equal(err_text(&err), "");
	assert_non_null(dir);
	assert_int_equal(account_save(dir, URL, NULL, &err), 0);
	id = xstrdup(path_base(dir));
	free(dir);
	return id;
}

static void
finds_directories(void **state)
{
	static const struct {
		const char *server, *want;
	} rows[] = {
	    {LE_V2, "/a/acme-v02.api.letsencrypt.org/directory"},
	    {"https://127.0.0.1:14000/dir", "/a/127.0.0.1:14000/dir"},
	    {"https://h/dir/", "/a/h/dir"},
	    {"https://h", "/a/h"},
	    {"http://h/a//b?x=/../y#z", "/a/h/a/b"},
	    {"https://h/ab/..c/...", "/a/h/ab/..c/..."},
	    {"https://h/../x", NULL},
	    {"https://../x", NULL},
	    {"https://h/a/./b", NULL},
	    {"https:///x", NULL},
	    {"h/x", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = {0};
		char *dir = account_server_dir("/a", rows[i].server, &err);

		if (rows[i].want)
			assert_string_equal(dir, rows[i].want);
		else
			assert_null(dir);
		assert_int_equal(err.name, rows[i].want ? 0 : ERR_badData);
		err_clear(&err);
		free(dir);
	}
}

static void
saves_as_certbot_does(void **state)
{
	EVP_PKEY *key = pki_key();
	struct err err = {0};
	char *dir = account_key_save(store_dir, SERVER, key, &err), *text;
	char *id = jwk_account_id(key, &err);
	char *rel = xasprintf("%s/%s", BELOW, id), *name;
	jv list;

	(void)state;
	assert_string_equal(path_base(dir), id);
	assert_int_equal(mode_of("ca.example:14000"), 0700);
	assert_int_equal(mode_of(rel), 0700);
	name = xasprintf("%s/private_key.json", rel);
	assert_int_equal(mode_of(name), 0400);
	free(name);

	/* without regr.json it is no account, but it is to be gone on with */
	list = account_list(store_dir, SERVER, 0, &err);
	assert_int_equal(doc_len(list), 0);
	doc_free(list);
	text = account_unfinished(store_dir, SERVER);
	assert_string_equal(text, dir);
	free(text);
	text = account_key_save(store_dir, SERVER, key, &err);
	assert_string_equal(text, dir);
	assert_false(err_is_set(&err));
	free(text);

	assert_int_equal(account_save(dir, URL, "me@a.example", &err), 0);
	name = xasprintf("%s/regr.json", rel);
	text = read_in_dir(name);
	assert_string_equal(text, "{\"body\": {}, \"uri\": \"" URL "\"}");
	assert_int_equal(mode_of(name), 0644);
	free(text);
	free(name);
	name = xasprintf("%s/meta.json", rel);
	text = read_in_dir(name);
	assert_memory_equal(text, "{\"creation_dt\": \"20", 19);
	assert_non_null(strstr(text, "Z\", \"creation_host\": \""));
	assert_non_null(
	    strstr(text, ", \"register_to_eff\": \"me@a.example\"}"));
	free(text);
	assert_null(account_unfinished(store_dir, SERVER));
	assert_int_equal(account_set_eff(dir, NULL, &err), 0);
	text = read_in_dir(name);
	assert_null(strstr(text, "eff"));
	free(text);
	free(name);

	list = account_list(store_dir, SERVER, 0, &err);
	assert_int_equal(doc_len(list), 1);
	doc_free(list);
	list = account_get(store_dir, SERVER, id, &err);
	assert_string_equal(doc_str(list, "url"), URL);
	assert_string_equal(doc_str(list, "dir"), dir);
	doc_free(list);
	free(rel);
	free(id);
	free(dir);
	EVP_PKEY_free(key);
}

/* A key that is there is never replaced by another one. */
static void
keeps_another_key(void **state)
{
	EVP_PKEY *key = pki_key(), *other = pki_key();
	struct err err = {0};
	char *dir = account_key_save(store_dir, SERVER, key, &err);
	char *theirs = account_key_save(store_dir, SERVER, other, &err);
	char *file = path_join(dir, "private_key.json");
	char *from = path_join(theirs, "private_key.json");
	EVP_PKEY *got;

	(void)state;
	assert_int_equal(rename(from, file), 0);
	assert_null(account_key_save(store_dir, SERVER, key, &err));
	assert_int_equal(err.name, ERR_cannotCreate);
	assert_non_null(strstr(err_text(&err), file));
	err_clear(&err);
	got = key_load(file, &err);
	assert_true(key_same(got, other));
	EVP_PKEY_free(got);
	free(from);
	free(file);
	free(theirs);
	free(dir);
	EVP_PKEY_free(other);
	EVP_PKEY_free(key);
}

static void
refuses_what_is_not_there(void **state)
{
	static const char *const ids[] = {"0123", "", "..", "a/b", ".hidden"};
	struct err err = {0};
	char *want = xasprintf("Account at %s/%s/0123 does not exist",
	    store_dir, BELOW);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		jv a = account_get(store_dir, SERVER, ids[i], &err);

		assert_int_equal(doc_kind(a), DOC_NONE);
		assert_int_equal(err.name, ERR_noAccount);
		if (i == 0)
			assert_string_equal(err_text(&err), want);
		err_clear(&err);
		assert_int_equal(
		    account_remove(store_dir, SERVER, ids[i], &err), -1);
		assert_int_equal(err.name, ERR_noAccount);
		err_clear(&err);
	}
	assert_false(is_there("ca.example:14000"));
	doc_free(account_list(store_dir, SERVER, 1, &err));
	assert_int_equal(mode_of(BELOW), 0700);
	free(want);
}

/* The newer server's directory becomes a link to the older one's. */
static void
uses_older_servers(void **state)
{
	EVP_PKEY *key = pki_key();
	struct err err = {0};
	char *id = make_account(LE_V1, key), *dir = in_dir(V2_PATH), *target;
	char *want = in_dir(V1_PATH), *sub;
	jv list;

	(void)state;
	list = account_list(store_dir, LE_V2, 1, &err);
	assert_int_equal(doc_len(list), 1);
	doc_free(list);
	target = path_readlink(dir);
	assert_string_equal(target, want);
	free(target);

	/* one id: a link of its own beside other accounts */
	assert_int_equal(unlink(dir), 0);
	EVP_PKEY *other = pki_key();
	char *second = make_account(LE_V2, other);
	list = account_get(store_dir, LE_V2, id, &err);
	assert_string_equal(doc_str(list, "id"), id);
	doc_free(list);
	sub = xasprintf("%s/%s", V2_PATH, id);
	assert_true(is_there(sub));

	/* removed with the links that lead to it */
	assert_int_equal(account_remove(store_dir, LE_V1, id, &err), 0);
	assert_false(is_there(sub));
	assert_false(is_there(V1_PATH));
	assert_true(is_there("acme-v01.api.letsencrypt.org"));
	assert_int_equal(account_remove(store_dir, LE_V2, second, &err), 0);
	assert_false(is_there(V2_PATH));
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	free(second);
	free(sub);
	free(want);
	free(dir);
	free(id);
}

static void
skips_what_does_not_load(void **state)
{
	EVP_PKEY *key = pki_key();
	struct err err = {0};
	char *id = make_account(SERVER, key);
	jv list;

	(void)state;
	write_in_dir(BELOW "/bad1/regr.json", "{\"uri\": 5}");
	write_in_dir(BELOW "/bad2/regr.json", "{\"uri\": \"https://x\"}");
	write_in_dir(BELOW "/bad2/meta.json", "{}");
	write_in_dir(BELOW "/bad2/private_key.json", "{\"kty\": \"RSA\"}");
	write_in_dir(BELOW "/file", "x");
	list = account_list(store_dir, SERVER, 0, &err);
	assert_int_equal(doc_len(list), 1);
	doc_free(list);
	assert_null(account_unfinished(store_dir, SERVER));
	free(id);
	EVP_PKEY_free(key);
}

static void
replaces_keys(void **state)
{
	EVP_PKEY *key = pki_key(), *next = pki_key();
	struct err err = {0};
	char *id = make_account(SERVER, key);
	char *dir = xasprintf("%s/%s/%s", store_dir, BELOW, id), *now;
	jv list;

	(void)state;
	now = account_replace_key(dir, next, &err);
	assert_non_null(now);
	assert_string_not_equal(now, dir);
	list = account_list(store_dir, SERVER, 0, &err);
	assert_int_equal(doc_len(list), 1);
	doc_free(list);
	list = account_get(store_dir, SERVER, path_base(now), &err);
	assert_string_equal(doc_str(list, "url"), URL);
	doc_free(list);
	free(now);
	free(dir);
	free(id);
	EVP_PKEY_free(key);
	EVP_PKEY_free(next);
}

static jv
document(const char *thumbprint, const char *path)
{
	jv a = doc_set_str(doc_object(), "thumbprint", thumbprint);

	return doc_set(doc_object(), "account", doc_set_str(a, "key", path));
}

/* One account is taken as it is; of several none, unless it is named: by its id,
 * never by a path. */
static void
chooses(void **state)
{
	EVP_PKEY *key = pki_key(), *other = pki_key();
	struct err err = {0};
	char *id = make_account(SERVER, key), *path, *oid;
	jv a = account_choose(store_dir, SERVER, NULL, &err);

	(void)state;
	assert_string_equal(doc_str(a, "id"), id);
	doc_free(a);
	path = xasprintf("%s/../%s", id, id);
	a = account_choose(store_dir, SERVER, path, &err);
	assert_true(doc_is(a, DOC_NONE));
	assert_int_equal(err.name, ERR_noAccount);
	assert_int_equal(account_remove(store_dir, SERVER, path, &err), -1);
	assert_int_equal(err.name, ERR_noAccount);
	err_clear(&err);

	oid = make_account(SERVER, other);
	a = account_choose(store_dir, SERVER, NULL, &err);
	assert_true(doc_is(a, DOC_NONE));
	assert_int_equal(err.name, ERR_manyAccounts);
	assert_non_null(strstr(err_text(&err), "--account"));
	err_clear(&err);
	a = account_choose(store_dir, SERVER, oid, &err);
	assert_string_equal(doc_str(a, "id"), oid);
	doc_free(a);
	free(oid);
	free(path);
	free(id);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void
finds_keys(void **state)
{
	EVP_PKEY *key = pki_key(), *other = pki_key(), *got;
	struct err err = {0};
	char *id = make_account(SERVER, key), *where = NULL;
	char *oid = make_account("https://other.example/", other);
	char *print = jwk_thumbprint(key, &err);
	char *own = xasprintf("%s/%s/%s/private_key.json", store_dir, BELOW,
	    id);
	char *wrong = xasprintf("%s/other.example/%s/private_key.json",
	    store_dir, oid);
	jv doc = document(print, "/nowhere/key.json");

	(void)state;
	got = account_key_for(doc, store_dir, &where, &err);
	assert_non_null(got);
	assert_string_equal(where, own);
	assert_true(key_same(got, key));
	EVP_PKEY_free(got);
	free(where);
	assert_null(account_key_for(doc, NULL, NULL, &err));
	assert_int_equal(err.name, ERR_noInput);
	err_clear(&err);
	doc_free(doc);

	doc = document(print, wrong);
	assert_null(account_key_for(doc, NULL, NULL, &err));
	assert_int_equal(err.name, ERR_noAccount);
	err_clear(&err);
	doc_free(doc);
	doc = document(NULL, wrong);
	got = account_key_for(doc, store_dir, NULL, &err);
	assert_true(got && key_same(got, other));
	EVP_PKEY_free(got);
	doc_free(doc);
	doc = doc_object();
	assert_null(account_key_for(doc, store_dir, NULL, &err));
	assert_int_equal(err.name, ERR_noAccount);
	err_clear(&err);
	doc_free(doc);
	free(wrong);
	free(own);
	free(print);
	free(oid);
	free(id);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

#define in_own_dir(f) \
	cmocka_unit_test_setup_teardown(f, store_dir_setup, store_dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_directories),
	    in_own_dir(saves_as_certbot_does),
	    in_own_dir(keeps_another_key),
	    in_own_dir(refuses_what_is_not_there),
	    in_own_dir(uses_older_servers),
	    in_own_dir(skips_what_does_not_load),
	    in_own_dir(replaces_keys),
	    in_own_dir(chooses),
	    in_own_dir(finds_keys),
	};

	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
