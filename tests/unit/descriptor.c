#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "plugin/descriptor.h"
#include "plugin/flags.h"

static char dir[] = "/tmp/acme-tools-descriptor.XXXXXX";

#define MINIMAL "\"name\":\"x\",\"kinds\":[\"installer\"]"

static struct plugin_desc *
parse(const char *text, struct err *err)
{
	jv json = doc_parse(text, strlen(text), err);
	struct plugin_desc *d = plugin_desc_parse(json, "x", "/bin/x", err);

	doc_free(json);
	return d;
}

static void
test_parse(void **state)
{
	static const char text[] =
	    "{\"name\":\"x\",\"version\":1,\"kinds\":[\"authenticator\","
	    "\"installer\"],\"challenges\":[\"dns-01\"],\"summary\":\"S\","
	    "\"globals\":[\"http01_port\"],\"network\":true,\"later\":[1],"
	    "\"exclusive\":[\"port:{http01_port}\",\"terminal\"],"
	    "\"options\":[{\"name\":\"auth-hook\",\"type\":\"command\","
	    "\"letter\":\"w\",\"aliases\":[\"old-hook\"],\"help\":\"H\"},"
	    "{\"name\":\"on\",\"type\":\"flag\"}]}";
	struct err err = {0};
	struct plugin_desc *d = parse(text, &err);
	const struct plugin_option *o;
	jv config, words;

	(void)state;
	assert_non_null(d);
	assert_true(d->authenticator && d->installer && d->network);
	assert_false(d->hidden);
	assert_string_equal(d->summary, "S");
	assert_string_equal(d->about, "S");
	o = plugin_option_dest(d, "x_auth_hook");
	assert_non_null(o);
	assert_string_equal(o->flag, "x-auth-hook");
	assert_string_equal(o->name, "auth_hook");
	assert_string_equal(o->dest, "x_auth_hook");
	assert_string_equal(o->metavar, "X_AUTH_HOOK");
	assert_int_equal(o->type, PLUGIN_COMMAND);
	assert_true(o->saved);
	assert_int_equal(doc_len(o->aliases), 1);
	assert_string_equal(doc_str_at(o->aliases, 0), "old-hook");
	assert_int_equal(o->letter, 'w');
	assert_ptr_equal(plugin_option_dest(d, "x_auth_hook"), o);
	assert_null(d->options[1].metavar);
	assert_true(plugin_uses(d, "http01_port"));
	assert_false(plugin_uses(d, "https_port"));
	config = plugin_config(d, doc_none(), &err);
	words = plugin_exclusive(d, config);
	assert_string_equal(doc_str_at(words, 0), "port:80");
	assert_string_equal(doc_str_at(words, 1), "terminal");
	doc_free(words);
	doc_free(config);
	plugin_desc_free(d);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
	    {"[]", "object"},
	    {"{\"name\":\"y\",\"kinds\":[\"installer\"]}", "\"x\""},
	    {"{\"kinds\":[\"installer\"]}", "name"},
	    {"{\"name\":\"x\"}", "kinds"},
	    {"{\"name\":\"x\",\"kinds\":[\"cook\"]}", "kinds"},
	    {"{\"name\":\"x\",\"kinds\":[\"authenticator\"]}", "challenges"},
	    {"{" MINIMAL ",\"version\":2}", "version"},
	    {"{" MINIMAL ",\"challenges\":[1]}", "challenges"},
	    {"{" MINIMAL ",\"options\":{}}", "options"},
	    {"{" MINIMAL ",\"options\":[{}]}", "name"},
	    {"{" MINIMAL ",\"options\":[{\"name\":\"A b\"}]}", "name"},
	    {"{" MINIMAL ",\"options\":[{\"name\":\"a\",\"type\":\"z\"}]}",
		"type"},
	    {"{" MINIMAL ",\"options\":[{\"name\":\"a\",\"letter\":\"ab\"}]}",
		"letter"},
	    {"{" MINIMAL ",\"options\":[{\"name\":\"a\",\"hidden\":\"yes\"}]}",
		"hidden"},
	    {"{" MINIMAL ",\"summary\":1}", "summary"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = {0};
		struct plugin_desc *d = parse(bad[i].text, &err);

		if (d != NULL || strstr(err_text(&err), bad[i].why) == NULL)
			fail_msg("%s: %s", bad[i].text, err_text(&err));
		assert_int_equal(err.name, ERR_badData);
		err_clear(&err);
	}
}

