/* hooks.c - hooks are shell commands of the administrator: /bin/sh -c is what
 * certbot promises for them. */
#include "hooks.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "screen.h"

static const char logger[] = "certbot._internal.hooks";

enum { HOOK_OUTPUT_MAX = 4 << 20, ENV_NAMES_MAX = 16000, ENV_MAX = 4 };

static jv pre_done;   /* commands that ran */
static jv post_saved; /* commands for the end of the run */

static int
is_command(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

static int
in_path(const char *word)
{
	const char *path = getenv("PATH");
	char *copy, *save = NULL, *full;
	int found = 0;

	if (strchr(word, '/') != NULL)
		return is_command(word);
	copy = xstrdup(path != NULL ? path : "");
	for (char *dir = strtok_r(copy, ":", &save); dir != NULL && !found;
	     dir = strtok_r(NULL, ":", &save)) {
		full = path_join(dir, word);
		found = is_command(full);
		free(full);
	}
	free(copy);
	return found;
}

/* Directories that cron's PATH lacks (spec 6.6). */
static void
lengthen_path(void)
{
	static const char *const more[] = {"/usr/sbin", "/usr/local/bin",
	    "/usr/local/sbin"};

	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		const char *path = getenv("PATH");
		char *longer;

		if (path != NULL && strstr(path, more[i]) != NULL)
			continue;
		longer = xasprintf("%s%s%s", path != NULL ? path : "",
		    path != NULL && *path != '\0' ? ":" : "", more[i]);
		setenv("PATH", longer, 1);
		free(longer);
	}
}

static int
validate(const char *command, const char *kind, struct err *err)
{
	char *copy, *save = NULL, *word;
	struct stat st;
	int rc = 0;

	if (command == NULL)
		return 0;
	copy = xstrdup(command);
	word = strtok_r(copy, " \t\n", &save);
	if (word == NULL)
		word = copy;
	if (!in_path(word)) {
		lengthen_path();
		if (in_path(word))
			rc = 0;
		else if (stat(word, &st) == 0)
			rc = err_set(err, ERR_configuration,
			    "%s-hook command %s exists, but is not executable.",
			    kind, word);
		else
			rc = err_set(err, ERR_configuration,
			    "Unable to find %s-hook command %s in the PATH.\n(PATH is %s)\nSee also the --disable-hook-validation option.",
			    kind, word, getenv("PATH"));
	}
	free(copy);
	return rc;
}

int
hooks_validate(struct config *c, struct err *err)
{
	if (validate(config_str(c, "pre_hook"), "pre", err) != 0 ||
	    validate(config_str(c, "post_hook"), "post", err) != 0)
		return -1;
	return validate(config_str(c, "renew_hook"), "deploy", err);
}

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

		if (e->d_name[len - 1] != '~' && is_command(full))
			list = doc_push(list, doc_stringn(full, strlen(full)));
		free(full);
	}
	if (dir != NULL)
		closedir(dir);
	free(path);
	free(hooks);
	return doc_sorted_set(list);
}

/* Stripped at both ends, CRLF as LF, a blank before every line that is not
 * blank. */
static char *
indented(const struct buf *b)
{
	struct buf out;
	const char *p = b->p, *end = b->p + b->len;

	buf_init(&out, HOOK_OUTPUT_MAX * 2);
	while (p < end && isspace((unsigned char)*p))
		p++;
	while (end > p && isspace((unsigned char)end[-1]))
		end--;
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl != NULL ? nl : end) - p), blank = 0;

		if (len > 0 && p[len - 1] == '\r')
			len--;
		while (blank < len && isspace((unsigned char)p[blank]))
			blank++;
		if (blank < len)
			buf_addc(&out, ' ');
		buf_add(&out, p, len);
		if (nl == NULL)
			break;
		buf_addc(&out, '\n');
		p = nl + 1;
	}
	return buf_detach(&out);
}

static int
is_blank(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (!isspace((unsigned char)b->p[i]))
			return 0;
	return 1;
}

/* One command. An absolute path of an executable (a directory hook, blanks and
 * all) is quoted for the shell. env: up to ENV_MAX "K=V" rows ended by NULL, or NULL.
 * The network is the stages' own. */
