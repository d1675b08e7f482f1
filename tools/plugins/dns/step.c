/* One call of the provider file, and what it asks for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/proc.h"
#include "base/safefile.h"
#include "dns.h"
#include "update.h"

enum { RETRIES_MAX = 8, RETRY_FIRST_MS = 500, BACKOFF_MAX_MS = 60000 };

/* --- the program ------------------------------------------------------------- */

/* The common definitions on one line, so that lines of errors are those of the
 * provider file. */
static void
add_line(struct buf *b, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " \t");
		if (*line != '#') {
			buf_adds(b, line);
			buf_addc(b, ' ');
		}
	}
}

int
program_load(struct dns *d, struct err *err)
{
	const char *short_name = strncmp(d->name, "dns-", 4) == 0 ?
	    d->name + 4 :
	    d->name;
	char *data = proc_data_dir();
	char *common = path_join(data, "dns.jq");
	char *file = xasprintf("%s/providers/%s.jq", d->dir, short_name);
	struct buf all, b;
	int rc = -1;

	buf_init(&all, JQ_CHILD_TEXT_MAX);
	buf_init(&b, JQ_CHILD_TEXT_MAX);
	if (d->program != NULL) {
		rc = 0;
	} else if (safefile_read(common, &b, err) == 0) {
		add_line(&all, b.p);
		buf_reset(&b);
		if (safefile_read(file, &b, err) == 0) {
			buf_add(&all, b.p, b.len);
			d->program = jq_child_new(all.p, file, err);
			rc = d->program == NULL ? -1 : 0;
		}
	}
	buf_release(&all);
	buf_release(&b);
	free(data);
	free(common);
	free(file);
	return rc;
}

/* --- its input ------------------------------------------------------------------ */

/* "_acme-challenge.www" of "_acme-challenge.www.example.com" in example.com; ""
 * at the zone's own name. */
static char *
relative(const char *fqdn, jv zone)
{
	const char *name = doc_str(zone, "name");
	size_t n = strlen(fqdn), z = name == NULL ? 0 : strlen(name);

	if (name == NULL || z > n || strcasecmp(fqdn + n - z, name) != 0)
		return xstrdup(fqdn);
	return xstrndup(fqdn, z == n ? 0 : n - z - 1);
}

static jv
present(jv cred)
{
	return doc_keys(cred);
}

static jv
input_of(struct dns *d, const struct task *t, const char *op)
{
	jv in = doc_object();
	const struct rec *r = t->rec;

	in = doc_set_str(in, "op", op);
	if (strcmp(op, t->op) != 0)
		in = doc_set_str(in, "failed", t->op);
	in = doc_set_str(in, "base", d->base);
	in = doc_set(in, "cred", doc_copy(d->shown));
	in = doc_set(in, "has", present(d->cred));
	in = doc_set(in, "config", doc_copy(d->config));
	in = doc_set(in, "session", doc_copy(d->session));
	in = doc_set(in, "kept", doc_copy(d->kept));
	in = doc_set(in, "state", doc_copy(t->state));
	in = doc_set(in, "last", doc_copy(t->last));
	in = doc_set_int(in, "now", (long)time(NULL));
	in = doc_set_int(in, "ttl", spec_number(d, "ttl", 120));
	in = doc_set(in, "values", doc_copy(t->values));
	in = doc_set(in, "value", doc_at(t->values, 0));
	in = doc_set(in, "guesses", doc_copy(t->guesses));
	in = doc_set(in, "guess", doc_at(t->guesses, t->guess));
	for (const char *const *key =
		 (const char *const[]){"value", "guess", NULL};
	     *key != NULL; key++)
		if (!doc_has(in, *key))
			in = doc_set(in, *key, doc_null());
	if (r != NULL) {
		char *rel = relative(r->fqdn, r->zone);
		in = doc_set_str(in, "domain", r->domain);
		in = doc_set_str(in, "fqdn", r->fqdn);
		in = doc_set_str(in, "rel", rel);
		in = doc_set(in, "zone", doc_copy(r->zone));
		in = doc_set(in, "added", doc_copy(r->added));
		free(rel);
	}
	return in;
}

