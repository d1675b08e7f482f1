/* What every plugin promises (certbot-plugin(7)), one case after the other. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "check.h"

enum { END_MS = 5000, CLEAN_MS = 60000 };

static int
is_error(jv reply, const char *type)
{
	const char *own = doc_str_find(reply, "error", "type", NULL);

	return own != NULL && (type == NULL || strcmp(own, type) == 0);
}

static int
opened(struct check *c, struct talk *t, const char *what)
{
	if (talk_start(t, c) == 0 && talk_open(t) == 0)
		return 1;
	check_ok(c, 0, what, t->why);
	talk_kill(t);
	return 0;
}

static void
case_describe(struct check *c)
{
	static const char what[] =
	    "--describe prints the descriptor that lies beside the plugin";
	const char *argv[] = {c->desc->path, "--describe", NULL};
	struct proc p = PROC_INIT;
	struct err err = {0};
	struct buf out;
	jv printed = doc_none();

	buf_init(&out, 1 << 20);
	p.argv = argv;
	p.out = PROC_PIPE;
	if (proc_run(&p, NULL, 0, &out, NULL, END_MS, &err) == 0)
		printed = doc_parse(out.p == NULL ? "" : out.p, out.len, &err);
	check_ok(c, doc_equal(printed, c->desc->raw), what,
	    err_is_set(&err) ? err_text(&err) : "they differ");
	doc_free(printed);
	buf_release(&out);
	err_clear(&err);
}

static void
case_end(struct check *c)
{
	struct talk t;

	if (talk_start(&t, c) == -1) {
		check_ok(c, 0, "it starts", t.why);
		return;
	}
	check_ok(c, talk_close(&t, END_MS, 1) == 0,
	    "end of input before anything was said ends it with status 0",
	    t.why);
}

static void
case_open(struct check *c)
{
	static const char what[] =
	    "init and prepare, an unknown member is ignored";
	struct talk t;

	if (!opened(c, &t, what))
		return;
	check_ok(c, 1, what, NULL);
	check_ok(c, talk_close(&t, END_MS, 1) == 0,
	    "end of input after prepare ends it with status 0", t.why);
}

static void
case_unknown(struct check *c)
{
	static const char what[] =
	    "an unknown operation is answered with not-supported";
	struct talk t;
	jv reply;

	if (!opened(c, &t, what))
		return;
	reply = talk_call(&t, "unheard-of", doc_object(), 0);
	check_ok(c, is_error(reply, "not-supported"), what, t.why);
	doc_free(reply);
	reply = talk_call(&t, "more-info", doc_object(), 0);
	check_ok(c,
	    doc_str(reply, "info") != NULL || is_error(reply, "not-supported"),
	    "more-info gives text or is not supported; the conversation went "
	    "on",
	    t.why);
	doc_free(reply);
	(void)talk_close(&t, CLEAN_MS, 0);
}

static int
preferences_ok(struct check *c, jv reply)
{
	jv lists = doc_get_kind(reply, "preferences", DOC_ARRAY);
	int ok = doc_len(lists) == 2;

	/* Without the member the descriptor's list stands for every name. */
	if (doc_flag(reply, "ok", 0) && !doc_has(reply, "preferences"))
		ok = 1;

	for (size_t i = 0; ok && i < doc_len(lists); i++) {
		jv one = doc_at(lists, i);
		ok = doc_len(one) > 0;
		for (size_t k = 0; ok && k < doc_len(one); k++) {
			const char *type = doc_str_at(one, k);
			ok = type != NULL &&
			    doc_list_has(c->desc->challenges, type);
		}
		doc_free(one);
	}
	doc_free(lists);
	return ok;
}

