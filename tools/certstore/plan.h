/* plan.h - certbot's decision (spec/core-behaviour.md 4): new, renew or keep,
 * or which question a person has to answer. Knows no files. */
#ifndef CERTSTORE_PLAN_H
#define CERTSTORE_PLAN_H

#include <stdint.h>

enum plan_rule { MATCH_NONE, MATCH_IDENTICAL, MATCH_SUBSET, MATCH_NAME };

struct plan_options {
	const char *key_type; /* --key-type, NULL when not given */
	int cert_name;	      /* --cert-name was given */
	int expand, force, keep, new_names, dry_run, break_certs, ask;
	int change_key, keep_key; /* answers to the key's question */
};

struct plan_facts {
	enum plan_rule rule;
	const char *old_type;	 /* "rsa" or "ecdsa": of the live key */
	const char *wanted_type; /* of the request: option or default */
	int pending;		 /* a newer version waits for its links */
	int due;
};

enum plan_answer {
	PLAN_NEW,
	PLAN_RENEW,
	PLAN_KEEP,
	PLAN_ASK_SAME,	 /* sameNames */
	PLAN_ASK_NAMES,	 /* changedNames */
	PLAN_ASK_EXPAND, /* expand */
	PLAN_ASK_KEY,	 /* keyType: certbot's question Q */
	PLAN_KEY_ERROR	 /* keyType: certbot's error E1 */
};

enum plan_reason {
	WHY_NONE_MATCHES,
	WHY_NEW_NAMES,
	WHY_EXPANDED,
	WHY_PENDING,
	WHY_KEY_TYPE,
	WHY_FORCED,
	WHY_DUE,
	WHY_DRY_RUN,
	WHY_NOT_DUE
};

struct plan_result {
	enum plan_answer answer;
	enum plan_reason why;
	int keep_type; /* the lineage's key type is used for this run */
};

/* The decision table. */
struct plan_result plan_decide(const struct plan_options *o,
    const struct plan_facts *f);

/* --- when is a certificate due (spec 4.6; section 10) -------------------- */

struct due_facts {
	int autorenew; /* 0: never */
	int revoked;
	int64_t not_before, not_after, now;
	const char *interval; /* renew_before_expiry, NULL when absent */
};

/* 1 or 0. *from (may be NULL) becomes the moment from which it is due. */
int plan_due(const struct due_facts *f, int64_t *from);

/* t plus sign (1 or -1) times an interval of certbot's grammar ("30 days", "2
 * weeks", "1 month", digits alone are days). Text that is not understood: t. */
int64_t interval_add(int64_t t, const char *interval, int sign);

/* Is it a test server by certbot's rule (spec 4.7)? NULL is not. */
int plan_test_server(const char *server);

#endif
