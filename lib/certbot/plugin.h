/* certbot/plugin.h - a plugin's end of the conversation of certbot-plugin(7).
 *
 *	static const struct certbot_plugin_ops ops = {.perform = perform,
 *	    .cleanup = cleanup};
 *
 *	int main(int argc, char *argv[])
 *	{
 *		return certbot_plugin_main(argc, argv, &ops, NULL);
 *	}
 *
 * The descriptor, NAME.json, lies beside the executable NAME. An operation
 * without a function is answered with not-supported; init, prepare, wait,
 * recover, config_test and restart then do nothing and succeed. What was performed and
 * not cleaned up is remembered, and cleaned up at end of input. For an
 * installer the same holds of what was changed and not saved: recover,
 * config_test and restart are called. */
#ifndef CERTBOT_PLUGIN_H
#define CERTBOT_PLUGIN_H

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct certbot_plugin; /* the conversation; handed to every function below */

/* Texts live as long as the call that they were given to. */
struct certbot_challenge {
	const char *type; /* "http-01", "dns-01" */
	const char *name; /* the name to be proved, without "*." */
	int wildcard;	  /* it is for *.name */
	const char *token;
	const char *key_authorization; /* what http-01 serves */
	const char *validation; /* what the user or server has to show: for
				 * dns-01 the TXT record's text */
};

/* Absolute paths, normally links below live/ that stay valid for ever; chain and
 * fullchain are NULL where the user has given files without them. */
struct certbot_files {
	const char *cert, *key, *chain, *fullchain;
};

/* The certificate that a renewal or enhancement is about. */
struct certbot_renewed {
	const char *name;	  /* of the lineage */
	const char *path;	  /* its live directory */
	long version;		  /* 0: not said */
	const char *const *names; /* NULL-ended; empty: not said */
};

struct certbot_plugin_ops {
	/* -- both kinds -- */
	int (*init)(struct certbot_plugin *p, void *ctx,
	    struct certbot_error *e);
	/* Can it work here? Nothing is changed yet. */
	int (*prepare)(struct certbot_plugin *p, void *ctx,
	    struct certbot_error *e);
	/* After everything else; the process ends next. */
	void (*end)(struct certbot_plugin *p, void *ctx);

	/* -- authenticators -- */
	/* Challenge types for a name in order of preference, NULL-ended and
	 * static; without this function the descriptor's for every name. */
	const char *const *(*preferences)(struct certbot_plugin *p, void *ctx,
	    const char *name, struct certbot_error *e);
	/* Cleanup is called for it even when this fails. */
	int (*perform)(struct certbot_plugin *p, void *ctx,
	    const struct certbot_challenge *c, struct certbot_error *e);
	/* Until everything performed is in force. */
	int (*wait)(struct certbot_plugin *p, void *ctx,
	    struct certbot_error *e);
	/* Undo one; last: no other is left. What is gone is no error. It may
	 * have been performed by another process of the plugin, which was
	 * killed. */
	int (*cleanup)(struct certbot_plugin *p, void *ctx,
	    const struct certbot_challenge *c, int last,
	    struct certbot_error *e);
	/* Text for the user when the CA did not accept these; malloc'd. */
	char *(*hint)(struct certbot_plugin *p, void *ctx,
	    const struct certbot_challenge *failed, size_t n);

	/* -- installers -- */
	/* What it can do, NULL-ended: "redirect", "ensure-http-header",
	 * "staple-ocsp", "auto-hsts". NULL: none. */
	const char *const *enhancements;
	/* Names that the server's configuration has. */
	int (*names)(struct certbot_plugin *p, void *ctx,
	    struct certbot_list *names, struct certbot_error *e);
	/* Let the server use these files for this name. */
	int (*deploy)(struct certbot_plugin *p, void *ctx, const char *name,
	    const struct certbot_files *files, struct certbot_error *e);
	/* option: NULL, a header's name, or the path of the chain.
	 * CERTBOT_ALREADY_PRESENT is no failure to the host. */
	int (*enhance)(struct certbot_plugin *p, void *ctx, const char *name,
	    const char *enhancement, const char *option,
	    struct certbot_error *e);
	/* Write what was changed. With a title a checkpoint is finished;
	 * temporary: it is undone soon, title counts for nothing. */
	int (*save)(struct certbot_plugin *p, void *ctx, const char *title,
	    int temporary, struct certbot_error *e);
	/* Undo the newest n checkpoints. */
	int (*rollback)(struct certbot_plugin *p, void *ctx, long n,
	    struct certbot_error *e);
	/* Undo all that is in no finished checkpoint. */
	int (*recover)(struct certbot_plugin *p, void *ctx,
	    struct certbot_error *e);
	/* Does the server accept its configuration? */
	int (*config_test)(struct certbot_plugin *p, void *ctx,
	    struct certbot_error *e);
	/* Reload the server; return when the new configuration is live. */
	int (*restart)(struct certbot_plugin *p, void *ctx,
	    struct certbot_error *e);
	/* For each lineage that was renewed / at every renew. */
	int (*renew_deploy)(struct certbot_plugin *p, void *ctx,
	    const struct certbot_renewed *l, struct certbot_error *e);
	int (*generic_updates)(struct certbot_plugin *p, void *ctx,
	    const struct certbot_renewed *l, struct certbot_error *e);
	/* AutoHSTS: a small max-age, then larger, at last the largest. */
	int (*auto_hsts_enable)(struct certbot_plugin *p, void *ctx,
	    const struct certbot_renewed *l, struct certbot_error *e);
	int (*auto_hsts_update)(struct certbot_plugin *p, void *ctx,
	    const struct certbot_renewed *l, struct certbot_error *e);
	int (*auto_hsts_deploy)(struct certbot_plugin *p, void *ctx,
	    const struct certbot_renewed *l, struct certbot_error *e);
};

