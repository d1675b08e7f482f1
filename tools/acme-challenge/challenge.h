/* challenge.h - the program's parts: what one run knows (struct challenge), and
 * what it does with one document (struct work). Documents go through as
 * vectors: all are performed, one wait, all answered, all polled, each cleaned
 * up and written as it is decided. */
#ifndef CHALLENGE_H
#define CHALLENGE_H

#include "acme/objects.h"
#include "base/stage.h"
#include "plugin/host.h"

struct challenge {
	struct stage st;
	/* options */
	jv patterns;	       /* --for: array */
	const char *preferred; /* --preferred-challenges */
	int debug, all, batch; /* --debug-challenges, --all, -n */
	long patience;	       /* --patience, seconds */
	jv given;	       /* plugin options that were given, by dest */
	jv types; /* of --preferred-challenges, full names; empty */
	/* state */
	struct acme *acme;
	struct net *net;	  /* for a plugin that uses the network */
	struct plugin_desc *desc; /* NULL for show, answer, deactivate */
	struct plugin *plugin;
	unsigned starts;       /* how many processes of it there were */
	int again;	       /* one has died under these documents */
	struct err plugin_err; /* why there is no plugin */
};

/* One authorization that this stage takes care of. */
struct todo {
	size_t authz; /* index in the work's authorizations */
	jv challenge; /* the server's object */
	jv sent;      /* what the plugin gets */
	int invalid;  /* the CA did not accept it */
};

struct work {
	jv doc;
	struct acme_session *session;
	EVP_PKEY *key; /* borrowed from the session */
	jv order;
	jv *authz;
	size_t n_authz;
	struct todo *todo;
	size_t n_todo;
	int more;      /* others after these ("single" plugins) */
	int performed; /* the plugin has it */
	unsigned by;   /* which of its processes: challenge.starts */
	int by_order;  /* poll the order, not each authorization */
	int polling;
	struct err err;
	int done; /* written; nothing else is valid then */
};

/* --- work.c ----------------------------------------------------------------- */

/* Take a document: its account's session, order and authorizations. err is set
 * in w when it cannot be used. Eats doc. */
void work_begin(struct challenge *c, struct work *w, jv doc TAKES);
/* Forget what is to be done but for the first n. */
void work_todo_release(struct work *w, size_t n);
/* Read again what is older than 60 s (and authorizations that the document
 * only names), in parallel for all. -1: nothing can go on. */
int works_refresh(struct challenge *c, struct work *works, size_t n,
    struct err *err);
/* Put order and authorizations back and write the document, with w->err or
 * without. */
void work_write(struct challenge *c, struct work *w);
/* Status of an authorization or order; "" when it has none. */
const char *status_of(jv object);
/* Is it still to be fulfilled? */
int is_open(jv authz);

/* --- choose.c --------------------------------------------------------------- */

/* Which challenges of w this stage fulfils: types are the plugin's (array of
 * arrays, one for each open authorization) or the same for all. Sets
 * w->todo, and w->err (noChallenge). With a plugin that can do one at a time
 * it is one, and w->more tells whether there are others. */
void work_choose(struct challenge *c, struct work *w);
/* keyAuthorization and validation added to a challenge. Eats it; none + err. */
jv challenge_complete(jv challenge TAKES, EVP_PKEY *key, struct err *err);
/* The --preferred-challenges list with full names; none and usage. */
jv preferred_types(const char *list, struct err *err);

/* --- host.c ------------------------------------------------------------------ */

/* Start the plugin, init, prepare; why not is kept in c->plugin_err. */
void host_start(struct challenge *c);
/* Start one process of it, init, prepare. */
int host_open(struct challenge *c, struct err *err);
/* plugin_stop; what it has learned is among the options from now on. */
int host_close(struct challenge *c, struct err *err);
/* The challenges of w as the plugin has got them; array. */
jv host_sent(const struct work *w, int only_invalid);

/* --- left.c ------------------------------------------------------------------ */

/* The process that performed w has died: another one removes what it has left.
 * Where that cannot be, either, the error log says what is left where. */
void left_remove(struct challenge *c, struct work *w);
/* The same for all that is still in place and not the living process's. */
void left_remove_all(struct challenge *c, struct work *works, size_t n);

/* --- perform.c ---------------------------------------------------------------- */

/* Perform each document's challenges, wait once. Documents' own failures are
 * in their err. -1: a signal or the like. */
int works_perform(struct challenge *c, struct work *works, size_t n,
    struct err *err);
/* Clean up one document's challenges; its hint is added to w->err. */
void work_cleanup(struct challenge *c, struct work *w);

/* --- pause.c ------------------------------------------------------------------ */

/* The pause before the answers. -1: a signal or the like. */
int works_pause(struct challenge *c, const struct work *works, size_t n,
    struct err *err);

/* --- validate.c --------------------------------------------------------------- */

/* Called when a document is decided (its err says how). */
typedef void decided_fn(struct challenge *c, struct work *w);

/* Answer all that is to do, poll until all is decided or the time has passed;
 * fn for each document then. -1: a signal or the like, the rest is undecided. */
int works_validate(struct challenge *c, struct work *works, size_t n,
    decided_fn *fn, struct err *err);

/* --- report.c ------------------------------------------------------------------ */

/* Set w->err to validationFailed: failed and valid names, subproblems. */
void report_failure(struct challenge *c, struct work *w);

/* --- save.c -------------------------------------------------------------------- */

/* What a renewal needs to do the same: renewalparams, or with --for an entry of
 * acmeTools. Eats doc, returns it. */
jv save_options(struct challenge *c, jv doc TAKES);

/* --- verbs ---------------------------------------------------------------------- */
stage_vector_fn run_plugin, run_answer, run_show, run_deactivate;
int run_check(struct challenge *c);

/* --- options.c ------------------------------------------------------------------- */

/* The plugin or verb among argv, before options are known; NULL. */
const char *options_verb(int argc, char *const argv[]);
/* stage_begin with the options of c->desc, too. Then c->given is filled and
 * c->types. 0, or 1 to end. */
int options_begin(struct challenge *c, int argc, char *argv[]);
void options_release(void);

#endif
