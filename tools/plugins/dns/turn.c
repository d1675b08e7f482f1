/* Whose turn it is: record sets and zones that are read, changed and written
 * back, by one process at a time. */
#include <stdlib.h>
#include <string.h>

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
	if (model_is(d, "zone"))
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
		char *text = xasprintf("another process changes the records of "
				       "%s all the time: %s",
		    name, why);
		task_fail(d, t, ERR_retryLater, text);
		free(text);
		return;
	}
	if (!t->waited)
		dns_log(d, LOG_INFO, SHOW_LOG,
		    "Waiting until another process has changed the records of "
		    "%s",
		    name);
	t->waited = 1;
	t->until = clock_ms() + TURN_MS;
	t->st = TASK_SLEEP;
}

int
turn_take(struct dns *d, struct task *t, int64_t deadline)
{
	const char *name = subject(d, t);
	struct err err = {0};
	char *file;
	int rc = 0;

	if (name == NULL || t->turn.fd != -1 || t->alone)
		return 0;
	file = lock_file(d, name);
	if (file != NULL && lock_try_private(&t->turn, file, &err) == -1) {
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
