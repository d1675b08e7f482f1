/* Keys beside their certificates: found by what they are, not by their names,
 * and a lineage whose files do not belong together is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/key.h"
#include "pki.h"
#include "store/keyfile.h"
#include "store/lineage.h"
#include "store_dir.h"

#define ORDER "https://ca.example/order/1"

/* A certificate, its issuer's and their keys. */
static EVP_PKEY *ca_key, *key, *other;
static char *cert, *chain;

static int
group_setup(void **state)
{
	struct pki ca = {.cn = "Root", .ca = 1};
	struct pki leaf = {.cn = "a.example", .san = "DNS:a.example"};
	X509 *x[3] = {NULL};

	(void)state;
	ca_key = pki_key();
	key = pki_key();
	other = pki_key();
	x[1] = pki_cert(&ca, ca_key, NULL, NULL);
	x[0] = pki_cert(&leaf, key, x[1], ca_key);
	chain = pki_pem(x + 1);
	x[2] = x[1];
	x[1] = NULL;
	cert = pki_pem(x);
	X509_free(x[0]);
	X509_free(x[2]);
	return cert && chain ? 0 : -1;
}

static int
group_teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	free(cert);
	free(chain);
	return 0;
}

static void
put_key(const char *path, EVP_PKEY *k)
{
	struct buf pem;

	buf_init(&pem, FILE_TEXT_MAX);
	assert_int_equal(key_pem(k, &pem, NULL), 0);
	assert_int_equal(safefile_write(path, pem.p, pem.len, 0600, 0, NULL),
	    0);
	buf_release(&pem);
}

/* Which file has the document's key; malloc'd, NULL with *name. */
static char *
found(jv doc, const char *place, enum err_name *name)
{
	struct err err = {0};
	char *path = NULL;
	EVP_PKEY *k = keyfile_find(doc, place, &path, &err);

	*name = err.name;
	err_clear(&err);
	assert_int_equal(k != NULL, path != NULL);
	EVP_PKEY_free(k);
	return path;
}

static void
finds_the_key_that_fits(void **state)
{
	char *place = in_dir("key.pem"), *named = in_dir("named.pem"), *got;
	char *waiting = keyfile_waiting(place, ORDER);
	enum err_name name;
	jv doc, c = doc_set_str(doc_object(), "fullchain", cert);

	(void)state;
	doc = doc_set(doc_object(), "certificate", c);
	c = doc_set_str(doc_object(), "url", ORDER);
	doc = doc_set(doc, "order", c);
	c = doc_set_str(doc_object(), "path", named);
	doc = doc_set(doc, "key", c);
	assert_null(found(doc, place, &name));
	assert_int_equal(name, ERR_noInput);
	c = doc_object();
	assert_null(found(c, place, &name));
	assert_int_equal(name, ERR_noInput);
	doc_free(c);

	/* one that is there, but of another certificate */
	put_key(place, other);
	assert_null(found(doc, place, &name));
	assert_int_equal(name, ERR_badData);

	put_key(named, key);
	got = found(doc, place, &name);
	assert_string_equal(got, named);
	free(got);
	put_key(waiting, key);
	got = found(doc, place, &name);
	assert_string_equal(got, waiting);
	free(got);
	put_key(place, key);
	got = found(doc, place, &name);
	assert_string_equal(got, place);
	free(got);
	doc_free(doc);
	free(waiting);
	free(named);
	free(place);
}

/* What lineage_verify says of lineage a; "" when it is content. Static. */
static const char *
verdict(void)
{
	static char said[512];
	struct lineage l;
	struct lineage_texts t;
	struct err err = {0};

	assert_int_equal(lineage_snapshot(&l, &t, (1u << KIND_COUNT) - 1,
			     store_dir, "a", &err),
	    0);
	said[0] = '\0';
	if (lineage_verify(&l, &t, &err) != 0) {
		assert_int_equal(err.name, ERR_brokenLineage);
		snprintf(said, sizeof(said), "%s", err_text(&err));
	}
	err_clear(&err);
	lineage_texts_release(&t);
	lineage_release(&l);
	return said;
}

static void
verifies_lineages(void **state)
{
	struct lineage_files f = {cert, chain, key};
	struct lineage l;
	struct err err = {0};
	jv params = doc_set_str(doc_object(), "server", "https://ca.example/");
	char *file = in_dir("archive/a/privkey1.pem"), *full, *bad;

	(void)state;
	assert_int_equal(
	    lineage_new(&l, store_dir, "a", &f, params, doc_none(), &err), 0);
	lineage_release(&l);
	doc_free(params);
	assert_string_equal(verdict(), "");

	put_key(file, other);
	assert_non_null(strstr(verdict(), "key values mismatch"));
	put_key(file, key);
	assert_string_equal(verdict(), "");

	full = read_in_dir("archive/a/fullchain1.pem");
	bad = xstrdup(full);
	bad[strlen(bad) - 40] ^= 1;
	write_in_dir("archive/a/fullchain1.pem", bad);
	assert_non_null(strstr(verdict(), "fullchain does not match"));
	write_in_dir("archive/a/fullchain1.pem", full);

	/* a certificate is not its own issuer */
	write_in_dir("archive/a/chain1.pem", cert);
	assert_non_null(strstr(verdict(), "verifying the signature"));
	free(bad);
	free(full);
	free(file);
}

#define in_own_dir(f) \
	cmocka_unit_test_setup_teardown(f, store_dir_setup, store_dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    in_own_dir(finds_the_key_that_fits),
	    in_own_dir(verifies_lineages),
	};

	return cmocka_run_group_tests_name("keyfile", tests, group_setup,
	    group_teardown);
}
