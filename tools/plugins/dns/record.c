/* Records: where they belong, adding them, removing them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/names.h"
#include "base/proc.h"
#include "dns.h"
#include "lookup.h"

enum { ALIAS_MAX = 10 };

jv
name_guesses(const char *name, int with_last)
{
	jv all = doc_array();

	for (const char *p = name; p != NULL && *p != '\0';) {
		const char *dot = strchr(p, '.');
		if (dot != NULL || with_last)
			all = doc_push_str(all, p);
		p = dot == NULL ? NULL : dot + 1;
	}
	return all;
}

/* --- the records ---------------------------------------------------------------------- */

/* Where the record for name is to be written: _acme-challenge of it, or what
 * that is an alias of. malloc'd. */
static char *
effective_name(struct dns *d, const char *name)
{
	static int dead;
	char *fqdn = xasprintf("_acme-challenge.%s", name);
	jv servers;

	if (doc_flag(d->config, "dns_no_alias", 0))
		return fqdn;
	servers = resolvers(doc_str(d->config, "dns_resolvers"));
	for (int i = 0; i < ALIAS_MAX; i++) {
		struct err err = {0};
		jv answer = resolve(servers, fqdn, "CNAME", &dead, &err);
		jv data = lookup_data(answer, fqdn, "CNAME");
		const char *to = doc_str_at(data, 0);
		char *next = to == NULL || *to == '\0' ? NULL : xstrdup(to);

		doc_free(answer);
		doc_free(data);
		err_clear(&err);
		if (next == NULL)
			break;
		dns_log(d, LOG_INFO, SHOW_LOG,
		    "%s is an alias of %s: the record is written there", fqdn,
		    next);
		free(fqdn);
		fqdn = next;
	}
	doc_free(servers);
	return fqdn;
}

struct rec *
records_find(struct dns *d, jv challenge)
{
	const char *name = doc_str_find(challenge, "identifier", "value", NULL);
	const char *value = doc_str(challenge, "validation");

	for (size_t i = 0; i < d->n_recs; i++)
		if (name != NULL && value != NULL &&
		    strcmp(d->recs[i]->domain, name_base(name)) == 0 &&
		    strcmp(d->recs[i]->value, value) == 0)
			return d->recs[i];
	return NULL;
}

static struct rec *
rec_new(struct dns *d, jv challenge)
{
	struct rec *r = xcalloc(1, sizeof(*r));
	const char *name = doc_str_find(challenge, "identifier", "value", NULL);

	r->domain = xstrdup(name_base(name));
	r->fqdn = effective_name(d, r->domain);
	r->value = xstrdup(doc_str(challenge, "validation"));
	r->zone = doc_null();
	r->added = doc_null();
	d->recs = xrealloc(d->recs, (d->n_recs + 1) * sizeof(struct rec *));
	d->recs[d->n_recs++] = r;
	return r;
}

void
records_release(struct dns *d)
{
	for (size_t i = 0; i < d->n_recs; i++) {
		struct rec *r = d->recs[i];
		free(r->domain);
		free(r->fqdn);
		free(r->value);
		doc_free(r->zone);
		doc_free(r->added);
		err_clear(&r->err);
		free(r);
	}
	free(d->recs);
	d->recs = NULL;
	d->n_recs = 0;
}

/* --- login --------------------------------------------------------------------------------- */

static int
log_in(struct dns *d, int64_t deadline, struct err *err)
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

/* --- zones ------------------------------------------------------------------------------------ */

static jv
guesses_of(struct dns *d, const struct rec *r)
{
	const char *from = spec_text(d, "guesses");
	char *own = xasprintf("_acme-challenge.%s", r->domain);
	int moved = strcmp(own, r->fqdn) != 0;
	jv all;

	free(own);
	if (from != NULL && strcmp(from, "record") == 0)
		all = name_guesses(r->fqdn, 1);
	else
		all = name_guesses(moved ? r->fqdn : r->domain, 0);
	if (doc_len(all) == 0)
		all = doc_push_str(all, r->domain);
	return all;
}

/* {domain}, {fqdn}, {guesses}, {title} and {refusal} of a text. */
static char *
filled(const char *text, const char *const (*pairs)[2], size_t n)
{
	struct buf b;

	buf_init(&b, 16384);
	while (*text != '\0') {
		size_t i = 0;
		while (i < n &&
		    strncmp(text, pairs[i][0], strlen(pairs[i][0])) != 0)
			i++;
		if (i < n) {
			buf_adds(&b, pairs[i][1]);
			text += strlen(pairs[i][0]);
		} else {
			buf_addc(&b, *text++);
		}
	}
	return buf_detach(&b);
}

