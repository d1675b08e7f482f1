/* explain_hooks.h - the hooks of a script (spec 6.5): which there are, and the
 * lines that run them when and as certbot does. */
#ifndef CERTBOT_EXPLAIN_HOOKS_H
#define CERTBOT_EXPLAIN_HOOKS_H

#include "config.h"

/* Those of a whole script. */
struct script_hooks {
	jv pre, post; /* arrays of commands, each once */
	int deploys;  /* are there deploy hooks? */
	int many; /* of renew: with directory hooks, post hooks at the end */
};

/* None yet. To be released. */
void script_hooks_init(struct script_hooks *h, int many);
void script_hooks_release(struct script_hooks *h);
/* Those of one more certificate, with its options. */
void script_hooks_add(struct script_hooks *h, const struct config *c);
int script_hooks_any(const struct script_hooks *h);

/* The functions that the lines below call, the directory $hooks, and that post
 * hooks run however the script ends. */
void script_hooks_begin(const struct script_hooks *h);
/* What the end of a certificate's part does first (text for a trap; malloc'd):
 * its names become renewed or failed ones. number: its place among the files. */
char *script_hooks_end(const struct script_hooks *h, size_t number);
/* A signal ends this shell by its trap of EXIT. */
void script_hooks_signals(void);
/* Behind the steps that make "$dir/doc": the names are remembered, and it is the
 * result if they have failed. */
const char *script_hooks_source_end(const struct script_hooks *h);
/* The certificate is due: pre hooks; post hooks will be wanted. */
void script_hooks_before(const struct script_hooks *h, const struct config *c);
/* It is there, in this file ("$dir/saved"): deploy hooks. */
void script_hooks_after(const struct script_hooks *h, const struct config *c,
    const char *file);

#endif
