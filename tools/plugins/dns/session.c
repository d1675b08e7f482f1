/* Sessions: what a provider gives for credentials, and takes back when it
 * likes. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dns.h"

static void
take_session(struct dns *d, const struct task *t)
{
	long end = 0;

	doc_move(&d->session, doc_copy(t->result));
	secret_add_all(d, d->session);
	(void)doc_int(d->session, "expires", &end);
	d->session_end = end;
	d->session_no++;
}

int
session_begin(struct dns *d, int64_t deadline, struct err *err)
{
	struct task t;

	if (!doc_flag(d->spec, "login", 0) ||
	    (!doc_is(d->session, DOC_NULL) &&
		(d->session_end == 0 || time(NULL) < d->session_end - 60)))
		return 0;
	doc_move(&d->session, doc_null());
	task_init(&t, "login", NULL);
	if (tasks_run(d, &t, 1, 1, deadline, err) == 0) {
		if (t.st == TASK_DONE)
			take_session(d, &t);
		else
			err_move(err, &t.err);
	}
	task_release(&t);
	return err_is_set(err) ? -1 : 0;
}

int
session_over(struct dns *d, struct task *t)
{
	if (!doc_flag(d->spec, "login", 0) || t->renewed ||
	    strcmp(t->op, "login") == 0 || strcmp(t->op, "logout") == 0)
		return 0;
	t->renewed = 1;
	doc_move(&t->state, doc_null());
	doc_move(&t->last, doc_null());
	t->resend = 0;
	t->st = TASK_READY;
	/* Another task may have seen to it since this one's request. */
	if (d->login == NULL && t->session_no == d->session_no) {
		dns_log(d, LOG_INFO, SHOW_LOG,
		    "The session with %s has ended: logging in once more",
		    spec_text(d, "title"));
		doc_move(&d->session, doc_null());
		d->login = xcalloc(1, sizeof(*d->login));
		task_init(d->login, "login", NULL);
	}
	return 1;
}

void
session_settle(struct dns *d, struct task *t, size_t n)
{
	if (d->login->st == TASK_DONE) {
		take_session(d, d->login);
	} else {
		for (size_t i = 0; i < n; i++)
			if (t[i].st == TASK_READY || t[i].st == TASK_SLEEP)
				task_fail(d, &t[i], d->login->err.name,
				    err_text(&d->login->err));
	}
	task_release(d->login);
	free(d->login);
	d->login = NULL;
}
