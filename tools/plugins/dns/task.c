/* The loop: tasks side by side, one acme-net, one host to listen to. */
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "dns.h"

enum { DRAIN_MS = 10000, LOGIN_MS = 50 };

void
task_init(struct task *t, const char *op, struct rec *rec)
{
	*t = (struct task){.op = op, .rec = rec, .turn = LOCK_INIT};
	t->values = doc_array();
	t->guesses = doc_array();
	t->state = doc_null();
	t->last = doc_null();
	t->request = doc_null();
	t->result = doc_null();
}

void
task_release(struct task *t)
{
	jv *all[] = {&t->values, &t->guesses, &t->state, &t->last, &t->request,
	    &t->result};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		doc_free(*all[i]);
	err_clear(&t->err);
	turn_end(t);
}

static int
task_ended(const struct task *t)
{
	return t->st == TASK_DONE || t->st == TASK_FAILED;
}

static struct task *
task_of(struct dns *d, struct task *t, size_t n, uint64_t id)
{
	if (d->login != NULL && d->login->st == TASK_NET && d->login->id == id)
		return d->login;
	for (size_t i = 0; i < n; i++)
		if (t[i].st == TASK_NET && t[i].id == id)
			return &t[i];
	return NULL;
}

/* Answers that are there. -1: acme-net is gone. */
static int
take_answers(struct dns *d, struct task *t, size_t n, int64_t deadline, long ms,
    struct err *err)
{
	struct net_answer a;
	struct task *mine;
	int rc;

	while (d->net != NULL && (rc = net_next(d->net, &a, ms, err)) != 0) {
		if (rc == -1)
			return -1;
		mine = task_of(d, t, n, a.id);
		if (mine != NULL)
			task_answer(d, mine, &a, deadline);
		net_answer_release(&a);
		ms = 0;
	}
	return 0;
}

int
dns_pause(struct dns *d, long ms)
{
	int fd = d->net == NULL ? -1 : net_fd(d->net);

	if (ms < 0)
		ms = 0;
	if (guest_ended(d->g)) {
		if (!d->cleaning)
			return -1;
		(void)wait_readable(&fd, 1, ms);
		return 0;
	}
	return guest_wait(d->g, &fd, 1, ms) == -2 && !d->cleaning ? -1 : 0;
}

static void
advance(struct dns *d, struct task *t, int64_t deadline)
{
	if (d->login != NULL && t != d->login && t->st != TASK_NET) {
		t->st = TASK_SLEEP; /* until there is a session again */
		t->until = clock_ms() + LOGIN_MS;
		return;
	}
	if (t->st == TASK_SLEEP && clock_ms() >= t->until)
		t->st = TASK_READY;
	if (t->st != TASK_READY || turn_take(d, t, deadline) == -1)
		return;
	if (t->resend) {
		t->resend = 0;
		if (task_send(d, t, &t->err) == -1)
			t->st = TASK_FAILED;
	} else {
		task_step(d, t, deadline);
	}
}

static void
advance_login(struct dns *d, struct task *t, size_t n, int64_t deadline)
{
	if (d->login == NULL)
		return;
	advance(d, d->login, deadline);
	if (task_ended(d->login))
		session_settle(d, t, n);
}

/* Start and advance what may go on; the number of those that run. */
static size_t
advance_all(struct dns *d, struct task *t, size_t n, size_t parallel,
    int64_t deadline, int64_t *next)
{
	size_t running = 0;

	*next = clock_ms() + 1000;
	for (size_t i = 0; i < n; i++)
		if (task_ended(&t[i]))
			turn_end(&t[i]);
	for (size_t i = 0; i < n && running < parallel; i++) {
		if (task_ended(&t[i]) ||
		    (t[i].after != NULL && !task_ended(t[i].after)))
			continue;
		advance(d, &t[i], deadline);
		if (task_ended(&t[i]))
			i = (size_t)-1, running = 0; /* a successor may begin */
		else
			running++;
		if (i != (size_t)-1 && t[i].st == TASK_SLEEP &&
		    t[i].until < *next)
			*next = t[i].until;
		if (i != (size_t)-1 && t[i].st == TASK_READY)
			*next = 0;
	}
	return running;
}

static void
expire(struct task *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (task_ended(&t[i]))
			continue;
		err_set(&t[i].err, ERR_timeout,
		    "the provider did not get done in the time given");
		t[i].st = TASK_FAILED;
	}
}

/* The host is gone: requests that are on their way are waited for, so that what
 * they add is there when it is to be removed. */
static void
drain(struct dns *d, struct task *t, size_t n)
{
	int64_t end = clock_ms() + DRAIN_MS;
	struct err err = {0};
	size_t flying = 1;

	while (flying > 0 && clock_ms() < end) {
		flying = 0;
		for (size_t i = 0; i < n; i++)
			flying += t[i].st == TASK_NET;
		if (flying > 0 && take_answers(d, t, n, 0, 500, &err) == -1)
			break;
	}
	err_clear(&err);
}

int
tasks_run(struct dns *d, struct task *t, size_t n, size_t parallel,
    int64_t deadline, struct err *err)
{
	int64_t next;

	for (;;) {
		advance_login(d, t, n, deadline);
		if (advance_all(d, t, n, parallel == 0 ? 1 : parallel, deadline,
			&next) == 0)
			return 0;
		if (clock_ms() >= deadline + 1000) {
			expire(t, n);
			return 0;
		}
		if (take_answers(d, t, n, deadline, 0, err) == -1)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (t[i].st == TASK_READY)
				next = 0;
		if (next != 0 &&
		    dns_pause(d, (long)(next - clock_ms())) == -1) {
			drain(d, t, n);
			return err_set(err, ERR_interrupted,
			    "the host has ended");
		}
	}
}
