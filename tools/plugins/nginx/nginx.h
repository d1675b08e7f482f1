/* nginx.h - what the parts of the plugin share: the conversation, its
 * settings, the configuration as it is read and edited. */
#ifndef NGINX_NGINX_H
#define NGINX_NGINX_H

#include "base/buf.h"
#include "base/lock.h"
#include "model.h"
#include "plugin/guest.h"
#include "store/reverter.h"
#include "store/unread.h"

enum { PLAIN_HTTP_PORT = 80 };

struct nginx {
	struct guest *g;
	/* settings */
	jv server; /* which one it is (store/unread.h) */
	char *root, *ctl;
	long https_port, http01_port, sleep_seconds;
	/* of the binary, as numbers: 1.22.1 is 1022001; 0: unknown */
	long version, openssl;
	char openssl_letter; /* the letter of 1.0.2l, or 0 */
	/* compiled in; what is relative is so to prefix. NULL before ctl_version */
	char *prefix, *error_log, *pid_file;
	/* state */
	struct lock lock; /* of the server root */
	struct reverter *reverter;
	struct conf *conf; /* NULL before it is read */
	struct model *model;
	struct buf notes; /* for the checkpoint: what is being changed */
	char *clone;	  /* the name that a default server was cloned for */
	jv chosen;	  /* object: a wildcard name's chosen servers */
	int challenges_changed; /* by perform, not written yet */
	struct unread owed;	/* marks of what the server has not read */
	int unread; /* files of an installation that the server has not read */
	int down;   /* that it does not run has been said */
};

/* Read the configuration unless it is read. */
int nginx_read(struct nginx *n, struct err *err);
/* Forget what is read and edited. */
void nginx_forget(struct nginx *n);
/* Make the edits in memory, and the model new: every place is void. */
int nginx_settle(struct nginx *n, struct err *err);
/* Record what is changed in a checkpoint, then write it. title: NULL, or
 * finish the checkpoint under it. */
int nginx_save(struct nginx *n, int temporary, const char *title,
    struct err *err);
/* The reverter over the work directory. */
int nginx_reverter(struct nginx *n, struct err *err);
/* Files of a challenge are about to be changed or put back: note that the server
 * has to be told, until ctl_restart has done so. An installation's are noted by
 * the host. */
void nginx_owe_restart(struct nginx *n);
/* Lock the server root, unless it is locked. */
int nginx_lock(struct nginx *n, struct err *err);
/* Name of a helper file in the configuration directory; malloc'd. */
char *nginx_config_file(const struct nginx *n, const char *name);

#endif
