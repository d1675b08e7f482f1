/* Records: where they are written, adding them, removing them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/names.h"
#include "base/proc.h"
#include "dns.h"
#include "lookup.h"

enum { ALIAS_MAX = 10 };

/* Where the record for name is to be written: _acme-challenge of it, or what
 * that is an alias of; err is set when aliases lead on and on. malloc'd. */
static char *
effective_name(struct dns *d, const char *name, struct err *err)
{
	char *fqdn = xasprintf("_acme-challenge.%s", name);
	jv servers;

	if (doc_flag(d->config, "dns_no_alias", 0))
		return fqdn;
	servers = resolvers(doc_str(d->config, "dns_resolvers"));
	for (int i = 0;; i++) {
		struct err why = {0};
		jv answer = resolve(servers, fqdn, "CNAME", &d->deaf, &why);
		jv data = lookup_data(answer, fqdn, "CNAME");
		const char *to = doc_str_at(data, 0);
		char *next = to == NULL || *to == '\0' ? NULL : xstrdup(to);

		doc_free(answer);
		doc_free(data);
		err_clear(&why);
		if (next == NULL)
			break;
		if (i == ALIAS_MAX) {
			err_set(err, ERR_misconfigured,
			    "the aliases of _acme-challenge.%s do not come to "
			    "an end (the last was %s)",
			    name, next);
			free(next);
			break;
		}
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
	r->fqdn = effective_name(d, r->domain, &r->err);
	r->value = xstrdup(doc_str(challenge, "validation"));
	r->slot = (struct lock)LOCK_INIT;
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
		lock_release(&r->slot);
		doc_free(r->zone);
		doc_free(r->added);
		err_clear(&r->err);
		free(r);
	}
	free(d->recs);
	d->recs = NULL;
	d->n_recs = 0;
}

/* --- adding -------------------------------------------------------------------------------------- */

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
take_added(const struct dns *d, struct rec **recs, size_t n, struct task *t,
    size_t m)
{
	for (size_t k = 0; k < m; k++) {
		for (size_t i = 0; i < n; i++) {
			struct rec *r = recs[i];

			if (strcmp(r->fqdn, t[k].rec->fqdn) != 0 ||
			    !doc_list_has(t[k].values, r->value) ||
			    r->state == REC_ADDED)
				continue;
			r->state = t[k].st == TASK_DONE ? REC_ADDED :
			    slot_is_ours(d, r)		? REC_TRIED :
							  REC_NEW;
			doc_move(&r->added, doc_copy(t[k].result));
			if (t[k].st == TASK_FAILED && r != t[k].rec)
				err_set(&r->err, ERR_pluginFailed, "%s",
				    err_text(&t[k].err));
		}
		if (t[k].st == TASK_FAILED)
			record_failed(&t[k], "Error adding TXT record");
	}
}

static int
add_all(struct dns *d, struct rec **recs, size_t n, int64_t deadline,
    struct err *err)
{
	struct task *t = xcalloc(n + 1, sizeof(*t));
	size_t m = add_tasks(d, recs, n, t);
	int rc = tasks_run(d, t, m, parallel_tasks(d), deadline, err);

	take_added(d, recs, n, t, m);
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

		if (r != NULL)
			err_clear(&r->err);
		recs[i] = r != NULL ? r : rec_new(d, c);
		if (recs[i]->state == REC_GONE)
			recs[i]->state = REC_NEW;
		doc_free(c);
	}
	rc = session_begin(d, deadline, err);
	if (rc == 0)
		rc = zones_find(d, recs, n, deadline, err);
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
	rc = session_begin(d, deadline, err);
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
	slot_leave(d, r);
	d->cleaning = 0;
	return rc;
}

int
record_remove_left(struct dns *d, jv challenge, struct err *err)
{
	int64_t deadline = clock_ms() + CLEANUP_SECONDS * 1000;
	struct rec *r = records_find(d, challenge);
	int rc = 0;

	if (r == NULL)
		r = rec_new(d, challenge);
	d->cleaning = 1;
	if (!err_is_set(&r->err) &&
	    (session_begin(d, deadline, err) == -1 ||
		zones_find(d, &r, 1, deadline, err) == -1))
		rc = -1;
	d->cleaning = 0;
	if (err_is_set(&r->err)) {
		err_move(err, &r->err);
		rc = -1;
	}
	if (rc == -1)
		return err_prefix(err,
		    "Encountered error deleting TXT record %s, which may be "
		    "left behind",
		    r->fqdn);
	r->state = REC_TRIED;
	return record_remove(d, r, err);
}
