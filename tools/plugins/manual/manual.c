/* manual - challenges by the user's own commands, or by the user's own hands
 * (spec 8.3, 8.4). */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "hook.h"
#include "plugin/guest.h"
#include "texts.h"

struct manual {
	char *auth_hook, *cleanup_hook;
	jv done; /* token -> what its auth hook was given and has printed */
	size_t http_shown, dns_shown;
};

static char *
copy_or_null(const char *s)
{
	return s == NULL || s[0] == '\0' ? NULL : xstrdup(s);
}

static int
manual_init(struct guest *g, void *ctx, jv config, struct err *err)
{
	struct manual *m = ctx;

	(void)g;
	(void)err;
	free(m->auth_hook);
	free(m->cleanup_hook);
	m->auth_hook = copy_or_null(doc_str(config, "auth_hook"));
	m->cleanup_hook = copy_or_null(doc_str(config, "cleanup_hook"));
	doc_move(&m->done, doc_object());
	hook_begin();
	return 0;
}

static int
manual_prepare(struct guest *g, void *ctx, struct err *err)
{
	struct manual *m = ctx;

	if (m->auth_hook != NULL || guest_interactive(g))
		return 0;
	err_set(err, ERR_misconfigured,
	    "An authentication script must be provided with "
	    "--manual-auth-hook when using the manual plugin "
	    "non-interactively.");
	return err_member(err, "class", doc_string("PluginError"));
}

/* The variables of challenge c, as an object; see environment(). */
static jv
variables(jv all, size_t i)
{
	jv c = doc_at(all, i), names = doc_array(), v = doc_object();
	const char *type = doc_str(c, "type");
	const char *name = doc_str_find(c, "identifier", "value", NULL);
	char *list, *left;

	for (size_t k = 0; k < doc_len(all); k++) {
		jv other = doc_at(all, k);
		const char *n = doc_str_find(other, "identifier", "value",
		    NULL);
		if (n != NULL)
			names = doc_push_str(names, n);
		doc_free(other);
	}
	list = doc_join(names, ",");
	left = xasprintf("%zu", doc_len(all) - i - 1);
	v = doc_set_str(v, "CERTBOT_DOMAIN", name);
	v = doc_set_str(v, "CERTBOT_IDENTIFIER", name);
	v = doc_set_str(v, "CERTBOT_VALIDATION", doc_str(c, "validation"));
	if (strcmp(type, "http-01") == 0)
		v = doc_set_str(v, "CERTBOT_TOKEN", doc_str(c, "token"));
	v = doc_set_str(v, "CERTBOT_REMAINING_CHALLENGES", left);
	v = doc_set_str(v, "CERTBOT_ALL_DOMAINS", list);
	v = doc_set_str(v, "CERTBOT_ALL_IDENTIFIERS", list);
	free(list);
	free(left);
	doc_free(names);
	doc_free(c);
	return v;
}

static int
run(struct guest *g, const char *option, const char *command, jv vars,
    char **out, struct err *err)
{
	static const char *const names[] = {"CERTBOT_DOMAIN",
	    "CERTBOT_IDENTIFIER", "CERTBOT_VALIDATION", "CERTBOT_TOKEN",
	    "CERTBOT_REMAINING_CHALLENGES", "CERTBOT_ALL_DOMAINS",
	    "CERTBOT_ALL_IDENTIFIERS", "CERTBOT_AUTH_OUTPUT"};
	const char *env[ARRAY_LEN(names) + 2] = {NULL};
	int rc;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = doc_str(vars, names[i]);
		env[i] = value == NULL ? xstrdup(names[i]) :
					 xasprintf("%s=%s", names[i], value);
	}
	env[ARRAY_LEN(names)] = "ACME_STDIN";
	rc = hook_run(g, option, command, doc_str(vars, "CERTBOT_DOMAIN"), env,
	    out, err);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		free((void *)(uintptr_t)env[i]);
	return rc;
}

static int
by_hook(struct guest *g, struct manual *m, jv all, size_t i, const char *token,
    struct err *err)
{
	jv vars = variables(all, i);
	char *out = NULL;
	int rc;

	/* Noted before it runs: an interrupted hook is cleaned up after, too. */
	m->done = doc_set(m->done, token, doc_copy(vars));
	rc = run(g, "manual-auth-hook", m->auth_hook, vars, &out, err);
	vars = doc_set_str(vars, "CERTBOT_AUTH_OUTPUT", out == NULL ? "" : out);
	m->done = doc_set(m->done, token, vars);
	free(out);
	return rc;
}

static int
by_hand(struct guest *g, struct manual *m, jv all, size_t i, const char *type,
    struct err *err)
{
	char *text = manual_instructions(all, i, m->http_shown, m->dns_shown);
	jv q = doc_set_str(doc_object(), "kind", "pause");

	q = doc_set_flag(doc_set_str(q, "text", text), "force", 1);
	q = doc_set_flag(q, "wrap", 0);
	free(text);
	if (strcmp(type, "dns-01") == 0)
		m->dns_shown++;
	else
		m->http_shown++;
	doc_free(guest_ask(g, q, err));
	return err_is_set(err) ? -1 : 0;
}

static int
manual_perform(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	struct manual *m = ctx;
	jv c = doc_at(all, i);
	const char *type = doc_str(c, "type");
	int rc;

	if (strcmp(type, "http-01") != 0 && strcmp(type, "dns-01") != 0)
		rc = err_set(err, ERR_notSupported,
		    "manual performs http-01 and dns-01 challenges only");
	else if (m->auth_hook != NULL)
		rc = by_hook(g, m, all, i, doc_str(c, "token"), err);
	else
		rc = by_hand(g, m, all, i, type, err);
	doc_free(c);
	return rc;
}

static int
manual_cleanup(struct guest *g, void *ctx, jv c, int last, struct err *err)
{
	struct manual *m = ctx;
	const char *token = doc_str(c, "token");
	jv vars = doc_get_kind(m->done, token, DOC_OBJECT);
	int rc = 0;

	(void)last;
	if (m->cleanup_hook != NULL && doc_is(vars, DOC_OBJECT))
		rc = run(g, "manual-cleanup-hook", m->cleanup_hook, vars, NULL,
		    err);
	m->done = doc_del(m->done, token);
	doc_free(vars);
	return rc;
}

/* What the auth hook has printed to another process is not known. */
static int
manual_cleanup_left(struct guest *g, void *ctx, jv all, size_t i,
    struct err *err)
{
	struct manual *m = ctx;
	jv vars = variables(all, i);
	int rc = 0;

	if (m->auth_hook != NULL && m->cleanup_hook != NULL)
		rc = run(g, "manual-cleanup-hook", m->cleanup_hook, vars, NULL,
		    err);
	doc_free(vars);
	return rc;
}

static char *
hint(struct guest *g, void *ctx, jv failed)
{
	struct manual *m = ctx;

	(void)g;
	return manual_hint(failed, m->auth_hook != NULL);
}

static void
manual_end(struct guest *g, void *ctx)
{
	struct manual *m = ctx;

	(void)g;
	free(m->auth_hook);
	free(m->cleanup_hook);
	doc_free(m->done);
}

int
main(int argc, char *argv[])
{
	static const struct guest_ops ops = {.init = manual_init,
	    .prepare = manual_prepare,
	    .perform = manual_perform,
	    .cleanup = manual_cleanup,
	    .cleanup_left = manual_cleanup_left,
	    .hint = hint,
	    .end = manual_end};
	struct manual m = {0};

	return guest_main(argc, argv, &ops, &m);
}
