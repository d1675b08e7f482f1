/* Sessions: what a provider gives for credentials. */
#include <time.h>

#include "dns.h"

int
session_begin(struct dns *d, int64_t deadline, struct err *err)
{
	struct task t;
	long end = 0;

	if (!doc_flag(d->spec, "login", 0) ||
	    (!doc_is(d->session, DOC_NULL) &&
		(d->session_end == 0 || time(NULL) < d->session_end - 60)))
		return 0;
	doc_move(&d->session, doc_null());
	task_init(&t, "login", NULL);
	if (tasks_run(d, &t, 1, 1, deadline, err) == 0) {
		if (t.st == TASK_DONE) {
			doc_move(&d->session, doc_copy(t.result));
			secret_add_all(d, d->session);
			(void)doc_int(d->session, "expires", &end);
			d->session_end = end;
		} else {
			err_move(err, &t.err);
		}
	}
	task_release(&t);
	return err_is_set(err) ? -1 : 0;
}
