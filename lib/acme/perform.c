/* The repetitions of RFC 8555 6.5 and of the design: one job for each call,
 * from the nonce to its end. */
#include <stdlib.h>
#include <string.h>

#include "acme/session.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "crypto/b64.h"
#include "crypto/jws.h"

#define LOGGER "acme.client"

enum {
	IN_FLIGHT = 8,	  /* at one server, nonces included */
	NONCE_QUICK = 30, /* refusals after which it waits between tries */
	NONCE_LEAST = 10, /* repetitions after them, whatever the time */
	NONCE_MAX = 64 << 10,
	FAULTS_MAX = 4,	 /* repetitions after faults */
	REFUSED_MAX = 2, /* repetitions when there is no connection */
	BACKOFF_MS = 250,
	WAIT_LEAST_MS = 250
};

enum job_state { JOB_IDLE, JOB_NONCE, JOB_SENT, JOB_DONE };

struct job {
	struct acme_call *call;
	enum job_state state;
	uint64_t id; /* of the request under way */
	int64_t at;  /* JOB_IDLE: not before */
	unsigned bad_nonces, faults;
};

struct performance {
	struct acme *a;
	struct net *net;
	struct job *jobs;
	size_t n, left, flying;
	int64_t deadline;
};

static void
job_done(struct performance *p, struct job *j)
{
	j->state = JOB_DONE;
	p->left--;
}

static void
job_restart(struct job *j, int64_t at)
{
	err_clear(&j->call->err);
	j->at = at;
	j->state = JOB_IDLE;
	j->call->ran_again++;
}

/* Again after ms, unless the time is up then: -1, and the error stays. */
static int
job_again(struct performance *p, struct job *j, int64_t ms)
{
	int64_t at = clock_ms() + ms;

	if (at > p->deadline)
		return -1;
	job_restart(j, at);
	return 0;
}

static enum net_plain
call_plain(const struct acme_call *c)
{
	return c->session != NULL ? c->session->plain : acme_plain(c->url);
}

static const char *
new_nonce(const struct acme_call *c)
{
	return doc_str(c->session->directory, "newNonce");
}

static int
job_start_get(struct performance *p, struct job *j, struct err *err)
{
	struct acme *a = p->a;
	struct net_request req;

	if (a->prefetch != NULL && strcmp(a->prefetch, j->call->url) == 0) {
		free(a->prefetch);
		a->prefetch = NULL;
		j->id = a->prefetch_id;
		return 0;
	}
	log_debug(LOGGER, "Sending GET request to %s.", j->call->url);
	req = acme_request(a, "GET", j->call->url, call_plain(j->call));
	req.redirects = 3;
	return net_send(p->net, &req, &j->id, err);
}

/* After a caught signal nothing is asked for any more: a challenge that the CA
 * is told of now would be gone when it looks. */
static int
may_ask(struct err *err)
{
	if (signals_caught() == 0)
		return 1;
	err_set(err, ERR_interrupted, "interrupted by signal %d",
	    signals_caught());
	return 0;
}

static int
job_start(struct performance *p, struct job *j, struct err *err)
{
	struct acme_call *c = j->call;
	struct net_request how;

	if (!may_ask(err))
		return -1;
	if (url_check(c->url, call_plain(c), "the URL", &c->err) != 0) {
		job_done(p, j);
		return 0;
	}
	p->flying++;
	if (c->flags & ACME_GET) {
		j->state = JOB_SENT;
		return job_start_get(p, j, err);
	}
	j->state = JOB_NONCE;
	how = acme_request(p->a, "HEAD", new_nonce(c), call_plain(c));
	return net_take(p->net, "replay-nonce", new_nonce(c), &how, &j->id,
	    err);
}

static int
job_send(struct performance *p, struct job *j, const char *nonce,
    struct err *err)
{
	struct acme_call *c = j->call;
	const char *kid = c->flags & ACME_JWK ? NULL : c->session->kid;
	struct jws_header header = {c->url, nonce, kid};
	struct net_request req;
	char *payload, *jws;
	int rc;

