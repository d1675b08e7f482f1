#include "store/reverter.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/safefile.h"
#include "store/reverter_private.h"
#include "store/reverter_time.h"

struct reverter {
	char *work;
	char *backups, *temporary, *progress, *trash;
	int strict;
};

static int
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
make_dir(const struct reverter *r, const char *dir, struct err *err)
{
	if (is_dir(dir))
		return r->strict ?
		    safefile_check_dir(dir, REVERTER_DIR_MODE, err) :
		    0;
	return safefile_mkdirs(dir, safefile_masked(REVERTER_DIR_MODE), err);
}

struct reverter *
reverter_open(const char *work, int strict, struct err *err)
{
	struct reverter *r = xcalloc(1, sizeof(*r));

	r->work = path_absolute(work);
	r->strict = strict;
	r->backups = path_join(r->work, "backups");
	r->temporary = path_join(r->work, "temp_checkpoint");
	r->progress = path_join(r->work, "IN_PROGRESS");
	r->trash = path_join(r->work, ".checkpoint.undone");
	if (make_dir(r, r->backups, err) < 0 ||
	    safefile_remove_tree(r->trash, err) < 0) {
		reverter_free(r);
		return NULL;
	}
	return r;
}

void
reverter_free(struct reverter *r)
{
	if (!r)
		return;
	free(r->work);
	free(r->backups);
	free(r->temporary);
	free(r->progress);
	free(r->trash);
	free(r);
}

/* -- adding ----------------------------------------------------------------- */

static int
check_not_temporary(const struct reverter *r, jv paths, struct err *err)
{
	static const char *const lists[] = {"FILEPATHS", "NEW_FILES"};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists) && rc == 0; i++) {
		jv held = reverter_lines(r->temporary, lists[i], err);

		rc = doc_is(held, DOC_ARRAY) ? 0 : -1;
		for (size_t k = 0; k < doc_len(held) && rc == 0; k++)
			if (doc_list_has(paths, doc_str_at(held, k)))
				rc = err_set(err, ERR_refused,
				    "Attempting to overwrite challenge file - %s",
				    doc_str_at(held, k));
		doc_free(held);
	}
	return rc;
}

/* Copies first, then the list: a line without a copy could not be undone. */
static int
copy_files(const char *dir, jv paths, struct err *err)
{
	jv lines = reverter_lines(dir, "FILEPATHS", err);
	size_t before = doc_len(lines);
	int rc = doc_is(lines, DOC_ARRAY) ? 0 : -1;

	for (size_t i = 0; i < doc_len(paths) && rc == 0; i++) {
		const char *path = doc_str_at(paths, i);
		char *copy;

		if (doc_list_has(lines, path))
			continue;
		log_debug(REVERTER_LOGGER, "Creating backup of %s", path);
		copy = xasprintf("%s/%s_%zu", dir, path_base(path),
		    doc_len(lines));
		rc = reverter_copy(path, copy, err);
		free(copy);
		lines = doc_push_str(lines, path);
		if (rc < 0)
			err_prefix(err,
			    "Unable to add file %s to checkpoint %s", path,
			    dir);
	}
	if (rc == 0 && (doc_len(lines) > before || before == 0))
		rc = reverter_write_lines(dir, "FILEPATHS", lines, err);
	doc_free(lines);
	return rc;
}

int
reverter_add(struct reverter *r, int temporary, jv paths, const char *notes,
    struct err *err)
{
	const char *dir = temporary ? r->temporary : r->progress;

	if (reverter_check_paths(paths, err) < 0 ||
	    (!temporary && check_not_temporary(r, paths, err) < 0) ||
	    make_dir(r, dir, err) < 0 || copy_files(dir, paths, err) < 0)
		return -1;
	if (!notes)
		notes = "";
	return reverter_append(dir, "CHANGES_SINCE", notes, strlen(notes), err);
}

int
reverter_created(struct reverter *r, int temporary, jv paths, struct err *err)
{
	const char *dir = temporary ? r->temporary : r->progress;
	jv lines;
	int rc;

	if (doc_len(paths) == 0)
		return err_set(err, ERR_badData,
		    "Forgot to provide files to registration call");
	if (reverter_check_paths(paths, err) < 0 || make_dir(r, dir, err) < 0)
		return -1;
	lines = reverter_lines(dir, "NEW_FILES", err);
	rc = doc_is(lines, DOC_ARRAY) ? 0 : -1;
	for (size_t i = 0; i < doc_len(paths) && rc == 0; i++)
		if (!doc_list_has(lines, doc_str_at(paths, i)))
			lines = doc_push_str(lines, doc_str_at(paths, i));
	if (rc == 0)
		rc = reverter_write_lines(dir, "NEW_FILES", lines, err);
	doc_free(lines);
	return rc;
}

int
reverter_undo_command(struct reverter *r, int temporary, jv argv,
    struct err *err)
{
	const char *dir = temporary ? r->temporary : r->progress;
	struct buf row;
	int rc;

