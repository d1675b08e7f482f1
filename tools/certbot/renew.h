/* renew.h - a run of renew: which lineages there are, and what became of each
 * (spec 6). */
#ifndef CERTBOT_RENEW_H
#define CERTBOT_RENEW_H

#include "config.h"
#include "issue.h"
#include "screen.h"

struct job; /* a lineage that is due */

enum item_state {
	ITEM_OPEN, /* not decided yet, or broken off */
	ITEM_SKIPPED,
	ITEM_RENEWED,
	ITEM_FAILED,
	ITEM_BROKEN /* its file cannot be used */
};

/* A lineage, in the order of the files. Thousands of them are not due: small. */
struct item {
	enum item_state state;
	char *conf, *name, *chain; /* paths and name */
	char *end;		   /* "2031-11-23" */
	struct page page;
	struct job *job; /* NULL: nothing is to be done */
	jv names;	 /* of the certificate, once it was due */
};

struct renew {
	struct config *config;
	struct item **items;
	size_t n, cap;
	size_t head; /* the first whose output is not complete */
	int slept;
};

/* Join what a lineage has saved to c, a copy of the run's configuration; doc
 * (borrowed) is what certstore says of it, conf its file. -1: said in the words
 * of spec 6.2, and why. */
int renew_load(jv doc, const char *conf, struct config *c, struct err *why);

/* --- renew_items.c ------------------------------------------------------- */

/* A further lineage; its output is shown at once when it is its turn. */
struct item *renew_add(struct renew *r, jv doc);
/* What became of it. doc (borrowed): what is known of the certificate; why
 * (may be NULL): how it failed. With --json that is a line of output. */
void renew_end(struct renew *r, struct item *it, enum item_state state, jv doc,
    const struct err *why);
size_t renew_count(const struct renew *r, enum item_state state);
/* Names of all lineages that ended so, in the order of the files; owned. */
jv renew_names(const struct renew *r, enum item_state state);
/* The closing report (spec 6.4). */
void renew_summary(const struct renew *r);
void renew_release(struct renew *r);

/* --- renew_job.c ------------------------------------------------------------- */

enum job_state { JOB_WAITS, JOB_ISSUES, JOB_ENDS, JOB_ENDED };

struct job {
	struct renew *r;
	struct item *item;
	enum job_state state;
	int alone;	 /* runs after the others */
	int unsure;	 /* its responder is to be asked */
	int updates;	 /* it is kept, and its installer is to be asked */
	struct config c; /* the run's, with what the lineage has saved */
	jv doc;		 /* what certstore says of it */
	jv planned;	 /* with its plan */
	struct issue is;
	const char *reuse; /* key to use again, borrowed from planned */
	struct err err;
};

/* Make one: c and doc are moved. */
void job_new(struct renew *r, struct item *it, struct config *c, jv doc TAKES);
/* It is not due after all; forgotten. */
void job_drop(struct job *j);
/* Decide under the lock and begin: JOB_ISSUES while its pass runs, else it has
 * ended. */
void job_begin(struct job *j);
/* Its pass has ended: another one, or the hooks (JOB_ENDS), then the end. */
void job_turn(struct job *j);
void job_free(struct job *j);

/* --- renew_update.c ---------------------------------------------------------- */

/* c with the plugins that its options name, which are tried later; named is to
 * be released in any case. */
int renew_plugins(const struct config *c, struct config *named);
/* Has a lineage with these options an installer that is to be asked? */
int renew_updates_wanted(const struct config *c);
/* Ask those of all jobs that wait for it, and end them. */
void renew_update(struct renew *r);
/* The same for one. */
int renew_updated(const struct config *c, jv doc, struct err *err);
/* After the deploy hooks of a renewal: the installer's steps, a reload. */
int renew_installed(const struct config *c, jv doc, struct err *err);

/* --- renew_run.c ------------------------------------------------------------- */

/* All that are due, --jobs of them side by side. */
void renew_run(struct renew *r);

/* Which lineages run after the others, one by one: those with a pre hook of their
 * own, or whose plugins need what another's need alone. */
struct renew_needs {
	jv each;   /* array: words, or true for a pre hook of its own */
	jv shared; /* object: is the word another one's, too? */
};
void renew_needs_init(struct renew_needs *needs);
/* One more: its options, and what certstore says of it (borrowed). */
void renew_needs_add(struct renew_needs *needs, const struct config *c, jv doc);
/* Does the i-th of them? */
int renew_needs_alone(const struct renew_needs *needs, size_t i);
void renew_needs_release(struct renew_needs *needs);

#endif
