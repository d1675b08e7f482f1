/* install.h - acme-install's parts: what one run knows, and what its
 * subcommands do with the plugin (design, section 4; spec installers E). */
#ifndef INSTALL_H
#define INSTALL_H

#include "base/lock.h"
#include "base/stage.h"
#include "plugin/flags.h"
#include "plugin/host.h"
#include "store/reverter.h"
#include "store/unread.h"

struct install {
	struct stage st;
	/* options */
	int batch, disable_updates;
	jv names; /* -d: array */
	long checkpoints;
	int hsts, redirect, try_redirect, staple, uir, auto_hsts;
	/* state */
	struct plugin_desc *desc;
	struct plugin_flags *flags;
	jv given;	       /* plugin options, by dest */
	jv server;	       /* which one it is (store/unread.h) */
	struct plugin *plugin; /* NULL: not started, or ended */
	int prepared;
	jv enhancements;	   /* none until asked for */
	struct reverter *reverter; /* of the work directory */
	struct lock lock;	   /* of the work directory, while changing */
	struct unread unread;	   /* what the server has not read */
	struct net *net;	   /* for a plugin that uses the network */
};

/* --- host.c: the plugin --------------------------------------------------- */

/* Take the work directory's lock, start the plugin, init. 0 when it runs
 * already. */
int host_open(struct install *in, struct err *err);
/* host_open and prepare. */
int host_prepare(struct install *in, struct err *err);
/* An operation without a reply of interest: 0, or -1 and err. Eats request.
 * Before one that changes the server's files it is noted that the server has not
 * read them (store/unread.h), until a restart has replied. */
int host_do(struct install *in, const char *op, jv request TAKES,
    struct err *err);
/* The mark of the document's lineage is removed by the next restart. */
void host_take_lineage(struct install *in, jv doc);
/* config-test, then restart; for the end of a work, when nothing more is tried
 * after a failure. */
int host_restart(struct install *in, struct err *err);
/* The plugin's enhancements: array, borrowed; empty when it has none. */
int host_enhancements(struct install *in, struct err *err);
/* End of input; what it says then is logged. */
void host_close(struct install *in);

/* --- undo.c: putting back --------------------------------------------------- */

/* What stood before a phase of work. */
struct undo {
	size_t checkpoints; /* finished ones */
	int written;	    /* edits have been saved since */
};
void undo_begin(struct install *in, struct undo *u);

/* What is not finished: recover; if something had been written, test and
 * restart. said (may be NULL) tells people that it is done. After a signal the
 * plugin comes to rest first, and what it was asked last may be done by then. */
void undo_recover(struct install *in, const struct undo *u, const char *said);
/* All since undo_begin: recover, roll back what was finished, test and restart. */
void undo_rollback(struct install *in, const struct undo *u, const char *said);

/* --- deploy.c, enhance.c ------------------------------------------------------ */

/* Write the edits; they are in progress until they are finished. */
int save_changes(struct install *in, struct undo *u, struct err *err);
/* What is in progress becomes a checkpoint of this title. The server must have
 * taken it before: its test alone is enough if a restart comes later. */
int finish_changes(struct install *in, const char *title, struct err *err);
/* The names a document is to be installed for; owned; none and err. */
jv names_of(const struct install *in, jv doc, struct err *err);
/* Deploy the lineage of *doc, then do what enhance_document does. */
int deploy_document(struct install *in, jv *doc, struct err *err);
/* The enhancements that the options ask for. */
int enhance_document(struct install *in, jv *doc, struct err *err);
int enhancements_wanted(const struct install *in);

/* --- verbs.c ------------------------------------------------------------------ */

struct verb {
	const char *name;
	/* with a document (*doc, changed), or (document NULL) alone */
	int (*document)(struct install *in, jv *doc, struct err *err);
	jv (*alone)(struct install *in, struct err *err);
	int always_reads;
	int new_only; /* documents that say keep pass through */
};
const struct verb *verb_find(const char *name);

#endif
