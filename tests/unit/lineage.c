/* Lineages: versions, links, journal, and what is left by a killed save. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/log.h"
#include "crypto/key.h"
#include "store/keyfile.h"
#include "store/lineage.h"
#include "store/lineage_save.h"
#include "flushes.h"
#include "store_dir.h"

static EVP_PKEY *key;

static int
group_setup(void **state)
{
	struct key_spec spec = {.curve = "secp256r1"};

	(void)state;
	key = key_new(&spec, NULL);
	return key ? 0 : -1;
}

static int
group_teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	return 0;
}

static struct lineage_files
files(const char *cert)
{
	struct lineage_files f = {cert, "CHAIN\n", key};

	return f;
}

static jv
no_params(void)
{
	return doc_set_str(doc_object(), "server", "https://ca.example/");
}

/* A lineage named a with certificate "ONE"; open. */
static void
make(struct lineage *l, const char *name)
{
	struct lineage_files f = files("ONE\n");
	struct err err = {0};
	jv params = no_params();

	if (lineage_new(l, store_dir, name, &f, params, doc_none(), &err) < 0)
		fail_msg("%s", err_text(&err));
	doc_free(params);
}

static int
succeed(struct lineage *l, const char *cert, struct err *err)
{
	struct lineage_files f = files(cert);
	jv params = no_params();
	int rc = lineage_successor(l, &f, params, doc_none(), err);

	doc_free(params);
	return rc;
}

static void
assert_link(const char *link, const char *want)
{
	char *path = in_dir(link), *got = path_readlink(path);

	if (!want)
		assert_null(got);
	else if (!got)
		fail_msg("%s is no link", link);
	else
		assert_string_equal(got, want);
	free(got);
	free(path);
}

static void
assert_all_links(const char *name, int version)
{
	for (int k = 0; k < KIND_COUNT; k++) {
		char *link = xasprintf("live/%s/%s.pem", name, kind_names[k]);
		char *want = xasprintf("../../archive/%s/%s%d.pem", name,
		    kind_names[k], version);
		char *prev = xasprintf("live/%s/previous_%s.pem", name,
		    kind_names[k]);

		assert_link(link, want);
		assert_false(is_there(prev));
		free(prev);
		free(want);
		free(link);
	}
}

static void
relink(const char *link, const char *target)
{
	char *path = in_dir(link);

	assert_int_equal(safefile_link(target, path, NULL), 0);
	free(path);
}

static void
makes_and_renews(void **state)
{
	struct lineage l;
	struct lineage_files f = files("TWO\n");
	struct err err = {0};
	char *text;

	(void)state;
	make(&l, "a");
	assert_all_links("a", 1);
	assert_int_equal(l.latest, 1);
	text = read_in_dir("live/a/fullchain.pem");
	assert_string_equal(text, "ONE\nCHAIN\n");
	free(text);
	assert_int_equal(mode_of("archive/a/privkey1.pem"), 0600);
	assert_int_equal(mode_of("archive/a/cert1.pem"), 0644);
	assert_int_equal(mode_of("archive"), 0700);
	assert_int_equal(mode_of("live"), 0700);
	assert_int_equal(mode_of("renewal"), 0755);

	assert_int_equal(succeed(&l, "TWO\n", &err), 0);
	assert_all_links("a", 2);
	assert_int_equal(l.latest, 2);
	assert_int_equal(l.version[KIND_CHAIN], 2);
	assert_true(lineage_holds(&l, 2, &f));
	assert_false(lineage_holds(&l, 1, &f));
	assert_false(lineage_holds(&l, 3, &f));
	assert_int_equal(lineage_pending(&l, &err), 0);
	lineage_release(&l);

	make(&l, "a");
	assert_string_equal(l.conf.name, "a-0001");
	assert_all_links("a-0001", 1);
	lineage_release(&l);
}

/* A half-written version is never overwritten, nor counts as the latest. */
static void
counts_versions(void **state)
{
	struct lineage l;
	struct err err = {0};

	(void)state;
	make(&l, "a");
	lineage_release(&l);
	write_in_dir("archive/a/privkey4.pem", "half");
	write_in_dir("archive/a/cert3.pem", "x");
	write_in_dir("archive/a/chain3.pem", "x");
	write_in_dir("archive/a/fullchain3.pem", "x");
	write_in_dir("archive/a/cert09.pem.old", "x");
	write_in_dir("archive/a/cert999999999999.pem", "x");
	assert_int_equal(lineage_open(&l, store_dir, "a", LINEAGE_LOCKED, &err),
	    0);
	assert_int_equal(l.latest, 1);
	assert_int_equal(l.highest, 4);
	assert_int_equal(succeed(&l, "TWO\n", &err), 0);
	assert_all_links("a", 5);
	lineage_release(&l);
}