/* --- its output -------------------------------------------------------------------- */

static void
failed(struct dns *d, struct task *t, enum err_name name, const char *text)
{
	char *clean = redact(d, text);

	err_set(&t->err, name, "%s", clean);
	free(clean);
	t->st = TASK_FAILED;
}

static void
done(struct task *t, jv result TAKES)
{
	doc_move(&t->result, result);
	t->st = TASK_DONE;
}

static void
next_guess(struct dns *d, struct task *t)
{
	jv guess = doc_at(t->guesses, t->guess);

	if (doc_text_of(guess) != NULL)
		d->no_zone = doc_push(d->no_zone, guess);
	else
		doc_free(guess);
	doc_move(&t->state, doc_null());
	doc_move(&t->last, doc_null());
	do
		t->guess++;
	while (t->guess < doc_len(t->guesses) &&
	    doc_list_has(d->no_zone, doc_str_at(t->guesses, t->guess)));
	if (t->guess >= doc_len(t->guesses))
		done(t, doc_null()); /* no zone */
	else
		t->st = TASK_READY;
}

void
task_retry(struct dns *d, struct task *t, long seconds, int64_t deadline,
    const char *what)
{
	int64_t ms = (int64_t)RETRY_FIRST_MS << (t->tries > 10 ? 10 : t->tries);

	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	ms += (clock_ms() * 7919) % (ms / 4 + 1); /* not all at once */
	if (seconds > 0 && seconds < 86400)
		ms = seconds * 1000 + ms / 8;
	if (++t->tries > RETRIES_MAX || clock_ms() + ms >= deadline) {
		failed(d, t, ERR_retryLater, what);
		if (seconds > 0)
			err_retry_after(&t->err, seconds);
		return;
	}
	dns_log(d, LOG_INFO, SHOW_LOG, "%s; trying again in %.1f seconds", what,
	    (double)ms / 1000.0);
	t->until = clock_ms() + ms;
	t->st = TASK_SLEEP;
}

/* Another program changed the records meanwhile: from the beginning. */
static void
again(struct dns *d, struct task *t, int64_t deadline)
{
	doc_move(&t->state, doc_null());
	doc_move(&t->last, doc_null());
	task_retry(d, t, 0, deadline,
	    "the records were changed by somebody else at the same time");
}

static void
take_error(struct dns *d, struct task *t, jv error, int64_t deadline)
{
	const char *detail = doc_str(error, "detail");
	const char *type = doc_str(error, "type");
	long retry = -1;

	if (detail == NULL)
		detail = "the provider gave no reason";
	t->whole = doc_flag(error, "whole", 0);
	if (doc_int(error, "retry", &retry) == 0) {
		t->resend = doc_is(t->request, DOC_OBJECT);
		task_retry(d, t, retry, deadline, detail);
		return;
	}
	failed(d, t,
	    type != NULL && strcmp(type, "misconfigured") == 0 ?
		ERR_misconfigured :
		ERR_pluginFailed,
	    detail);
}

static void
take_sleep(struct task *t, jv out, int64_t deadline)
{
	jv v = doc_get(out, "sleep");
	char *text = doc_text(v);
	double seconds = strtod(text, NULL);

	free(text);
	doc_free(v);
	if (!(seconds >= 0.0 && seconds < 3600.0))
		seconds = 1.0;
	t->until = clock_ms() + (int64_t)(seconds * 1000.0);
	if (t->until > deadline)
		t->until = deadline;
	t->st = TASK_SLEEP;
}

/* What needs no network process: the answer is the task's last. */
static int
take_native(struct dns *d, struct task *t, jv out)
{
	static const struct {
		const char *key;
		jv (*fn)(struct dns *d, jv arg, struct err *err);
	} kinds[] = {{"query", update_query}, {"update", update_send},
	    {"run", run_program}};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct err err = {0};
		jv arg;

		if (!doc_has(out, kinds[i].key))
			continue;
		arg = values_fill(d, doc_get(out, kinds[i].key), &err);
		if (!err_is_set(&err))
			doc_move(&t->last, kinds[i].fn(d, arg, &err));
		doc_free(arg);
		if (err_is_set(&err)) {
			failed(d, t, err.name, err_text(&err));
			err_clear(&err);
		} else {
			t->st = TASK_READY;
		}
		return 1;
	}
	return 0;
}

