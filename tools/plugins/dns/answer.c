/* What comes for a request: the API's answer, or none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns.h"

static int
accepted(jv request, int status)
{
	jv list = doc_get_kind(request, "accept", DOC_ARRAY);
	int ok = status >= 200 && status <= 299;

	for (size_t i = 0; i < doc_len(list); i++) {
		jv box = doc_set(doc_object(), "n", doc_at(list, i));
		long n;
		ok |= doc_int(box, "n", &n) == 0 && n == status;
		doc_free(box);
	}
	doc_free(list);
	return ok;
}

static int
passes(int status)
{
	return status == 429 || status == 408 || status == 500 ||
	    status == 502 || status == 503 || status == 504;
}

/* What an API's error answer says: the first of the usual members. */
static char *
said(const struct dns *d, jv body, int status)
{
	static const char *const keys[] = {"message", "error_description",
	    "detail", "error_msg", "description", "Message", "reason", "error",
	    "code"};
	jv inner = doc_copy(body);
	const char *text = NULL;
	char *printable, *all;

	for (const char *const *k = (const char *const[]){"Error", "error",
		 "errors", "Errors", NULL};
	     *k != NULL; k++) {
		jv one = doc_get(inner, *k);
		if (doc_is(one, DOC_ARRAY) && doc_len(one) > 0)
			doc_move(&one, doc_at(one, 0));
		if (doc_is(one, DOC_OBJECT) || doc_is(one, DOC_STRING))
			doc_move(&inner, one);
		else
			doc_free(one);
	}
	if (doc_is(inner, DOC_STRING))
		text = doc_text_of(inner);
	for (size_t i = 0; text == NULL && i < ARRAY_LEN(keys); i++)
		text = doc_str(inner, keys[i]);
	printable = text_printable(text == NULL ? "" : text, 0);
	if (strlen(printable) > 300)
		printable[300] = '\0';
	all = printable[0] == '\0' ?
	    xasprintf("%s answered with HTTP status %d", spec_text(d, "title"),
		status) :
	    xasprintf("%s answered with HTTP status %d: %s",
		spec_text(d, "title"), status, printable);
	free(printable);
	doc_free(inner);
	return all;
}

/* The descriptor's "hints": what a status means for the user. */
static char *
with_hint(const struct dns *d, char *text TAKES, int status)
{
	char key[16];
	const char *hint;
	char *all;

	snprintf(key, sizeof(key), "%d", status);
	hint = doc_str_find(d->spec, "hints", key, NULL);
	if (hint == NULL)
		return text;
	all = xasprintf("%s (%s)", text, hint);
	free(text);
	return all;
}

/* A status that the request did not expect. */
static void
refused(struct dns *d, struct task *t, int64_t deadline)
{
	jv body = doc_get(t->last, "body");
	jv out = task_run(d, t, "error");
	long status = 0, wait = 0;
	char *text;

	(void)doc_int(t->last, "status", &status);
	(void)doc_int(t->last, "retryAfter", &wait);
	text = with_hint(d, said(d, body, (int)status), (int)status);
	if (doc_is(out, DOC_OBJECT)) {
		task_take(d, t, out, deadline);
	} else if (doc_is(out, DOC_NULL) && passes((int)status)) {
		t->resend = 1;
		task_retry(d, t, wait, deadline, text);
	} else if (doc_is(out, DOC_NULL)) {
		task_fail(d, t, ERR_pluginFailed, text);
	}
	free(text);
	doc_free(out);
	doc_free(body);
}

static void
take_http(struct dns *d, struct task *t, struct net_answer *a, int64_t deadline)
{
	struct err err = {0};
	jv last = doc_set_int(doc_object(), "status", a->status);
	jv body = http_body(t->request, a, &err);
	long wait = net_retry_after(a);
	int ok = accepted(t->request, a->status);

	if (doc_is(body, DOC_NONE) && ok) {
		task_fail(d, t, ERR_pluginFailed, err_text(&err));
		err_clear(&err);
		doc_free(last);
		return;
	}
	if (doc_is(body, DOC_NONE))
		body = a->len > 0 && a->len < 2000 && a->body[0] != '<' ?
		    doc_stringn(a->body, a->len) :
		    doc_null();
	err_clear(&err);
	if (wait >= 0)
		last = doc_set_int(last, "retryAfter", wait);
	last = doc_set(last, "headers", doc_copy(a->headers));
	last = doc_set(last, "body", body);
	doc_move(&t->last, last);
	t->st = TASK_READY;
	if (!ok && (a->status != 401 || !session_over(d, t)))
		refused(d, t, deadline);
}

void
task_answer(struct dns *d, struct task *t, struct net_answer *a,
    int64_t deadline)
{
	const char *url = doc_str(t->request, "log");
	char *text;

	dns_log(d, LOG_DEBUG, SHOW_LOG, "%s: %s%d", url == NULL ? "?" : url,
	    a->fault == NET_OK ? "" : "no answer, ", a->status);
	if (a->fault == NET_OK) {
		take_http(d, t, a, deadline);
		return;
	}
	if (doc_flag(t->request, "maybe", 0)) { /* a metadata service */
		doc_move(&t->last, doc_set_int(doc_object(), "status", 0));
		t->st = TASK_READY;
		return;
	}
	text = xasprintf("cannot reach the API of %s: %s",
	    spec_text(d, "title"), a->reason == NULL ? "?" : a->reason);
	if (a->fault == NET_BROKEN || a->fault == NET_UNRESOLVED) {
		task_fail(d, t, ERR_pluginFailed, text);
	} else {
		t->resend = 1;
		task_retry(d, t, 0, deadline, text);
	}
	free(text);
}
