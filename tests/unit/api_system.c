/* lib/certbot: files, directories, locks, programs, names, credentials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "certbot/credentials.h"
#include "certbot/files.h"
#include "certbot/http.h"
#include "certbot/names.h"
#include "certbot/programs.h"
#include "certbot/storage.h"
#include "scratch.h"

static unsigned
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
put(const char *path, const char *text)
{
	struct certbot_error e = {0};

	assert_int_equal(certbot_file_write(path, text, strlen(text), 0644, &e),
	    0);
}

static void
holds(const char *path, const char *want)
{
	struct certbot_error e = {0};
	size_t len = 0;
	char *text = certbot_file_read(path, &len, &e);

	assert_non_null(text);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	free(text);
}

static void
test_errors(void **state)
{
	struct certbot_error e = {0};

	(void)state;
	assert_int_equal(certbot_fail(&e, CERTBOT_FAILED, "%d of %s", 3, "x"),
	    -1);
	assert_int_equal(e.type, CERTBOT_FAILED);
	assert_string_equal(e.text, "3 of x");
	assert_int_equal(certbot_fail(NULL, CERTBOT_FAILED, "nobody"), -1);
	assert_null(certbot_file_read("missing", NULL, &e));
	assert_int_equal(e.type, CERTBOT_NOT_FOUND);
	assert_non_null(strstr(e.text, "missing"));
}

static void
test_lists(void **state)
{
	struct certbot_list l = {0};

	(void)state;
	certbot_list_add(&l, "a");
	certbot_list_add(&l, "b");
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[1], "b");
	assert_null(l.v[2]);
	assert_true(certbot_list_has(&l, "a"));
	assert_false(certbot_list_has(&l, "c"));
	certbot_list_release(&l);
	assert_int_equal(l.n, 0);
	assert_null(l.v);
	certbot_free_secret(NULL);
}

static void
test_write(void **state)
{
	(void)state;
	put("new", "one");
	holds("new", "one");
	assert_int_equal(mode_of("new"), 0644);
	assert_int_equal(chmod("new", 0600), 0);
	put("new", "two");
	assert_int_equal(mode_of("new"), 0600);
	assert_int_equal(symlink("new", "link"), 0);
	put("link", "three");
	holds("new", "three");
	assert_int_equal(readlink("link", (char[8]){0}, 8), 3);
	assert_int_equal(unlink("link"), 0);
}

static void
test_unique(void **state)
{
	struct certbot_error e = {0};
	char *made = NULL;
	int fd;

	(void)state;
	fd = certbot_file_create("only", 0640, &e);
	assert_int_not_equal(fd, -1);
	close(fd);
	assert_int_equal(mode_of("only"), 0640);
	assert_int_equal(certbot_file_create("only", 0640, &e), -1);
	for (int i = 0; i < 3; i++) {
		char want[64];

		fd = certbot_file_unique("./key.pem", 0600, &made, &e);
		assert_int_not_equal(fd, -1);
		snprintf(want, sizeof(want), "./%04d_key.pem", i);
		assert_string_equal(made, want);
		close(fd);
		free(made);
	}
	fd = certbot_file_unique_lineage(".", "a.example", 0644, &made, &e);
	assert_string_equal(made, "./a.example.conf");
	close(fd);
	free(made);
	fd = certbot_file_unique_lineage(".", "a.example", 0644, &made, &e);
	assert_string_equal(made, "./a.example-0001.conf");
	close(fd);
	free(made);
	assert_int_equal(certbot_file_unique("no/such/dir", 0600, &made, &e),
	    -1);
	assert_null(made);
	assert_int_equal(certbot_file_remove("only", &e), 0);
	assert_int_equal(access("only", F_OK), -1);
	assert_int_equal(certbot_file_remove("only", &e), 0);
	assert_int_equal(certbot_file_remove(".", &e), -1);
}

static void
test_modes(void **state)
{
	struct certbot_error e = {0};

	(void)state;
	put("m", "x");
	assert_int_equal(chmod("m", 0640), 0);
	assert_true(certbot_file_check("m", 0640, 1));
	assert_false(certbot_file_check("m", 0600, 1));
	assert_true(certbot_file_check("m", -1, 0));
	assert_false(certbot_file_check("none", -1, 0));
	assert_true(certbot_file_has_mode("m", 0440));
	assert_false(certbot_file_has_mode("m", 0444));
	assert_false(certbot_file_is_public("m"));
	assert_int_equal(certbot_key_mode("m", 0600), 0640);
	assert_int_equal(certbot_key_mode("none", 0600), 0600);
	assert_int_equal(chmod("m", 0607), 0);
	assert_true(certbot_file_is_public("m"));
	assert_int_equal(certbot_key_mode("m", 0600), 0604);
	put("n", "x");
	assert_true(certbot_file_same_owner("m", "n"));
	assert_int_equal(certbot_file_copy_owner("m", "n", -1, 1, 1, &e), 0);
	assert_int_equal(mode_of("n"), 0607);
	assert_int_equal(certbot_file_copy_owner("m", "n", 0600, 0, 0, &e), 0);
	assert_int_equal(mode_of("n"), 0600);
	assert_int_equal(certbot_file_copy_owner("none", "n", 0600, 0, 0, &e),
	    -1);
	if (geteuid() != 0)
		return;
	assert_int_equal(chown("m", SCRATCH_USER, SCRATCH_USER), 0);
	assert_false(certbot_file_same_owner("m", "n"));
	assert_false(certbot_file_check("m", -1, 1));
	assert_int_equal(certbot_file_copy_owner("m", "n", -1, 1, 0, &e), 0);
	assert_false(certbot_file_same_owner("m", "n"));
	assert_int_equal(certbot_file_copy_owner("m", "n", -1, 1, 1, &e), 0);
	assert_true(certbot_file_same_owner("m", "n"));
}

static void
test_dirs(void **state)
{
	struct certbot_error e = {0};
	struct certbot_list l = {0};

	(void)state;
	assert_int_equal(certbot_dir_make("d/e/f", 0700, 0, &e), 0);
	assert_int_equal(mode_of("d/e/f"), 0700);
	assert_int_equal(certbot_dir_make("d/e/f", 0700, 1, &e), 0);
	assert_int_equal(certbot_dir_make("d/e/f", 0755, 0, &e), 0);
	assert_int_equal(mode_of("d/e/f"), 0700);
	assert_int_equal(certbot_dir_make("d/e/f", 0755, 1, &e), -1);
	assert_non_null(strstr(e.text, "0o755"));
	certbot_path_prefixes("/a/b", &l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[0], "/a/b");
	assert_string_equal(l.v[1], "/a");
	assert_string_equal(l.v[2], "/");
	certbot_list_release(&l);
	assert_string_equal(certbot_default_dir("logs"),
	    "/var/log/letsencrypt");
	assert_null(certbot_default_dir("other"));
}

static void
test_lock(void **state)
{
	struct certbot_error e = {0};
	struct certbot_lock *lock, *other;

	(void)state;
	assert_int_equal(certbot_dir_make("l", 0700, 0, &e), 0);
	lock = certbot_lock_dir("l", 0, &e);
	assert_non_null(lock);
	assert_int_equal(access("l/.certbot.lock", F_OK), 0);
	other = certbot_lock_dir("l", 0, &e);
	assert_null(other);
	assert_int_equal(e.type, CERTBOT_LOCKED);
	certbot_unlock(lock);
	assert_int_equal(access("l/.certbot.lock", F_OK), -1);
	lock = certbot_lock_dir("l", 0, &e);
	assert_non_null(lock);
	certbot_unlock(lock);
	certbot_unlock(NULL);
}

static void
test_install(void **state)
{
	/* SHA-256 of "old\n" and "new\n". */
	static const char *const known[] = {
	    "01d09d19c2139a46aebfb577780d123d7396e97201bc7ead210a2ebff8239dee",
	    "7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c",
	    NULL};
	struct certbot_error e = {0};

	(void)state;
	put("source", "new\n");
	put("dest", "old\n");
	assert_int_equal(
	    certbot_file_install(NULL, "dest", "digest", "source", known, &e),
	    0);
	holds("dest", "new\n");
	put("dest", "mine\n");
	assert_int_equal(
	    certbot_file_install(NULL, "dest", "digest", "source", known, &e),
	    0);
	holds("dest", "mine\n");
	assert_int_equal(access("digest", F_OK), 0);
	assert_int_equal(
	    certbot_file_install(NULL, "dest", "digest", "none", known, &e),
	    -1);
}

