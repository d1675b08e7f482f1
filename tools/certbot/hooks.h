/* hooks.h - pre, deploy and post hooks: validation, order, running, and what of
 * them is shown (spec 6.5, 6.6). */
#ifndef CERTBOT_HOOKS_H
#define CERTBOT_HOOKS_H

#include "config.h"

/* First words of the given hooks must be commands (spec 6.6). May lengthen
 * PATH. */
int hooks_validate(struct config *c, struct err *err);
/* What PATH was lengthened by ("/usr/sbin:/usr/local/sbin"); NULL: it was not. */
const char *hooks_path_added(void);

/* What was given or saved for "pre_hook", "post_hook", "renew_hook", ...; NULL:
 * nothing, or an empty command, which is how one that was saved is dropped. */
const char *hook_command(const struct config *c, const char *dest);

/* Directory hooks of one kind ("pre", "deploy", "post"), sorted by path; array,
 * owned. Empty with --no-directory-hooks. */
jv hooks_directory(const struct config *c, const char *kind);

/* The commands of a kind in their order: the directory's, then the option's.
 * Array, owned. hooks_deploys: of deploy hooks each once, none for a dry run
 * unless it is to run them (said in the log). */
jv hooks_commands(const struct config *c, const char *kind, int with_directory);
jv hooks_deploys(const struct config *c, int with_directory);

/* Pre hooks: each distinct command once per run. */
void hooks_pre(const struct config *c, int with_directory);
/* Post hooks of certonly, at once, with the names that were obtained (array,
 * borrowed); directory hooks are renew's only. */
void hooks_post(const struct config *c, jv renewed);
/* Post hooks of renew: noted, each distinct command once. */
void hooks_post_later(const struct config *c);
/* The noted ones, with the names renewed and failed (arrays, borrowed). Like
 * those of certonly they are also told what the last deploy hooks were. */
void hooks_run_saved(jv renewed, jv failed);
/* Deploy hooks of a lineage: its live directory and names (borrowed), in the
 * starting environment. */
void hooks_deploy(const struct config *c, int with_directory,
    const char *lineage_dir, jv names);
/* The same as soon as no other hook runs; then done(ctx). */
void hooks_deploy_later(const struct config *c, int with_directory,
    const char *lineage_dir, jv names, void (*done)(void *ctx), void *ctx);

#endif
