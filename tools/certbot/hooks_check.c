/* hooks_check.c - is the first word of a hook a command (spec 6.6)? */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "hooks.h"
#include "hookrun.h"

int
hook_is_command(const char *path)
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
		return hook_is_command(word);
	copy = xstrdup(path != NULL ? path : "");
	for (char *dir = strtok_r(copy, ":", &save); dir != NULL && !found;
	     dir = strtok_r(NULL, ":", &save)) {
		full = path_join(dir, word);
		found = hook_is_command(full);
		free(full);
	}
	free(copy);
	return found;
}

static char *path_added;

const char *
hooks_path_added(void)
{
	return path_added;
}

/* Directories that cron's PATH lacks (spec 6.6). */
static void
lengthen_path(void)
{
	static const char *const more[] = {"/usr/sbin", "/usr/local/bin",
	    "/usr/local/sbin"};

	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		const char *path = getenv("PATH");
		char *longer, *added;

		if (path != NULL && strstr(path, more[i]) != NULL)
			continue;
		longer = xasprintf("%s%s%s", path != NULL ? path : "",
		    path != NULL && *path != '\0' ? ":" : "", more[i]);
		setenv("PATH", longer, 1);
		free(longer);
		added = xasprintf("%s%s%s",
		    path_added != NULL ? path_added : "",
		    path_added != NULL ? ":" : "", more[i]);
		free(path_added);
		path_added = added;
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
	if (validate(hook_command(c, "pre_hook"), "pre", err) != 0 ||
	    validate(hook_command(c, "post_hook"), "post", err) != 0)
		return -1;
	return validate(hook_command(c, "renew_hook"), "deploy", err);
}