static void
test_run(void **state)
{
	static const char *const argv[] = {"sh", "-c",
	    "echo out $X; echo err >&2; exit 3", NULL};
	static const char *const none[] = {"no-such-program-here", NULL};
	static const char *const env[] = {"X=y", NULL};
	struct certbot_output o;
	struct certbot_error e = {0};

	(void)state;
	assert_int_equal(certbot_run(argv, env, 10000, &o, &e), 0);
	assert_int_equal(o.status, 3);
	assert_string_equal(o.out, "out y\n");
	assert_string_equal(o.err, "err\n");
	certbot_output_release(&o);
	assert_int_equal(certbot_run_shell("kill -9 $$", NULL, 10000, &o, &e),
	    0);
	assert_int_equal(o.status, 128 + 9);
	certbot_output_release(&o);
	assert_int_equal(certbot_run(none, NULL, 10000, &o, &e), -1);
	assert_int_equal(e.type, CERTBOT_NO_PROGRAM);
	certbot_output_release(&o);
	assert_int_equal(certbot_run_shell("sleep 60", NULL, 50, &o, &e), -1);
	assert_int_equal(e.type, CERTBOT_TIMEOUT);
	certbot_output_release(&o);
}

static void
test_programs(void **state)
{
	(void)state;
	assert_true(certbot_program_exists("sh"));
	assert_true(certbot_program_exists("/bin/sh"));
	assert_false(certbot_program_exists("/etc/passwd"));
	assert_false(certbot_program_exists("/bin"));
	assert_false(certbot_program_exists("no-such-program-here"));
	assert_int_equal(setenv("PATH", "/bin", 1), 0);
	assert_false(certbot_program_find("no-such-program-here"));
	assert_string_equal(getenv("PATH"),
	    "/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin");
	assert_false(certbot_program_find("no-such-program-here"));
	assert_string_equal(getenv("PATH"),
	    "/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin");
}

