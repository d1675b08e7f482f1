#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "check.h"

enum { REPLY_MS = 60000 };

void
check_ok(struct check *c, int ok, const char *what, const char *why)
{
	c->run++;
	if (!ok)
		c->failed++;
	printf("%sok %u - %s\n", ok ? "" : "not ", c->run, what);
	if (!ok && why != NULL) {
		char *shown = text_printable(why, 0);
		printf("# %s\n", shown);
		free(shown);
	}
	(void)fflush(stdout);
}

void
check_skip(struct check *c, const char *what, const char *why)
{
	printf("ok %u - %s # skip %s\n", ++c->run, what, why);
	(void)fflush(stdout);
}

int
talk_start(struct talk *t, struct check *c)
{
	const char *argv[] = {c->desc->path, NULL};
	struct err err = {0};

	memset(t, 0, sizeof(*t));
	t->c = c;
	buf_init(&t->in, PLUGIN_LINE_MAX);
	t->proc = (struct proc)PROC_INIT;
	t->proc.argv = argv;
	t->proc.in = t->proc.out = PROC_PIPE;
	t->proc.err = c->verbose ? PROC_INHERIT : PROC_NULL;
	t->proc.flags = PROC_IGNORE_SIGNALS | PROC_NEW_GROUP;
	if (proc_start(&t->proc, &err) == 0) {
		t->proc.argv = NULL;
		return 0;
	}
	snprintf(t->why, sizeof(t->why), "%s", err_text(&err));
	err_clear(&err);
	t->ended = 1;
	return -1;
}

int
talk_send(struct talk *t, const char *text)
{
	if (t->proc.in_fd != -1 &&
	    fd_write_all(t->proc.in_fd, text, strlen(text)) == 0)
		return 0;
	snprintf(t->why, sizeof(t->why), "it does not take its input");
	return -1;
}

static int
send_doc(struct talk *t, jv doc TAKES)
{
	char *text = doc_text(doc), *line = xasprintf("%s\n", text);
	int rc;

	if (t->c->verbose)
		fprintf(stderr, "> %s\n", text);
	rc = talk_send(t, line);
	free(text);
	free(line);
	doc_free(doc);
	return rc;
}

/* The default, else what lets most plugins go on. */
static jv
answer_value(const struct check *c, jv question)
{
	const char *kind = doc_str(question, "kind");
	jv dflt = doc_get(question, "default");

	if (!doc_is(dflt, DOC_NONE))
		return dflt;
	if (strcmp(kind, "yesno") == 0 || strcmp(kind, "pause") == 0)
		return doc_bool(1);
	if (strcmp(kind, "menu") == 0)
		return doc_number(0);
	if (strcmp(kind, "checklist") == 0)
		return doc_get(question, "choices");
	return doc_string(c->answer == NULL ? "" : c->answer);
}

static int
answer(struct talk *t, jv question TAKES)
{
	jv reply = doc_object(), id = doc_get(question, "id");

	if (!doc_is(id, DOC_NONE))
		reply = doc_set(reply, "id", doc_take(&id));
	doc_free(id);
	if (t->answering == ANSWER_CANCEL)
		reply = doc_set_flag(reply, "cancel", 1);
	else
		reply = doc_set(reply, "value", answer_value(t->c, question));
	doc_free(question);
	t->asked++;
	return send_doc(t, doc_set(doc_object(), "answer", reply));
}

/* More of its output: 1, or 0 at its end or after the deadline. */
static int
more(struct talk *t, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {t->proc.out_fd, POLLIN, 0};
		int64_t left = deadline - clock_ms();
		long n;

		if (left < 0)
			left = 0;
		if (poll(&p, 1, (int)left) == 0)
			return 0;
		n = buf_read(&t->in, t->proc.out_fd);
		if (n > 0)
			return 1;
		if (n == -1 && errno == EINTR)
			continue;
		t->ended = 1;
		return 0;
	}
}

static jv
take_reply(struct talk *t, const char *op, int64_t deadline)
{
	struct err err = {0};
	jv out;

	for (;;) {
		switch (plugin_take_line(&t->in, &out, &err)) {
		case PLUGIN_REPLY:
			return out;
		case PLUGIN_LOG:
			doc_free(out);
			continue;
		case PLUGIN_ASK:
			if (answer(t, out) == -1)
				return doc_none();
			continue;
		case PLUGIN_BROKEN:
			snprintf(t->why, sizeof(t->why), "%s: %s", op,
			    err_text(&err));
			err_clear(&err);
			return doc_none();
		case PLUGIN_MORE:
			break;
		}
		if (!more(t, deadline)) {
			snprintf(t->why, sizeof(t->why), "%s: %s", op,
			    t->ended ? "it ended without a reply" :
				       "no reply in time");
			return doc_none();
		}
	}
}

jv
talk_call(struct talk *t, const char *op, jv request TAKES, long ms)
{
	jv reply;
	char *text;

	if (t->ended || send_doc(t, doc_set_str(request, "op", op)) == -1)
		return doc_none();
	reply = take_reply(t, op, clock_ms() + (ms > 0 ? ms : REPLY_MS));
	if (doc_is(reply, DOC_NONE))
		return reply;
	text = doc_text(reply);
	if (t->c->verbose)
		fprintf(stderr, "< %s\n", text);
	if (!doc_flag(reply, "ok", 0))
		snprintf(t->why, sizeof(t->why), "%s: %s", op, text);
	free(text);
	return reply;
}

static int
call_ok(struct talk *t, const char *op, jv request TAKES)
{
	jv reply = talk_call(t, op, request, 0);
	int ok = doc_flag(reply, "ok", 0);

	doc_free(reply);
	return ok ? 0 : -1;
}

