/* Undoing one checkpoint: commands, files, new files, then the directory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "store/reverter_private.h"

static void
run_command(jv argv)
{
	size_t n = doc_len(argv);
	const char **args = xcalloc(n + 1, sizeof(*args));
	struct proc p = PROC_INIT;
	struct err err = {0};
	char *text;

	for (size_t i = 0; i < n; i++) {
		args[i] = doc_str_at(argv, i);
		if (!args[i])
			args[i] = "";
	}
	p.argv = args;
	p.out = PROC_NULL; /* what it advises has been done when we end */
	if (proc_start(&p, &err) < 0 || proc_wait(&p) < 0 ||
	    proc_exit_code(&p) != 0) {
		text = doc_join(argv, " ");
		log_error(REVERTER_LOGGER, "Unable to run undo command: %s",
		    text);
		free(text);
	}
	err_clear(&err);
	free(args);
}

static int
undo_commands(const char *dir, struct err *err)
{
	char *path = path_join(dir, "COMMANDS");
	struct buf b;
	int rc = 0;

	buf_init(&b, REVERTER_LIST_MAX);
	if (access(path, F_OK) == 0)
		rc = safefile_read(path, &b, err);
	if (rc == 0) {
		jv rows = reverter_csv_parse(b.p ? b.p : "", b.len);

		for (size_t i = doc_len(rows); i-- > 0;) {
			jv row = doc_at(rows, i);

			run_command(row);
			doc_free(row);
		}
		doc_free(rows);
	}
	buf_release(&b);
	free(path);
	return rc;
}

static int
restore_files(const char *dir, struct err *err)
{
	jv paths = reverter_lines(dir, "FILEPATHS", err);
	int rc = doc_is(paths, DOC_ARRAY) ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < doc_len(paths); i++) {
		const char *path = doc_str_at(paths, i);
		char *copy = xasprintf("%s/%s_%zu", dir, path_base(path), i);

		reverter_sweep(path);
		rc = reverter_copy(copy, path, err);
		/* One that cannot be written was not changed either. */
		if (rc < 0 && reverter_is_copy(copy, path)) {
			err_clear(err);
			rc = 0;
		}
		free(copy);
	}
	doc_free(paths);
	if (rc < 0) {
		log_error(REVERTER_LOGGER, "Unable to recover files from %s",
		    dir);
		err_prefix(err, "Unable to recover files from %s", dir);
	}
	return rc;
}

static int
remove_file(const char *path, struct err *err)
{
	struct stat st;

	reverter_sweep(path);
	if (lstat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		log_warning(REVERTER_LOGGER,
		    "File: %s - Could not be found to be deleted\n"
		    " - Certbot probably shut down unexpectedly",
		    path);
		return 0;
	}
	if (unlink(path) < 0)
		return err_sys(err, ERR_ioError, errno, "cannot remove '%s'",
		    path);
	return safefile_sync_parent(path, err);
}

static int
remove_new_files(const char *dir, struct err *err)
{
	jv paths = reverter_lines(dir, "NEW_FILES", err);
	int rc = doc_is(paths, DOC_ARRAY) ? 0 : -1;

	for (size_t i = 0; rc == 0 && i < doc_len(paths); i++)
		rc = remove_file(doc_str_at(paths, i), err);
	doc_free(paths);
	if (rc < 0) {
		log_add(LOG_CRITICAL, REVERTER_LOGGER, SHOW_LOG,
		    "Unable to remove filepaths contained within %s/NEW_FILES",
		    dir);
		err_prefix(err,
		    "Unable to remove filepaths contained within %s/NEW_FILES",
		    dir);
	}
	return rc;
}

/* A directory of which a part is gone could not be undone again: it goes out
 * of the way as a whole, then its parts. */
static int
discard(const char *dir, const char *trash, struct err *err)
{
	if (safefile_remove_tree(trash, err) == 0 &&
	    safefile_rename(dir, trash, err) == 0 &&
	    safefile_remove_tree(trash, err) == 0)
		return 0;
	log_error(REVERTER_LOGGER, "Unable to remove directory: %s", dir);
	return err_prefix(err, "Unable to remove directory: %s", dir);
}

int
reverter_undo(const char *dir, const char *trash, struct err *err)
{
	if (undo_commands(dir, err) < 0 || restore_files(dir, err) < 0 ||
	    remove_new_files(dir, err) < 0)
		return -1;
	return discard(dir, trash, err);
}
