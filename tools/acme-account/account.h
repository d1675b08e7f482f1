/* account.h - acme-account's own: the options, and one function for each
 * subcommand. */
#ifndef ACME_ACCOUNT_H
#define ACME_ACCOUNT_H

#include "acme/client.h"

struct tool {
	struct stage *stage;
	struct acme *acme;
	/* options */
	jv emails;
	int no_contact, agree_tos, only_new;
	const char *key_type, *curve, *account, *eff_email;
	long rsa_size;
	const char *eab_kid, *eab_key_file, *eab_alg;
	long eab_key_fd;
	char *settled; /* what account is called since rollover_settle */
};

/* A subcommand: changes *doc, or -1 and err. */
typedef int verb_fn(struct tool *t, jv *doc, struct err *err);
verb_fn verb_register, verb_show, verb_update, verb_deactivate, verb_rollover,
    verb_import;
/* A rollover that was cut off comes to its end: of two accounts one is left, and
 * renewal configurations name it, as does *doc if it named the old one. */
int rollover_settle(struct tool *t, jv *doc, const char *server,
    struct err *err);
/* Another key for *doc's account, or the rollover that was begun goes on; *doc
 * has the account that it is now. */
int rollover_account(struct tool *t, jv *doc, struct err *err);
/* The renewal configurations that name the old account follow, or it is said
 * how they can. */
int rollover_follow(struct tool *t, const char *old, const char *new,
    struct err *err);
/* One document for each account on disk. */
void verb_list(struct tool *t);

/* The key that --key-type, --rsa-key-size and --elliptic-curve describe (RSA
 * of 2048 bits, as certbot's); owned. */
EVP_PKEY *account_new_key(const struct tool *t, struct err *err);

/* "mailto:" URLs of the -m options; owned. */
jv contact_list(const struct tool *t);

/* The server's URL: the document's, else --server. NULL and err usage. */
const char *account_server(const struct tool *t, jv doc, struct err *err);

/* The external account binding of the --eab options, for this account key. none
 * when there are none, or with err set. */
jv eab_binding(const struct tool *t, EVP_PKEY *key, const char *url,
    struct err *err);

/* The session of *doc's account on disk, where a rollover that was cut off comes
 * to its end first; and without that. */
struct acme_session *account_session(struct tool *t, jv *doc, struct err *err);
struct acme_session *account_session_unsettled(struct tool *t, jv *doc,
    struct err *err);

/* Ask the server for the account of s's key (newAccount with
 * onlyReturnExisting, RFC 8555 7.3.1). 1: *account is the checked object; 0:
 * it has none; -1 and err. */
int account_lookup(struct tool *t, struct acme_session *s, jv *account,
    struct err *err);

/* Fill *doc's account from the server's object (borrowed) and the key's
 * file. */
int account_fill(jv *doc, struct acme_session *s, jv object, const char *dir,
    struct err *err);

#endif
