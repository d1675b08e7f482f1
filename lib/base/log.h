/* log.h - what people are told, and asked: to the driver over the upward
 * socket (ACME_UI, design section 1), or to standard error and /dev/tty. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/doc.h"

enum log_level {
	LOG_DEBUG = 10,
	LOG_INFO = 20,
	LOG_WARNING = 30,
	LOG_ERROR = 40,
	LOG_CRITICAL = 50
};
enum log_show {
	SHOW_LOG, /* the log; standard error by level */
	SHOW_OUT, /* people's standard output (certbot's notifications) */
	SHOW_ERR  /* standard error whatever the level */
};

/* Once, at the start. verbosity: -1 quiet (errors), 0 warnings, 1 infos, 2
 * debug. Takes ACME_UI out of the environment and keeps its descriptor
 * close-on-exec. */
void log_begin(const char *program, int verbosity);

/* logger is the component's name as certbot writes it in its log file
 * ("acme.client"); texts without newline at the end. With ACME_UI: one line
 * up. Without: to standard error, "program: text", control bytes escaped. */
void log_add(enum log_level level, const char *logger, enum log_show show,
    const char *fmt, ...) PRINTF_LIKE(4, 5);
#define log_debug(logger, ...) \
	log_add(LOG_DEBUG, (logger), SHOW_LOG, __VA_ARGS__)
#define log_info(logger, ...) log_add(LOG_INFO, (logger), SHOW_LOG, __VA_ARGS__)
#define log_warning(logger, ...) \
	log_add(LOG_WARNING, (logger), SHOW_LOG, __VA_ARGS__)
#define log_error(logger, ...) \
	log_add(LOG_ERROR, (logger), SHOW_LOG, __VA_ARGS__)

/* Does a driver listen (ACME_UI, or a sink)? */
int log_to_driver(void);

/* A ready-made {"time","level","logger","text","show"} object (a plugin's),
 * passed on. Eats it. */
void log_pass(jv entry TAKES);

/* The driver installs its own end: every entry goes to fn instead. */
void log_set_sink(void (*fn)(void *ctx, jv entry TAKES), void *ctx);

/* Progress: "what" is being waited for, done of total; shown by the driver in
 * one rewritten line. Never in the log file. */
void log_progress(const char *what, size_t done, size_t total);

/* Ask a person: {"kind":"yesno|input|menu|checklist|pause","text":...,
 * "choices":...,"default":...,"flag":...,"force":...}. Eats the question. The
 * answer's "value" (owned); none with err `interrupted` when cancelled
 * (member "cancel": true) or with what the driver said. Without ACME_UI:
 * /dev/tty, `misconfigured` where there is none. */
jv ui_ask(jv question TAKES, struct err *err);
/* Is there a driver to ask, or a terminal? */
int ui_can_ask(void);

#endif
