/* The account's orders (RFC 8555 7.1.2.1), and show. */
#include <stdlib.h>
#include <string.h>

#include "acme/objects.h"
#include "base/buf.h"
#include "base/names.h"
#include "order.h"

enum { PAGES_MAX = 20, LOOKUP_MAX = 60, LIST_MAX = 1000 };

static int
read_one(struct tool *t, struct acme_session *s, const char *url,
    struct acme_call *c, struct err *err)
{
	*c = (struct acme_call)ACME_CALL_INIT;
	c->session = s;
	c->url = url;
	c->flags = ACME_REPEATABLE;
	return acme_call_one(t->acme, c, err);
}

/* Where the account's orders are listed; malloc'd, NULL and err. */
static char *
list_url(struct tool *t, struct acme_session *s, jv doc, struct err *err)
{
	const char *known = doc_str_find(doc, "account", "orders", NULL);
	struct acme_call call;
	jv account = doc_none();
	char *url = NULL;

	if (known != NULL)
		return xstrdup(known);
	if (read_one(t, s, acme_session_kid(s), &call, err) == 0)
		account = account_check(s, acme_session_kid(s),
		    doc_take(&call.body), err);
	acme_call_release(&call);
	if (!doc_is(account, DOC_OBJECT))
		return NULL;
	if (doc_str(account, "orders") != NULL)
		url = xstrdup(doc_str(account, "orders"));
	else
		err_set(err, ERR_notSupported,
		    "the server keeps no list of an account's orders");
	doc_free(account);
	return url;
}

static int
page_take(struct acme_session *s, const struct acme_call *c, jv *urls,
    size_t max, struct err *err)
{
	jv page = doc_get_kind(c->body, "orders", DOC_ARRAY);
	const char *url;
	size_t i;
	int rc = 0;

	if (!doc_is(page, DOC_ARRAY))
		rc = err_set(err, ERR_protocol,
		    "the account's list of orders has the wrong form");
	for (i = 0; rc == 0 && i < doc_len(page); i++) {
		url = doc_str_at(page, i);
		if (url == NULL)
			rc = err_set(err, ERR_protocol,
			    "the account's list "
			    "of orders has an entry that is no URL");
		else if ((rc = url_check(url, acme_session_plain(s), "order",
			      err)) == 0 &&
		    !doc_list_has(*urls, url) && doc_len(*urls) < max)
			*urls = doc_push_str(*urls, url);
	}
	doc_free(page);
	return rc;
}

/* URLs of the account's orders (RFC 8555 7.1.2.1), at most max; none and err
 * (notSupported where the CA keeps no list). */
static jv
orders_urls(struct tool *t, struct acme_session *s, jv doc, size_t max,
    struct err *err)
{
	struct acme_call call;
	char *url = list_url(t, s, doc, err);
	jv urls = doc_array(), seen = doc_array();
	int pages, rc = url != NULL ? 0 : -1;

	for (pages = 0; url != NULL && rc == 0 && pages < PAGES_MAX &&
	     doc_len(urls) < max && !doc_list_has(seen, url);
	     pages++) {
		seen = doc_push_str(seen, url);
		rc = read_one(t, s, url, &call, err);
		if (rc == 0)
			rc = page_take(s, &call, &urls, max, err);
		free(url);
		url = doc_str_at(call.next, 0) != NULL ?
		    xstrdup(doc_str_at(call.next, 0)) :
		    NULL;
		acme_call_release(&call);
	}
	free(url);
	doc_free(seen);
	if (rc != 0)
		doc_move(&urls, doc_none());
	return urls;
}

/* Read the orders at urls (array of strings) into orders[]; errs are theirs. */
static int
orders_read(struct tool *t, struct acme_session *s, jv urls, jv *orders,
    struct err *errs, struct err *err)
{
	size_t i, n = doc_len(urls);
	struct acme_session **sessions = xcalloc(n + 1, sizeof(*sessions));
	int rc;

