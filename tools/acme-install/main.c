/* acme-install - hosts a plugin that installs certificates into a server
 * (design, section 4). */
#include <string.h>

#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "install.h"
#include "net/client.h"

/* Options with a value that may stand before the plugin's name. */
static const char *const with_value[] = {"server", "account-dir", "ca-bundle",
    "timeout", "trace", "config-dir", "work-dir", "logs-dir", "domains",
    "domain", "checkpoints", NULL};

static void
each_document(void *ctx, struct stage *st, jv *docs TAKES, size_t n)
{
	struct install *in = ctx;
	const struct verb *verb = verb_find(doc_str_at(st->rest, 1));
	struct err err = {0};

	for (size_t i = 0; i < n; i++) {
		jv doc = docs[i];

		if (signals_caught() != 0)
			err_set(&err, ERR_interrupted,
			    "a signal ended the work");
		if (!err_is_set(&err) && verb->document(in, &doc, &err) == 0)
			stage_emit(st, doc);
		else
			stage_fail(st, doc, &err);
		err_clear(&err);
	}
}

static int
is_usable(const struct install *in, const struct verb *verb, struct err *err)
{
	size_t n = doc_len(in->st.rest);

	if (in->desc == NULL)
		return 0;
	if (!in->desc->installer)
		err_set(err, ERR_noPlugin,
		    "the plugin %s is no installer; 'certbot plugins "
		    "--installers' lists those",
		    in->desc->name);
	else if (verb == NULL)
		err_set(err, ERR_usage,
		    "after the plugin comes one of check, names, deploy, enhance, rollback, recover, config-test, restart, renew-deploy, generic-updates");
	else if (n > 3 || (n == 3 && !stage_reads(&in->st)))
		err_set(err, ERR_usage, "the operand \"%s\" is one too many",
		    doc_str_at(in->st.rest, 2));
	else if (n == 3 && verb->document == NULL)
		err_set(err, ERR_usage, "acme-install %s %s reads nothing",
		    in->desc->name, verb->name);
	return !err_is_set(err);
}

static void
run(struct install *in, struct err *err)
{
	const char *name = doc_str_at(in->st.rest, 1);
	const struct verb *verb = name == NULL ? NULL : verb_find(name);
	jv doc;

	if (stage_verb(&in->st)[0] == '\0')
		err_set(err, ERR_usage, "name a plugin");
	if (!is_usable(in, verb, err))
		return;
	(void)signals_catch();
	if (verb->always_reads || stage_reads(&in->st)) {
		stage_run(&in->st, verb->new_only ? 0 : STAGE_KEEP_TOO,
		    each_document, in);
		return;
	}
	doc = verb->alone(in, err);
	if (!doc_is(doc, DOC_NONE))
		stage_emit(&in->st, doc);
}

static int
parse(struct install *in, int argc, char *argv[])
{
	const struct opt own[] = {
	    {"domains", 'd', OPT_NAMES, &in->names, "NAMES",
		"install for these names (the document's)"},
	    {"domain", '\0', OPT_NAMES, &in->names, "NAMES", "the same"},
	    {"redirect", '\0', OPT_FLAG, &in->redirect, NULL,
		"deploy, enhance: send HTTP to HTTPS"},
	    {"try-redirect", '\0', OPT_FLAG, &in->try_redirect, NULL,
		"the same, if the plugin can"},
	    {"hsts", '\0', OPT_FLAG, &in->hsts, NULL,
		"deploy, enhance: Strict-Transport-Security in every answer"},
	    {"uir", '\0', OPT_FLAG, &in->uir, NULL,
		"deploy, enhance: browsers upgrade insecure requests"},
	    {"staple-ocsp", '\0', OPT_FLAG, &in->staple, NULL,
		"deploy, enhance: OCSP responses in the handshake"},
	    {"auto-hsts", '\0', OPT_FLAG, &in->auto_hsts, NULL,
		"deploy, enhance: HSTS with a growing time"},
	    {"checkpoints", '\0', OPT_NUMBER, &in->checkpoints, "N",
		"rollback: how many (1)"},
	    {"disable-renew-updates", '\0', OPT_FLAG, &in->disable_updates,
		NULL, "renew-deploy: reload the server only"},
	    {"non-interactive", 'n', OPT_FLAG, &in->batch, NULL,
		"tell the plugin that nobody can be asked"},
	    {"config-dir", '\0', OPT_STRING, (void *)&in->st.config_dir, "DIR",
		"for the plugin (/etc/letsencrypt)"},
	    {"work-dir", '\0', OPT_STRING, (void *)&in->st.work_dir, "DIR",
		"where checkpoints are (/var/lib/letsencrypt)"},
	    {"logs-dir", '\0', OPT_STRING, (void *)&in->st.logs_dir, "DIR",
		"for the plugin (/var/log/letsencrypt)"},
	    OPT_END,
	};
	struct err err = {0};

	in->flags = plugin_flags_new(in->desc, own, with_value);
	in->st.options = plugin_flags_rows(in->flags);
	if (stage_begin(&in->st, argc, argv) != 0)
		return 1;
	if (in->st.config_dir == NULL)
		in->st.config_dir = "/etc/letsencrypt";
	if (in->st.work_dir == NULL)
		in->st.work_dir = "/var/lib/letsencrypt";
	if (in->st.logs_dir == NULL)
		in->st.logs_dir = "/var/log/letsencrypt";
	doc_move(&in->given, plugin_flags_given(in->flags, &err));
	if (!err_is_set(&err))
		return 0;
	stage_fail_first(&in->st, &err);
	return 1;
}

static void
release(struct install *in)
{
	host_close(in);
	net_close(in->net);
	reverter_free(in->reverter);
	lock_release(&in->lock);
	plugin_flags_free(in->flags);
	plugin_desc_free(in->desc);
	doc_free(in->names);
	unread_release(&in->unread);
	doc_free(in->given);
	doc_free(in->server);
	doc_free(in->enhancements);
}

int
main(int argc, char *argv[])
{
	struct install in = {
	    .st = {.name = "acme-install",
		.usage = {"acme-install",
		    "PLUGIN check | names | config-test | restart | recover\n"
		    "PLUGIN check - | deploy | enhance [option...]\n"
		    "PLUGIN rollback [--checkpoints N]\n"
		    "PLUGIN renew-deploy | generic-updates",
		    "Install certificates into a server by its plugin."}},
	    .checkpoints = 1,
	    .lock = LOCK_INIT,
	};
	const char *name = plugin_flags_first(argc, argv, with_value);
	struct err err = {0};

	in.names = doc_array();
	in.given = doc_object();
	in.server = doc_none();
	in.enhancements = doc_none();
	if (name != NULL && strcmp(name, "-") != 0)
		in.desc = plugin_find(name, &err);
	if (parse(&in, argc, argv) == 0) {
		run(&in, &err);
		if (err_is_set(&err))
			stage_fail_first(&in.st, &err);
	}
	err_clear(&err);
	release(&in);
	return stage_end(&in.st);
}
