/* screen.h - the one place that writes the log file, standard output and
 * standard error (spec 7.1, 7.8, 9.2): certbot's texts, order and streams. */
#ifndef CERTBOT_SCREEN_H
#define CERTBOT_SCREEN_H

#include "config.h"

/* From now on every log entry, our own and the stages', comes here. Until the
 * log file is open entries are kept in memory. */
void screen_begin(void);
/* Levels and modes of the parsed command line. */
void screen_configure(const struct config *c);
/* From which level on entries are shown on standard error. */
int screen_level(void);
/* Open LOGS/letsencrypt.log, rotating. "Saving debug log to" goes to standard
 * error. */
int screen_open_log(const struct config *c, struct err *err);
/* Close; after a fatal error without a log file what was kept is written to a
 * temporary one. */
void screen_end(void);

/* A status line on standard output (not with -q), noted in the log. */
void screen_status(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* A framed notice (spec 7.1), wrapped or not. */
void screen_notice(const char *text, int wrap);
/* A status line in bold, for terminals. */
void screen_bold(const char *text);

/* A fatal error as spec 7.8 prints it, with the footer where one belongs:
 * members "plain" (no footer), "unexpected" ("An unexpected error
 * occurred:"). */
void screen_fatal(const struct config *c, const struct err *err);

/* At the end: has standard output taken all that was written to it? It counts
 * as taken where nobody reads (a closed descriptor or pipe). 0, or -1 with
 * ioError. */
int screen_written(struct err *err);

/* Is standard output a terminal and not quiet? */
int screen_is_terminal(void);

/* What is shown of one piece of work among several that go on at once: kept
 * until its turn comes, {.kept = doc_none()} at first. */
struct page {
	jv kept; /* array of entries; none: nothing */
	int live;
};
/* From now on entries and output belong to this page (NULL: are shown); returns
 * the page before. */
struct page *screen_page(struct page *p);
struct page *screen_page_now(void);
/* Show what was kept; what comes for this page from now on is shown at once. */
void page_show(struct page *p);

#endif
