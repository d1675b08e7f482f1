/* certbot - the familiar command, composed of the stages. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "check.h"
#include "cli.h"
#include "driver.h"
#include "explain.h"
#include "hooks.h"
#include "json.h"
#include "plugins.h"
#include "progress.h"
#include "prompts.h"
#include "pump.h"
#include "report.h"
#include "screen.h"
#include "store/renewal.h"

enum { LOCKS = 3, ERRNO_END = 134 };

static const struct {
	const char *verb;
	int (*run)(struct config *c, struct err *err);
} runs[] = {
    {"certonly", verb_certonly},
    {"renew", verb_renew},
    {"certificates", verb_certificates},
    {"revoke", verb_revoke},
    {"delete", verb_delete},
    {"register", verb_register},
    {"update_account", verb_update_account},
    {"unregister", verb_unregister},
    {"show_account", verb_show_account},
    {"update_symlinks", verb_update_symlinks},
    {"plugins", verb_plugins},
};

int
plain_error(struct err *err, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	err_set(err, ERR_configuration, "%s", text != NULL ? text : fmt);
	free(text);
	return err_member(err, "plain", doc_bool(1));
}

/* "cannot ... 'PATH': REASON" as Python words it, "[Errno N] REASON: 'PATH'";
 * malloc'd. */
static char *
as_python(const char *text)
{
	const char *open = strchr(text, '\''), *close = strrchr(text, '\'');

	if (open == NULL || close == open || strncmp(close, "': ", 3) != 0)
		return xstrdup(text);
	for (int n = 1; n < ERRNO_END; n++)
		if (strcmp(strerror(n), close + 3) == 0)
			return xasprintf("[Errno %d] %s: %.*s'", n, close + 3,
			    (int)(close - open), open);
	return xstrdup(text);
}

/* A directory of the three roots, locked. */
static int
open_root(const struct config *c, const char *dest, mode_t mode,
    struct lock *lock, struct err *err)
{
	const char *path = config_str(c, dest);
	struct err why = {0};

	if (safefile_mkdirs(path, mode, &why) == 0 &&
	    (!config_flag(c, "strict_permissions") ||
		safefile_check_dir(path, mode, &why) == 0) &&
	    lock_take(lock, path, config_int(c, "wait"), &why) == 0)
		return 0;
	if (why.name == ERR_locked) {
		log_info("certbot._internal.main", "%s", err_text(&why));
		err_set(err, ERR_locked,
		    "Another instance of Certbot is already running.");
	} else if (config_flag(c, "strict_permissions") &&
	    strstr(err_text(&why), "exists, but") != NULL) {
		err_move(err, &why);
	} else {
		char *text = as_python(err_text(&why));

		err_set(err, ERR_permission,
		    "The following error was encountered:\n%s\nEither run as root, or set --config-dir, --work-dir, and --logs-dir to writeable paths.",
		    text);
		free(text);
	}
	err_clear(&why);
	return -1;
}

