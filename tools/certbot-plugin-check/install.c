/* What every installer promises (certbot-plugin(7)): what was not finished is
 * put back, what was finished is rolled back. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "check.h"

enum { END_MS = 5000, CLEAN_MS = 60000 };

/* A step of a case: an operation, what it must be answered with, and what the
 * outside world must show then. */
struct step {
	const char *op;
	const char *title; /* of save; NULL: null. Of enhance: what */
	enum { NOTHING, DEPLOYED, RESTORED } then;
};

static jv
request_of(const struct check *c, const struct step *s)
{
	jv r = doc_object();

	if (strcmp(s->op, "deploy") == 0) {
		r = doc_set_str(r, "domain", c->domain);
		r = doc_set_str(r, "cert", c->cert);
		r = doc_set_str(r, "key", c->key);
		r = doc_set(r, "chain", doc_null());
		r = doc_set_str(r, "fullchain", c->cert);
	} else if (strcmp(s->op, "save") == 0) {
		r = doc_set_flag(r, "temporary", 0);
		r = s->title == NULL ? doc_set(r, "title", doc_null()) :
				       doc_set_str(r, "title", s->title);
	} else if (strcmp(s->op, "enhance") == 0) {
		r = doc_set_str(r, "domain", c->domain);
		r = doc_set_str(r, "enhancement", s->title);
		r = doc_set(r, "option", doc_null());
	} else if (strcmp(s->op, "rollback") == 0) {
		r = doc_set_int(r, "checkpoints", 1);
	}
	return r;
}

static int
shows(struct check *c, const struct step *s, char *why, size_t len)
{
	if (s->then == DEPLOYED)
		return check_command(c, c->deployed, "deployed", why, len);
	if (s->then == RESTORED)
		return check_command(c, c->restored, "restored", why, len);
	return 1;
}

static int
take(struct talk *t, const struct step *steps)
{
	for (; steps->op != NULL; steps++) {
		jv reply = talk_call(t, steps->op, request_of(t->c, steps), 0);
		int ok = doc_flag(reply, "ok", 0);

		if (!ok && t->why[0] == '\0')
			snprintf(t->why, sizeof(t->why), "%s: %s", steps->op,
			    doc_str_find(reply, "error", "detail", NULL) ?
				doc_str_find(reply, "error", "detail", NULL) :
				"no reply that is ok");
		doc_free(reply);
		if (!ok || !shows(t->c, steps, t->why, sizeof(t->why)))
			return 0;
	}
	return 1;
}

/* prepared: after init and prepare; else init alone. at_end: what the outside
 * world shows once its input has ended. */
static void
one_case(struct check *c, const char *what, int prepared,
    const struct step *steps, const struct step *at_end)
{
	struct talk t;
	int ok;

	if (talk_start(&t, c) != 0 ||
	    (prepared ? talk_open(&t) : talk_init(&t)) != 0) {
		check_ok(c, 0, what, t.why);
		talk_kill(&t);
		return;
	}
	ok = take(&t, steps);
	ok = talk_close(&t, CLEAN_MS, 1) == 0 && ok &&
	    shows(c, at_end, t.why, sizeof(t.why));
	check_ok(c, ok, what, t.why);
}

static int
is_array_or_unknown(jv reply, const char *member)
{
	jv list = doc_get(reply, member);
	const char *type = doc_str_find(reply, "error", "type", NULL);
	int ok = doc_is(list, DOC_ARRAY) ||
	    (type != NULL && strcmp(type, "not-supported") == 0);

	doc_free(list);
	return ok;
}

static void
case_lists(struct check *c)
{
	static const char *const ops[] = {"names", "enhancements"};
	static const char what[] = "names and enhancements are arrays";
	struct talk t;
	int ok = 1;

	if (talk_start(&t, c) != 0 || talk_open(&t) != 0) {
		check_ok(c, 0, what, t.why);
		talk_kill(&t);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		jv reply = talk_call(&t, ops[i], doc_object(), 0);

		ok = ok && is_array_or_unknown(reply, ops[i]);
		doc_free(reply);
	}
	check_ok(c, ok, what, t.why);
	check_ok(c, talk_close(&t, END_MS, 1) == 0,
	    "end of input ends it with status 0", t.why);
}

static const struct step saved[] = {{"deploy", NULL, NOTHING},
    {"save", NULL, NOTHING}, {NULL, NULL, NOTHING}};
static const struct step restored = {NULL, NULL, RESTORED};