	for (i = 0; i < n; i++) {
		orders[i] = doc_at(urls, i);
		sessions[i] = s;
	}
	rc = order_look(t->acme, sessions, orders, n, errs, err);
	free(sessions);
	return rc;
}

static int
order_fits(jv order, jv names)
{
	const char *status = doc_str(order, "status");
	struct err ignored = {0};
	int fits;

	if (!doc_is(order, DOC_OBJECT) ||
	    (strcmp(status, "pending") != 0 && strcmp(status, "ready") != 0))
		return 0;
	fits = order_names_check(order, names, &ignored) == 0;
	err_clear(&ignored);
	return fits;
}

int
orders_find(struct tool *t, struct acme_session *s, jv doc, jv names, jv taken,
    jv *order, struct err *err)
{
	jv urls = orders_urls(t, s, doc, LOOKUP_MAX, err), rest, *orders;
	struct err *errs;
	size_t i, n;
	int rc = -1;

	if (!doc_is(urls, DOC_ARRAY)) {
		if (err->name != ERR_notSupported)
			return -1;
		err_clear(err);
		return 0;
	}
	rest = names_minus(urls, taken);
	n = doc_len(rest);
	orders = xcalloc(n + 1, sizeof(*orders));
	errs = xcalloc(n + 1, sizeof(*errs));
	if (orders_read(t, s, rest, orders, errs, err) == 0)
		rc = 0;
	for (i = 0; i < n; i++) {
		if (rc == 0 && order_fits(orders[i], names)) {
			doc_move(order, doc_copy(orders[i]));
			rc = 1;
		}
		doc_free(orders[i]);
		err_clear(&errs[i]);
	}
	free(errs);
	free(orders);
	doc_free(rest);
	doc_free(urls);
	return rc;
}

void
order_list(struct tool *t)
{
	struct stage *st = t->stage;
	struct err err = {0}, *errs = NULL;
	struct acme_session *s;
	jv doc = doc_set_int(doc_object(), "acme", 1), one, *orders = NULL;
	jv urls = doc_none();
	size_t i, n = 0;

	if ((s = order_session(t, &doc, &err)) != NULL)
		doc_move(&urls, orders_urls(t, s, doc, LIST_MAX, &err));
	if (!doc_is(urls, DOC_ARRAY)) {
		stage_fail(st, doc, &err);
		return;
	}
	n = doc_len(urls);
	orders = xcalloc(n + 1, sizeof(*orders));
	errs = xcalloc(n + 1, sizeof(*errs));
	if (orders_read(t, s, urls, orders, errs, &err) != 0)
		stage_fail(st, doc_copy(doc), &err);
	for (i = 0; i < n; i++) {
		one = doc_copy(doc);
		if (doc_is(orders[i], DOC_OBJECT)) {
			stage_emit(st, doc_set(one, "order", orders[i]));
			continue;
		}
		one = doc_set(one, "order",
		    doc_set(doc_object(), "url", orders[i]));
		if (err_is_set(&errs[i]))
			stage_fail(st, one, &errs[i]);
		else
			doc_free(one);
	}
	free(orders);
	free(errs);
	doc_free(urls);
	doc_free(doc);
}

void
order_show(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct tool *t = ctx;
	struct work w;
	struct err err = {0};
	size_t i;

	for (i = 0; i < n; i++) {
		w = (struct work){.doc = docs[i]};
		w.session = order_session(t, &w.doc, &w.err);
		doc_move(&w.order, doc_get_kind(w.doc, "order", DOC_OBJECT));
		if (w.session != NULL && doc_is(w.order, DOC_NONE))
			err_set(&w.err, ERR_badDocument,
			    "the document has no order");
		if (!err_is_set(&w.err) &&
		    (order_look(t->acme, &w.session, &w.order, 1, &w.err,
			 &err) != 0 ||
			authorizations_fill(t, &w, 1, &err) != 0))
			err_move(&w.err, &err);
		work_end(st, &w);
	}
}