int
talk_open(struct talk *t)
{
	if (talk_init(t) == -1)
		return -1;
	return call_ok(t, "prepare", doc_object());
}

int
talk_init(struct talk *t)
{
	jv dirs = doc_object(), init = doc_set_int(doc_object(), "version", 1);

	dirs = doc_set_str(dirs, "config", t->c->dir);
	dirs = doc_set_str(dirs, "work", t->c->dir);
	dirs = doc_set_str(dirs, "logs", t->c->dir);
	init = doc_set(init, "config", doc_copy(t->c->config));
	init = doc_set(init, "dirs", dirs);
	init = doc_set_flag(init, "interactive", 1);
	/* A member of a later version: to be ignored. */
	init = doc_set_str(init, "unheardOf", "ignored");
	return call_ok(t, "init", init);
}

int
talk_close(struct talk *t, long ms, int strict)
{
	int64_t deadline = clock_ms() + ms;

	if (t->proc.in_fd != -1)
		close(t->proc.in_fd);
	t->proc.in_fd = -1;
	while (!t->ended && more(t, deadline))
		buf_reset(&t->in);
	while (!proc_poll(&t->proc) && clock_ms() < deadline)
		(void)poll(NULL, 0, 10);
	if (!proc_poll(&t->proc)) {
		snprintf(t->why, sizeof(t->why),
		    "it runs %ld seconds after the end of its input",
		    ms / 1000);
		talk_kill(t);
		return -1;
	}
	if (strict && proc_exit_code(&t->proc) != 0) {
		snprintf(t->why, sizeof(t->why), "it ended with status %d",
		    proc_exit_code(&t->proc));
		talk_kill(t);
		return -1;
	}
	talk_kill(t);
	return 0;
}

void
talk_kill(struct talk *t)
{
	/* Before its input ends: at that it would undo what it did. */
	if (t->proc.pid > 0) {
		(void)kill(t->proc.pid, SIGKILL);
		proc_stop(&t->proc, SIGKILL, 100);
	}
	(void)proc_wait(&t->proc);
	buf_release(&t->in);
	t->ended = 1;
}

/* --- challenges -------------------------------------------------------------- */

static const char *
run_id(void)
{
	static char id[40];
	unsigned char raw[16];

	if (id[0] == '\0' && getrandom(raw, sizeof(raw), 0) == sizeof(raw))
		for (size_t i = 0; i < sizeof(raw); i++)
			snprintf(id + 2 * i, 3, "%02x", raw[i]);
	return id;
}

jv
check_challenge(const struct check *c, unsigned i)
{
	const char *type = doc_str_at(c->types, i % doc_len(c->types));
	char *token = xasprintf("check-%s-%u", run_id(), i);
	char *auth = xasprintf("%s.0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
	    token);
	jv id = doc_set_str(doc_object(), "type", "dns");
	jv v = doc_set_str(doc_object(), "type", type);

	v = doc_set_str(doc_set_str(v, "token", token), "keyAuthorization",
	    auth);
	v = doc_set_str(v, "validation",
	    strcmp(type, "dns-01") == 0 ? auth + strlen(token) + 1 : auth);
	v = doc_set(v, "identifier", doc_set_str(id, "value", c->domain));
	free(token);
	free(auth);
	return v;
}

jv
check_challenges(const struct check *c, unsigned n)
{
	jv list = doc_array();

	for (unsigned i = 0; i < n; i++)
		list = doc_push(list, check_challenge(c, i));
	return list;
}

/* Its exit status; frees env (ended by NULL). */
static int
run_command(const char *text, char **env)
{
	const char *argv[] = {"/bin/sh", "-c", text, NULL};
	struct proc p = PROC_INIT;
	struct err err = {0};
	int code = -1;

	p.argv = argv;
	p.env = (const char *const *)env;
	p.out = PROC_NULL;
	if (proc_run(&p, NULL, 0, NULL, NULL, REPLY_MS, &err) == 0)
		code = proc_exit_code(&p);
	err_clear(&err);
	for (size_t i = 0; env[i] != NULL; i++)
		free(env[i]);
	return code;
}

static int
command(const char *text, jv challenge)
{
	char *env[] = {
	    xasprintf("CERTBOT_DOMAIN=%s",
		doc_str_find(challenge, "identifier", "value", NULL)),
	    xasprintf("CERTBOT_TOKEN=%s", doc_str(challenge, "token")),
	    xasprintf("CERTBOT_VALIDATION=%s",
		doc_str(challenge, "validation")),
	    NULL};

	return run_command(text, env);
}

int
check_command(struct check *c, const char *text, const char *option, char *why,
    size_t len)
{
	char *env[] = {xasprintf("CERTBOT_DOMAIN=%s", c->domain),
	    xasprintf("CERTBOT_CERT=%s", c->cert), NULL};
	int code = text == NULL ? 0 : run_command(text, env);

	if (text == NULL)
		for (size_t i = 0; env[i] != NULL; i++)
			free(env[i]);
	if (code != 0)
		snprintf(why, len, "--%s ended with status %d", option, code);
	return code == 0;
}

static int
agrees(const char *text, const char *option, jv challenges, char *why,
    size_t len)
{
	for (size_t i = 0; text != NULL && i < doc_len(challenges); i++) {
		jv one = doc_at(challenges, i);
		int code = command(text, one);
		doc_free(one);
		if (code != 0) {
			snprintf(why, len, "--%s ended with status %d", option,
			    code);
			return 0;
		}
	}
	return 1;
}

int
check_is_there(struct check *c, jv challenges, char *why, size_t len)
{
	return agrees(c->performed, "performed", challenges, why, len);
}

int
check_is_gone(struct check *c, jv challenges, char *why, size_t len)
{
	return agrees(c->cleaned, "cleaned", challenges, why, len);
}