/* A hundred options, not more. */
static void
test_ceiling(void **state)
{
	struct err err = {0};
	struct buf b;
	struct plugin_desc *d;

	(void)state;
	for (int n = 100; n <= 101; n++) {
		buf_init(&b, 1 << 16);
		(void)buf_adds(&b, "{" MINIMAL ",\"options\":[");
		for (int i = 0; i < n; i++)
			(void)buf_addf(&b,
			    "%s{\"name\":\"o%d\",\"type\":\"flag\"}",
			    i ? "," : "", i);
		(void)buf_adds(&b, "]}");
		d = parse(b.p, &err);
		buf_release(&b);
		if (n == 100) {
			assert_string_equal(err_text(&err), "");
			assert_int_equal(d->n_options, 100);
			plugin_desc_free(d);
		} else {
			assert_null(d);
			assert_int_equal(err.name, ERR_badData);
			assert_string_equal(err_text(&err),
			    "more than 100 options");
			err_clear(&err);
		}
	}
}

/* What a renewal keeps: not what is not to be saved, nor what is deprecated;
 * what was learned before what was given. */
static void
test_saved(void **state)
{
	static const char text[] =
	    "{" MINIMAL ",\"globals\":[\"http01_port\"],\"options\":["
	    "{\"name\":\"a\"},{\"name\":\"b\"},"
	    "{\"name\":\"secret\",\"saved\":false},"
	    "{\"name\":\"old\",\"deprecated\":true}]}";
	static const char given_text[] =
	    "{\"x_a\":\"1\",\"x_b\":\"2\",\"x_secret\":\"3\","
	    "\"x_old\":\"4\",\"http01_port\":81,\"https_port\":82}";
	static const char learned_text[] =
	    "{\"b\":\"5\",\"secret\":\"6\",\"unknown\":\"7\"}";
	static const char want_text[] =
	    "{\"x_a\":\"1\",\"x_b\":\"5\",\"http01_port\":81}";
	struct err err = {0};
	struct plugin_desc *d = parse(text, &err);
	jv given = doc_parse(given_text, strlen(given_text), &err);
	jv learned = doc_parse(learned_text, strlen(learned_text), &err);
	jv want = doc_parse(want_text, strlen(want_text), &err), got;

	(void)state;
	assert_non_null(d);
	got = plugin_flags_saved(d, given, learned);
	if (!doc_equal(got, want)) {
		char *said = doc_text(got);

		fail_msg("%s", said);
	}
	doc_free(got);
	doc_free(want);
	doc_free(learned);
	doc_free(given);
	plugin_desc_free(d);
}

static void
test_default_by_system(void **state)
{
	static const char text[] = "{\"default\":\"a\",\"defaults\":{"
				   "\"debian\":\"b\",\"ubuntu\":\"c\"}}";
	static const struct {
		const char *ids[2], *want;
	} cases[] = {{{"ubuntu", "debian"}, "c"}, {{"mint", "debian"}, "b"},
	    {{"suse", "x"}, "a"}};
	struct err err = {0};
	jv row = doc_parse(text, strlen(text), &err);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		jv ids = doc_list(cases[i].ids, 2);
		jv v = plugin_default(row, ids);
		assert_string_equal(doc_text_of(v), cases[i].want);
		doc_free(v);
		doc_free(ids);
	}
	doc_free(row);
	row = doc_object();
	row = doc_set(row, "none", plugin_default(row, doc_none()));
	assert_true(doc_has(row, "none"));
	doc_free(row);
}

static void
put(const char *name, const char *text, mode_t mode)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static void
test_system_ids(void **state)
{
	char *path = xasprintf("%s/os", dir);
	jv ids;

	(void)state;
	put("os", "NAME=\"X\"\nID_LIKE=\"ubuntu debian\"\nID=mint\n", 0644);
	ids = plugin_system_ids(path);
	assert_int_equal(doc_len(ids), 3);
	assert_string_equal(doc_str_at(ids, 0), "mint");
	assert_string_equal(doc_str_at(ids, 2), "debian");
	doc_free(ids);
	/* Darwin has none. */
	ids = plugin_system_ids("/nowhere/at/all");
	assert_int_equal(doc_len(ids), 1);
	assert_string_equal(doc_str_at(ids, 0), "linux");
	doc_free(ids);
	free(path);
}

