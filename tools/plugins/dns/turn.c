/* Whose turn it is: record sets and zones that are read, changed and written
 * back, by one process at a time; and names that have room for one value, which
 * is one process's from adding it to removing it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/proc.h"
#include "dns.h"
#include "encode.h"

enum { TURN_MS = 100, NAME_BYTES_MAX = 200 };

int
model_is(const struct dns *d, const char *model)
{
	const char *own = spec_text(d, "model");

	return own != NULL && strcmp(own, model) == 0;
}

/* What the task reads and writes back: a zone's or a record set's name; NULL:
 * nothing. */
static const char *
subject(const struct dns *d, const struct task *t)
{
	if (t->rec == NULL ||
	    (strcmp(t->op, "add") != 0 && strcmp(t->op, "remove") != 0))
		return NULL;
	if (model_is(d, "zone") || model_is(d, "slot"))
		return doc_str(t->rec->zone, "name");
	return model_is(d, "rrset") ? t->rec->fqdn : NULL;
}

/* WORK/.dns-gandi-_acme-challenge.example.com.lock; NULL without a WORK. A name
 * may come from an answer, so that none of its bytes is trusted. */
static char *
lock_file(const struct dns *d, const char *name)
{
	const char *work = guest_dir(d->g, "work");
	char *small = xstrdup(name), *safe, *file;

	if (work == NULL) {
		free(small);
		return NULL;
	}
	for (char *p = small; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	safe = strlen(small) <= NAME_BYTES_MAX / 3 ?
	    percent_encode(small, 0) :
	    hash_hex("SHA256", small, strlen(small));
	file = xasprintf("%s/.%s-%s.lock", work, d->name, safe);
	free(small);
	free(safe);
	return file;
}

static void
not_yet(struct dns *d, struct task *t, const char *name, const char *why,
    int64_t deadline)
{
	if (clock_ms() >= deadline) {
		char *text = xasprintf(model_is(d, "slot") ?
			"another process needs the only record of %s all the "
			"time: %s" :
			"another process changes the records of %s all the "
			"time: %s",
		    name, why);
		task_fail(d, t, ERR_retryLater, text);
		free(text);
		return;
	}
	if (!t->waited)
		dns_log(d, LOG_INFO, SHOW_LOG,
		    model_is(d, "slot") ?
			"Waiting until another process has done with the "
			"records of %s" :
			"Waiting until another process has changed the "
			"records of %s",
		    name);
	t->waited = 1;
	t->until = clock_ms() + TURN_MS;
	t->st = TASK_SLEEP;
}

/* The record of ours that holds the place of this zone; NULL. */
static struct rec *
holder(const struct dns *d, jv zone)
{
	const char *name = doc_str(zone, "name"), *its;

	for (size_t i = 0; name != NULL && i < d->n_recs; i++) {
		its = doc_str(d->recs[i]->zone, "name");
		if (d->recs[i]->slot.fd != -1 && its != NULL &&
		    strcasecmp(its, name) == 0)
			return d->recs[i];
	}
	return NULL;
}

int
slot_is_ours(const struct dns *d, const struct rec *r)
{
	return !model_is(d, "slot") || guest_dir(d->g, "work") == NULL ||
	    holder(d, r->zone) != NULL;
}

void
slot_leave(struct dns *d, struct rec *r)
{
	const char *name = doc_str(r->zone, "name"), *its;

	for (size_t i = 0; r->slot.fd != -1 && i < d->n_recs; i++) {
		struct rec *o = d->recs[i];

		its = doc_str(o->zone, "name");
		if (o == r ||
		    (o->state != REC_TRIED && o->state != REC_ADDED) ||
		    its == NULL || strcasecmp(its, name) != 0)
			continue;
		o->slot = r->slot;
		r->slot = (struct lock)LOCK_INIT;
	}
	lock_release(&r->slot);
}

int
turn_take(struct dns *d, struct task *t, int64_t deadline)
{
	const char *name = subject(d, t);
	int slot = model_is(d, "slot");
	struct err err = {0};
	struct lock *lock;
	char *file;
	int rc = 0;

	if (name == NULL || t->turn.fd != -1 || t->alone ||
	    (slot && holder(d, t->rec->zone) != NULL))
		return 0;
	lock = slot && strcmp(t->op, "add") == 0 ? &t->rec->slot : &t->turn;
	file = lock_file(d, name);
	if (file != NULL && lock_try_private(lock, file, &err) == -1) {
		if (err.name == ERR_locked) {
			not_yet(d, t, name, err_text(&err), deadline);
			rc = -1;
		} else { /* no such directory: nobody else's, either */
			dns_log(d, LOG_DEBUG, SHOW_LOG,
			    "The records of %s are changed without a lock: %s",
			    name, err_text(&err));
			t->alone = 1;
		}
	}
	err_clear(&err);
	free(file);
	return rc;
}

void
turn_end(struct task *t)
{
	lock_release(&t->turn);
}
