#include <stdlib.h>

#include "certstore.h"
#include "crypto/cert.h"

/* What is to be done with an existing lineage for its own names. A newer
 * version that waits for its links is put in place under the lock only: by
 * plan. */
static enum plan_reason
reason_of(const struct certstore *t, int due)
{
	return t->plan.force ? WHY_FORCED :
	    due		     ? WHY_DUE :
	    t->plan.dry_run  ? WHY_DRY_RUN :
			       WHY_NOT_DUE;
}

static jv
plan_of(const struct lineage *l, enum plan_reason why, int due, int64_t from)
{
	int keep = why == WHY_NOT_DUE || why == WHY_PENDING;
	char *text = plan_why_text(why, 0, from);
	jv plan = doc_set_str(doc_object(), "action", keep ? "keep" : "renew");

	plan = doc_set_str(plan, "lineage", l->conf.name);
	plan = doc_set_str(plan, "why", text);
	plan = doc_set_flag(plan, "due", due);
	if (why == WHY_PENDING)
		plan = doc_set_flag(plan, "pending", 1);
	free(text);
	return plan;
}

/* The key is looked at where one is to be made: that takes longer than all the
 * rest. */
static int
look(struct certstore *t, const struct lineage *l, const struct buf *pem,
    jv *doc, struct err *err)
{
	const char *text = pem->p ? pem->p : "";
	jv info = cert_info_brief(text, pem->len, err), params;
	enum plan_reason why;
	int64_t from = 0;
	int due;

	if (doc_is(info, DOC_NONE))
		return lineage_fill(l, info, doc, err);
	params = renewal_params(&l->conf);
	due = lineage_due(l, info, params, 0, &from);
	doc_free(params);
	why = lineage_pending(l, NULL) ? WHY_PENDING : reason_of(t, due);
	if (why != WHY_NOT_DUE)
		doc_move(&info, cert_info(text, pem->len, err));
	if (lineage_fill(l, info, doc, err) < 0)
		return -1;
	*doc = doc_set(*doc, "plan", plan_of(l, why, due, from));
	return 0;
}

int
due_lineage(struct certstore *t, const char *name, jv *doc, struct err *err)
{
	struct lineage l;
	struct lineage_texts texts;
	int rc = lineage_snapshot(&l, &texts, 1u << KIND_CERT, t->config_dir,
	    name, err);

	if (rc == 0)
		rc = look(t, &l, &texts.text[KIND_CERT], doc, err);
	lineage_texts_release(&texts);
	lineage_release(&l);
	return rc;
}