static void
test_value(void **state)
{
	static const struct {
		enum plugin_type type;
		const char *text;
		int good;
	} cases[] = {{PLUGIN_NUMBER, "80", 1}, {PLUGIN_NUMBER, "-1", 0},
	    {PLUGIN_NUMBER, "8x", 0}, {PLUGIN_NUMBER, "", 0},
	    {PLUGIN_NUMBER, NULL, 0}, {PLUGIN_JSON, "{\"a\":1}", 1},
	    {PLUGIN_JSON, "[1]", 0}, {PLUGIN_JSON, "{", 0},
	    {PLUGIN_DIR, "/tmp", 1}, {PLUGIN_DIR, "/etc/passwd", 0},
	    {PLUGIN_PATH, "rel", 1}, {PLUGIN_STRING, "x", 1}};
	struct err err = {0};
	jv v;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		v = plugin_value(cases[i].type, "f", cases[i].text, &err);
		assert_int_equal(!doc_is(v, DOC_NONE), cases[i].good);
		assert_int_equal(err_is_set(&err), !cases[i].good);
		err_clear(&err);
		doc_free(v);
	}
	v = plugin_value(PLUGIN_PATH, "f", "rel", &err);
	assert_int_equal(doc_text_of(v)[0], '/');
	doc_free(v);
	v = plugin_value(PLUGIN_DIR, "f", "/nowhere", &err);
	assert_string_equal(err_text(&err),
	    "/nowhere does not exist or is not a directory");
	err_clear(&err);
	doc_free(v);
}

static const char many[] =
    "{\"name\":\"x\",\"kinds\":[\"installer\"],"
    "\"globals\":[\"http01_port\",\"http01_address\"],\"options\":["
    "{\"name\":\"text\",\"default\":\"d\"},{\"name\":\"on\",\"type\":\"flag\"},"
    "{\"name\":\"n\",\"type\":\"number\",\"default\":3},"
    "{\"name\":\"dirs\",\"type\":\"path\",\"repeatable\":true,"
    "\"default\":[]},{\"name\":\"map\",\"type\":\"json\"}]}";

static char *
configured(const char *by_dest, struct err *err)
{
	struct plugin_desc *d = parse(many, err);
	jv given = doc_parse(by_dest, strlen(by_dest), err);
	jv config = plugin_config(d, given, err);
	char *text = doc_is(config, DOC_NONE) ? NULL :
						doc_text_python(config, NULL);

	doc_free(config);
	doc_free(given);
	plugin_desc_free(d);
	return text;
}

static void
test_config(void **state)
{
	static const struct {
		const char *given, *want;
	} cases[] = {
	    {"{}",
		"{\"dirs\": [], \"http01_address\": \"\", \"http01_port\": 80, "
		"\"map\": null, \"n\": 3, \"on\": false, \"text\": \"d\"}"},
	    {"{\"x_text\":\"t\",\"x_on\":true,\"x_n\":4,\"x_dirs\":[\"/a\","
	     "\"/b\"],\"x_map\":{\"k\":\"/v\"},\"http01_port\":8080}",
		"{\"dirs\": [\"/a\", \"/b\"], \"http01_address\": \"\", "
		"\"http01_port\": 8080, \"map\": {\"k\": \"/v\"}, \"n\": 4, "
		"\"on\": true, \"text\": \"t\"}"},
	    {"{\"x_text\":\"None\",\"x_on\":\"TRUE\",\"x_n\":\"5\","
	     "\"x_dirs\":\"/a\",\"http01_port\":\"81\",\"y\":1}",
		"{\"dirs\": [\"/a\"], \"http01_address\": \"\", "
		"\"http01_port\": 81, \"map\": null, \"n\": 5, \"on\": true, "
		"\"text\": \"d\"}"},
	};
	static const char *const bad[] = {"{\"x_on\":\"yes\"}",
	    "{\"x_n\":\"four\"}", "{\"x_n\":true}", "{\"x_map\":\"[\"}",
	    "{\"x_dirs\":[1]}", "{\"http01_port\":\"x\"}"};
	struct err err = {0};
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		text = configured(cases[i].given, &err);
		assert_non_null(text);
		assert_string_equal(text, cases[i].want);
		free(text);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		text = configured(bad[i], &err);
		if (text != NULL || err.name != ERR_usage)
			fail_msg("%s gave %s", bad[i], text);
		err_clear(&err);
	}
}

/* --- discovery ------------------------------------------------------------- */