static void
no_zone(struct dns *d, struct rec *r, jv guesses)
{
	static const char usual[] = "Unable to determine zone identifier for "
				    "{domain} using zone names: [{guesses}]. "
				    "{refusal}";
	const char *own = spec_text(d, "no_zone");
	const char *kept = doc_str(d->kept, "refusal");
	char *confirm = xasprintf("Please confirm that the domain name has "
				  "been entered correctly and is already "
				  "associated with the supplied %s account.",
	    spec_text(d, "title"));
	char *text;
	struct buf b;

	buf_init(&b, 8192);
	for (size_t i = 0; i < doc_len(guesses); i++)
		buf_addf(&b, "%s'%s'", i == 0 ? "" : ", ",
		    doc_str_at(guesses, i));
	text = filled(own == NULL ? usual : own,
	    (const char *const[][2]){{"{domain}", r->domain},
		{"{fqdn}", r->fqdn}, {"{guesses}", b.p == NULL ? "" : b.p},
		{"{refusal}", kept == NULL ? confirm : kept}},
	    4);
	err_set(&r->err, ERR_misconfigured, "%s", text);
	free(text);
	free(confirm);
	buf_release(&b);
}

/* Moves the task's error to its record, with what was being done. */
static void
take_failure(struct task *t, const char *prefix)
{
	struct rec *r = t->rec;

	err_move(&r->err, &t->err);
	if (!t->whole)
		err_prefix(&r->err, "%s", prefix);
}

static void
take_zones(struct dns *d, struct task *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct rec *r = t[i].rec;
		char *what = xasprintf(
		    "Error determining zone identifier for %s", r->domain);

		if (t[i].st == TASK_FAILED)
			take_failure(&t[i], what);
		else if (!doc_is(t[i].result, DOC_OBJECT))
			no_zone(d, r, t[i].guesses);
		else
			doc_move(&r->zone, doc_copy(t[i].result));
		free(what);
	}
}

/* The zone of another record at the same name. */
static int
same_zone(struct rec **recs, size_t n, struct rec *r)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(recs[i]->fqdn, r->fqdn) == 0 &&
		    doc_is(recs[i]->zone, DOC_OBJECT)) {
			doc_move(&r->zone, doc_copy(recs[i]->zone));
			return 1;
		}
	}
	return 0;
}

static size_t
parallel_of(const struct dns *d)
{
	return (size_t)spec_number(d, "parallel", PARALLEL_MAX);
}

static int
find_zones(struct dns *d, struct rec **recs, size_t n, int64_t deadline,
    struct err *err)
{
	struct task *t = xcalloc(n + 1, sizeof(*t));
	size_t m = 0;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < m && strcmp(t[k].rec->fqdn, recs[i]->fqdn) != 0)
			k++;
		if (k < m || doc_is(recs[i]->zone, DOC_OBJECT))
			continue;
		task_init(&t[m], "find", recs[i]);
		doc_move(&t[m].guesses, guesses_of(d, recs[i]));
		m++;
	}
	/* The first alone: what it keeps saves calls of the others. */
	if (m > 0)
		rc = tasks_run(d, t, 1, 1, deadline, err);
	if (rc == 0 && m > 1)
		rc = tasks_run(d, t + 1, m - 1, parallel_of(d), deadline, err);
	if (rc == 0)
		take_zones(d, t, m);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		size_t k = 0;
		if (doc_is(recs[i]->zone, DOC_OBJECT) ||
		    same_zone(recs, n, recs[i]) || err_is_set(&recs[i]->err))
			continue;
		while (strcmp(t[k].rec->fqdn, recs[i]->fqdn) != 0)
			k++;
		err_set(&recs[i]->err, ERR_pluginFailed, "%s",
		    err_text(&t[k].rec->err));
	}
	for (size_t i = 0; i < m; i++)
		task_release(&t[i]);
	free(t);
	return rc;
}

/* --- adding -------------------------------------------------------------------------------------- */

static int
model_is(const struct dns *d, const char *model)
{
	const char *own = spec_text(d, "model");

	return own != NULL && strcmp(own, model) == 0;
}

static int
zone_equal(jv a, jv b)
{
	const char *x = doc_str(a, "name"), *y = doc_str(b, "name");

	return x != NULL && y != NULL && strcasecmp(x, y) == 0;
}

/* Tasks that must not run side by side: those of one record set, and with the
 * model "zone" those of one zone. */
