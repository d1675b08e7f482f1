/* certstore.h - what the subcommands of certstore share. */
#ifndef CERTSTORE_H
#define CERTSTORE_H

#include "base/buf.h"
#include "base/lock.h"
#include "base/stage.h"
#include "plan.h"
#include "store/lineage.h"

struct certstore {
	struct stage st;
	const char *config_dir, *work_dir; /* absolute */
	/* options, as given */
	jv names;
	const char *cert_name, *key_file;
	int duplicate;
	char *claimed; /* certificate that a --cert-name without %n is for */
	struct plan_options plan;
	const char *notes, *title; /* of checkpoints */
	long checkpoints;
	int temporary, strict;
	/* held between store_lock and store_unlock */
	struct lock lock, private_lock;
};

/* A subcommand's work on one document: changes *doc; -1 and err makes it a
 * failed one. */
typedef int document_fn(struct certstore *t, jv *doc, struct err *err);
int match_document(struct certstore *t, jv *doc, struct err *err);
int plan_document(struct certstore *t, jv *doc, struct err *err);
int save_document(struct certstore *t, jv *doc, struct err *err);
int reconfigure_document(struct certstore *t, jv *doc, struct err *err);

/* A subcommand's work on one lineage; the document gets what is known. */
typedef int lineage_fn(struct certstore *t, const char *name, jv *doc,
    struct err *err);
int list_lineage(struct certstore *t, const char *name, jv *doc,
    struct err *err);
int show_lineage(struct certstore *t, const char *name, jv *doc,
    struct err *err);
int due_lineage(struct certstore *t, const char *name, jv *doc,
    struct err *err);
int delete_lineage(struct certstore *t, const char *name, jv *doc,
    struct err *err);
int fix_lineage(struct certstore *t, const char *name, jv *doc,
    struct err *err);
int verify_lineage(struct certstore *t, const char *name, jv *doc,
    struct err *err);

/* A subcommand of its own: the document that it ends with; none and err. */
typedef jv tool_fn(struct certstore *t, struct err *err);
jv checkpoint_tool(struct certstore *t, struct err *err);
jv account_tool(struct certstore *t, struct err *err);
jv storage_tool(struct certstore *t, struct err *err);

/* Take the configuration directory's lock (it is made when missing), and,
 * among the children of one driver, the private one; then clear what killed
 * saves have left. */
int store_lock(struct certstore *t, struct err *err);
void store_unlock(struct certstore *t);

/* The certificate of l's links, or of its newest version: cert_info; owned,
 * none and brokenLineage. */
jv lineage_info(const struct lineage *l, int newest, struct err *err);

/* Find the lineage that the names mean (spec 4.2), under the lock. Returns
 * the rule; *name (malloc'd) is the lineage's, or NULL for MATCH_NONE. */
enum plan_rule match_find(struct certstore *t, jv names, const char *cert_name,
    char **name);
extern const char *const match_rules[]; /* by enum plan_rule */

/* Is a lineage due whose newest certificate is info (cert_info), with these
 * [renewalparams]? *from becomes the moment from which it is. */
int lineage_due(const struct lineage *l, jv info, jv params, int revoked,
    int64_t *from);
/* plan.why; malloc'd. */
char *plan_why_text(enum plan_reason why, int revoked, int64_t from);

/* What show puts into the document, of a certificate's info (eaten); -1 and
 * brokenLineage when it is none. */
int lineage_fill(const struct lineage *l, jv info TAKES, jv *doc,
    struct err *err);

/* Name for a new lineage: the option, else the first name; malloc'd. */
char *new_lineage_name(const struct certstore *t, jv doc, jv names,
    struct err *err);

#endif
