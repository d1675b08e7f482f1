/* What each answer means for a job. */
#include <stdlib.h>
#include <string.h>

#include "acme/objects.h"
#include "base/log.h"
#include "finalize.h"

#define LOGGER "acme-finalize"
enum { ALTERNATES_MAX = 16 };

/* A newer order out of the answer. */
static int
order_take(struct job *j)
{
	jv now = order_check(j->session, doc_str(j->order, "url"),
	    doc_take(&j->call.body), &j->err);

	if (!doc_is(now, DOC_OBJECT) ||
	    order_forward_check(j->order, now, &j->err) != 0 ||
	    order_names_check(now, j->names, &j->err) != 0) {
		doc_free(now);
		job_fail(j);
		return -1;
	}
	doc_move(&j->order, now);
	j->looked = 1;
	return 0;
}

static void
order_answer(struct tool *t, struct job *j)
{
	int polled = j->step == STEP_POLL;

	if (err_is_set(&j->call.err)) {
		err_move(&j->err,
		    err_is_set(&j->refusal) ? &j->refusal : &j->call.err);
		job_fail(j);
		return;
	}
	if (order_take(j) != 0)
		return;
	if (j->sent && !err_is_set(&j->refusal) &&
	    job_has_status(j->order, "ready") && !polled)
		log_warning(LOGGER,
		    "the order is still ready, so the CSR did "
		    "not arrive: it is sent again");
	job_route(t, j);
	if (j->step == STEP_POLL && polled)
		poll_again(&j->poll, j->call.retry_after);
}

static void
finalize_answer(struct tool *t, struct job *j)
{
	struct acme_call *c = &j->call;

	j->taken = j->taken || c->lost || !err_is_set(&c->err);
	if (!err_is_set(&c->err)) {
		poll_begin(&j->poll, t->stage->timeout);
		if (order_take(j) == 0 && job_has_status(j->order, "ready"))
			j->step = STEP_POLL;
		else if (j->step != STEP_DONE)
			job_route(t, j);
		return;
	}
	if (c->lost && j->tries < FINALIZE_TRIES) {
		log_warning(LOGGER,
		    "%s: reading the order before the CSR is "
		    "sent again",
		    err_text(&c->err));
		j->step = STEP_READ;
	} else if (acme_err_is(&c->err, "orderNotReady")) {
		log_info(LOGGER, "%s", err_text(&c->err));
		j->tries = 0;
		j->step = STEP_POLL;
		poll_again(&j->poll, c->retry_after);
	} else if (c->err.name == ERR_acme && c->err.retry_after == 0) {
		err_move(&j->refusal, &c->err);
		j->step = STEP_READ;
	} else {
		err_move(&j->err, &c->err);
		job_fail(j);
	}
}

static void
job_certified(struct tool *t, struct job *j)
{
	if (output_write(t, j) == 0)
		log_debug(LOGGER, "certificate of %s written",
		    doc_str(j->order, "url"));
	j->step = STEP_DONE;
}

static void
chain_next(struct tool *t, struct job *j)
{
	const char *wanted = chain_wanted(t, j->doc);

	while (j->alternate < doc_len(j->alternates) &&
	    strcmp(doc_str_at(j->alternates, j->alternate),
		doc_str(j->order, "certificate")) == 0)
		j->alternate++;
	if (j->alternate < doc_len(j->alternates)) {
		j->step = STEP_ALTERNATE;
		return;
	}
	log_warning(LOGGER,
	    "Certbot has been configured to prefer "
	    "certificate chains with issuer '%s', but no chain from the CA "
	    "matched this issuer. Using the default certificate chain "
	    "instead.",
	    wanted);
	job_certified(t, j);
}

static void
download_answer(struct tool *t, struct job *j)
{
	const char *wanted = chain_wanted(t, j->doc);
	struct acme_call *c = &j->call;

	if (err_is_set(&c->err)) {
		err_move(&j->err, &c->err);
		job_fail(j);
		return;
	}
	if (chain_check(j, c->text, &j->fullchain, &j->err) != 0) {
		job_fail(j);
		return;
	}
	if (doc_len(c->alternates) > ALTERNATES_MAX) {
		err_set(&j->err, ERR_protocol,
		    "the server offers %zu other chains, more than %d",
		    doc_len(c->alternates), ALTERNATES_MAX);
		job_fail(j);
		return;
	}
	doc_move(&j->alternates, doc_sorted_set(doc_take(&c->alternates)));
	if (wanted == NULL || doc_len(j->alternates) == 0 ||
	    chain_preferred(j->fullchain, wanted))
		job_certified(t, j);
	else
		chain_next(t, j);
}

static void
alternate_answer(struct tool *t, struct job *j)
{
	struct acme_call *c = &j->call;
	char *fullchain = NULL;

	if (err_is_set(&c->err))
		err_move(&j->err, &c->err);
	else
		chain_check(j, c->text, &fullchain, &j->err);
	if (err_is_set(&j->err)) {
		job_fail(j);
		return;
	}
	if (chain_preferred(fullchain, chain_wanted(t, j->doc))) {
		free(j->fullchain);
		j->fullchain = fullchain;
		job_certified(t, j);
		return;
	}
	free(fullchain);
	j->alternate++;
	chain_next(t, j);
}

void
job_answer(struct tool *t, struct job *j)
{
	switch (j->step) {
	case STEP_FINALIZE:
		finalize_answer(t, j);
		break;
	case STEP_DOWNLOAD:
		download_answer(t, j);
		break;
	case STEP_ALTERNATE:
		alternate_answer(t, j);
		break;
	default:
		order_answer(t, j);
		break;
	}
}
