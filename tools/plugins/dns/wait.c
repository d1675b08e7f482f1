/* Until the records can be seen at every authoritative name server. A check
 * that cannot be made is a warning, never a failure. */
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "dns.h"
#include "lookup.h"

enum {
	ROUND_FIRST_MS = 500,
	ROUND_MAX_MS = 5000,
	DEAF_AFTER = 2,
	SERVERS_MAX = 16
};

/* One name and what is asked of whom. */
struct watch {
	const char *fqdn;
	jv values;  /* wanted */
	jv servers; /* addresses */
	int seen[SERVERS_MAX], deaf[SERVERS_MAX];
};

long
propagation_seconds(const struct dns *d, int *given)
{
	long n = spec_number(d, "propagation", 10);

	*given = doc_int(d->config, "propagation_seconds", &n) == 0;
	return n < 0 ? 0 : n;
}

static int
sleep_for(struct dns *d, long seconds, struct err *err)
{
	int64_t end = clock_ms() + seconds * 1000;

	dns_log(d, LOG_INFO, SHOW_OUT,
	    "Waiting %ld seconds for DNS changes to propagate", seconds);
	while (clock_ms() < end)
		if (dns_pause(d, (long)(end - clock_ms())) == -1)
			return err_set(err, ERR_interrupted,
			    "the host has ended");
	return 0;
}

/* --- who is to be asked ------------------------------------------------------------------ */

/* The name servers of the zone that name is in: array of names. */
static jv
name_servers(jv servers, const char *name, int *dead, struct err *err)
{
	for (const char *p = name; p != NULL;) {
		jv answer = resolve(servers, p, "NS", dead, err);
		jv found = lookup_data(answer, p, "NS");
		const char *dot = strchr(p, '.');

		doc_free(answer);
		if (doc_len(found) > 0)
			return found;
		doc_free(found);
		if (*dead)
			break;
		p = dot == NULL ? NULL : dot + 1;
	}
	return doc_array();
}

static jv
addresses(jv servers, jv hosts, int *dead)
{
	static const char *const types[] = {"A", "AAAA"};
	jv all = doc_array();

	for (size_t i = 0; i < doc_len(hosts); i++)
		for (size_t k = 0; k < ARRAY_LEN(types); k++) {
			struct err err = {0};
			jv answer = resolve(servers, doc_str_at(hosts, i),
			    types[k], dead, &err);
			jv found = lookup_data(answer, NULL, types[k]);

			for (size_t j = 0;
			     j < doc_len(found) && doc_len(all) < SERVERS_MAX;
			     j++)
				all = doc_push(all, doc_at(found, j));
			doc_free(found);
			doc_free(answer);
			err_clear(&err);
		}
	return doc_sorted_set(all);
}

static size_t
watches_of(struct dns *d, struct watch *w, jv servers, int *dead,
    struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_recs; i++) {
		struct rec *r = d->recs[i];
		size_t k = 0;

		if (r->state != REC_ADDED)
			continue;
		while (k < n && strcmp(w[k].fqdn, r->fqdn) != 0)
			k++;
		if (k == n) {
			jv hosts = name_servers(servers, r->fqdn, dead, err);
			memset(&w[k], 0, sizeof(w[k]));
			w[k].fqdn = r->fqdn;
			w[k].values = doc_array();
			w[k].servers = addresses(servers, hosts, dead);
			doc_free(hosts);
			n++;
		}
		w[k].values = doc_push_str(w[k].values, r->value);
	}
	return n;
}

/* --- asking ---------------------------------------------------------------------------------- */

static void
ask(struct watch *w, size_t i)
{
	struct lookup q = {.server = doc_str_at(w->servers, i),
	    .port = DNS_PORT,
	    .name = w->fqdn,
	    .type = "TXT",
	    .ms = LOOKUP_MS};
	struct err err = {0};
	jv answer = lookup(&q, &err), found;

	if (doc_is(answer, DOC_NONE)) {
		w->deaf[i]++;
	} else {
		found = lookup_data(answer, w->fqdn, "TXT");
		w->deaf[i] = 0;
		w->seen[i] = 1;
		for (size_t k = 0; k < doc_len(w->values); k++)
			w->seen[i] &= doc_list_has(found,
			    doc_str_at(w->values, k));
		doc_free(found);
	}
	doc_free(answer);
	err_clear(&err);
}

/* Ask whom is still to be asked. 1: all that can be reached have everything; 0:
 * not yet; -1: the host is gone. *reached: somebody answers for each name. */