static void
test_versions(void **state)
{
	static const char *const sorted[] = {"", "1", "1.2", "1.2.3", "1.10",
	    "1.10a1", "1.10b", "2.0.0", "10.0"};
	const size_t n = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			int r = certbot_version_compare(sorted[i], sorted[k]);

			assert_int_equal((r > 0) - (r < 0), (i > k) - (i < k));
		}
	}
	assert_int_equal(certbot_version_compare("1.02", "1.2"), 0);
}

static void
test_os_release(void **state)
{
	char *value;

	(void)state;
	put("os", "NAME=\"A B\"\nID=debian\n# ID_LIKE=no\nID_LIKE='x y'\nE=\n");
	value = certbot_os_release("NAME", "os");
	assert_string_equal(value, "A B");
	free(value);
	value = certbot_os_release("ID", "os");
	assert_string_equal(value, "debian");
	free(value);
	value = certbot_os_release("ID_LIKE", "os");
	assert_string_equal(value, "x y");
	free(value);
	assert_null(certbot_os_release("VERSION", "os"));
	assert_null(certbot_os_release("ID", "no-such-file"));
}

static void
test_names(void **state)
{
	static const char *const names[] = {"A.Example.", "bad name",
	    "*.b.example", "127.0.0.1", "localhost", "a_b.example", NULL};
	struct certbot_list l = {0};
	struct certbot_error e = {0};

	(void)state;
	certbot_names_filter(names, &l);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0], "a.example");
	assert_string_equal(l.v[1], "*.b.example");
	certbot_list_release(&l);
	assert_null(certbot_name_check("a..b", &e));
	assert_int_equal(e.type, CERTBOT_BAD_DATA);
	assert_null(certbot_name_public("intranet", NULL));
	certbot_name_zones("a.b.example", &l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[0], "a.b.example");
	assert_string_equal(l.v[2], "example");
	certbot_list_release(&l);
	assert_true(certbot_name_is_wildcard("*.a"));
	assert_false(certbot_name_is_wildcard("a.*"));
	assert_true(certbot_is_address("::1"));
	assert_true(certbot_is_address("192.0.2.1"));
	assert_false(certbot_is_address("192.0.2"));
	assert_true(certbot_is_email("a.b+c@d-e.example"));
	assert_false(certbot_is_email("a"));
	assert_false(certbot_is_email("a..b@c.d"));
	assert_false(certbot_is_email(".a@c.d"));
	assert_false(certbot_is_email("a b@c.d"));
	assert_false(certbot_is_email("a@c.d,b@c.d"));
	assert_false(certbot_is_email("a@c.d\n"));
	assert_true(certbot_is_staging(
	    "https://acme-staging-v02.api.letsencrypt.org/directory"));
	assert_false(certbot_is_staging("https://ca.example/directory"));
}

static void
test_addresses(void **state)
{
	struct certbot_address a, b;
	struct certbot_error e = {0};
	char *text;

	(void)state;
	assert_int_equal(certbot_address_parse(&a, "192.0.2.1:80", &e), 0);
	assert_string_equal(a.host, "192.0.2.1");
	assert_string_equal(a.port, "80");
	assert_false(a.ipv6);
	assert_int_equal(certbot_address_parse(&a, "*", &e), 0);
	assert_string_equal(a.host, "*");
	assert_string_equal(a.port, "");
	text = certbot_address_text(&a);
	assert_string_equal(text, "*");
	free(text);
	assert_int_equal(certbot_address_parse(&a, "[fe00::1]:443", &e), 0);
	assert_true(a.ipv6);
	assert_string_equal(a.host, "[fe00::1]");
	assert_string_equal(a.port, "443");
	text = certbot_address_exploded(&a);
	assert_string_equal(text, "fe00:0:0:0:0:0:0:1");
	free(text);
	text = certbot_address_text(&a);
	assert_string_equal(text, "[fe00::1]:443");
	free(text);
	assert_int_equal(certbot_address_parse(&b, "[fe00:0:0::0:1]:443", &e),
	    0);
	assert_true(certbot_address_equal(&a, &b));
	assert_int_equal(certbot_address_parse(&b, "[fe00::2]:443", &e), 0);
	assert_false(certbot_address_equal(&a, &b));
	assert_int_equal(certbot_address_parse(&b, "[fe00::1", &e), -1);
	assert_int_equal(certbot_address_parse(&b, "[::1]x", &e), -1);
}

