/* hookrun.h - commands of hooks, one at a time in the order in which they were
 * asked for, while the pumps turn; and what of them is shown (spec 6.5). */
#ifndef CERTBOT_HOOKRUN_H
#define CERTBOT_HOOKRUN_H

#include "base/doc.h"

struct page;

struct hook_task {
	const char *kind;  /* "pre-hook"; static */
	jv commands;	   /* array of texts; eaten */
	jv env;		   /* array of "NAME=VALUE", over ours; eaten; none */
	struct page *page; /* of what is shown; NULL: at once */
	void (*done)(void *ctx); /* after the last of them; NULL */
	void *ctx;
};

/* Queue; the first starts at once. */
void hookrun_add(const struct hook_task *task);
/* Does none run or wait? */
int hookrun_idle(void);
/* Turn the pumps until that is so. */
void hookrun_wait(void);

/* Is it an executable regular file (links followed)? */
int hook_is_command(const char *path);

#endif
