#include <stdlib.h>
#include <string.h>

#include "acme/objects.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/names.h"
#include "order.h"

#define LOGGER "acme-order"
enum { TRIES = 3 };

/* Is it in a state that leads nowhere? RFC 8555 has one, servers may have more. */
static int
has_failed(jv order)
{
	const char *status = doc_str(order, "status");

	return status != NULL &&
	    (strcmp(status, "invalid") == 0 || !order_status_known(order));
}

static int
is_over(jv order)
{
	const char *status = doc_str(order, "status");

	if (status != NULL && strcmp(status, "valid") == 0)
		return 0;
	return has_failed(order) || object_is_expired(order);
}

/* What is to be done with this document, before anything is asked. */
static void
work_begin(struct tool *t, struct work *w, jv doc TAKES)
{
	int fewer;

	w->doc = doc;
	w->names = w->order = w->authorizations = doc_none();
	if (request_fill(t, w, &fewer, &w->err) != 0)
		return;
	if ((w->session = order_session(t, &w->doc, &w->err)) == NULL)
		return;
	if (t->replace || fewer)
		return;
	doc_move(&w->order, doc_get_kind(w->doc, "order", DOC_OBJECT));
	if (!doc_is(w->order, DOC_OBJECT))
		return;
	if (t->stage->again && is_over(w->order)) {
		doc_move(&w->order, doc_none());
		return;
	}
	doc_move(&w->authorizations,
	    doc_get_kind(w->doc, "authorizations", DOC_ARRAY));
	w->reread = object_is_stale(w->order, OBJECT_FRESH_SECONDS);
}

static int
order_is_unknown(const struct err *e)
{
	long status = 0;

	if (e->name != ERR_acme)
		return 0;
	if (e->has_members)
		doc_int(e->members, "status", &status);
	return status == 404 || acme_err_is(e, "malformed");
}

/* Orders that documents came with are read again if they are old. */
static int
orders_reread(struct tool *t, struct work *works, size_t n, struct err *err)
{
	struct acme_session **sessions = xcalloc(n, sizeof(*sessions));
	struct err *errs = xcalloc(n, sizeof(*errs));
	jv *orders = xcalloc(n, sizeof(*orders));
	size_t i, k = 0, *which = xcalloc(n, sizeof(*which));
	int rc;

	for (i = 0; i < n; i++) {
		if (err_is_set(&works[i].err) || !works[i].reread)
			continue;
		sessions[k] = works[i].session;
		orders[k] = doc_take(&works[i].order);
		which[k++] = i;
	}
	rc = order_look(t->acme, sessions, orders, k, errs, err);
	while (k-- > 0) {
		i = which[k];
		works[i].order = orders[k];
		if (t->stage->again &&
		    (order_is_unknown(&errs[k]) || is_over(orders[k])))
			doc_move(&works[i].order, doc_none());
		else if (err_is_set(&errs[k]))
			err_move(&works[i].err, &errs[k]);
		err_clear(&errs[k]);
	}
	free(which);
	free(orders);
	free(errs);
	free(sessions);
	return rc;
}

static void
kept_order_check(struct work *w)
{
	const char *url = doc_str(w->order, "url");
	jv problem;

	if (order_names_check(w->order, w->names, &w->err) != 0) {
		w->err.name = ERR_badDocument;
		err_prefix(&w->err,
		    "the document's order %s does not fit its "
		    "names; use --replace for a new one",
		    url);
		return;
	}
	if (!is_over(w->order))
		return;
	problem = doc_get_kind(w->order, "error", DOC_OBJECT);
	if (doc_is(problem, DOC_OBJECT)) {
		err_problem(&w->err, 0, problem);
	} else {
		doc_free(problem);
		err_set(&w->err, ERR_refused, "it is %s",
		    has_failed(w->order) ? doc_str(w->order, "status") :
					   "expired");
	}
	err_prefix(&w->err,
	    "the order %s cannot be used any more; --again or "
	    "--replace orders anew",
	    url);
}

static jv
new_payload(const struct work *w)
{
	jv identifiers = doc_array(), payload = doc_object(), one;
	const char *profile = request_profile(w);
	char *address;
	size_t i;

	for (i = 0; i < doc_len(w->names); i++) {
		address = name_address(doc_str_at(w->names, i));
		one = doc_set_str(doc_object(), "type",
		    address != NULL ? "ip" : "dns");
		one = doc_set_str(one, "value", doc_str_at(w->names, i));
		free(address);
		identifiers = doc_push(identifiers, one);
	}
	payload = doc_set(payload, "identifiers", identifiers);
	return profile == NULL ? payload :
				 doc_set_str(payload, "profile", profile);
}