static void
carries_modes(void **state)
{
	struct lineage l;
	struct err err = {0};
	char *path;

	(void)state;
	make(&l, "a");
	path = in_dir("archive/a/privkey1.pem");
	assert_int_equal(chmod(path, 0777), 0);
	free(path);
	assert_int_equal(succeed(&l, "TWO\n", &err), 0);
	assert_int_equal(mode_of("archive/a/privkey2.pem"), 0674);
	lineage_release(&l);
}

static void
keeps_style_of_links(void **state)
{
	struct lineage l;
	struct err err = {0};
	char *target, *next;

	(void)state;
	make(&l, "a");
	lineage_release(&l);
	target = in_dir("archive/a/cert1.pem");
	relink("live/a/cert.pem", target);
	free(target);
	assert_int_equal(lineage_open(&l, store_dir, "a", LINEAGE_LOCKED, &err),
	    0);
	assert_int_equal(succeed(&l, "TWO\n", &err), 0);
	next = in_dir("archive/a/cert2.pem");
	assert_link("live/a/cert.pem", next);
	assert_link("live/a/chain.pem", "../../archive/a/chain2.pem");
	free(next);
	lineage_release(&l);
}

/* All four notes: back. Fewer: they only go. */
static void
recovers_links(void **state)
{
	(void)state;
	for (unsigned notes = 0; notes < 16; notes++) {
		struct lineage l;
		struct err err = {0};
		char *name = xasprintf("n%u", notes), *link, *target;

		make(&l, name);
		assert_int_equal(succeed(&l, "TWO\n", &err), 0);
		lineage_release(&l);
		for (int k = 0; k < KIND_COUNT; k++) {
			if (!(notes & (1u << k)))
				continue;
			link = xasprintf("live/%s/previous_%s.pem", name,
			    kind_names[k]);
			target = xasprintf("%s/archive/%s/%s1.pem", store_dir,
			    name, kind_names[k]);
			relink(link, target);
			free(target);
			free(link);
		}
		assert_int_equal(
		    lineage_open(&l, store_dir, name, LINEAGE_LOCKED, &err), 0);
		if (notes == 15) {
			assert_int_equal(l.version[KIND_CERT], 1);
			assert_int_equal(lineage_pending(&l, &err), 1);
			assert_int_equal(lineage_deploy(&l, 2, &err), 0);
			assert_int_equal(lineage_pending(&l, &err), 0);
			assert_int_equal(l.version[KIND_PRIVKEY], 2);
			lineage_release(&l);
		} else {
			assert_all_links(name, 2);
			lineage_release(&l);
		}
		free(name);
	}
}

/* Each step of a recovery is on the disk before the next. */
static void
flushes_links(void **state)
{
	struct lineage l;
	struct err err = {0};
	char *last = in_dir("live/a/previous_fullchain.pem"), *link, *target;

	(void)state;
	make(&l, "a");
	flushes_from_now(last);
	assert_int_equal(succeed(&l, "TWO\n", &err), 0);
	assert_non_null(strstr(flushes, "-dir renewal +dir a +dir a -dir a "));
	lineage_release(&l);
	for (int k = 0; k < KIND_COUNT; k++) {
		link = xasprintf("live/a/previous_%s.pem", kind_names[k]);
		target = xasprintf("%s/archive/a/%s1.pem", store_dir,
		    kind_names[k]);
		relink(link, target);
		free(target);
		free(link);
	}
	flushes_from_now(last);
	assert_int_equal(lineage_open(&l, store_dir, "a", LINEAGE_LOCKED, &err),
	    0);
	assert_string_equal(flushes, "+dir a -dir a ");
	lineage_release(&l);
	/* not all were noted: they are forgotten */
	relink("live/a/previous_fullchain.pem", "x");
	flushes_from_now(last);
	assert_int_equal(lineage_open(&l, store_dir, "a", LINEAGE_LOCKED, &err),
	    0);
	assert_string_equal(flushes, "-dir a ");
	flushes_from_now("");
	lineage_release(&l);
	free(last);
}