static void
case_preferences(struct check *c)
{
	static const char what[] = "preferences: for each name a list of types "
				   "that the descriptor has";
	struct talk t;
	jv names, reply;

	if (!opened(c, &t, what))
		return;
	names = doc_push_str(doc_array(), c->domain);
	names = doc_push_str(names, c->domain);
	reply = talk_call(&t, "preferences",
	    doc_set(doc_object(), "names", names), 0);
	check_ok(c, preferences_ok(c, reply), what,
	    t.why[0] != '\0' ? t.why : "another form");
	doc_free(reply);
	(void)talk_close(&t, CLEAN_MS, 0);
}

static jv
with_challenges(jv list)
{
	return doc_set(doc_object(), "challenges", doc_copy(list));
}

/* perform: ok, and a result for each. */
static int
performed(struct talk *t, jv list)
{
	jv reply = talk_call(t, "perform", with_challenges(list), 0);
	jv results = doc_get_kind(reply, "results", DOC_ARRAY);
	int ok = doc_flag(reply, "ok", 0) && doc_len(results) == doc_len(list);

	for (size_t i = 0; ok && i < doc_len(results); i++) {
		jv one = doc_at(results, i);
		ok = doc_flag(one, "ok", 0);
		doc_free(one);
	}
	if (!ok && t->why[0] == '\0')
		snprintf(t->why, sizeof(t->why),
		    "perform: not one result for each challenge");
	doc_free(results);
	doc_free(reply);
	return ok && check_is_there(t->c, list, t->why, sizeof(t->why));
}

static int
simple(struct talk *t, const char *op, jv request TAKES)
{
	jv reply = talk_call(t, op, request, 0);
	int ok = doc_flag(reply, "ok", 0);

	doc_free(reply);
	return ok;
}

static void
case_whole(struct check *c)
{
	static const char what[] = "perform: every challenge has a result and "
				   "is there";
	jv list = check_challenges(c, 2);
	struct talk t;

	if (!opened(c, &t, what)) {
		doc_free(list);
		return;
	}
	check_ok(c, performed(&t, list), what, t.why);
	check_ok(c, simple(&t, "wait", doc_object()), "wait", t.why);
	check_ok(c,
	    simple(&t, "cleanup", with_challenges(list)) &&
		check_is_gone(c, list, t.why, sizeof(t.why)),
	    "cleanup: the challenges are gone", t.why);
	check_ok(c, simple(&t, "cleanup", with_challenges(list)),
	    "cleanup of what is not there succeeds", t.why);
	check_ok(c,
	    performed(&t, list) && simple(&t, "cleanup", with_challenges(list)),
	    "the same can be performed again", t.why);
	check_ok(c, talk_close(&t, END_MS, 1) == 0,
	    "then the end of input ends it with status 0", t.why);
	doc_free(list);
}

static void
case_second(struct check *c)
{
	static const char what[] = "the challenges of two documents are "
				   "performed and cleaned up apart";
	jv first = doc_push(doc_array(), check_challenge(c, 2));
	jv second = doc_push(doc_array(), check_challenge(c, 3));
	struct talk t;
	int ok;

	if (opened(c, &t, what)) {
		ok = performed(&t, first) && performed(&t, second) &&
		    simple(&t, "wait", doc_object()) &&
		    simple(&t, "cleanup", with_challenges(first)) &&
		    check_is_gone(c, first, t.why, sizeof(t.why)) &&
		    check_is_there(c, second, t.why, sizeof(t.why)) &&
		    simple(&t, "cleanup", with_challenges(second)) &&
		    check_is_gone(c, second, t.why, sizeof(t.why));
		check_ok(c, ok, what, t.why);
		(void)talk_close(&t, CLEAN_MS, 0);
	}
	doc_free(first);
	doc_free(second);
}

static int
wait_begins(struct talk *t, jv list)
{
	(void)list;
	return talk_send(t, "{\"op\":\"wait\"}\n") == 0;
}

