/* stage.h - what all stages share: the common options, and the loop that takes
 * documents from standard input as vectors and writes each one out when it is
 * decided (design, section 1). Knows documents and errors, nothing of ACME.
 *
 * A stage is:
 *	int main(argc, argv) {
 *		struct stage st = { .name = "acme-order", .usage = {...},
 *			.options = order_options };
 *		if (stage_begin(&st, argc, argv)) return stage_end(&st);
 *		... stage_run(&st, vector, ctx) or stage_emit(...) ...
 *		return stage_end(&st);
 *	}
 */
#ifndef BASE_STAGE_H
#define BASE_STAGE_H

#include "base/doc.h"
#include "base/opts.h"
#include "base/times.h"

struct stage {
	/* filled by the caller */
	const char *name;
	struct opts_usage usage;
	const struct opt *options; /* the stage's own; may be NULL */
	/* the common options, filled by stage_begin */
	const char *server;	 /* --server, else ACME_SERVER, else NULL */
	const char *account_dir; /* absolute, or NULL */
	const char *ca_bundle;	 /* --ca-bundle, else the environment's */
	int no_verify_ssl;
	long timeout;		/* --timeout, seconds; 90 unless given */
	const char *user_agent; /* --user-agent, or NULL */
	int verbose, quiet;
	const char *trace; /* --trace FILE, or NULL */
	int again;	   /* --again */
	const char *config_dir, *work_dir, *logs_dir; /* where declared */
	jv rest; /* operands: [0] is the subcommand */
	/* state */
	int status; /* the batch's exit status so far */
	size_t emitted;
	int finished;	/* -h, --version or a usage error: just end */
	int broken;	/* standard output takes no more (74) */
	char *owned[6]; /* paths above that were made absolute */
};

/* Options, log, SIGPIPE, umask kept. 0 to go on; 1 when the program should
 * only return stage_end() (help, version, or a usage error: reported as a
 * sentence on standard error and as a document with the error on standard
 * output). */
int stage_begin(struct stage *st, int argc, char *argv[]);

/* The subcommand (rest[0]) or "" */
const char *stage_verb(const struct stage *st);
/* Did the caller give "-" (read documents) as operand? */
int stage_reads(const struct stage *st);

/* Handle n documents (at most VECTOR_MAX) that have neither "error" (or it
 * was moved to earlierErrors by --again) nor plan.action "keep". The callee
 * eats every docs[i] and must stage_emit or stage_fail each exactly once. */
typedef void stage_vector_fn(void *ctx, struct stage *st, jv *docs TAKES,
    size_t n);

enum { STAGE_KEEP_TOO = 1 }; /* documents with plan.action keep come, too */

/* Read standard input to its end. A terminal is refused (usage). Lines that
 * are no documents, documents with "error", and "keep" documents are dealt
 * with here. No document at all: noDocument. All documents that are there
 * (poll) make one vector. Returns when the input has ended. After a caught
 * signal the rest of the input is not read. */
void stage_run(struct stage *st, unsigned flags, stage_vector_fn *fn,
    void *ctx);

/* Write the document on standard output, at once, as one line. A failed write
 * is said once; nothing more is written or read then and stage_end returns
 * 74. A document with "error" counts with its exit status. Eats doc. */
void stage_emit(struct stage *st, jv doc TAKES);
/* Write a line (without its newline) of a document as it came, counting this
 * exit status of the error in it. */
void stage_pass(struct stage *st, const char *line, size_t len, int status);
/* Add err as the document's "error" (stage's name in it), say the sentence on
 * standard error (log error), count the status, emit. Eats doc, clears err. */
void stage_fail(struct stage *st, jv doc TAKES, struct err *err);
/* The same for a stage that has no document yet: {"acme":1,"error":...}. */
void stage_fail_first(struct stage *st, struct err *err);

/* Exit status: 0 all done; 75 if all failures can be tried again; else the
 * first other. Closes standard output and says so when that fails (74). After
 * a caught signal: dies of it. */
int stage_end(struct stage *st);

/* "%n" in a path or name becomes the document's lineage (plan.lineage, else
 * lineage.name), else the first name without "*."; malloc'd. NULL and err
 * badDocument when the result would hold a slash from the name, start with a
 * dot, or when no name is known. */
char *stage_expand(const char *pattern, jv doc, struct err *err);

/* The names a document is about: request.names, else order.identifiers'. */
jv stage_names(jv doc);

/* What the environment names as trusted certificates (REQUESTS_CA_BUNDLE,
 * CURL_CA_BUNDLE, SSL_CERT_FILE): a file or directory; NULL. */
const char *stage_trust(void);

#endif