static struct buf told;

static void
sink(void *ctx, jv entry TAKES)
{
	(void)ctx;
	assert_int_equal(buf_addf(&told, "%s\n", doc_str(entry, "text")), 0);
	doc_free(entry);
}

/* Files of a version that are not there are no matter; what cannot be removed is
 * told. */
static void
tells_what_it_cannot_remove(void **state)
{
	char *dir = in_dir("archive/a"),
	     *stuck = in_dir("archive/a/chain7.pem");
	char *want = xasprintf("Failed to clean up %s\n", stuck);

	(void)state;
	write_in_dir("archive/a/privkey7.pem", "x");
	write_in_dir("archive/a/chain7.pem/mine", "x");
	buf_init(&told, FILE_TEXT_MAX);
	log_set_sink(sink, NULL);
	version_remove(dir, 7);
	log_set_sink(NULL, NULL);
	assert_false(is_there("archive/a/privkey7.pem"));
	assert_string_equal(told.p, want);
	buf_release(&told);
	free(want);
	free(stuck);
	free(dir);
}

/* Nothing of a save that cannot be ended stays. */
static void
undoes_failures(void **state)
{
	struct lineage l;
	struct lineage_files f = files("TWO\n");
	struct err err = {0};
	jv bad = doc_set(doc_object(), "x",
	    doc_set(doc_object(), "y", doc_push(doc_array(), doc_number(1))));
	char *before, *after, *live, *moved;

	(void)state;
	make(&l, "a");
	before = read_in_dir("renewal/a.conf");
	assert_int_equal(lineage_successor(&l, &f, bad, doc_none(), &err), -1);
	err_clear(&err);
	assert_false(is_there("archive/a/privkey2.pem"));

	/* the links cannot be moved: their directory is gone */
	live = in_dir("live/a");
	moved = in_dir("moved");
	assert_int_equal(rename(live, moved), 0);
	assert_int_equal(succeed(&l, "TWO\n", &err), -1);
	assert_non_null(strstr(err_text(&err), live));
	err_clear(&err);
	assert_int_equal(rename(moved, live), 0);
	assert_all_links("a", 1);
	for (int k = 0; k < KIND_COUNT; k++) {
		char *path = xasprintf("archive/a/%s2.pem", kind_names[k]);

		assert_false(is_there(path));
		free(path);
	}
	after = read_in_dir("renewal/a.conf");
	assert_string_equal(after, before);
	free(after);
	free(before);
	free(moved);
	free(live);
	lineage_release(&l);

	assert_int_equal(
	    lineage_new(&l, store_dir, "b", &f, bad, doc_none(), &err), -1);
	err_clear(&err);
	lineage_release(&l);
	assert_false(is_there("renewal/b.conf"));
	assert_false(is_there("archive/b"));
	assert_false(is_there("archive/.b.new"));
	doc_free(bad);
}

static void
refuses_directories_in_the_way(void **state)
{
	static const char *const what[] = {"archive", "live"};
	struct lineage_files f = files("ONE\n");
	struct lineage l;
	jv params = no_params();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(what); i++) {
		struct err err = {0};
		char *name = xasprintf("w%zu", i);
		char *file = xasprintf("%s/%s/file", what[i], name);
		char *want = xasprintf("%s directory exists for %s", what[i],
		    name);

		write_in_dir(file, "mine");
		assert_int_equal(lineage_new(&l, store_dir, name, &f, params,
				     doc_none(), &err),
		    -1);
		assert_non_null(strstr(err_text(&err), want));
		assert_true(is_there(file));
		lineage_release(&l);
		err_clear(&err);
		free(want);
		free(file);
		free(name);
	}
	doc_free(params);
}

/* The archive directory of lineage a of c/ is moved to `to`, and everything says
 * so. */
