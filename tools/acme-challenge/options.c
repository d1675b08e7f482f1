/* The command line: the stage's own options, and those that the plugin's
 * descriptor names. */
#include <string.h>

#include "challenge.h"
#include "plugin/flags.h"

/* Options with a value that may stand before the plugin's name. */
static const char *const with_value[] = {"server", "account-dir", "ca-bundle",
    "timeout", "patience", "trace", "for", "preferred-challenges", "config-dir",
    "work-dir", "logs-dir", NULL};

static struct plugin_flags *flags;

const char *
options_verb(int argc, char *const argv[])
{
	return plugin_flags_first(argc, argv, with_value);
}

int
options_begin(struct challenge *c, int argc, char *argv[])
{
	const struct opt own[] = {
	    {"for", '\0', OPT_LIST, &c->patterns, "PATTERN",
		"fulfil only the names that match; \"*.x\" matches *.x and "
		"all names below x"},
	    {"preferred-challenges", '\0', OPT_STRING, (void *)&c->preferred,
		"LIST", "challenge types in order: http-01, dns-01"},
	    {"patience", '\0', OPT_NUMBER, &c->patience, "SECONDS",
		"wait so long if the server asks for it (Retry-After); as "
		"long as --timeout unless given"},
	    {"all", '\0', OPT_FLAG, &c->all, NULL,
		"a name that the plugin cannot do is an error, not left to "
		"another stage"},
	    {"debug-challenges", '\0', OPT_FLAG, &c->debug, NULL,
		"wait for a key before the challenges are submitted"},
	    {"non-interactive", 'n', OPT_FLAG, &c->batch, NULL,
		"tell the plugin that nobody can be asked"},
	    {"config-dir", '\0', OPT_STRING, (void *)&c->st.config_dir, "DIR",
		"for the plugin"},
	    {"work-dir", '\0', OPT_STRING, (void *)&c->st.work_dir, "DIR",
		"for the plugin"},
	    {"logs-dir", '\0', OPT_STRING, (void *)&c->st.logs_dir, "DIR",
		"for the plugin"},
	    OPT_END,
	};
	struct err err = {0};

	flags = plugin_flags_new(c->desc, own, with_value);
	c->st.options = plugin_flags_rows(flags);
	if (stage_begin(&c->st, argc, argv) != 0)
		return 1;
	doc_move(&c->types, preferred_types(c->preferred, &err));
	if (!err_is_set(&err))
		doc_move(&c->given, plugin_flags_given(flags, &err));
	if (err_is_set(&err)) {
		stage_fail_first(&c->st, &err);
		return 1;
	}
	return 0;
}

void
options_release(void)
{
	plugin_flags_free(flags);
	flags = NULL;
}
