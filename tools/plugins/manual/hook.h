/* hook.h - the user's own commands: run by /bin/sh, their output collected and
 * shown as certbot shows it (spec 8.3, 6.5). */
#ifndef MANUAL_HOOK_H
#define MANUAL_HOOK_H

#include "plugin/guest.h"

/* Once, before the first hook: what a hook leaves behind becomes our child, so
 * that an interrupted hook can be ended whole. */
void hook_begin(void);

/* Run command with these variables added ("K=V", or "K" to remove; NULL-
 * terminated), and report its end, output and error output as those of hook
 * `option` for `domain`. A status other than 0 is no error. *out: its standard
 * output without blanks around, malloc'd. out NULL: it undoes what another one
 * did. When the input ends meanwhile, one that undoes nothing is ended and -1
 * with interrupted returned; any other has 55 seconds from then on. */
int hook_run(struct guest *g, const char *option, const char *command,
    const char *domain, const char *const *env, char **out, struct err *err);

#endif