/* A terminal's and a supervisor's signals reach the host, which decides. */
static void
case_signals(struct check *c)
{
	static const char what[] = "INT, TERM and HUP to its process group "
				   "change nothing; end of input undoes it";
	static const int sigs[] = {SIGINT, SIGTERM, SIGHUP};
	static const struct step test[] = {{"config-test", NULL, NOTHING},
	    {NULL, NULL, NOTHING}};
	struct talk t;
	int ok;

	if (talk_start(&t, c) != 0 || talk_open(&t) != 0) {
		check_ok(c, 0, what, t.why);
		talk_kill(&t);
		return;
	}
	ok = take(&t, saved);
	for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
		if (t.proc.pid > 0)
			(void)kill(-t.proc.pid, sigs[i]);
	ok = ok && take(&t, test);
	ok = talk_close(&t, CLEAN_MS, 1) == 0 && ok &&
	    shows(c, &restored, t.why, sizeof(t.why));
	check_ok(c, ok, what, t.why);
}

/* What it could not undo itself is undone by the next run. */
static void
case_killed(struct check *c)
{
	static const char what[] =
	    "killed before it was finished: the changes were made";
	static const struct step recover[] = {{"recover", NULL, NOTHING},
	    {NULL, NULL, NOTHING}};
	static const struct step none = {NULL, NULL, NOTHING};
	static const struct step restart[] = {{"config-test", NULL, NOTHING},
	    {"restart", NULL, RESTORED}, {NULL, NULL, NOTHING}};
	struct talk t;
	int ok = talk_start(&t, c) == 0 && talk_open(&t) == 0 &&
	    take(&t, saved);

	check_ok(c, ok, what, t.why);
	talk_kill(&t);
	one_case(c, "another recovers after it", 0, recover, &none);
	one_case(c, "and everything is as before", 1, restart, &restored);
}

/* Can it do this enhancement? */
static int
enhances(struct check *c, const char *what)
{
	struct talk t;
	jv reply, list;
	int can;

	if (talk_start(&t, c) != 0 || talk_open(&t) != 0) {
		talk_kill(&t);
		return 0;
	}
	reply = talk_call(&t, "enhancements", doc_object(), 0);
	list = doc_get(reply, "enhancements");
	can = doc_list_has(list, what);
	doc_free(list);
	doc_free(reply);
	(void)talk_close(&t, END_MS, 0);
	return can;
}

static void
case_enhance(struct check *c)
{
	static const char what[] = "enhance with a redirect, recover";
	static const struct step steps[] = {{"deploy", NULL, NOTHING},
	    {"save", NULL, NOTHING}, {"enhance", "redirect", NOTHING},
	    {"save", NULL, NOTHING}, {"config-test", NULL, NOTHING},
	    {"restart", NULL, DEPLOYED}, {"recover", NULL, NOTHING},
	    {"restart", NULL, RESTORED}, {NULL, NULL, NOTHING}};

	if (enhances(c, "redirect"))
		one_case(c, what, 1, steps, &restored);
	else
		check_skip(c, what, "it redirects nothing");
}

void
cases_installer(struct check *c)
{
	static const struct step none[] = {{NULL, NULL, NOTHING}};
	static const struct step deployed = {NULL, NULL, DEPLOYED};
	static const struct step whole[] = {{"deploy", NULL, NOTHING},
	    {"save", NULL, NOTHING}, {"config-test", NULL, NOTHING},
	    {"restart", NULL, DEPLOYED}, {"save", "A test", NOTHING},
	    {NULL, NULL, NOTHING}};
	static const struct step back[] = {{"rollback", NULL, NOTHING},
	    {"config-test", NULL, NOTHING}, {"restart", NULL, RESTORED},
	    {NULL, NULL, NOTHING}};
	static const struct step recovered[] = {{"deploy", NULL, NOTHING},
	    {"save", NULL, NOTHING}, {"recover", NULL, NOTHING},
	    {"config-test", NULL, NOTHING}, {"restart", NULL, RESTORED},
	    {NULL, NULL, NOTHING}};
	static const struct step edited[] = {{"deploy", NULL, NOTHING},
	    {NULL, NULL, NOTHING}};
	static const struct step recover[] = {{"recover", NULL, NOTHING},
	    {NULL, NULL, NOTHING}};

	case_lists(c);
	one_case(c, "recover without prepare", 0, recover, none);
	if (c->cert == NULL || c->key == NULL) {
		check_skip(c, "deploy and what undoes it",
		    "no --cert and --key");
		return;
	}
	one_case(c, "deploy, save, config-test, restart, save with a title", 1,
	    whole, &deployed);
	one_case(c, "rollback undoes it", 1, back, &restored);
	one_case(c, "recover undoes what is saved without a title", 1,
	    recovered, &restored);
	one_case(c, "end of input undoes it, too, status 0", 1, saved,
	    &restored);
	one_case(c, "end of input after deploy changes nothing, status 0", 1,
	    edited, &restored);
	case_enhance(c);
	case_signals(c);
	case_killed(c);
}