/* The program: --describe, or the conversation on standard input and output
 * (which are set aside: what else is printed goes to standard error). The exit
 * status for main. */
int certbot_plugin_main(int argc, char *argv[],
    const struct certbot_plugin_ops *ops, void *ctx);

/* --- what init has said ------------------------------------------------------ */

/* The value of the plugin's option (its name in the descriptor, with '-' or
 * '_'), or of a global one that the descriptor names. A number in decimal; a
 * flag "true" or "false"; of several values the first; an object as JSON. NULL:
 * it has none. Lives as long as the conversation. */
const char *certbot_plugin_option(struct certbot_plugin *p, const char *name);
/* All values of a repeatable option, appended to values. */
void certbot_plugin_options(struct certbot_plugin *p, const char *name,
    struct certbot_list *values);
/* Is a flag set? */
int certbot_plugin_option_set(struct certbot_plugin *p, const char *name);
/* How a user writes that option: "--NAME-OPTION"; malloc'd. */
char *certbot_plugin_flag(struct certbot_plugin *p, const char *name);
/* certbot's directory "config", "work" or "logs"; absolute. NULL. */
const char *certbot_plugin_dir(struct certbot_plugin *p, const char *which);
/* The plugin's name, as its descriptor has it. */
const char *certbot_plugin_name(struct certbot_plugin *p);
/* May a person be asked? */
int certbot_plugin_interactive(struct certbot_plugin *p);

/* --- talking to people -------------------------------------------------------- */

enum certbot_level {
	CERTBOT_DEBUG,
	CERTBOT_INFO,
	CERTBOT_WARNING,
	CERTBOT_ERROR
};

/* Into the log; to standard error by the user's verbosity. */
void certbot_plugin_log(struct certbot_plugin *p, enum certbot_level level,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A message to the user's standard output (not with --quiet). */
void certbot_plugin_notify(struct certbot_plugin *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Begin with struct certbot_question q = {.text = ...}. */
struct certbot_question {
	const char *text;
	const char *flag; /* the option that makes the question needless */
	int force;	  /* ask even where no terminal is, but an answer can
			   * be had */
	const char *fallback; /* the answer where nobody can be asked, NULL:
			       * none; of yes/no "yes" or "no", of a menu the
			       * choice's text */
	const char *const *choices; /* NULL-ended: of menus and checklists;
				     * of yes/no two labels, or NULL */
	/* Of input: 0, or -1 and why this answer will not do; the question
	 * is then put again. NULL: all will do. */
	int (*check)(const char *answer, void *arg, struct certbot_error *e);
	void *arg;
};

/* All: -1 with CERTBOT_CANCELLED when the user cancels, CERTBOT_NO_ANSWER when
 * nobody can be asked and there is no fallback, CERTBOT_INTERRUPTED at end of
 * input. */
/* *yes is 1 or 0. */
int certbot_plugin_yesno(struct certbot_plugin *p,
    const struct certbot_question *q, int *yes, struct certbot_error *e);
/* *answer is malloc'd. */
int certbot_plugin_input(struct certbot_plugin *p,
    const struct certbot_question *q, char **answer, struct certbot_error *e);
/* Input of a directory that is there. */
int certbot_plugin_directory(struct certbot_plugin *p,
    const struct certbot_question *q, char **answer, struct certbot_error *e);
/* *index into choices. */
int certbot_plugin_menu(struct certbot_plugin *p,
    const struct certbot_question *q, size_t *index, struct certbot_error *e);
/* The chosen texts, appended to chosen. */
int certbot_plugin_checklist(struct certbot_plugin *p,
    const struct certbot_question *q, struct certbot_list *chosen,
    struct certbot_error *e);
/* Shows the text and waits for Enter, where somebody is. */
int certbot_plugin_pause(struct certbot_plugin *p,
    const struct certbot_question *q, struct certbot_error *e);

/* What the user has answered and renewals shall use again: the value of that
 * option, a text. */
void certbot_plugin_learned(struct certbot_plugin *p, const char *option,
    const char *value);

/* --- waiting -------------------------------------------------------------------- */

/* Waits for ms milliseconds (<0: for ever), or until fd (-1: none) can be read.
 * 1 it can, 0 the time has passed, -1 and CERTBOT_INTERRUPTED: the input ended,
 * stop what you do. A plugin waits in no other way. */
int certbot_plugin_wait(struct certbot_plugin *p, int fd, long ms,
    struct certbot_error *e);

#ifdef __cplusplus
}
#endif

#endif
