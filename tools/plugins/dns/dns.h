/* dns.h - the engine of the DNS providers: one executable behind the links
 * dns-NAME. What a provider is stands in its descriptor's member "dns" and in
 * providers/NAME.jq (certbot-dns-provider(7)); the engine makes requests, signs
 * them, waits, repeats, and remembers what was added. */
#ifndef DNS_H
#define DNS_H

#include "base/buf.h"
#include "base/jq.h"
#include "base/lock.h"
#include "net/client.h"
#include "plugin/guest.h"

enum {
	STEPS_MAX = 200,	    /* of one operation on one record */
	ANSWER_MAX = 4 << 20,	    /* bytes of a provider's answer */
	PERFORM_SECONDS = 300,	    /* to find zones and add records */
	CLEANUP_SECONDS = 120,	    /* to remove one record */
	CLEANUP_ENDED_SECONDS = 50, /* the same when the host is gone */
	PARALLEL_MAX = 10,
	LABELS_MAX = 128
};

enum rec_state { REC_NEW, REC_TRIED, REC_ADDED, REC_GONE };

/* One value at one name. */
struct rec {
	char *domain; /* the identifier, without "*." */
	char *fqdn;   /* where the record is written, without final dot */
	char *value;
	jv zone;  /* what the provider file said of the zone */
	jv added; /* its "done" of the operation "add" */
	enum rec_state state;
	struct lock slot; /* held while the name's only value is ours */
	struct err err;
};

struct dns {
	struct guest *g;
	char *name;    /* dns-cloudflare */
	jv desc, spec; /* the descriptor, and its member "dns" */
	jv config;
	char *dir;	     /* the plugin directory */
	char *base;	     /* the API's URL, without final slash */
	jv cred;	     /* all credentials, by key */
	jv shown;	     /* those that the provider file may see */
	jv secrets;	     /* array of texts that no message may have */
	jv session;	     /* "done" of "login"; null */
	int64_t session_end; /* time(2) after which it is made anew; 0 */
	int session_no;	     /* how many there were */
	struct task *login;  /* a login that others wait for; NULL */
	jv kept;	     /* what the provider file wants to remember */
	jv no_zone;	     /* guesses that are no zone: array */
	int loaded;	     /* credentials have been read */
	int warned;	     /* about their permissions */
	int cleaning;
	int deaf; /* no resolver answers */
	struct jq_child *program;
	struct net *net;
	struct rec **recs;
	size_t n_recs;
};

/* --- settings.c: the descriptor, and where the credentials are ----------------- */

/* The descriptor beside argv0. */
int settings_begin(struct dns *d, const char *argv0, struct err *err);
void settings_release(struct dns *d);
/* Read the credentials. With ask a person is asked for what is missing, and
 * warnings are given; without, a missing file is left for later. */
int settings_load(struct dns *d, int ask, struct err *err);
/* The warnings about a credentials file after all: it is bad, and no challenge
 * will come for which they wait. */
void settings_warn(struct dns *d);
/* A member of the descriptor's "dns" as text, number; borrowed. */
const char *spec_text(const struct dns *d, const char *key);
long spec_number(const struct dns *d, const char *key, long dflt);

/* --- credentials.c: certbot's INI file ------------------------------------------ */

/* Read the file into d->cred and d->shown (path NULL: there is none), with
 * warnings if warn. All that is missing is one error. */
int credentials_read(struct dns *d, const char *path, int warn,
    struct err *err);

/* --- registry.c: what a provider gave for each domain ------------------------------- */

/* Read the file of the credential whose row has "registry": its members are
 * credentials "DOMAIN/MEMBER"; those that "registry" lists the provider file
 * sees, as .cred.registry. */
int registry_read(struct dns *d, struct err *err);
/* Write more domains (borrowed object) into it. */
int registry_add(struct dns *d, jv more, struct err *err);

/* --- secret.c -------------------------------------------------------------------- */