static int
signals_change_nothing(struct talk *t, jv list)
{
	static const int sigs[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
		if (t->proc.pid > 0)
			(void)kill(-t->proc.pid, sigs[i]);
	return simple(t, "wait", doc_object()) &&
	    check_is_there(t->c, list, t->why, sizeof(t->why));
}

static int
garbage_sent(struct talk *t, jv list)
{
	(void)list;
	return talk_send(t, "{\"op\":\n") == 0;
}

/* Ways to end a conversation in which something was performed: it is gone. */
static const struct ending {
	const char *what;
	unsigned challenges;
	int (*then)(struct talk *t, jv list); /* NULL: nothing more is said */
	long ms;
	int status_0;
} endings[] = {
    {"end of input: what was performed is cleaned up, status 0", 2, NULL,
	CLEAN_MS, 1},
    {"end of input during wait: it ends within 5 seconds, cleaned up", 2,
	wait_begins, END_MS, 0},
    {"INT, TERM and HUP to its process group change nothing; then end of input cleans up",
	1, signals_change_nothing, CLEAN_MS, 1},
    {"a line that is no JSON: it ends or goes on, and cleans up in any case", 1,
	garbage_sent, CLEAN_MS, 0},
};

static void
case_ending(struct check *c, const struct ending *e)
{
	jv list = check_challenges(c, e->challenges);
	struct talk t;

	if (opened(c, &t, e->what)) {
		int ok = performed(&t, list) &&
		    (e->then == NULL || e->then(&t, list));
		ok = talk_close(&t, e->ms, e->status_0) == 0 && ok &&
		    check_is_gone(c, list, t.why, sizeof(t.why));
		check_ok(c, ok, e->what, t.why);
	}
	doc_free(list);
}

static void
case_killed(struct check *c)
{
	static const char what[] = "it is killed, and another cleans up what "
				   "was performed";
	jv list = check_challenges(c, 2);
	struct talk t;

	if (opened(c, &t, what)) {
		int ok = performed(&t, list);

		talk_kill(&t);
		ok = ok && talk_start(&t, c) == 0 && talk_open(&t) == 0 &&
		    simple(&t, "cleanup",
			doc_set_flag(with_challenges(list), "left", 1)) &&
		    check_is_gone(c, list, t.why, sizeof(t.why));
		check_ok(c, ok, what, t.why);
		(void)talk_close(&t, CLEAN_MS, 0);
	}
	doc_free(list);
}

static void
case_questions(struct check *c)
{
	static const char what[] =
	    "a question is answered, and the plugin goes on";
	static const char cancelled[] =
	    "a question is cancelled, and the plugin replies";
	jv list = check_challenges(c, 1), reply;
	struct talk t;
	unsigned asked = 0;

	if (opened(c, &t, what)) {
		int ok = performed(&t, list);
		asked = t.asked;
		(void)talk_close(&t, CLEAN_MS, 0);
		if (asked == 0)
			check_skip(c, what, "it asks nothing");
		else
			check_ok(c, ok, what, t.why);
	}
	if (asked == 0) {
		check_skip(c, cancelled, "it asks nothing");
	} else if (talk_start(&t, c) == 0) {
		t.answering = ANSWER_CANCEL;
		if (talk_open(&t) == 0)
			doc_free(
			    talk_call(&t, "perform", with_challenges(list), 0));
		/* Whatever it made of that, the conversation goes on. */
		reply = talk_call(&t, "more-info", doc_object(), 0);
		check_ok(c, t.asked > 0 && !doc_is(reply, DOC_NONE), cancelled,
		    t.why);
		doc_free(reply);
		check_ok(c, talk_close(&t, CLEAN_MS, 1) == 0,
		    "and ends with status 0", t.why);
	}
	doc_free(list);
}

void
cases_run(struct check *c)
{
	case_describe(c);
	case_end(c);
	case_open(c);
	case_unknown(c);
	if (c->desc->installer)
		cases_installer(c);
	if (!c->desc->authenticator)
		return;
	case_preferences(c);
	case_whole(c);
	case_second(c);
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		case_ending(c, &endings[i]);
	case_killed(c);
	case_questions(c);
}
