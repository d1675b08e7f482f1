/* roots.c - see roots.h. */
#include "roots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/path.h"
#include "base/safefile.h"
#include "progress.h"
#include "screen.h"
#include "store/account.h"

enum { ERRNO_END = 134 };

static const char logger[] = "certbot._internal.main";

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

/* "Process 12 holds /x/.certbot.lock"; malloc'd. */
static char *
holder(const struct err *why)
{
	const char *path = doc_str(why->members, "path");
	long pid = 0;

	if (doc_int(why->members, "process", &pid) == 0)
		return xasprintf("Process %ld holds %s", pid, path);
	return xasprintf("A process holds %s", path);
}

static int
say_locked(const struct err *why, struct err *err)
{
	char *who = holder(why);

	err_set(err, ERR_locked,
	    "Another instance of Certbot is already running.\n%s; with --wait SECONDS it is waited for.",
	    who);
	free(who);
	return -1;
}

static int
say_unusable(const struct config *c, struct err *why, struct err *err)
{
	char *text;

	if (config_flag(c, "strict_permissions") &&
	    strstr(err_text(why), "exists, but") != NULL) {
		err_move(err, why);
		return -1;
	}
	text = as_python(err_text(why));
	err_set(err, ERR_permission,
	    "The following error was encountered:\n%s\nEither run as root, or set --config-dir, --work-dir, and --logs-dir to writeable paths.",
	    text);
	free(text);
	return -1;
}

/* Take the lock of dir, at the latest at the time `until` (clock_ms). */
static int
take(struct lock *lock, const char *dir, int64_t until, struct err *err)
{
	int64_t left;
	char *text;
	int rc;

	if (lock_take(lock, dir, 0, err) == 0)
		return 0;
	left = until - clock_ms();
	if (err->name != ERR_locked || left <= 0)
		return -1;
	log_info(logger, "%s", err_text(err));
	text = holder(err);
	progress_show("Waiting", text, 0, 0, NULL);
	free(text);
	err_clear(err);
	rc = lock_take(lock, dir, (long)((left + 999) / 1000), err);
	progress_end();
	return rc;
}

/* A directory, locked. */
static int
open_root(const struct config *c, const char *dest, mode_t mode,
    struct lock *lock, int64_t until, struct err *err)
{
	const char *path = config_str(c, dest);
	struct err why = {0};
	int rc = 0;

	if (safefile_mkdirs(path, mode, &why) != 0 ||
	    (config_flag(c, "strict_permissions") &&
		safefile_check_dir(path, mode, &why) != 0) ||
	    take(lock, path, until, &why) != 0)
		rc = why.name == ERR_locked ? say_locked(&why, err) :
					      say_unusable(c, &why, err);
	err_clear(&why);
	return rc;
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

/* Eats path; NULL or what is not there will do. */
static int
check_inner(char *path, mode_t mode, struct err *err)
{
	struct stat st;
	int rc = path != NULL && stat(path, &st) == 0 ?
	    safefile_check_dir(path, mode, err) :
	    0;

	free(path);
	return rc;
}

/* --strict-permissions, for what is there below the roots (spec 1.1, installers
 * A1): where others could write hooks, keys or what is rolled back. */
static int
check_inners(const struct config *c, struct err *err)
{
	static const char *const hooks[] = {"renewal-hooks/pre",
	    "renewal-hooks/deploy", "renewal-hooks/post"};
	const char *config = config_str(c, "config_dir");
	char *accounts = path_join(config, "accounts");
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(hooks); i++)
		rc = check_inner(path_join(config, hooks[i]), 0755, err);
	if (rc == 0)
		rc = check_inner(
		    account_server_dir(accounts, config_str(c, "server"), NULL),
		    0700, err);
	if (rc == 0)
		rc = check_inner(
		    path_join(config_str(c, "work_dir"), "backups"), 0755, err);
	free(accounts);
	return rc;
}

int
roots_open(struct roots *r, const struct config *c, struct err *err)
{
	int64_t until = clock_ms() + (int64_t)config_int(c, "wait") * 1000;

	if (open_root(c, "logs_dir", 0700, &r->lock[0], until, err) != 0 ||
	    screen_open_log(c, err) != 0 ||
	    open_root(c, "config_dir", safefile_masked(0755), &r->lock[1],
		until, err) != 0 ||
	    open_root(c, "work_dir", 0755, &r->lock[2], until, err) != 0)
		return -1;
	lock_export(r->lock, ROOTS);
	if (make_hook_dirs(c, err) != 0)
		return -1;
	return config_flag(c, "strict_permissions") ? check_inners(c, err) : 0;
}

void
roots_release(struct roots *r)
{
	for (size_t i = 0; i < ROOTS; i++)
		lock_release(&r->lock[i]);
}