/* A secret that messages and logs must not have. */
void secret_add(struct dns *d, const char *text);
/* Every text in v (but short ones) is a secret. */
void secret_add_all(struct dns *d, jv v);
/* text without secrets; malloc'd. */
char *redact(const struct dns *d, const char *text);
/* Through the host, redacted. */
void dns_log(struct dns *d, enum log_level level, enum log_show show,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* --- source.c: credentials that are no INI file of certbot's ------------------ */

/* The variables that the descriptor names in "environment" go to the provider
 * file, as .cred.env; "environment_files" names those that name a file, whose
 * content is a credential. */
void source_environment(struct dns *d);
/* "source" of the descriptor: aws, google, oci. Fills d->cred. */
int source_load(struct dns *d, const char *source, const char *path,
    struct err *err);

/* --- task.c: the loop -------------------------------------------------------- */

enum task_state {
	TASK_READY,
	TASK_NET,   /* a request is on its way */
	TASK_SLEEP, /* until */
	TASK_DONE,
	TASK_FAILED
};

/* One operation of the provider file. */
struct task {
	const char *op;
	struct rec *rec; /* NULL: login, logout, check */
	jv values;	 /* array, for add and remove */
	jv guesses;	 /* for find */
	size_t guess;
	jv state, last, request;
	jv result; /* "done" or "zone" */
	enum task_state st;
	int resend;	   /* after the sleep the request goes out again */
	int whole;	   /* the error says by itself what was being done */
	struct lock turn;  /* held while records are changed */
	int waited, alone; /* for the turn; there can be no lock */
	uint64_t id;
	int64_t until;
	int steps, tries;
	int session_no; /* of the request */
	int renewed;	/* a session ended already under it */
	struct err err;
	const struct task *after; /* begins when that one has ended */
};

void task_init(struct task *t, const char *op, struct rec *rec);
void task_release(struct task *t);
/* Run all, at most parallel at a time, until deadline (clock_ms). Failures are
 * in the tasks' err. -1 and err: nothing can go on (end of input). */
int tasks_run(struct dns *d, struct task *t, size_t n, size_t parallel,
    int64_t deadline, struct err *err);
/* Wait ms, or for acme-net: 0; -1 when the host is gone and we do not clean. */
int dns_pause(struct dns *d, long ms);

/* --- turn.c: one process at a time ------------------------------------------------- */

/* Before a step: 0 when the task may go on, with the lock of what it changes; -1
 * when another process has it (the task sleeps, or after the deadline fails). */
int turn_take(struct dns *d, struct task *t, int64_t deadline);
void turn_end(struct task *t);
/* With the model "slot": is the record's place ours (or is there no other
 * model's need of one)? */
int slot_is_ours(const struct dns *d, const struct rec *r);
/* The record is gone: its place is another record's of ours, or anybody's. */
void slot_leave(struct dns *d, struct rec *r);
/* Is this the descriptor's "model"? */
int model_is(const struct dns *d, const char *model);

/* --- program.c: the provider file's process -------------------------------------- */

/* Load the provider file; starts its process. */
int program_load(struct dns *d, struct err *err);
/* What the program is given for the task's next step; op is the task's, or
 * "error". */
jv program_input(struct dns *d, const struct task *t, const char *op);

/* --- step.c: one call of the provider file ---------------------------------------- */

/* Give the program its input and act on what it says: the task has another
 * state afterwards. */
void task_step(struct dns *d, struct task *t, int64_t deadline);
/* Run it for op: the output, null for none; none when the task has failed. */
jv task_run(struct dns *d, struct task *t, const char *op);
/* Act on an output (borrowed). */
void task_take(struct dns *d, struct task *t, jv out, int64_t deadline);
/* The task's end, redacted. */
void task_fail(struct dns *d, struct task *t, enum err_name name,
    const char *text);
/* Try the task's request again in a while, or fail with what. */
void task_retry(struct dns *d, struct task *t, long seconds, int64_t deadline,
    const char *what);

/* --- answer.c ---------------------------------------------------------------------- */

/* What came for a request. */
void task_answer(struct dns *d, struct task *t, struct net_answer *a,
    int64_t deadline);

/* --- send.c: requests ------------------------------------------------------------ */

struct http {
	char *method, *url; /* owned */
	jv headers;
	struct buf body;
};

/* Send the task's request. */
int task_send(struct dns *d, struct task *t, struct err *err);
/* The body of an answer as a value: JSON, XML or text. none and err. */
jv http_body(jv request, const struct net_answer *a, struct err *err);

/* --- values.c: secrets put in ------------------------------------------------------ */

/* Objects {"$secret":...}, {"$totp":...}, {"$jwt":...}, {"$join":...} in v
 * replaced by their texts. */
jv values_fill(struct dns *d, jv v TAKES, struct err *err);
/* "Bearer {api_token}" with credentials, or "session.NAME"; malloc'd; NULL and
 * err (missing credential). */
char *template_fill(struct dns *d, const char *text, struct err *err);
/* A credential or "session.x"; malloc'd; NULL when there is none. */
char *value_of(struct dns *d, const char *key);

/* --- session.c: logins --------------------------------------------------------------- */

/* Log in where the provider wants it and there is no session that still holds. */
int session_begin(struct dns *d, int64_t deadline, struct err *err);
/* The session has ended before its time: 1, the task begins anew after another
 * login; 0 when that would be of no use. */
int session_over(struct dns *d, struct task *t);
/* d->login has ended: go on, or with it fail the n tasks that wait. */
void session_settle(struct dns *d, struct task *t, size_t n);

/* --- zone.c: where records belong ----------------------------------------------------- */

/* Find the zones of n records side by side; those without one have their err. */
int zones_find(struct dns *d, struct rec **recs, size_t n, int64_t deadline,
    struct err *err);
/* How many tasks run side by side. */
size_t parallel_tasks(const struct dns *d);
/* Moves the task's error to its record, with what was being done. */
void record_failed(struct task *t, const char *prefix);

/* --- record.c: adding, removing ------------------------------------------------------- */

/* Add the values of all challenges (borrowed array). The records' err say what
 * failed. */
int records_add(struct dns *d, jv challenges, struct err *err);
/* The record of a challenge; NULL. */
struct rec *records_find(struct dns *d, jv challenge);
/* Remove one. */
int record_remove(struct dns *d, struct rec *r, struct err *err);
/* Remove the record of a challenge that another process of ours has added, by
 * name and value; it may be there or not. */
int record_remove_left(struct dns *d, jv challenge, struct err *err);
void records_release(struct dns *d);

/* --- wait.c: until the records can be seen --------------------------------------------- */

int records_wait(struct dns *d, struct err *err);
/* The seconds that count, and whether they were given. */
long propagation_seconds(const struct dns *d, int *given);

/* --- exec.c ---------------------------------------------------------------------------- */

/* {"run":["program","arg",...]}: last is {"status","text"}. */
jv run_program(struct dns *d, jv argv, struct err *err);

#endif
