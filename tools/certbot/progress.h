/* progress.h - one line on the terminal that says what is being waited for. It
 * is rewritten, and gone before anything else is printed. Only where standard
 * error is a terminal that can do it, and neither with -q nor with --json. */
#ifndef CERTBOT_PROGRESS_H
#define CERTBOT_PROGRESS_H

#include "config.h"

void progress_configure(const struct config *c);

/* From now on: "WHOSE: WHAT (DONE of TOTAL UNIT)". whose: a lineage, may be
 * NULL; total 0: without numbers. */
void progress_show(const char *whose, const char *what, size_t done,
    size_t total, const char *unit);
/* The stage that begins / what a stage tells of itself ("progress", design
 * section 1), for the lineage that doc is about. All borrowed. */
void progress_stage(jv step, jv doc);
void progress_about(jv doc);
void progress_heard(jv message);
/* Before each line: "[DONE of TOTAL done]" of the lineages that renew goes through;
 * total 0 ends that. */
void progress_batch(size_t done, size_t total);

/* Take the line away for other output / put it there again after that. */
void progress_hide(void);
void progress_again(void);
/* Nothing is being waited for. */
void progress_end(void);

#endif