	if (!may_ask(err))
		return -1;
	payload = doc_is(c->payload, DOC_NONE) ? xstrdup("") :
						 doc_text(c->payload);
	jws = jws_sign(c->key != NULL ? c->key : c->session->key, &header,
	    payload, &c->err);
	if (jws == NULL) {
		p->flying--;
		job_done(p, j);
		free(payload);
		return 0;
	}
	log_debug(LOGGER, "JWS payload:\n%s", payload);
	log_debug(LOGGER, "Sending POST request to %s:\n%s", c->url, jws);
	req = acme_request(p->a, "POST", c->url, call_plain(c));
	req.body = jws;
	req.len = strlen(jws);
	req.pool_header = "replay-nonce";
	req.pool_of = new_nonce(c);
	j->state = JOB_SENT;
	rc = net_send(p->net, &req, &j->id, err);
	free(payload);
	free(jws);
	return rc;
}

static int64_t
backoff(unsigned times)
{
	return (int64_t)BACKOFF_MS << (times < 5 ? times : 5);
}

static void
job_fault(struct performance *p, struct job *j, const struct net_answer *ans)
{
	struct acme_call *c = j->call;
	int sent = j->state == JOB_SENT, again = 0;

	net_fault_err(ans, &c->err);
	if (ans->fault == NET_REFUSED)
		again = j->faults < REFUSED_MAX;
	else if (ans->fault == NET_LOST)
		again = j->faults < FAULTS_MAX &&
		    (!sent || c->flags & ACME_REPEATABLE);
	if (again) {
		log_info(LOGGER, "%s; trying again", err_text(&c->err));
		if (job_again(p, j, backoff(j->faults++)) == 0)
			return;
	}
	c->lost = sent && ans->fault == NET_LOST;
	job_done(p, j);
}

/* The server wants patience, or has a fault of its own. */
static void
job_busy(struct performance *p, struct job *j, const struct net_answer *ans)
{
	struct acme_call *c = j->call;
	long wait = net_retry_after(ans);
	int refused = ans->status == 429 || ans->status == 503;
	int64_t ms;

	acme_problem(ans, c->url, &c->err);
	if (refused && wait >= 0) {
		ms = wait * 1000 > WAIT_LEAST_MS ? wait * 1000 : WAIT_LEAST_MS;
		log_info(LOGGER, "%s; waiting for that", err_text(&c->err));
		if (job_again(p, j, ms) == 0)
			return;
	} else if (j->faults < FAULTS_MAX &&
	    (refused || j->state == JOB_NONCE || c->flags & ACME_REPEATABLE)) {
		log_info(LOGGER, "%s; trying again", err_text(&c->err));
		if (job_again(p, j, backoff(j->faults++)) == 0)
			return;
	}
	c->lost = j->state == JOB_SENT && !refused;
	job_done(p, j);
}

static void
job_bad_nonce(struct performance *p, struct job *j,
    const struct net_answer *ans)
{
	struct acme_call *c = j->call;
	int64_t ms = ++j->bad_nonces > NONCE_QUICK ? 100 : 0;

	acme_problem(ans, c->url, &c->err);
	log_debug(LOGGER, "Retrying request after error:\n%s",
	    err_text(&c->err));
	if (j->bad_nonces <= NONCE_LEAST) {
		job_restart(j, clock_ms());
		return;
	}
	if (job_again(p, j, ms) == 0)
		return;
	err_prefix(&c->err, "the server refused %u nonces, all of its own",
	    j->bad_nonces);
	job_done(p, j);
}

static void
log_answer(const struct net_answer *ans)
{
	char *headers = doc_text(ans->headers);

	log_debug(LOGGER, "Received response:\nHTTP %d\n%s\n\n%s", ans->status,
	    headers, ans->body != NULL ? ans->body : "");
	free(headers);
}

/* What came for the nonce: 0 done with, or -1 and err. */
static int
nonce_answer(struct performance *p, struct job *j, const struct net_answer *ans,
    struct err *err)
{
	struct acme_call *c = j->call;

