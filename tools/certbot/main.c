/* certbot - the familiar command, composed of the stages. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "check.h"
#include "cli.h"
#include "driver.h"
#include "eff.h"
#include "explain.h"
#include "hooks.h"
#include "json.h"
#include "plugins.h"
#include "progress.h"
#include "prompts.h"
#include "pump.h"
#include "report.h"
#include "roots.h"
#include "screen.h"
#include "store/renewal.h"
#include "unfinished.h"

static const struct {
	const char *verb;
	int (*run)(struct config *c, struct err *err);
} runs[] = {
    {"run", verb_run},
    {"install", verb_install},
    {"enhance", verb_enhance},
    {"rollback", verb_rollback},
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
    {"reconfigure", verb_reconfigure},
};

int
plain_error(struct err *err, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	err_set(err, ERR_configuration, "%s", text);
	free(text);
	return err_member(err, "plain", doc_bool(1));
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
	for (size_t i = 0; i < doc_len(set->refused); i++) {
		jv r = doc_at(set->refused, i);

		log_info("certbot._internal.main", "Plugin %s is left out: %s",
		    doc_str(r, "name"), doc_str(r, "why"));
		doc_free(r);
	}
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

static int
run_verb(struct config *c, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(runs); i++)
		if (strcmp(runs[i].verb, c->verb) == 0)
			return runs[i].run(c, err);
	return err_set(err, ERR_internal, "the subcommand '%s' is not there",
	    c->verb);
}

static int
run(struct config *c, struct roots *roots, struct err *err)
{
	int rc;

	if (config_flag(c, "explain"))
		return explain(c, err);
	rc = roots_open(roots, c, err);
	if (rc != 0 && strcmp(c->verb, "plugins") == 0) {
		err_clear(err);
		rc = 0;
	}
	if (rc == 0) {
		unfinished_recover(c);
		rc = run_verb(c, err);
		unfinished_end(c);
	}
	if (rc == 0 && report_has_obtained())
		eff_subscribe(c);
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
	struct roots roots = ROOTS_INIT;
	struct err err = {0};
	enum cli_end end;
	int rc, sig;

	proc_hold_stdio();
	screen_begin();
	end = cli_parse(&c, argc, argv, &err);
	if (end == CLI_DONE) {
		config_release(&c);
		return fflush(stdout) == 0 ? 0 : 1;
	}
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
		rc = run(&c, &roots, &err);
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
	if (rc == 0 && sig == 0 && (rc = screen_written(&err)) != 0)
		screen_fatal(&c, &err);
	screen_end();
	roots_release(&roots);
	config_release(&c);
	err_clear(&err);
	if (sig != 0 && sig != SIGINT)
		signals_die(sig);
	return rc == 0 ? 0 : 1;
}