static void
test_credentials(void **state)
{
	static const char *const all[] = {"dns_x_token", "dns_x_user", NULL};
	static const char *const some[] = {"dns_x_token", NULL};
	struct certbot_error e = {0};
	struct certbot_credentials *c;

	(void)state;
	put("ini", "# secrets\ndns_x_token = abc def\ndns_x_user =\n");
	c = certbot_credentials_open(NULL, "ini", &e);
	assert_non_null(c);
	assert_string_equal(certbot_credentials_get(c, "dns_x_token"),
	    "abc def");
	assert_null(certbot_credentials_get(c, "dns_x_user"));
	assert_int_equal(certbot_credentials_require(c, some, &e), 0);
	assert_int_equal(certbot_credentials_require(c, all, &e), -1);
	assert_int_equal(e.type, CERTBOT_MISCONFIGURED);
	assert_non_null(strstr(e.text, "dns_x_user"));
	assert_null(strstr(e.text, "dns_x_token"));
	certbot_credentials_close(c);
	assert_null(certbot_credentials_open(NULL, "none", &e));
	assert_int_equal(e.type, CERTBOT_NOT_FOUND);
	certbot_credentials_close(NULL);
}

static void
test_storage(void **state)
{
	struct certbot_error e = {0};
	char *text;

	(void)state;
	assert_int_equal(certbot_dir_make("w", 0700, 0, &e), 0);
	assert_null(certbot_storage_get(".", "p", "k", &e));
	assert_int_equal(e.type, CERTBOT_NOT_FOUND);
	assert_int_equal(
	    certbot_storage_put(".", "w", "p", "k", "{\"a\":[1]}", &e), 0);
	assert_int_equal(certbot_storage_put(".", "w", "q", "k", "2", &e), 0);
	assert_int_equal(mode_of(".pluginstorage.json"), 0600);
	text = certbot_storage_get(".", "p", "k", &e);
	assert_string_equal(text, "{\"a\":[1]}");
	free(text);
	assert_int_equal(certbot_storage_put(".", "w", "p", "k", "no", &e), -1);
	assert_int_equal(e.type, CERTBOT_BAD_DATA);
	assert_int_equal(certbot_storage_put(".", "w", "p", "k", NULL, &e), 0);
	assert_null(certbot_storage_get(".", "p", "k", &e));
	text = certbot_storage_get(".", "q", "k", &e);
	assert_string_equal(text, "2");
	free(text);
}

static void
test_http_arguments(void **state)
{
	static const char *const bad[][2] = {{"No colon"},
	    {"X: a\r\nAuthorization: b"}, {"X: a\nY: b"}};
	struct certbot_http_request r = {.method = "GET",
	    .url = "https://a.example/"};
	struct certbot_http_answer a;
	struct certbot_error e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		r.headers = bad[i];
		assert_int_equal(certbot_http(&r, &a, &e), -1);
		assert_int_equal(e.type, CERTBOT_BAD_DATA);
		assert_non_null(strstr(e.text, "a header"));
		certbot_http_release(&a);
	}
	r.headers = NULL;
	r.url = "http://a.example/";
	assert_int_equal(certbot_http(&r, &a, &e), -1);
	assert_non_null(strstr(e.text, "http://a.example/"));
	/* There is no acme-net beside this test. */
	r.url = "https://a.example/";
	assert_int_equal(certbot_http(&r, &a, &e), -1);
	assert_non_null(strstr(e.text, "acme-net"));
	certbot_http_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_write),
	    cmocka_unit_test(test_unique),
	    cmocka_unit_test(test_modes),
	    cmocka_unit_test(test_dirs),
	    cmocka_unit_test(test_lock),
	    cmocka_unit_test(test_install),
	    cmocka_unit_test(test_run),
	    cmocka_unit_test(test_versions),
	    cmocka_unit_test(test_os_release),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_credentials),
	    cmocka_unit_test(test_storage),
	    cmocka_unit_test(test_http_arguments),
	    cmocka_unit_test(test_programs),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