static const struct task *
predecessor(const struct dns *d, const struct task *t, size_t n,
    const struct rec *r)
{
	for (size_t i = n; i-- > 0;)
		if (model_is(d, "zone") ? zone_equal(t[i].rec->zone, r->zone) :
					  model_is(d, "rrset") &&
			    strcmp(t[i].rec->fqdn, r->fqdn) == 0)
			return &t[i];
	return NULL;
}

/* With record sets all values of a name go in one task. */
static size_t
add_tasks(struct dns *d, struct rec **recs, size_t n, struct task *t)
{
	int sets = model_is(d, "rrset") || model_is(d, "zone");
	size_t m = 0, k;

	for (size_t i = 0; i < n; i++) {
		struct rec *r = recs[i];

		if (r->state != REC_NEW || err_is_set(&r->err))
			continue;
		for (k = 0; k < m; k++)
			if (sets && strcmp(t[k].rec->fqdn, r->fqdn) == 0)
				break;
		if (k == m) {
			task_init(&t[m], "add", r);
			t[m].after = predecessor(d, t, m, r);
			m++;
		}
		t[k].values = doc_push_str(t[k].values, r->value);
	}
	return m;
}

static void
take_added(struct rec **recs, size_t n, struct task *t, size_t m)
{
	for (size_t k = 0; k < m; k++) {
		for (size_t i = 0; i < n; i++) {
			struct rec *r = recs[i];

			if (strcmp(r->fqdn, t[k].rec->fqdn) != 0 ||
			    !doc_list_has(t[k].values, r->value) ||
			    r->state == REC_ADDED)
				continue;
			r->state = t[k].st == TASK_DONE ? REC_ADDED : REC_TRIED;
			doc_move(&r->added, doc_copy(t[k].result));
			if (t[k].st == TASK_FAILED && r != t[k].rec)
				err_set(&r->err, ERR_pluginFailed, "%s",
				    err_text(&t[k].err));
		}
		if (t[k].st == TASK_FAILED)
			take_failure(&t[k], "Error adding TXT record");
	}
}

static int
add_all(struct dns *d, struct rec **recs, size_t n, int64_t deadline,
    struct err *err)
{
	struct task *t = xcalloc(n + 1, sizeof(*t));
	size_t m = add_tasks(d, recs, n, t);
	int rc = tasks_run(d, t, m, parallel_of(d), deadline, err);

	take_added(recs, n, t, m);
	for (size_t i = 0; i < m; i++) {
		if (t[i].st == TASK_DONE)
			dns_log(d, LOG_INFO, SHOW_LOG,
			    "Added the TXT record %s", t[i].rec->fqdn);
		task_release(&t[i]);
	}
	free(t);
	return rc;
}

int
records_add(struct dns *d, jv challenges, struct err *err)
{
	size_t n = doc_len(challenges);
	struct rec **recs = xcalloc(n + 1, sizeof(struct rec *));
	int64_t deadline = clock_ms() +
	    spec_number(d, "seconds", PERFORM_SECONDS) * 1000;
	int rc;

	for (size_t i = 0; i < n; i++) {
		jv c = doc_at(challenges, i);
		struct rec *r = records_find(d, c);

		recs[i] = r != NULL ? r : rec_new(d, c);
		err_clear(&recs[i]->err);
		if (recs[i]->state == REC_GONE)
			recs[i]->state = REC_NEW;
		doc_free(c);
	}
	rc = log_in(d, deadline, err);
	if (rc == 0)
		rc = find_zones(d, recs, n, deadline, err);
	if (rc == 0)
		rc = add_all(d, recs, n, deadline, err);
	free(recs);
	return rc;
}

/* --- removing --------------------------------------------------------------------------------------- */

int
record_remove(struct dns *d, struct rec *r, struct err *err)
{
	int64_t deadline = clock_ms() +
	    (guest_ended(d->g) ? CLEANUP_ENDED_SECONDS : CLEANUP_SECONDS) *
		1000;
	struct task t;
	int rc;

	if (r->state != REC_TRIED && r->state != REC_ADDED)
		return 0;
	d->cleaning = 1;
	rc = log_in(d, deadline, err);
	task_init(&t, "remove", r);
	t.values = doc_push_str(t.values, r->value);
	if (rc == 0)
		rc = tasks_run(d, &t, 1, 1, deadline, err);
	if (rc == 0 && t.st == TASK_FAILED) {
		err_move(err, &t.err);
		rc = -1;
	}
	if (rc == 0)
		dns_log(d, LOG_INFO, SHOW_LOG, "Removed the TXT record %s",
		    r->fqdn);
	else
		err_prefix(err,
		    "Encountered error deleting TXT record %s, which may be "
		    "left behind",
		    r->fqdn);
	r->state = REC_GONE;
	task_release(&t);
	d->cleaning = 0;
	return rc;
}
