/* finalize.h - acme-finalize's own: the options, one document's job, and the
 * steps of its life (RFC 8555 7.4). */
#ifndef ACME_FINALIZE_H
#define ACME_FINALIZE_H

#include "acme/client.h"
#include "acme/poll.h"
#include "crypto/key.h"

enum output { OUT_KEY, OUT_CERT, OUT_CHAIN, OUT_FULLCHAIN, OUTPUTS };

struct tool {
	struct stage *stage;
	struct acme *acme;
	/* options */
	const char *new_key, *curve, *key, *csr, *preferred_chain;
	const char *out[OUTPUTS];
	long rsa_size;
	int must_staple, replace_key, reuse_key;
	/* state */
	EVP_PKEY *ahead; /* made while the first document was waited for */
	jv claimed;	 /* output paths that a document of this run has */
};

enum step {
	STEP_READ, /* read the order, at once */
	STEP_POLL, /* read it when its time has come */
	STEP_FINALIZE,
	STEP_DOWNLOAD,
	STEP_ALTERNATE, /* another chain */
	STEP_DONE
};

struct job {
	jv doc, order, names;
	struct acme_session *session;
	enum step step;
	struct err err;
	/* the key or the request */
	EVP_PKEY *key;	    /* with --csr: its public key */
	char *key_path;	    /* where the key is to be in the end; NULL: --csr */
	char *pending;	    /* the key lies here until the certificate fits */
	int key_waits;	    /* it lies there */
	int key_is_new;	    /* made in this run */
	unsigned char *csr; /* DER */
	size_t csr_len;
	char *out[OUTPUTS];
	/* the order's way */
	struct poll poll;
	int looked; /* order is what the CA said in this run */
	int sent, tries;
	int taken;	    /* the CA took our CSR, or may have */
	struct err refusal; /* of finalize, while the order is looked at */
	/* the certificate */
	char *fullchain;
	jv alternates;
	size_t alternate;
	/* the request under way */
	struct acme_call call;
};

/* key.c: the key (or CSR) for the job's order; finalized: the CA has seen it
 * already, so it must be there. Fills key, key_path, pending, csr. */
int key_prepare(struct tool *t, struct job *j, int finalized);
/* Does a key stand at --key-out, or wait beside it for this order? Then the
 * order may have been finalized already. */
int key_is_taken(const struct tool *t, const struct job *j);
/* Make the first key before the first document is there. */
void key_ahead(struct tool *t);
/* Its waiting key is of no use: the order cannot end well any more, or was
 * finalized with another. */
void key_discard(struct job *j);

/* output.c: expand the paths, see that each can be written and is no other
 * document's. */
int output_prepare(struct tool *t, struct job *j);
/* The certificate fits: files in place, document filled. */
int output_write(struct tool *t, struct job *j);

/* chain.c: take a downloaded chain: 0 fits; -1 and err protocol. */
int chain_check(struct job *j, const char *text, char **fullchain,
    struct err *err);
/* Is fullchain the one that --preferred-chain wants? */
int chain_preferred(const char *fullchain, const char *wanted);
const char *chain_wanted(const struct tool *t, jv doc);

/* step.c */
void job_begin(struct tool *t, struct job *j, jv doc TAKES);
void job_ask(struct tool *t, struct job *j); /* fills j->call */
void job_release(struct job *j);
/* What the order's status asks for next. */
void job_route(struct tool *t, struct job *j);
void job_fail(struct job *j); /* with j->err */
int job_has_status(jv object, const char *status);
enum { FINALIZE_TRIES = 3 };

/* answer.c: takes j->call */
void job_answer(struct tool *t, struct job *j);

/* For every document that is there (stage_vector_fn). */
void finalize_vector(void *ctx, struct stage *st, jv *docs TAKES, size_t n);

#endif
