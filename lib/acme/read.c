#include <stdlib.h>

#include "acme/objects.h"
#include "base/buf.h"

typedef jv check_fn(const struct acme_session *s, const char *url,
    jv object TAKES, struct err *err);

/* Is it what it was, and not behind? */
static int
same_check(jv before, jv now, check_fn *check, struct err *err)
{
	if (check == authorization_check)
		return authorization_same_check(before, now, err);
	if (order_forward_check(before, now, err) != 0)
		return -1;
	return order_identifiers_check(before, now, err);
}

/* What the server says now in place of *object, if it is of use. */
static void
object_take(struct acme_call *c, jv *object, check_fn *check, struct err *err)
{
	jv now;

	if (err_is_set(&c->err)) {
		err_move(err, &c->err);
		return;
	}
	now = check(c->session, c->url, doc_take(&c->body), err);
	if (!doc_is(now, DOC_OBJECT))
		return;
	if (c->retry_after > 0)
		now = doc_set_int(now, "retryAfter", c->retry_after);
	if (doc_is(*object, DOC_OBJECT) && same_check(*object, now, check, err))
		doc_free(now);
	else
		doc_move(object, now);
}

static const char *
object_url(jv object)
{
	return doc_is(object, DOC_STRING) ? doc_text_of(object) :
					    doc_str(object, "url");
}

static int
objects_read(struct acme *a, struct acme_session *const *sessions, jv *objects,
    size_t n, struct err *errs, check_fn *check, struct err *err)
{
	struct acme_call *calls = xcalloc(n + 1, sizeof(*calls));
	size_t i, k = 0, *which = xcalloc(n + 1, sizeof(*which));
	const char *url;
	int rc;

	for (i = 0; i < n; i++) {
		if ((url = object_url(objects[i])) == NULL) {
			err_set(&errs[i], ERR_badDocument,
			    "an order or authorization has no url");
			continue;
		}
		calls[k] = (struct acme_call)ACME_CALL_INIT;
		calls[k].session = sessions[i];
		calls[k].url = url;
		calls[k].flags = ACME_REPEATABLE;
		which[k++] = i;
	}
	rc = acme_perform(a, calls, k, err);
	for (i = 0; i < k; i++) {
		if (rc == 0)
			object_take(&calls[i], &objects[which[i]], check,
			    &errs[which[i]]);
		acme_call_release(&calls[i]);
	}
	free(which);
	free(calls);
	return rc;
}

int
order_read(struct acme *a, struct acme_session *const *sessions, jv *objects,
    size_t n, struct err *errs, struct err *err)
{
	return objects_read(a, sessions, objects, n, errs, order_check, err);
}

int
order_look(struct acme *a, struct acme_session *const *sessions, jv *objects,
    size_t n, struct err *errs, struct err *err)
{
	return objects_read(a, sessions, objects, n, errs, order_look_check,
	    err);
}

int
authorization_read(struct acme *a, struct acme_session *const *sessions,
    jv *objects, size_t n, struct err *errs, struct err *err)
{
	return objects_read(a, sessions, objects, n, errs, authorization_check,
	    err);
}
