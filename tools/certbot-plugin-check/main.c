/* certbot-plugin-check - does a plugin keep the promises of certbot-plugin(7)?
 * Prints TAP. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/opts.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "check.h"

struct args {
	const char *config, *domain, *performed, *cleaned, *answer, *dir;
	const char *cert, *key, *deployed, *restored;
	jv types, rest;
	int verbose;
};

static int
parse(struct args *a, int argc, char *argv[], struct err *err)
{
	const struct opt rows[] = {
	    {"config", '\0', OPT_STRING, (void *)&a->config, "JSON",
		"the plugin's options by name, as init gives them"},
	    {"challenge", '\0', OPT_LIST, &a->types, "TYPE",
		"perform this type (all of the descriptor's)"},
	    {"domain", 'd', OPT_STRING, (void *)&a->domain, "NAME",
		"for this name (check.example)"},
	    {"performed", '\0', OPT_STRING, (void *)&a->performed, "COMMAND",
		"succeeds while the challenge of $CERTBOT_TOKEN, "
		"$CERTBOT_DOMAIN, $CERTBOT_VALIDATION is there"},
	    {"cleaned", '\0', OPT_STRING, (void *)&a->cleaned, "COMMAND",
		"succeeds once it is gone"},
	    {"cert", '\0', OPT_STRING, (void *)&a->cert, "FILE",
		"installers: deploy this certificate"},
	    {"key", '\0', OPT_STRING, (void *)&a->key, "FILE",
		"installers: and its key"},
	    {"deployed", '\0', OPT_STRING, (void *)&a->deployed, "COMMAND",
		"succeeds while $CERTBOT_DOMAIN is served with $CERTBOT_CERT"},
	    {"restored", '\0', OPT_STRING, (void *)&a->restored, "COMMAND",
		"succeeds while the server is as it was"},
	    {"answer", '\0', OPT_STRING, (void *)&a->answer, "TEXT",
		"the answer to questions for a text"},
	    {"dir", '\0', OPT_STRING, (void *)&a->dir, "DIR",
		"its configuration, work and logs directory (the current "
		"one)"},
	    {"verbose", 'v', OPT_FLAG, &a->verbose, NULL,
		"show the conversation on standard error"},
	    OPT_END,
	};
	const struct opt *tables[] = {rows, NULL};
	const struct opts_usage usage = {"certbot-plugin-check",
	    "[options] PLUGIN",
	    "Run a plugin (its name, or the path of its executable) through "
	    "the promises of certbot-plugin(7)."};

	return opts_parse(argc, argv, tables, &usage, &a->rest, err);
}

/* A plugin by path: its descriptor file, or what --describe prints. */
static struct plugin_desc *
by_path(const char *given, struct err *err)
{
	static const char prefix[] = "certbot-plugin-";
	char *path = path_absolute(given), *file = xasprintf("%s.json", path);
	const char *name = path_base(path);
	struct plugin_desc *d = NULL;
	jv json = doc_none();

	if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		name += sizeof(prefix) - 1;
	if (access(file, F_OK) == 0)
		json = doc_read_file(file, err);
	else
		json = plugin_describe(path, err);
	if (!doc_is(json, DOC_NONE))
		d = plugin_desc_parse(json, name, path, err);
	if (d == NULL)
		err_prefix(err, "%s", given);
	doc_free(json);
	free(file);
	free(path);
	return d;
}

static jv
config_of(const struct args *a, const struct plugin_desc *d, struct err *err)
{
	jv given = doc_object(), config;

	if (a->config != NULL)
		doc_move(&given,
		    plugin_value(PLUGIN_JSON, "config", a->config, err));
	if (doc_is(given, DOC_NONE))
		return given;
	config = plugin_config(d, given, err);
	return doc_is(config, DOC_NONE) ? (doc_free(given), config) :
					  doc_merge(config, given);
}

static int
check(struct args *a, struct err *err)
{
	const char *which = doc_str_at(a->rest, 0);
	struct check c = {.verbose = a->verbose};

	if (doc_len(a->rest) != 1)
		return err_set(err, ERR_usage,
		    "name one plugin, or the path of its executable");
	c.desc = strchr(which, '/') != NULL ? by_path(which, err) :
					      plugin_find(which, err);
	if (c.desc == NULL)
		return -1;
	c.config = config_of(a, c.desc, err);
	if (!doc_is(c.config, DOC_NONE)) {
		c.types = doc_len(a->types) > 0 ? doc_copy(a->types) :
						  doc_copy(c.desc->challenges);
		c.domain = a->domain == NULL ? "check.example" : a->domain;
		c.performed = a->performed;
		c.cleaned = a->cleaned;
		c.answer = a->answer;
		c.cert = a->cert == NULL ? NULL : path_absolute(a->cert);
		c.key = a->key == NULL ? NULL : path_absolute(a->key);
		c.deployed = a->deployed;
		c.restored = a->restored;
		c.dir = path_absolute(a->dir == NULL ? "." : a->dir);
		cases_run(&c);
		printf("1..%u\n", c.run);
		doc_free(c.types);
		free((void *)(uintptr_t)c.dir);
		free((void *)(uintptr_t)c.cert);
		free((void *)(uintptr_t)c.key);
	}
	doc_free(c.config);
	plugin_desc_free(c.desc);
	return err_is_set(err) ? -1 : (int)(c.failed > 0);
}

int
main(int argc, char *argv[])
{
	struct args a = {.types = doc_array()};
	struct err err = {0};
	int rc;

	proc_hold_stdio();
	signal(SIGPIPE, SIG_IGN);
	log_begin("certbot-plugin-check", 0);
	rc = parse(&a, argc, argv, &err);
	if (rc == 1)
		rc = 0; /* help or version */
	else if (rc == 0)
		rc = check(&a, &err);
	if (rc == -1) {
		fprintf(stderr, "certbot-plugin-check: %s\n", err_text(&err));
		rc = err_exit_status(&err);
	}
	err_clear(&err);
	doc_free(a.types);
	doc_free(a.rest);
	return fflush(stdout) == 0 ? rc : 74;
}