static void
take_request(struct dns *d, struct task *t, jv out)
{
	doc_move(&t->request, doc_get(out, "request"));
	t->tries = 0;
	if (task_send(d, t, &t->err) == -1)
		t->st = TASK_FAILED;
}

static void
take_output(struct dns *d, struct task *t, jv out, int64_t deadline)
{
	jv keep = doc_get_kind(out, "keep", DOC_OBJECT);
	jv error = doc_get_kind(out, "error", DOC_OBJECT);
	long retry;

	if (doc_is(keep, DOC_OBJECT))
		d->kept = doc_merge(d->kept, doc_copy(keep));
	doc_free(keep);
	if (doc_has(out, "state"))
		doc_move(&t->state, doc_get(out, "state"));
	if (doc_is(error, DOC_OBJECT))
		take_error(d, t, error, deadline);
	else if (doc_has(out, "request"))
		take_request(d, t, out);
	else if (doc_has(out, "zone"))
		done(t, doc_get(out, "zone"));
	else if (doc_has(out, "done"))
		done(t, doc_get(out, "done"));
	else if (doc_flag(out, "next", 0))
		next_guess(d, t);
	else if (doc_flag(out, "again", 0))
		again(d, t, deadline);
	else if (doc_int(out, "retry", &retry) == 0) {
		t->resend = 1;
		task_retry(d, t, retry, deadline,
		    "the provider asks for patience");
	} else if (doc_has(out, "sleep"))
		take_sleep(t, out, deadline);
	else if (!take_native(d, t, out))
		failed(d, t, ERR_badData,
		    "the provider file has an output that means nothing");
	doc_free(error);
}

/* Run it for op: the output, null for none; none and the task has failed. */
static jv
run_step(struct dns *d, struct task *t, const char *op)
{
	struct err err = {0};
	jv out = doc_none();

	if (++t->steps > STEPS_MAX) {
		failed(d, t, ERR_pluginFailed,
		    "the provider's pages or the provider file do not come to "
		    "an end");
		return out;
	}
	if (program_load(d, &err) == 0)
		out = jq_child_run(d->program, input_of(d, t, op), 0, &err);
	if (doc_is(out, DOC_NONE)) {
		char *text = xasprintf("%s (is the provider's answer of "
				       "another form than expected?)",
		    err_text(&err));
		failed(d, t, ERR_pluginFailed, text);
		free(text);
	}
	err_clear(&err);
	return out;
}

void
task_step(struct dns *d, struct task *t, int64_t deadline)
{
	jv out = run_step(d, t, t->op);

	if (doc_is(out, DOC_NULL))
		done(t, doc_null());
	else if (!doc_is(out, DOC_NONE))
		take_output(d, t, out, deadline);
	doc_free(out);
}

/* --- answers -------------------------------------------------------------------------- */

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
	jv out = run_step(d, t, "error");
	long status = 0, wait = 0;
	char *text;

	(void)doc_int(t->last, "status", &status);
	(void)doc_int(t->last, "retryAfter", &wait);
	text = with_hint(d, said(d, body, (int)status), (int)status);
	if (doc_is(out, DOC_OBJECT)) {
		take_output(d, t, out, deadline);
	} else if (doc_is(out, DOC_NULL) && passes((int)status)) {
		t->resend = 1;
		task_retry(d, t, wait, deadline, text);
	} else if (doc_is(out, DOC_NULL)) {
		failed(d, t, ERR_pluginFailed, text);
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
		failed(d, t, ERR_pluginFailed, err_text(&err));
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
	if (!ok)
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
	if (a->fault == NET_BROKEN) {
		failed(d, t, ERR_pluginFailed, text);
	} else {
		t->resend = 1;
		task_retry(d, t, 0, deadline, text);
	}
	free(text);
}
