/* issue.h - rows 5 to 8 of the design's walk: order, challenge, finalize, save,
 * for one lineage. */
#ifndef CERTBOT_ISSUE_H
#define CERTBOT_ISSUE_H

#include "config.h"
#include "pending.h"
#include "pump.h"

struct issue {
	struct config *config; /* borrowed: the lineage's own */
	jv doc;		   /* with request, account, plan; then the result */
	char *name;	   /* lineage that the plan means */
	const char *reuse; /* key to take again, or NULL; borrowed */
	struct pending pending;
	struct pass pass;
	int probing;	 /* a dry run's first look at the authorizations */
	int fresh;	 /* it found valid ones: deactivate them, order anew */
	int withdrawing; /* its end: what it has validated is deactivated */
	struct err err;
};

/* Is a stage of the authenticator needed, or do stages saved with --for take
 * every name? */
int issue_needs_authenticator(jv doc);

/* doc with the renewalparams that certbot would save, instead of what the stages
 * have added: they do not know which options a person has given. */
jv issue_with_params(const struct config *c, jv doc TAKES);
/* The renewalparams of doc (borrowed) that are options which c has no value of: a
 * person told them to a stage's plugin, and a renewal needs them. Owned. */
jv issue_learned(const struct config *c, jv doc);
/* The same as issue_with_params after a step, with what a person told a stage's plugin instead of
 * giving an option: a renewal cannot ask. */
jv issue_with_learned(const struct issue *is, size_t step, jv doc TAKES);

/* The challenge stages for doc (borrowed): those saved with --for, then the
 * authenticator's for what they leave over. Array of argument vectors, owned. */
jv issue_challenge_steps(const struct config *c, jv doc);

/* Begin: eats doc. The pass is ready for pass_wait. */
int issue_start(struct issue *is, struct config *c, jv doc TAKES,
    const char *lineage, const char *reuse);
/* The pass has ended. 1: another pass was started (fewer names); 0: done,
 * is->doc is the result or is->err set. */
int issue_turn(struct issue *is);
/* Both, to the end. */
int issue_run(struct issue *is);
void issue_release(struct issue *is);

#endif