static void
move_archive(const char *to)
{
	char *from = in_dir("c/archive/a"), *dest = in_dir(to), *up, *text;
	char *conf = read_in_dir("c/renewal/a.conf"), *at, *link, *target;

	up = path_dir(dest);
	assert_int_equal(safefile_mkdirs(up, 0755, NULL), 0);
	assert_int_equal(rename(from, dest), 0);
	at = strstr(conf, from);
	assert_non_null(at);
	text = xasprintf("%.*s%s%s", (int)(at - conf), conf, dest,
	    at + strlen(from));
	write_in_dir("c/renewal/a.conf", text);
	for (int k = 0; k < KIND_COUNT; k++) {
		link = xasprintf("c/live/a/%s.pem", kind_names[k]);
		target = xasprintf("%s/%s1.pem", dest, kind_names[k]);
		relink(link, target);
		free(target);
		free(link);
	}
	free(text);
	free(conf);
	free(up);
	free(dest);
	free(from);
}

/* The lineage a below config. */
static void
make_a(const char *config)
{
	struct lineage_files f = files("ONE\n");
	struct err err = {0};
	struct lineage l;
	jv params = no_params();

	assert_int_equal(
	    lineage_new(&l, config, "a", &f, params, doc_none(), &err), 0);
	lineage_release(&l);
	doc_free(params);
}

/* A directory of ours goes with all that is in it; one that only begins like
 * ours keeps what is not of the lineage. */
static void
deletes(void **state)
{
	static const char *const places[] = {"c/archive/b", "c-other/a"};
	char *config = in_dir("c");

	(void)state;
	for (int i = 0; i < 2; i++) {
		char *key_file = xasprintf("%s/privkey1.pem", places[i]);
		char *mine = xasprintf("%s/mine", places[i]);
		struct err err = {0};

		make_a(config);
		move_archive(places[i]);
		write_in_dir(mine, "x");
		assert_true(is_there(key_file));
		assert_int_equal(lineage_delete(config, "a", &err), 0);
		assert_false(is_there("c/renewal/a.conf"));
		assert_false(is_there("c/live/a"));
		assert_false(is_there(key_file));
		assert_int_equal(is_there(mine), i);
		free(mine);
		free(key_file);
	}
	free(config);
}

/* Deleting begins with the renewal file. */
static void
deletes_the_rest(void **state)
{
	char *config = in_dir("g"), *shown = in_dir("g/renewal/a.conf");
	char *marker = in_dir("g/renewal/.a.deleted");
	char *live = in_dir("g/live"), *archive = in_dir("g/archive/a");
	char *cert = in_dir("g/live/a/cert.pem");
	struct stat st;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct err err = {0};

		make_a(config);
		write_in_dir("g/live/a/mine", "x");
		assert_int_equal(rename(shown, marker), 0);
		if (i > 0) /* of those that begin with it some are gone */
			assert_int_equal(safefile_remove_tree(archive, NULL),
			    0);
		if (i == 2) /* made anew */
			write_in_dir("g/renewal/a.conf", "x");
		assert_int_equal(lineage_recover(config, &err), 0);
		assert_false(is_there("g/renewal/.a.deleted"));
		assert_false(is_there("g/archive/a"));
		assert_int_equal(lstat(cert, &st), i == 2 ? 0 : -1);
		assert_true(is_there("g/live/a/mine"));
		assert_int_equal(safefile_remove_tree(live, NULL), 0);
		unlink(shown);
	}
	free(cert);
	free(archive);
	free(live);
	free(marker);
	free(shown);
	free(config);
}