static int
round_of(struct dns *d, struct watch *w, size_t n, int *reached)
{
	int all = 1;

	*reached = 1;
	for (size_t k = 0; k < n; k++) {
		int any = 0;
		for (size_t i = 0; i < doc_len(w[k].servers); i++) {
			if (w[k].deaf[i] >= DEAF_AFTER)
				continue;
			if (!w[k].seen[i])
				ask(&w[k], i);
			if (guest_ended(d->g))
				return -1;
			any |= w[k].deaf[i] == 0;
			all &= w[k].seen[i] || w[k].deaf[i] >= DEAF_AFTER;
		}
		*reached &= any;
	}
	return all;
}

static void
warn_of_missing(struct dns *d, const struct watch *w, size_t n, long seconds)
{
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < doc_len(w[k].servers); i++)
			if (!w[k].seen[i])
				dns_log(d, LOG_WARNING, SHOW_LOG,
				    "After %ld seconds the name server %s "
				    "%s the TXT record %s",
				    seconds, doc_str_at(w[k].servers, i),
				    w[k].deaf[i] ? "does not answer for" :
						   "does not yet have",
				    w[k].fqdn);
}

/* 1 seen, 0 cannot be checked, -1 the host is gone. */
static int
watch_all(struct dns *d, struct watch *w, size_t n, long seconds)
{
	int64_t end = clock_ms() + seconds * 1000;
	long pause = ROUND_FIRST_MS;
	int reached, all;

	for (;;) {
		all = round_of(d, w, n, &reached);
		if (all == -1)
			return -1;
		if (all == 1)
			return reached;
		if (clock_ms() + pause > end)
			break;
		if (dns_pause(d, pause) == -1)
			return -1;
		pause = pause * 2 > ROUND_MAX_MS ? ROUND_MAX_MS : pause * 2;
	}
	warn_of_missing(d, w, n, seconds);
	return 1;
}

static int
check(struct dns *d, long seconds, struct err *err)
{
	jv servers = resolvers(doc_str(d->config, "dns_resolvers"));
	struct watch *w = xcalloc(d->n_recs + 1, sizeof(*w));
	struct err why = {0};
	int64_t start = clock_ms();
	int dead = 0, rc;
	size_t n = watches_of(d, w, servers, &dead, &why);
	long left;

	dns_log(d, LOG_INFO, SHOW_OUT,
	    "Waiting up to %ld seconds for DNS changes to propagate", seconds);
	rc = watch_all(d, w, n, seconds);
	for (size_t i = 0; i < n; i++) {
		doc_free(w[i].values);
		doc_free(w[i].servers);
	}
	free(w);
	doc_free(servers);
	if (rc == 0) {
		dns_log(d, LOG_WARNING, SHOW_LOG,
		    "The name servers cannot be asked for the TXT records%s%s",
		    err_is_set(&why) ? ": " : "",
		    err_is_set(&why) ? err_text(&why) : "");
		left = seconds - (long)((clock_ms() - start) / 1000);
		rc = left > 0 ? sleep_for(d, left, err) : 0;
	} else if (rc == -1) {
		err_set(err, ERR_interrupted, "the host has ended");
	} else {
		rc = 0;
	}
	err_clear(&why);
	return rc;
}

/* The provider's own "wait" for each record, where its file has one. */
static int
provider_wait(struct dns *d, struct err *err)
{
	struct task *t = xcalloc(d->n_recs + 1, sizeof(*t));
	int64_t deadline = clock_ms() +
	    spec_number(d, "wait_seconds", 600) * 1000;
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < d->n_recs; i++)
		if (d->recs[i]->state == REC_ADDED)
			task_init(&t[n++], "wait", d->recs[i]);
	if (doc_flag(d->spec, "wait", 0) && n > 0)
		rc = tasks_run(d, t, n, PARALLEL_MAX, deadline, err);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0 && t[i].st == TASK_FAILED) {
			err_move(err, &t[i].err);
			rc = -1;
		}
		task_release(&t[i]);
	}
	free(t);
	return rc;
}

int
records_wait(struct dns *d, struct err *err)
{
	const char *how = doc_str(d->config, "dns_propagation");
	int given;
	long seconds = propagation_seconds(d, &given);

	if (provider_wait(d, err) == -1)
		return -1;
	if (how != NULL && strcmp(how, "check") != 0)
		return sleep_for(d, strtol(how, NULL, 10), err);
	if (given && how == NULL)
		return sleep_for(d, seconds, err);
	if (seconds == 0)
		return 0;
	return check(d, seconds, err);
}