static void
run(const char *kind, const char *command, const char *const *env)
{
	const char *rows[ENV_MAX + 2] = {"ACME_NET", NULL};
	int is_path = command[0] == '/' && is_command(command);
	const char *const sh[] = {"/bin/sh", "-c", is_path ? "\"$0\"" : command,
	    is_path ? command : NULL, NULL};
	struct proc p = PROC_INIT;
	struct buf out, errout;
	struct err err = {0};
	char *text;

	log_info(logger, "Running %s command: %s", kind, command);
	buf_init(&out, HOOK_OUTPUT_MAX);
	buf_init(&errout, HOOK_OUTPUT_MAX);
	p.argv = sh;
	for (size_t i = 0; env != NULL && env[i] != NULL && i < ENV_MAX; i++) {
		rows[i + 1] = env[i];
		rows[i + 2] = NULL;
	}
	p.env = rows;
	p.in = PROC_INHERIT;
	p.out = PROC_PIPE;
	p.err = PROC_PIPE;
	if (proc_run(&p, NULL, 0, &out, &errout, -1, &err) != 0) {
		log_warning(logger, "Hook '%s' could not be run: %s", kind,
		    err_text(&err));
		err_clear(&err);
	} else if (p.status != 0) {
		int code = proc_exit_code(&p);

		log_warning(logger, "Hook '%s' reported error code %d", kind,
		    code > 128 && WIFSIGNALED(p.status) ? 128 - code : code);
	}
	if (!is_blank(&out)) {
		text = indented(&out);
		screen_status("Hook '%s' ran with output:\n%s", kind, text);
		free(text);
	}
	if (!is_blank(&errout)) {
		text = indented(&errout);
		log_warning(logger, "Hook '%s' ran with error output:\n%s",
		    kind, text);
		free(text);
	}
	buf_release(&out);
	buf_release(&errout);
}

/* Directory hooks, then the option's command. */
static jv
commands(const struct config *c, const char *kind, const char *dest,
    int with_directory)
{
	jv list = with_directory ? hooks_directory(c, kind) : doc_array();
	const char *own = config_str(c, dest);

	return own != NULL ? doc_push_str(list, own) : list;
}

void
hooks_pre(const struct config *c, int with_directory)
{
	jv list = commands(c, "pre", "pre_hook", with_directory);

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
		run("pre-hook", command, NULL);
		pre_done = doc_push_str(doc_take(&pre_done), command);
	}
	doc_free(list);
}

void
hooks_post_later(const struct config *c)
{
	jv list = commands(c, "post", "post_hook", 1);

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

static char *
env_names(const char *key, jv names)
{
	char *joined = doc_join(names, " "), *row;

	if (strlen(joined) > ENV_NAMES_MAX) {
		log_warning(logger,
		    "Limiting %s environment variable to 16k characters", key);
		joined[ENV_NAMES_MAX] = '\0';
	}
	row = xasprintf("%s=%s", key, joined);
	free(joined);
	return row;
}

static void
run_post(jv list, jv renewed, jv failed)
{
	char *ok = env_names("RENEWED_DOMAINS", renewed);
	char *bad = env_names("FAILED_DOMAINS", failed);
	const char *const env[] = {ok, bad, NULL};

	for (size_t i = 0; i < doc_len(list); i++)
		run("post-hook", doc_str_at(list, i), env);
	free(ok);
	free(bad);
}

void
hooks_post(const struct config *c, jv renewed)
{
	jv list = commands(c, "post", "post_hook", 0), none = doc_array();

	if (doc_len(list) > 0)
		run_post(list, renewed, none);
	doc_free(none);
	doc_free(list);
}

void
hooks_run_saved(jv renewed, jv failed)
{
	if (doc_len(post_saved) == 0)
		return;
	run_post(post_saved, renewed, failed);
	doc_free(doc_take(&post_saved));
}

void
hooks_deploy(const struct config *c, int with_directory,
    const char *lineage_dir, jv names)
{
	jv list = commands(c, "deploy", "renew_hook", with_directory);
	jv ran = doc_array();
	char *domains = env_names("RENEWED_DOMAINS", names);
	int dry = config_flag(c, "dry_run") &&
	    !config_flag(c, "run_deploy_hooks");

	/* later hooks of this run see them, too (spec 6.5) */
	if (!dry && doc_len(list) > 0) {
		setenv("RENEWED_LINEAGE", lineage_dir, 1);
		setenv("RENEWED_DOMAINS", strchr(domains, '=') + 1, 1);
	}
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
			run("deploy-hook", command, NULL);
		ran = doc_push_str(ran, command);
	}
	free(domains);
	doc_free(ran);
	doc_free(list);
}
