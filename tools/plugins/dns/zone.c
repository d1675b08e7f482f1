/* Which zone a record belongs to. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns.h"
#include "lookup.h"

/* Array of a name's suffixes, longest first. */
static jv
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

/* Is the record's own name a zone (a delegated _acme-challenge)? Its SOA record
 * tells; where nobody can be asked it is none, as for certbot. */
static int
is_zone(struct dns *d, const char *fqdn)
{
	jv servers, answer, found;
	struct err err = {0};
	int is;

	if (doc_flag(d->config, "dns_no_alias", 0))
		return 0;
	servers = resolvers(doc_str(d->config, "dns_resolvers"));
	answer = resolve(servers, fqdn, "SOA", &d->deaf, &err);
	found = lookup_data(answer, fqdn, "SOA");
	is = doc_len(found) > 0;
	doc_free(found);
	doc_free(answer);
	doc_free(servers);
	err_clear(&err);
	return is;
}

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
		all = name_guesses(
		    moved || (from == NULL && is_zone(d, r->fqdn)) ? r->fqdn :
								     r->domain,
		    0);
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
	char *text, *clean;
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
	clean = redact(d, text); /* the refusal is the provider's text */
	err_set(&r->err, ERR_misconfigured, "%s", clean);
	free(text);
	free(clean);
	free(confirm);
	buf_release(&b);
}

/* Moves the task's error to its record, with what was being done. */
void
record_failed(struct task *t, const char *prefix)
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
			record_failed(&t[i], what);
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

size_t
parallel_tasks(const struct dns *d)
{
	return (size_t)spec_number(d, "parallel", PARALLEL_MAX);
}

int
zones_find(struct dns *d, struct rec **recs, size_t n, int64_t deadline,
    struct err *err)
{
	struct task *t = xcalloc(n + 1, sizeof(*t));
	size_t m = 0;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < m && strcmp(t[k].rec->fqdn, recs[i]->fqdn) != 0)
			k++;
		if (k < m || doc_is(recs[i]->zone, DOC_OBJECT) ||
		    err_is_set(&recs[i]->err))
			continue;
		task_init(&t[m], "find", recs[i]);
		doc_move(&t[m].guesses, guesses_of(d, recs[i]));
		m++;
	}
	/* The first alone: what it keeps saves calls of the others. */
	if (m > 0)
		rc = tasks_run(d, t, 1, 1, deadline, err);
	if (rc == 0 && m > 1)
		rc = tasks_run(d, t + 1, m - 1, parallel_tasks(d), deadline,
		    err);
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
