/* hooks.c - which hooks there are, what they are told, and which were run
 * already. */
#include "hooks.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/safefile.h"
#include "hookrun.h"
#include "screen.h"

static const char logger[] = "certbot._internal.hooks";

enum { SAVED_NAMES_K = 16, OWN_NAMES_K = 32 }; /* thousands of bytes */

static jv pre_done;   /* commands that ran */
static jv post_saved; /* commands for the end of the run */
static jv last_env;   /* of the deploy hooks that ran last */

jv
hooks_directory(const struct config *c, const char *kind)
{
	jv list = doc_array();
	char *hooks, *path;
	DIR *dir;
	struct dirent *e;

	if (!config_flag(c, "directory_hooks"))
		return list;
	hooks = path_join(config_str(c, "config_dir"), "renewal-hooks");
	path = path_join(hooks, kind);
	dir = opendir(path);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		size_t len = strlen(e->d_name);
		char *full = path_join(path, e->d_name);

		if (e->d_name[len - 1] != '~' && hook_is_command(full))
			list = doc_push(list, doc_stringn(full, strlen(full)));
		free(full);
	}
	if (dir != NULL)
		closedir(dir);
	free(path);
	free(hooks);
	return doc_sorted_set(list);
}

const char *
hook_command(const struct config *c, const char *dest)
{
	const char *command = config_str(c, dest);

	return command != NULL && *command != '\0' ? command : NULL;
}

jv
hooks_commands(const struct config *c, const char *kind, int with_directory)
{
	jv list = with_directory ? hooks_directory(c, kind) : doc_array();
	const char *own = hook_command(c,
	    strcmp(kind, "pre") == 0	  ? "pre_hook" :
		strcmp(kind, "post") == 0 ? "post_hook" :
					    "renew_hook");

	return own != NULL ? doc_push_str(list, own) : list;
}

/* Run these to their end. */
static void
run(const char *kind, jv list TAKES, jv env TAKES)
{
	struct hook_task t = {.kind = kind,
	    .commands = list,
	    .env = env,
	    .page = screen_page_now()};

	hookrun_add(&t);
	hookrun_wait();
}

void
hooks_pre(const struct config *c, int with_directory)
{
	jv list = hooks_commands(c, "pre", with_directory);
	jv todo = doc_array();

	if (!doc_is(pre_done, DOC_ARRAY))
		pre_done = doc_array();
	for (size_t i = 0; i < doc_len(list); i++) {
		const char *command = doc_str_at(list, i);

		if (doc_list_has(pre_done, command)) {
			log_info(logger,
			    "Pre-hook command already run, skipping: %s",
			    command);
			continue;
		}
		todo = doc_push_str(todo, command);
		pre_done = doc_push_str(doc_take(&pre_done), command);
	}
	doc_free(list);
	run("pre-hook", todo, doc_none());
}

void
hooks_post_later(const struct config *c)
{
	jv list = hooks_commands(c, "post", 1);

	if (!doc_is(post_saved, DOC_ARRAY))
		post_saved = doc_array();
	for (size_t i = 0; i < doc_len(list); i++) {
		const char *command = doc_str_at(list, i);

		if (!doc_list_has(post_saved, command))
			post_saved = doc_push_str(doc_take(&post_saved),
			    command);
	}
	doc_free(list);
}

/* One more row "KEY=a b c", of at most k thousand bytes (0: all of it). */
static jv
add_names(jv env TAKES, const char *key, jv names, size_t k)
{
	char *joined = doc_join(names, " "), *row;

	if (k > 0 && strlen(joined) > k * 1000) {
		log_warning(logger,
		    "Limiting %s environment variable to %zuk characters", key,
		    k);
		joined[k * 1000] = '\0';
	}
	row = xasprintf("%s=%s", key, joined);
	free(joined);
	env = doc_push(env, doc_stringn(row, strlen(row)));
	free(row);
	return env;
}

/* A script may rely on what the last deploy hooks were told (spec 6.5). */
static void
run_post(jv list TAKES, jv renewed, jv failed, size_t k)
{
	jv env = doc_is(last_env, DOC_ARRAY) ? doc_copy(last_env) : doc_array();

	env = add_names(env, "RENEWED_DOMAINS", renewed, k);
	env = add_names(env, "FAILED_DOMAINS", failed, k);
	run("post-hook", list, env);
}

void
hooks_post(const struct config *c, jv renewed)
{
	jv list = hooks_commands(c, "post", 0), none = doc_array();

	if (doc_len(list) > 0)
		run_post(list, renewed, none, OWN_NAMES_K);
	else
		doc_free(list);
	doc_free(none);
}

void
hooks_run_saved(jv renewed, jv failed)
{
	if (doc_len(post_saved) > 0)
		run_post(doc_take(&post_saved), renewed, failed, SAVED_NAMES_K);
}

jv
hooks_deploys(const struct config *c, int with_directory)
{
	jv list = hooks_commands(c, "deploy", with_directory);
	jv ran = doc_array();
	int dry = config_flag(c, "dry_run") &&
	    !config_flag(c, "run_deploy_hooks");

	for (size_t i = 0; i < doc_len(list); i++) {
		const char *command = doc_str_at(list, i);

		if (dry)
			log_info(logger,
			    "Dry run: skipping deploy hook command: %s",
			    command);
		else if (doc_list_has(ran, command))
			log_info(logger,
			    "Skipping deploy-hook '%s' as it was already run.",
			    command);
		else
			ran = doc_push_str(ran, command);
	}
	doc_free(list);
	return ran;
}

void
hooks_deploy_later(const struct config *c, int with_directory,
    const char *lineage_dir, jv names, void (*done)(void *ctx), void *ctx)
{
	struct hook_task t = {.kind = "deploy-hook",
	    .commands = hooks_deploys(c, with_directory),
	    .page = screen_page_now(),
	    .done = done,
	    .ctx = ctx};
	char *row = xasprintf("RENEWED_LINEAGE=%s", lineage_dir);

	t.env = doc_push(doc_array(), doc_stringn(row, strlen(row)));
	t.env = add_names(t.env, "RENEWED_DOMAINS", names, 0);
	free(row);
	if (doc_len(t.commands) > 0)
		doc_move(&last_env, doc_copy(t.env));
	hookrun_add(&t);
}

void
hooks_deploy(const struct config *c, int with_directory,
    const char *lineage_dir, jv names)
{
	hooks_deploy_later(c, with_directory, lineage_dir, names, NULL, NULL);
	hookrun_wait();
}