	if (doc_len(argv) == 0)
		return err_set(err, ERR_badData, "an undo command is empty");
	for (size_t i = 0; i < doc_len(argv); i++)
		if (!doc_str_at(argv, i))
			return err_set(err, ERR_badData,
			    "an undo command holds something that is no text");
	buf_init(&row, REVERTER_LIST_MAX);
	if (reverter_csv_row(&row, argv) < 0)
		rc = err_set(err, ERR_badData, "an undo command is too long");
	else if ((rc = make_dir(r, dir, err)) == 0)
		rc = reverter_append(dir, "COMMANDS", row.p, row.len, err);
	buf_release(&row);
	return rc;
}

/* -- finishing -------------------------------------------------------------- */

static int
add_title(const char *dir, const char *title, struct err *err)
{
	char *path = path_join(dir, "CHANGES_SINCE");
	struct buf old, b;
	int rc = 0;

	buf_init(&old, REVERTER_LIST_MAX);
	buf_init(&b, REVERTER_LIST_MAX + FILE_TEXT_MAX);
	if (access(path, F_OK) != 0) {
		log_info(REVERTER_LOGGER,
		    "Rollback checkpoint is empty (no changes made?)");
		(void)buf_adds(&old, "No changes\n");
	} else {
		rc = safefile_read(path, &old, err);
	}
	if (rc == 0 &&
	    (buf_addf(&b, "-- %s --\n", title) < 0 ||
		buf_add(&b, old.p ? old.p : "", old.len) < 0))
		rc = err_set(err, ERR_badData, "the title is too long");
	if (rc == 0)
		rc = safefile_write(path, b.p, b.len, 0644,
		    SAFEFILE_UMASK | SAFEFILE_KEEP_MODE, err);
	if (rc < 0)
		err_prefix(err, "Unable to add title");
	buf_release(&old);
	buf_release(&b);
	free(path);
	return rc;
}

int
reverter_finish(struct reverter *r, const char *title, struct err *err)
{
	int rc = -1;

	if (!is_dir(r->progress))
		return 0;
	if (add_title(r->progress, title, err) < 0 ||
	    make_dir(r, r->backups, err) < 0)
		return -1;
	for (int tries = 0; tries < 2 && rc < 0; tries++) {
		char *name = reverter_time_name(r->backups);
		char *dir = path_join(r->backups, name);

		err_clear(err);
		rc = safefile_rename(r->progress, dir, err);
		free(dir);
		free(name);
	}
	if (rc < 0)
		err_prefix(err, "Unable to finalize checkpoint renaming");
	return rc;
}

/* -- undoing ---------------------------------------------------------------- */

static void
critical(const char *text, const char *dir)
{
	log_add(LOG_CRITICAL, REVERTER_LOGGER, SHOW_LOG, "%s%s", text, dir);
}

int
reverter_revert_temporary(struct reverter *r, struct err *err)
{
	if (!is_dir(r->temporary) ||
	    reverter_undo(r->temporary, r->trash, err) == 0)
		return 0;
	critical("Incomplete or failed recovery for ", r->temporary);
	return err_prefix(err, "Unable to revert temporary config");
}

int
reverter_recover(struct reverter *r, struct err *err)
{
	if (reverter_revert_temporary(r, err) < 0)
		return -1;
	if (!is_dir(r->progress) ||
	    reverter_undo(r->progress, r->trash, err) == 0)
		return 0;
	critical("Incomplete or failed recovery for IN_PROGRESS checkpoint - ",
	    r->progress);
	return err_prefix(err,
	    "Incomplete or failed recovery for IN_PROGRESS checkpoint - %s",
	    r->progress);
}

/* Names of the finished checkpoints, sorted. */
static jv
finished(const struct reverter *r)
{
	DIR *d = opendir(r->backups);
	jv names = doc_array();
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *dir = path_join(r->backups, e->d_name);

		if (e->d_name[0] != '.' && is_dir(dir))
			names = doc_push(names, doc_string(e->d_name));
		free(dir);
	}
	if (d)
		closedir(d);
	return doc_sorted_set(names);
}

size_t
reverter_count(const struct reverter *r)
{
	jv names = finished(r);
	size_t n = doc_len(names);

	doc_free(names);
	return n;
}

static int
undo_finished(struct reverter *r, const char *name, struct err *err)
{
	char *dir = path_join(r->backups, name);
	int rc = reverter_undo(dir, r->trash, err);

	free(dir);
	if (rc < 0) {
		critical("Failed to load checkpoint during rollback", "");
		err_prefix(err, "Unable to load checkpoint during rollback");
	}
	return rc;
}

int
reverter_rollback(struct reverter *r, long n, struct err *err)
{
	jv names;
	size_t have;
	int rc = 0;

	if (n < 0) {
		log_error(REVERTER_LOGGER,
		    "Rollback argument must be a positive integer");
		return err_set(err, ERR_badData, "Invalid Input");
	}
	names = finished(r);
	have = doc_len(names);
	if (have == 0)
		log_warning(REVERTER_LOGGER,
		    "Certbot hasn't modified your configuration, so rollback isn't available.");
	else if ((size_t)n > have)
		log_warning(REVERTER_LOGGER,
		    "Unable to rollback %ld checkpoints, only %zu exist", n,
		    have);
	for (; rc == 0 && n > 0 && have > 0; n--)
		rc = undo_finished(r, doc_str_at(names, --have), err);
	doc_free(names);
	return rc;
}

int
reverter_unfinished(const struct reverter *r)
{
	return is_dir(r->temporary) || is_dir(r->progress);
}
