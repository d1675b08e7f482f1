/* renew_job.c - one due lineage: decided again under the lock, then through the
 * stages, its hooks, its end. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "account.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "decide.h"
#include "hooks.h"
#include "problem.h"
#include "pump.h"
#include "renew.h"
#include "report.h"
#include "select.h"
#include "steps.h"

static const char logger[] = "certbot._internal.renewal";

void
job_new(struct renew *r, struct item *it, struct config *c, jv doc)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->r = r;
	j->item = it;
	j->c = *c;
	j->doc = doc;
	j->planned = doc_none();
	it->job = j;
	it->names = doc_find(doc, "certificate", "names", NULL);
}

/* Once per run, before the first renewal, unless a person waits (6.3). */
static void
random_sleep(struct renew *r)
{
	uint32_t random;
	double seconds;
	int none = -1;

	if (r->slept || isatty(STDIN_FILENO) ||
	    !config_flag(r->config, "random_sleep_on_renew"))
		return;
	r->slept = 1;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return;
	seconds = 1 + 479.0 * ((double)random / 4294967296.0);
	log_info(logger,
	    "Non-interactive renewal: random delay of %.14g seconds", seconds);
	wait_readable(&none, 1, (long)(seconds * 1000));
}

/* certstore's decision for the one lineage. Another key type is no reason to
 * renew here (spec 4.5), so it is asked with the lineage's own. A version that
 * was only put in place is looked at again: is it due (spec 6.1 b, c)? */
static jv
plan(struct config *c, jv doc, struct err *err)
{
	jv names = doc_find(doc, "certificate", "names", NULL);
	jv type = doc_find(doc, "certificate", "keyType", NULL);
	jv request = request_document(c, names), in, args, out;
	struct config same;

	config_put(c, "certname", doc_find(doc, "lineage", "name", NULL));
	config_copy(&same, c);
	config_put(&same, "key_type", type);
	same.set = doc_del(doc_take(&same.set), "key_type");
	in = doc_merge(doc_del(doc_copy(doc), "plan"),
	    request_document(&same, names));
	args = doc_push_str(step_plan(&same), "--break-my-certs");
	args = doc_push_str(args, "-");
	out = pump_stage(doc_copy(args), in, err);
	if (!err_is_set(err) && decide_pending_fixed(out))
		out = pump_stage(doc_copy(args), out, err);
	doc_free(args);
	config_release(&same);
	doc_free(names);
	return doc_merge(out, request);
}

/* Everything before the order. 1: the pass runs. */
static int
start(struct job *j)
{
	struct config *c = &j->c;
	jv names = j->item->names, doc;
	int rc = pump_network(&j->err);

	if (rc == 0)
		rc = plugins_select(c, issue_needs_authenticator(j->planned), 0,
		    &j->err);
	/* the lineage's own server may not be this run's */
	doc = doc_set_str(doc_del(doc_copy(j->planned), "directory"), "server",
	    config_str(c, "server"));
	doc = rc == 0 ? account_ensure(c, doc, &j->err) : doc;
	if (rc != 0 || !doc_is(doc, DOC_OBJECT)) {
		doc_free(doc);
		return -1;
	}
	hooks_pre(c, 1);
	hooks_post_later(c);
	report_requesting(c, names, 1);
	rc = decide_guards(c, doc, &j->err);
	if (rc == 0)
		rc = decide_reuse(c, j->planned, &j->reuse, &j->err);
	if (rc == 0) {
		rc = issue_start(&j->is, c, doc_copy(doc),
		    doc_str_find(j->planned, "lineage", "name", NULL),
		    j->reuse);
		if (rc != 0)
			err_move(&j->err, &j->is.err);
	}
	doc_free(doc);
	return rc == 0 ? 1 : -1;
}

/* 1: the pass runs; 0: kept; -1: j->err. */
static int
decide_and_start(struct job *j)
{
	const char *action;

	doc_move(&j->planned, plan(&j->c, j->doc, &j->err));
	if (err_is_set(&j->err))
		return -1;
	action = doc_str_find(j->planned, "plan", "action", NULL);
	if (action != NULL && strcmp(action, "keep") == 0) {
		screen_status("Certificate not yet due for renewal");
		return 0;
	}
	random_sleep(j->r);
	if (signals_caught() != 0)
		return err_set(&j->err, ERR_interrupted, "interrupted");
	return start(j);
}

/* Its end; what is no longer needed goes. */
static void
end(struct job *j, enum item_state state, jv doc)
{
	j->state = JOB_ENDED;
	renew_end(j->r, j->item, state, doc, &j->err);
	issue_release(&j->is);
	config_release(&j->c);
	doc_free(doc_take(&j->doc));
	doc_free(doc_take(&j->planned));
}

static void
fail(struct job *j)
{
	char *text = problem_text(&j->err);

	log_error(logger, "Failed to renew certificate %s with error: %s",
	    j->item->name, text);
	free(text);
	end(j, ITEM_FAILED, j->planned);
}

void
job_begin(struct job *j)
{
	struct page *before = screen_page(&j->item->page);
	int rc = decide_and_start(j);

	if (rc == 0)
		rc = renew_updated(&j->c, j->planned, &j->err);
	if (rc == 1)
		j->state = JOB_ISSUES;
	else if (rc == 0)
		end(j, ITEM_SKIPPED, j->planned);
	else
		fail(j);
	screen_page(before);
}

/* The deploy hooks have run. What fails now counts, though the certificate is
 * there. */
static void
deployed(void *ctx)
{
	struct job *j = ctx;
	struct page *before = screen_page(&j->item->page);

	if (renew_installed(&j->c, j->is.doc, &j->err) == 0)
		end(j, ITEM_RENEWED, j->is.doc);
	else
		fail(j);
	screen_page(before);
}

void
job_turn(struct job *j)
{
	struct page *before = screen_page(&j->item->page);
	jv names;

	pass_wait(&j->is.pass);
	if (issue_turn(&j->is)) {
		screen_page(before);
		return;
	}
	if (err_is_set(&j->is.err)) {
		err_move(&j->err, &j->is.err);
		fail(j);
	} else {
		j->state = JOB_ENDS;
		/* they may have become fewer */
		names = doc_find(j->is.doc, "request", "names", NULL);
		hooks_deploy_later(&j->c, 1,
		    doc_str_find(j->planned, "lineage", "path", NULL), names,
		    deployed, j);
		doc_free(names);
	}
	screen_page(before);
}

void
job_drop(struct job *j)
{
	j->item->job = NULL;
	job_free(j);
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	if (j->state != JOB_ENDED) {
		issue_release(&j->is);
		config_release(&j->c);
		doc_free(j->doc);
		doc_free(j->planned);
	}
	err_clear(&j->err);
	free(j);
}