static void
new_answer(struct work *w, struct acme_call *c)
{
	doc_move(&w->authorizations, doc_none());
	if (err_is_set(&c->err)) {
		err_move(&w->err, &c->err);
		return;
	}
	doc_move(&w->order,
	    order_check(w->session, c->location, doc_take(&c->body), &w->err));
	if (doc_is(w->order, DOC_OBJECT) &&
	    order_names_check(w->order, w->names, &w->err) != 0)
		doc_move(&w->order, doc_none());
}

static jv
orders_taken(const struct work *works, size_t n)
{
	jv taken = doc_array();
	const char *url;
	size_t i;

	for (i = 0; i < n; i++)
		if ((url = doc_str(works[i].order, "url")) != NULL)
			taken = doc_push_str(taken, url);
	return taken;
}

static void
call_begin(struct acme_call *c, struct work *w)
{
	*c = (struct acme_call)ACME_CALL_INIT;
	c->session = w->session;
	c->url = acme_session_url(w->session, "newOrder");
	c->payload = new_payload(w);
}

/* The answer to newOrder did not come: the order is looked for in the
 * account's list, and only then made again. */
static int
lost_order(struct tool *t, struct work *w, jv taken, struct err *err)
{
	struct acme_call call;
	struct err lost = {0}, found_err = {0};
	int try, found, rc = 0, again = 1;

	for (try = 1; again && rc == 0 && try < TRIES; try++) {
		err_move(&lost, &w->err);
		log_warning(LOGGER,
		    "%s: looking for the order in the "
		    "account's list",
		    err_text(&lost));
		found = orders_find(t, w->session, w->doc, w->names, taken,
		    &w->order, &found_err);
		if (found != 0) {
			if (found < 0)
				err_move(&w->err, &found_err);
			break;
		}
		log_warning(LOGGER,
		    "it is not there, or the CA keeps no "
		    "list: newOrder is sent again");
		call_begin(&call, w);
		rc = acme_perform(t->acme, &call, 1, err);
		again = call.lost;
		if (rc == 0)
			new_answer(w, &call);
		doc_free(call.payload);
		acme_call_release(&call);
	}
	err_clear(&lost);
	err_clear(&found_err);
	return rc;
}

static int
orders_make(struct tool *t, struct work *works, size_t n, struct err *err)
{
	struct acme_call *calls = xcalloc(n, sizeof(*calls));
	size_t i, k = 0, *which = xcalloc(n, sizeof(*which));
	jv taken;
	int rc;

	for (i = 0; i < n; i++) {
		if (err_is_set(&works[i].err))
			continue;
		if (doc_is(works[i].order, DOC_OBJECT)) {
			kept_order_check(&works[i]);
			continue;
		}
		call_begin(&calls[k], &works[i]);
		which[k++] = i;
	}
	rc = acme_perform(t->acme, calls, k, err);
	for (i = 0; rc == 0 && i < k; i++)
		new_answer(&works[which[i]], &calls[i]);
	for (i = 0; rc == 0 && i < k; i++) {
		if (!calls[i].lost)
			continue;
		taken = orders_taken(works, n);
		rc = lost_order(t, &works[which[i]], taken, err);
		doc_free(taken);
	}
	for (i = 0; i < k; i++) {
		doc_free(calls[i].payload);
		acme_call_release(&calls[i]);
	}
	free(which);
	free(calls);
	return rc;
}

/* The whole cannot go on: every document that has no error of its own gets
 * this one. */
static void
fail_all(struct work *works, size_t n, struct err *err)
{
	jv all = err_to_doc(err, NULL);
	size_t i;

	for (i = 0; i < n; i++)
		if (!err_is_set(&works[i].err))
			err_from_doc(&works[i].err, all);
	doc_free(all);
	err_clear(err);
}

void
order_new(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct tool *t = ctx;
	struct work *works = xcalloc(n, sizeof(*works));
	struct err err = {0};
	size_t i;

	for (i = 0; i < n; i++)
		work_begin(t, &works[i], docs[i]);
	if (orders_reread(t, works, n, &err) != 0 ||
	    orders_make(t, works, n, &err) != 0 ||
	    authorizations_fill(t, works, n, &err) != 0)
		fail_all(works, n, &err);
	for (i = 0; i < n; i++)
		work_end(st, &works[i]);
	free(works);
}