/* The states between the renames of a new lineage (design, section 2). */
static void
clears_unfinished(void **state)
{
	struct err err = {0};
	struct lineage l;

	(void)state;
	/* built, not yet marked */
	write_in_dir("archive/.b.new/cert1.pem", "x");
	write_in_dir("live/.b.new/README", "x");
	/* marked, archive renamed */
	write_in_dir("renewal/.c.new", "conf");
	write_in_dir("archive/c/cert1.pem", "x");
	write_in_dir("live/.c.new/README", "x");
	/* marked, both renamed; certbot came and left an empty file */
	write_in_dir("renewal/.d.new", "conf");
	write_in_dir("archive/d/cert1.pem", "x");
	write_in_dir("live/d/README", "x");
	write_in_dir("renewal/d.conf", "");
	/* marked, nothing renamed: what is there is another's */
	write_in_dir("renewal/.e.new", "conf");
	write_in_dir("archive/.e.new/cert1.pem", "x");
	write_in_dir("live/.e.new/cert1.pem", "x");
	write_in_dir("archive/e/cert1.pem", "theirs");
	/* left over, but certbot has made the lineage meanwhile */
	make(&l, "f");
	lineage_release(&l);
	write_in_dir("renewal/.f.new", "conf");
	write_in_dir("archive/.f.new/cert1.pem", "x");
	write_in_dir("renewal/.g.conf.tmp-abcdef", "x");
	write_in_dir("renewal/..g.new.tmp-abcdef", "x");
	write_in_dir("renewal/.mine", "x");

	assert_int_equal(lineage_recover(store_dir, &err), 0);
	static const char *const gone[] = {"archive/.b.new", "live/.b.new",
	    "renewal/.c.new", "archive/c", "live/.c.new", "renewal/.d.new",
	    "archive/d", "live/d", "renewal/d.conf", "renewal/.e.new",
	    "archive/.e.new", "live/.e.new", "renewal/.f.new", "archive/.f.new",
	    "renewal/.g.conf.tmp-abcdef", "renewal/..g.new.tmp-abcdef"};
	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		if (is_there(gone[i]))
			fail_msg("%s is left", gone[i]);
	assert_true(is_there("archive/e/cert1.pem"));
	assert_true(is_there("renewal/.mine"));
	assert_int_equal(lineage_open(&l, store_dir, "f", LINEAGE_LOCKED, &err),
	    0);
	assert_all_links("f", 1);
	lineage_release(&l);
}

static void
reads_without_the_lock(void **state)
{
	struct lineage l;
	struct lineage_texts t;
	struct err err = {0};

	(void)state;
	make(&l, "a");
	lineage_release(&l);
	assert_int_equal(lineage_snapshot(&l, &t,
			     1u << KIND_CERT | 1u << KIND_FULLCHAIN, store_dir,
			     "a", &err),
	    0);
	assert_string_equal(t.text[KIND_CERT].p, "ONE\n");
	assert_string_equal(t.text[KIND_FULLCHAIN].p, "ONE\nCHAIN\n");
	assert_int_equal(t.text[KIND_PRIVKEY].len, 0);
	lineage_texts_release(&t);
	lineage_release(&l);

	relink("live/a/previous_cert.pem", "x");
	assert_int_equal(lineage_snapshot(&l, &t, 1, store_dir, "a", &err), -1);
	assert_int_equal(err.name, ERR_brokenLineage);
	assert_non_null(strstr(err_text(&err), "unfinished"));
	assert_true(is_there("live/a/previous_cert.pem"));
	err_clear(&err);
	lineage_texts_release(&t);
	lineage_release(&l);
}

static void
describes(void **state)
{
	struct lineage l;
	jv info = doc_set_str(doc_object(), "keyType", "ecdsa"), d;
	char *want;

	(void)state;
	make(&l, "a");
	d = lineage_doc(&l, info);
	want = in_dir("live/a/privkey.pem");
	assert_string_equal(doc_str(d, "privkey"), want);
	assert_string_equal(doc_str(d, "keyType"), "ecdsa");
	assert_string_equal(doc_str(d, "server"), "https://ca.example/");
	free(want);
	doc_free(d);
	doc_free(info);
	lineage_release(&l);
}

static void
names_waiting_keys(void **state)
{
	char *a = keyfile_waiting("/x/privkey.pem", "https://ca/order/1");
	char *b = keyfile_waiting("/x/privkey.pem", "https://ca/order/2");

	(void)state;
	assert_memory_equal(a, "/x/.privkey.pem.order-", 22);
	assert_int_equal(strlen(a), 38);
	assert_string_not_equal(a, b);
	free(a);
	free(b);
}

#define in_own_dir(f) \
	cmocka_unit_test_setup_teardown(f, store_dir_setup, store_dir_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    in_own_dir(makes_and_renews),
	    in_own_dir(counts_versions),
	    in_own_dir(carries_modes),
	    in_own_dir(keeps_style_of_links),
	    in_own_dir(recovers_links),
	    in_own_dir(flushes_links),
	    in_own_dir(tells_what_it_cannot_remove),
	    in_own_dir(undoes_failures),
	    in_own_dir(refuses_directories_in_the_way),
	    in_own_dir(deletes),
	    in_own_dir(deletes_the_rest),
	    in_own_dir(clears_unfinished),
	    in_own_dir(reads_without_the_lock),
	    in_own_dir(describes),
	    cmocka_unit_test(names_waiting_keys),
	};

	return cmocka_run_group_tests_name("lineage", tests, group_setup,
	    group_teardown);
}
