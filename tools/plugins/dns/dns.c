/* dns - the plugin behind every link dns-NAME. */
#include "dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"

static int
dns_init(struct guest *g, void *ctx, jv config, struct err *err)
{
	struct dns *d = ctx;
	const char *how = doc_str(config, "dns_propagation");

	d->g = g;
	doc_move(&d->config, doc_copy(config));
	if (how != NULL && strcmp(how, "check") != 0 &&
	    (*how == '\0' || strspn(how, "0123456789") != strlen(how)))
		return err_set(err, ERR_usage,
		    "argument --dns-propagation: '%s' is neither check nor a "
		    "number of seconds",
		    how);
	return 0;
}

/* What only the provider file knows of its credentials. */
static int
check_credentials(struct dns *d, struct err *err)
{
	struct task t;

	if (!d->loaded || !doc_flag(d->spec, "check", 0))
		return 0;
	task_init(&t, "check", NULL);
	if (tasks_run(d, &t, 1, 1, clock_ms() + 60000, err) == 0 &&
	    t.st == TASK_FAILED)
		err_set(err, ERR_misconfigured, "%s", err_text(&t.err));
	task_release(&t);
	return err_is_set(err) ? -1 : 0;
}

static int
dns_prepare(struct guest *g, void *ctx, struct err *err)
{
	struct dns *d = ctx;
	const char *gone = spec_text(d, "gone");

	d->g = g;
	if (gone != NULL)
		return err_set(err, ERR_misconfigured, "%s", gone);
	/* Not given: many are asked this only to be listed, so be quick. */
	if (settings_load(d, 0, err) == 0 &&
	    (!d->loaded ||
		(program_load(d, err) == 0 && check_credentials(d, err) == 0)))
		return 0;
	settings_warn(d);
	return -1;
}

static int
dns_perform(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	struct dns *d = ctx;
	jv challenge = doc_at(all, i);
	struct rec *r;
	int rc = 0;

	d->g = g;
	/* The first is asked for all: they are added side by side. */
	if (i == 0 &&
	    (settings_load(d, 1, err) == -1 || program_load(d, err) == -1 ||
		check_credentials(d, err) == -1 ||
		records_add(d, all, err) == -1))
		rc = -1;
	r = rc == 0 ? records_find(d, challenge) : NULL;
	if (r != NULL && err_is_set(&r->err)) {
		err_move(err, &r->err);
		rc = -1;
	}
	doc_free(challenge);
	return rc;
}

static int
dns_wait(struct guest *g, void *ctx, struct err *err)
{
	struct dns *d = ctx;

	d->g = g;
	return records_wait(d, err);
}

static int
dns_cleanup(struct guest *g, void *ctx, jv challenge, int last, struct err *err)
{
	struct dns *d = ctx;
	struct rec *r = records_find(d, challenge);

	(void)last;
	d->g = g;
	return r == NULL ? 0 : record_remove(d, r, err);
}

static int
dns_cleanup_left(struct guest *g, void *ctx, jv all, size_t i, struct err *err)
{
	struct dns *d = ctx;
	jv challenge = doc_at(all, i);
	int rc = 0;

	d->g = g;
	if (settings_load(d, 1, err) == -1 || program_load(d, err) == -1 ||
	    record_remove_left(d, challenge, err) == -1)
		rc = -1;
	doc_free(challenge);
	return rc;
}

static char *
dns_hint(struct guest *g, void *ctx, jv failed)
{
	struct dns *d = ctx;
	const char *own = spec_text(d, "hint");
	int given;
	long seconds = propagation_seconds(d, &given);

	(void)g;
	(void)failed;
	if (own != NULL)
		return xstrdup(own);
	return xasprintf(
	    "The Certificate Authority failed to verify the DNS TXT records "
	    "created by --%s. Ensure the above domains are hosted by this DNS "
	    "provider, or try increasing --%s-propagation-seconds (currently "
	    "%ld second%s).",
	    d->name, d->name, seconds, seconds == 1 ? "" : "s");
}

/* Records that no challenge was remembered for, and the session. */
static void
dns_end(struct guest *g, void *ctx)
{
	struct dns *d = ctx;
	struct err err = {0};
	struct task t;

	d->g = g;
	for (size_t i = 0; i < d->n_recs; i++) {
		if (record_remove(d, d->recs[i], &err) == -1)
			fprintf(stderr, "%s\n", err_text(&err));
		err_clear(&err);
	}
	if (doc_flag(d->spec, "logout", 0) && !doc_is(d->session, DOC_NULL)) {
		d->cleaning = 1;
		task_init(&t, "logout", NULL);
		(void)tasks_run(d, &t, 1, 1, clock_ms() + 10000, &err);
		task_release(&t);
		err_clear(&err);
	}
}

int
main(int argc, char *argv[])
{
	static const struct guest_ops ops = {.init = dns_init,
	    .prepare = dns_prepare,
	    .perform = dns_perform,
	    .wait = dns_wait,
	    .cleanup = dns_cleanup,
	    .cleanup_left = dns_cleanup_left,
	    .hint = dns_hint,
	    .end = dns_end};
	struct dns d = {0};
	struct err err = {0};
	int status;

	if (settings_begin(&d, argv[0], &err) == -1) {
		fprintf(stderr, "%s: %s\n", d.name, err_text(&err));
		status = err_exit_status(&err);
		err_clear(&err);
	} else {
		status = guest_main(argc, argv, &ops, &d);
	}
	jq_child_free(d.program);
	net_close(d.net);
	records_release(&d);
	settings_release(&d);
	return status;
}