static int
make_hook_dirs(const struct config *c, struct err *err)
{
	static const char *const kinds[] = {"pre", "deploy", "post"};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char *path = xasprintf("%s/renewal-hooks/%s",
		    config_str(c, "config_dir"), kinds[i]);
		int rc = safefile_mkdirs(path, safefile_masked(0755), err);

		free(path);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static void
log_plugins(void)
{
	const struct plugin_set *set = plugins_all();
	struct buf b;

	buf_init(&b, DOC_MAX);
	for (size_t i = 0; i < set->n; i++)
		buf_addf(&b, "%sPluginEntryPoint#%s", i > 0 ? "," : "",
		    set->list[i]->name);
	log_debug("certbot._internal.main",
	    "Discovered plugins: PluginsRegistry(%s)", b.p != NULL ? b.p : "");
	buf_release(&b);
}

static void
log_start(const struct config *c, char *argv0)
{
	jv shown = doc_array();
	char *text;
	int hide = 0;

	for (size_t i = 0; i < doc_len(c->arguments); i++) {
		const char *a = doc_str_at(c->arguments, i);

		if (hide)
			shown = doc_push_str(shown, "***");
		else if (strncmp(a, "--eab-hmac-key=", 15) == 0)
			shown = doc_push_str(shown, "--eab-hmac-key=***");
		else
			shown = doc_push_str(shown, a);
		hide = strcmp(a, "--eab-hmac-key") == 0;
	}
	text = doc_join(shown, "', '");
	log_debug("certbot._internal.main", "certbot version: %s",
	    renewal_version);
	log_debug("certbot._internal.main",
	    "Location of certbot entry point: %s", argv0);
	log_debug("certbot._internal.main", "Arguments: [%s%s%s]",
	    doc_len(shown) > 0 ? "'" : "", text, doc_len(shown) > 0 ? "'" : "");
	free(text);
	doc_free(shown);
	log_plugins();
	log_debug("certbot._internal.log", "Root logging level set at %d",
	    screen_level());
}

/* Directories, locks and the log file, in certbot's order (spec 1.1). */
static int
open_roots(const struct config *c, struct lock *locks, struct err *err)
{
	if (open_root(c, "logs_dir", 0700, &locks[0], err) != 0 ||
	    screen_open_log(c, err) != 0 ||
	    open_root(c, "config_dir", safefile_masked(0755), &locks[1], err) !=
		0 ||
	    open_root(c, "work_dir", 0755, &locks[2], err) != 0)
		return -1;
	lock_export(locks, LOCKS);
	return make_hook_dirs(c, err);
}

static int
run_verb(struct config *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(runs); i++)
		if (strcmp(runs[i].verb, c->verb) == 0)
			return runs[i].run(c, err);
	return err_set(err, ERR_notSupported,
	    "the subcommand '%s' needs a plugin that can install certificates; use certonly to obtain one",
	    c->verb);
}

static int
run(struct config *c, struct lock *locks, struct err *err)
{
	int rc;

	if (config_flag(c, "explain"))
		return explain(c, err);
	rc = open_roots(c, locks, err);
	if (rc != 0 && strcmp(c->verb, "plugins") == 0) {
		err_clear(err);
		rc = 0;
	}
	if (rc == 0)
		rc = run_verb(c, err);
	pump_network_end();
	return rc;
}

/* The command line is wrong: status 2. */
static int
wrong_usage(const struct err *err)
{
	if (json_wanted())
		json_print_error(err);
	cli_usage_error(err_text(err));
	return 2;
}

int
main(int argc, char *argv[])
{
	struct config c;
	struct lock locks[LOCKS] = {LOCK_INIT, LOCK_INIT, LOCK_INIT};
	struct err err = {0};
	enum cli_end end;
	int rc, sig;

	screen_begin();
	json_look(argc, argv);
	end = cli_parse(&c, argc, argv, &err);
	if (end == CLI_DONE)
		return fflush(stdout) == 0 ? 0 : 1;
	if (end == CLI_USAGE)
		return wrong_usage(&err);
	if (end == CLI_GO_ON)
		json_configure(&c);
	screen_configure(&c);
	progress_configure(&c);
	prompts_configure(&c);
	signals_catch();
	rc = end == CLI_WRONG ? -1 : check_config(&c, &err);
	if (rc == -1 && err.name == ERR_usage)
		return wrong_usage(&err);
	if (rc == 0) {
		prompts_configure(&c);
		log_start(&c, argv[0]);
		rc = run(&c, locks, &err);
	}
	progress_end();
	sig = signals_caught();
	if (sig == SIGINT) {
		err_set(&err, ERR_interrupted, "Exiting due to user request.");
		if (json_wanted())
			json_print_error(&err);
		fprintf(stderr, "%s\n", err_text(&err));
		rc = -1;
	} else if (rc != 0 && sig == 0) {
		screen_fatal(&c, &err);
	}
	if (rc == 0)
		report_end();
	screen_end();
	for (size_t i = 0; i < LOCKS; i++)
		lock_release(&locks[i]);
	config_release(&c);
	err_clear(&err);
	if (sig != 0 && sig != SIGINT)
		signals_die(sig);
	return rc == 0 ? 0 : 1;
}