static void
test_find(void **state)
{
	struct err err = {0};
	struct plugin_desc *d;
	struct plugin_set set;

	(void)state;
	put("one", "#!/bin/sh\n", 0755);
	put("one.json", "{\"name\":\"one\",\"kinds\":[\"installer\"]}", 0644);
	put("two.json", "{\"name\":\"two\",\"kinds\":[\"installer\"]}", 0644);
	put("bad", "#!/bin/sh\n", 0755);
	put("bad.json", "{", 0644);
	put("certbot-plugin-three",
	    "#!/bin/sh\necho '{\"name\":\"three\",\"kinds\":[\"installer\"]}'\n",
	    0755);
	put("certbot-plugin-check", "#!/bin/sh\nexit 1\n", 0755);
	put("certbot-plugin-four", "#!/bin/sh\nexit 1\n", 0755);
	d = plugin_find("one", &err);
	assert_non_null(d);
	assert_string_equal(d->name, "one");
	plugin_desc_free(d);
	d = plugin_find("certbot-one:one", &err);
	assert_non_null(d);
	plugin_desc_free(d);
	d = plugin_find("three", &err);
	assert_non_null(d);
	plugin_desc_free(d);
	assert_null(plugin_find("two", &err));
	assert_int_equal(err.name, ERR_noPlugin);
	assert_null(plugin_find("bad", &err));
	assert_int_equal(err.name, ERR_badDocument);
	assert_null(plugin_find("four", &err));
	assert_int_equal(err.name, ERR_badData);
	assert_null(plugin_find("../one", &err));
	assert_int_equal(err.name, ERR_noPlugin);
	assert_null(plugin_find("check", &err));
	assert_int_equal(err.name, ERR_noPlugin);
	err_clear(&err);
	plugin_set_load(&set);
	assert_int_equal(set.n, 2);
	assert_string_equal(set.list[0]->name, "one");
	assert_string_equal(set.list[1]->name, "three");
	assert_ptr_equal(plugin_set_get(&set, "a:three"), set.list[1]);
	assert_null(plugin_set_get(&set, "four"));
	assert_int_equal(doc_len(set.refused), 2);
	plugin_set_release(&set);
}

static void
test_others_can_write(void **state)
{
	struct err err = {0};
	char *path = xasprintf("%s/one", dir);

	(void)state;
	if (geteuid() != 0) {
		free(path);
		skip();
	}
	put("one.json", "{\"name\":\"one\",\"kinds\":[\"installer\"]}", 0666);
	put("one", "#!/bin/sh\n", 0755);
	assert_null(plugin_find("one", &err));
	assert_int_equal(err.name, ERR_permission);
	put("one.json", "{\"name\":\"one\",\"kinds\":[\"installer\"]}", 0644);
	put("one", "#!/bin/sh\n", 0757);
	assert_null(plugin_find("one", &err));
	assert_int_equal(err.name, ERR_permission);
	put("one", "#!/bin/sh\n", 0755);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_null(plugin_find("one", &err));
	assert_int_equal(err.name, ERR_permission);
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_null(plugin_find("one", &err));
	assert_int_equal(err.name, ERR_permission);
	/* A link there can be replaced, wherever it leads. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/bin/true", path), 0);
	assert_null(plugin_find("one", &err));
	assert_int_equal(err.name, ERR_permission);
	assert_int_equal(chmod(dir, 0755), 0);
	plugin_desc_free(plugin_find("one", &err));
	assert_false(err_is_set(&err));
	assert_int_equal(unlink(path), 0);
	err_clear(&err);
	free(path);
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL || chmod(dir, 0755) != 0 ||
	    setenv("CERTBOT_PLUGIN_PATH", dir, 1) != 0 ||
	    setenv("PATH", dir, 1) != 0;
}

static int
teardown(void **state)
{
	char *command = xasprintf("/bin/rm -rf %s", dir);
	int rc = system(command);

	(void)state;
	free(command);
	return rc;
}

static void
found(const char *name, int want)
{
	struct err err = {0};
	struct plugin_desc *d = plugin_find(name, &err);

	if ((d != NULL) != want)
		fail_msg("%s: %s", name, err_text(&err));
	if (d == NULL)
		assert_int_equal(err.name, ERR_noPlugin);
	err_clear(&err);
	plugin_desc_free(d);
}

/* A plugin is named by a word, and looked for below roots only. */
static void
test_places(void **state)
{
	static const char text[] = "{\"kinds\":[\"installer\"],\"name\":\"x\"}";
	char *sub = xasprintf("%s/sub", dir), *path = xasprintf("%s/x", sub);
	char *before = getcwd(NULL, 0);

	(void)state;
	assert_int_equal(mkdir(sub, 0755), 0);
	put("sub/x", "#!/bin/sh\n", 0755);
	put("sub/x.json", text, 0644);
	setenv("CERTBOT_PLUGIN_PATH", sub, 1);
	found("x", 1);
	found("certbot-x:x", 1);
	found("../sub/x", 0);
	found("./x", 0);
	found(path, 0);
	found("", 0);
	found("..", 0);
	assert_int_equal(chdir(dir), 0);
	setenv("CERTBOT_PLUGIN_PATH", "sub:.", 1);
	found("x", 0);
	assert_int_equal(chdir(before), 0);
	unsetenv("CERTBOT_PLUGIN_PATH");
	free(before);
	free(path);
	free(sub);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_ceiling),
	    cmocka_unit_test(test_saved),
	    cmocka_unit_test(test_default_by_system),
	    cmocka_unit_test(test_system_ids),
	    cmocka_unit_test(test_value),
	    cmocka_unit_test(test_config),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_others_can_write),
	    cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests_name("descriptor", tests, setup,
	    teardown);
}