	if (ans->body != NULL && b64url_token_ok(ans->body, NONCE_MAX))
		return job_send(p, j, ans->body, err);
	p->flying--;
	if (ans->status == 429 || ans->status >= 500) {
		job_busy(p, j, ans);
		return 0;
	}
	if (ans->status >= 300)
		acme_problem(ans, new_nonce(c), &c->err);
	else
		err_set(&c->err, ERR_protocol,
		    "the server gives no nonce of "
		    "the base64url alphabet at %s",
		    new_nonce(c));
	job_done(p, j);
	return 0;
}

static int
job_answer(struct performance *p, struct job *j, const struct net_answer *ans,
    struct err *err)
{
	struct acme_call *c = j->call;

	if (ans->fault != NET_OK &&
	    (j->state != JOB_NONCE || ans->status < 300)) {
		p->flying--;
		job_fault(p, j, ans);
		return 0;
	}
	if (j->state == JOB_NONCE)
		return nonce_answer(p, j, ans, err);
	p->flying--;
	log_answer(ans);
	c->status = ans->status;
	if (ans->status >= 200 && ans->status < 300) {
		acme_accept(c, ans);
		job_done(p, j);
	} else if (acme_problem_is(ans, "badNonce")) {
		job_bad_nonce(p, j, ans);
	} else if (ans->status == 429 || ans->status >= 500) {
		job_busy(p, j, ans);
	} else {
		c->retry_after = net_retry_after(ans);
		acme_problem(ans, c->url, &c->err);
		job_done(p, j);
	}
	return 0;
}

/* Start what may start; the milliseconds until the next that may, or -1. */
static int
start_due(struct performance *p, long *wait, struct err *err)
{
	int64_t now = clock_ms(), next = -1;
	struct job *j;

	for (j = p->jobs; j < p->jobs + p->n; j++) {
		if (j->state != JOB_IDLE || p->flying >= IN_FLIGHT)
			continue;
		if (j->at <= now) {
			if (job_start(p, j, err) != 0)
				return -1;
		} else if (next < 0 || j->at < next) {
			next = j->at;
		}
	}
	*wait = next < 0 ? -1 : (long)(next - now);
	return 0;
}

static int
perform_all(struct performance *p, struct err *err)
{
	struct net_answer ans = {0};
	struct job *j;
	long wait;
	int r;

	while (p->left > 0) {
		if (start_due(p, &wait, err) != 0)
			return -1;
		if (p->left == 0)
			break;
		if ((r = net_next(p->net, &ans, wait, err)) < 0)
			return -1;
		if (r == 0)
			continue;
		for (j = p->jobs; j < p->jobs + p->n; j++)
			if (j->id == ans.id &&
			    (j->state == JOB_NONCE || j->state == JOB_SENT))
				break;
		r = j < p->jobs + p->n ? job_answer(p, j, &ans, err) : 0;
		net_answer_release(&ans);
		if (r != 0)
			return -1;
	}
	return 0;
}

int
acme_perform(struct acme *a, struct acme_call *calls, size_t n, struct err *err)
{
	struct performance p = {.a = a, .n = n, .left = n};
	size_t i;
	int rc;

	if (n == 0)
		return 0;
	if ((p.net = acme_net(a, err)) == NULL)
		return -1;
	p.deadline = clock_ms() + a->stage->timeout * 1000;
	p.jobs = xcalloc(n, sizeof(*p.jobs));
	for (i = 0; i < n; i++)
		p.jobs[i].call = &calls[i];
	rc = perform_all(&p, err);
	for (i = 0; rc != 0 && i < n; i++)
		if (p.jobs[i].state == JOB_SENT &&
		    (calls[i].flags & ACME_GET) == 0)
			calls[i].lost = 1;
	free(p.jobs);
	return rc;
}

int
acme_call_one(struct acme *a, struct acme_call *c, struct err *err)
{
	if (acme_perform(a, c, 1, err) != 0)
		return -1;
	if (!err_is_set(&c->err))
		return 0;
	err_move(err, &c->err);
	return -1;
}
