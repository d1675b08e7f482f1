#include <stdlib.h>
#include <string.h>

#include "acme/objects.h"
#include "base/buf.h"
#include "base/names.h"
#include "crypto/b64.h"
#include "finalize.h"

void
job_fail(struct job *j)
{
	j->step = STEP_DONE;
}

int
job_has_status(jv object, const char *status)
{
	const char *is = doc_str(object, "status");

	return is != NULL && strcmp(is, status) == 0;
}

/* The names in the order that was asked for: the CA may shuffle them. */
static jv
job_names(struct job *j)
{
	jv of_order = order_names(j->order);
	jv asked = doc_find(j->doc, "request", "names", NULL);

	if (doc_is(asked, DOC_ARRAY) && names_equal(asked, of_order)) {
		doc_free(of_order);
		return asked;
	}
	doc_free(asked);
	return of_order;
}

static int
pending_check(struct job *j)
{
	jv authzs = doc_get_kind(j->doc, "authorizations", DOC_ARRAY), one;
	jv open = doc_array();
	char *text;
	size_t i;
	int rc = 0;

	for (i = 0; i < doc_len(authzs); i++) {
		one = doc_at(authzs, i);
		if (!job_has_status(one, "valid")) {
			text = authorization_name(one);
			open = doc_push_str(open, text);
			free(text);
		}
		doc_free(one);
	}
	if (doc_len(open) > 0) {
		text = doc_join(open, ", ");
		err_set(&j->err, ERR_validationFailed,
		    "the order %s is "
		    "still pending: %s not validated; run acme-challenge "
		    "before acme-finalize",
		    doc_str(j->order, "url"), text);
		rc = err_member(&j->err, "failed", doc_copy(open));
		free(text);
	}
	doc_free(open);
	doc_free(authzs);
	return rc;
}

static void
job_invalid(struct job *j)
{
	const char *url = doc_str(j->order, "url");
	jv problem = doc_get_kind(j->order, "error", DOC_OBJECT);

	key_discard(j);
	if (doc_is(problem, DOC_OBJECT)) {
		err_problem(&j->err, 0, problem);
		err_prefix(&j->err, "the order %s failed", url);
	} else if (err_is_set(&j->refusal)) {
		doc_free(problem);
		err_move(&j->err, &j->refusal);
	} else {
		doc_free(problem);
		err_set(&j->err, ERR_refused,
		    "The certificate order failed. "
		    "No further information was provided by the server.");
	}
	job_fail(j);
}

static void
job_ready(struct tool *t, struct job *j)
{
	if (!j->looked && key_is_taken(t, j)) {
		j->step = STEP_READ;
	} else if (key_prepare(t, j, 0) != 0) {
		job_fail(j);
	} else if (j->tries++ < FINALIZE_TRIES) {
		j->step = STEP_FINALIZE;
	} else {
		err_set(&j->err, ERR_protocol,
		    "the server does not finalize "
		    "the order %s, though it is ready",
		    doc_str(j->order, "url"));
		job_fail(j);
	}
}

/* What the order's status asks for next. */
/* The CA has the CSR: only the key must be there. */
static void
job_go_on(struct tool *t, struct job *j, enum step step)
{
	err_clear(&j->refusal);
	j->step = step;
	if (j->key_is_new && !j->taken)
		key_discard(j);
	if (key_prepare(t, j, 1) != 0)
		job_fail(j);
}

void
job_route(struct tool *t, struct job *j)
{
	if (job_has_status(j->order, "invalid")) {
		job_invalid(j);
	} else if (job_has_status(j->order, "valid")) {
		job_go_on(t, j, STEP_DOWNLOAD);
	} else if (job_has_status(j->order, "processing")) {
		job_go_on(t, j, STEP_POLL);
	} else if (err_is_set(&j->refusal)) {
		err_move(&j->err, &j->refusal);
		job_fail(j);
	} else if (job_has_status(j->order, "ready")) {
		job_ready(t, j);
	} else {
		j->step = STEP_POLL;
		if (pending_check(j) != 0)
			job_fail(j);
	}
}

void
job_begin(struct tool *t, struct job *j, jv doc TAKES)
{
	const char *url;
	jv order;

	*j = (struct job){.doc = doc, .step = STEP_DONE};
	j->call = (struct acme_call)ACME_CALL_INIT;
	poll_begin(&j->poll, t->stage->timeout);
	order = doc_get_kind(doc, "order", DOC_OBJECT);
	if ((url = doc_str(order, "url")) == NULL) {
		doc_free(order);
		err_set(&j->err, ERR_badDocument,
		    "the document has no order: "
		    "acme-order comes before acme-finalize");
		return;
	}
	doc_move(&j->order, order);
	if ((j->session = acme_session_attached(t->acme, &j->doc, NULL,
		 &j->err)) == NULL ||
	    output_prepare(t, j) != 0)
		return;
	j->names = job_names(j);
	if (object_is_stale(j->order, OBJECT_FRESH_SECONDS) ||
	    !order_status_known(j->order) ||
	    job_has_status(j->order, "pending") ||
	    doc_str(j->order, "finalize") == NULL)
		j->step = STEP_READ;
	else
		job_route(t, j);
}

void
job_ask(struct tool *t, struct job *j)
{
	struct acme_call *c = &j->call;
	char *csr;

	(void)t;
	*c = (struct acme_call)ACME_CALL_INIT;
	c->session = j->session;
	c->flags = ACME_REPEATABLE;
	switch (j->step) {
	case STEP_FINALIZE:
		c->flags = 0;
		c->url = doc_str(j->order, "finalize");
		csr = b64url_encode(j->csr, j->csr_len);
		c->payload = doc_set_str(doc_object(), "csr", csr);
		free(csr);
		j->sent = 1;
		break;
	case STEP_DOWNLOAD:
		c->flags |= ACME_TEXT;
		c->url = doc_str(j->order, "certificate");
		break;
	case STEP_ALTERNATE:
		c->flags |= ACME_TEXT;
		c->url = doc_str_at(j->alternates, j->alternate);
		break;
	default:
		c->url = doc_str(j->order, "url");
		break;
	}
}

void
job_release(struct job *j)
{
	int i;

	doc_free(j->order);
	doc_free(j->names);
	doc_free(j->alternates);
	EVP_PKEY_free(j->key);
	free(j->key_path);
	free(j->pending);
	free(j->csr);
	free(j->fullchain);
	for (i = 0; i < OUTPUTS; i++)
		free(j->out[i]);
	err_clear(&j->refusal);
	err_clear(&j->err);
}
