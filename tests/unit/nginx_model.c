#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../tools/plugins/nginx/conf.c"
#include "../../tools/plugins/nginx/lua.c"
#include "../../tools/plugins/nginx/match.c"
#include "../../tools/plugins/nginx/model.c"
#include "../../tools/plugins/nginx/parse.c"
#include "scratch.h"

static struct conf *conf;

/* The servers of an nginx.conf with this http block, and more at the top. */
static struct model *
model_of(const char *top, const char *http)
{
	struct err err = {0};
	char *text = xasprintf("events {}\n%s\nhttp {\n%s\n}\n", top, http);

	scratch_put("nginx.conf", text);
	free(text);
	conf = conf_load(".", &err);
	if (conf == NULL)
		fail_msg("%s", err_text(&err));
	return model_read(conf);
}

static void
release(struct model *m)
{
	model_free(m);
	conf_free(conf);
}

static void
expect_class(const char *name, const char *domain, enum name_class class)
{
	if (name_class(name, domain) != class)
		fail_msg("%s, %s: %d", name, domain, name_class(name, domain));
}

static void
test_names(void **state)
{
	(void)state;
	expect_class("a.example", "a.example", CLASS_EXACT);
	expect_class("A.Example", "a.example", CLASS_EXACT);
	expect_class(".a.example", "a.example", CLASS_EXACT);
	expect_class(".a.example", "x.y.a.example", CLASS_LEAD);
	expect_class("*.example", "a.example", CLASS_LEAD);
	expect_class("*.a.example", "a.example", CLASS_NONE);
	expect_class("*.a.example", "*.a.example", CLASS_EXACT);
	expect_class(".a.example", "*.a.example", CLASS_EXACT);
	expect_class("*.example", "*.a.example", CLASS_NONE);
	expect_class("a.*", "a.example", CLASS_TRAIL);
	expect_class("a.*", "aa.example", CLASS_NONE);
	expect_class("_", "a.example", CLASS_NONE);
	expect_class("", "a.example", CLASS_NONE);
	expect_class("~^a\\.", "a.example", CLASS_REGEX);
	expect_class("~xampl", "a.example", CLASS_REGEX);
	expect_class("~^A\\.", "a.example", CLASS_REGEX);
	expect_class("~^(?<sub>\\w+)\\.example$", "a.example", CLASS_REGEX);
	expect_class("~[", "a.example", CLASS_NONE);
	expect_class("~.*", "*.a.example", CLASS_NONE);
	expect_class("~^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	    CLASS_NONE);
}

static void
expect_listen(const char *words, const char *key, long port)
{
	char *http = xasprintf("server { listen %s; }", words);
	struct model *m = model_of("", http);

	assert_int_equal(m->n, 1);
	assert_int_equal(m->servers[0].n_listens, 1);
	if (key != NULL)
		assert_string_equal(m->servers[0].listens[0].key, key);
	assert_int_equal(m->servers[0].listens[0].port, port);
	release(m);
	free(http);
}

static void
test_listens(void **state)
{
	(void)state;
	expect_listen("80", "*:80", 80);
	expect_listen("*:81", "*:81", 81);
	expect_listen("0.0.0.0", "*:80", 80);
	expect_listen("10.0.0.1", "10.0.0.1:80", 80);
	expect_listen("localhost:8080 ssl", "localhost:8080", 8080);
	expect_listen("[::]:443", "[::]:443", 443);
	expect_listen("[0:0::1]", "[::1]:80", 80);
	expect_listen("8000-8010", "*:8000-8010", 8000);
	expect_listen("unix:/run/x.sock", NULL, 0);
}

/* Which servers, by number, nginx takes for the name. */
static void
expect_serves(const struct model *m, const char *domain, int tls, long port,
    const char *want)
{
	unsigned char *s = xcalloc(m->n, 1);
	char got[16] = "";

	model_serves(m, domain, tls, port, s);
	for (size_t i = 0; i < m->n; i++)
		strcat(got, s[i] == 0 ? "-" : s[i] & SERVES_NAME ? "n" : "d");
	assert_string_equal(got, want);
	free(s);
}

static void
test_serves(void **state)
{
	struct model *m = model_of("",
	    "server { listen 80; server_name *.example; }"
	    "server { listen 80; listen 10.0.0.1:80 default; server_name a.example; }"
	    "server { listen 80; server_name a.example *.b.example; }"
	    "server { listen [::]:80; listen 10.0.0.1:80; server_name ~b; }"
	    "server { listen 443 ssl; server_name c.example; }"
	    "server { listen 443; server_name d.example; }");

	(void)state;
	expect_serves(m, "a.example", 0, 80, "-n-d--");
	expect_serves(m, "x.b.example", 0, 80, "--nn--");
	expect_serves(m, "c.example", 0, 80, "nd-d--");
	expect_serves(m, "c.example", 1, 443, "----n-");
	expect_serves(m, "d.example", 1, 443, "-----n");
	expect_serves(m, "e.org", 1, 0, "----d-");
	expect_serves(m, "e.org", 0, 8080, "------");
	assert_true(server_listens(&m->servers[5], 1, 443));
	assert_false(server_listens(&m->servers[5], 0, 0));
	release(m);
}

/* Servers of other protocols are no http servers. */
static void
test_stream(void **state)
{
	struct model *m = model_of(
	    "stream { server { listen 443 ssl; } upstream u { server x:1; } }"
	    "mail { server { listen 25; server_name m.example; } }",
	    "upstream v { server 127.0.0.1:1; }"
	    "server { listen 443; server_name a.example; }");

	(void)state;
	assert_int_equal(m->n, 1);
	assert_false(server_listens(&m->servers[0], 1, 443));
	release(m);
}

static void
test_includes(void **state)
{
	struct model *m;

	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	scratch_put("d/b.conf", "server { server_name b; include d/names; }");
	scratch_put("d/a.conf", "server { server_name a; include d/names; }");
	scratch_put("d/names", "server_name n;\nlisten 81;");
	assert_int_equal(link("d/a.conf", "d/c.conf"), 0);
	m = model_of("",
	    "include d/*.conf; include d/none*; include d/b.conf;");
	assert_int_equal(m->n, 2);
	assert_string_equal(m->servers[0].names[0].text, "a");
	assert_string_equal(m->servers[1].names[1].text, "n");
	assert_string_equal(m->servers[1].listens[0].key, "*:81");
	assert_int_equal(conf->n_files, 4);
	release(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_listens),
	    cmocka_unit_test(test_serves),
	    cmocka_unit_test(test_stream),
	    cmocka_unit_test(test_includes),
	};

	return cmocka_run_group_tests_name("nginx_model", tests, scratch_make,
	    scratch_remove);
}
