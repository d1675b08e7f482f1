/* Writing what was edited: recorded first, then made. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apache.h"
#include "autohsts.h"
#include "base/doc_check.h"
#include "base/safefile.h"

int
apache_lock(struct apache *a, struct err *err)
{
	struct err why = {0};

	if (a->lock.fd != -1)
		return 0;
	if (lock_take(&a->lock, a->server_root, 0, &why) == 0)
		return 0;
	err_move(err, &why);
	return err_prefix(err, "Unable to lock %s", a->server_root);
}

/* No checkpoint can hold another name, nor the conversation with the host. */
static int
check_name(const char *path, struct err *err)
{
	size_t n = strlen(path), step;

	for (size_t i = 0; i < n; i += step) {
		step = utf8_length((const unsigned char *)path + i, n - i);
		if (step == 0)
			return err_set(err, ERR_badData,
			    "%s: the file's name is no UTF-8: rename it, then "
			    "run this again",
			    path);
	}
	return 0;
}

static int
check_names(const struct apache *a, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < a->conf.n_files; i++)
		if (edit_changed(a->conf.files[i]->edit))
			rc = check_name(edit_real_path(a->conf.files[i]->edit),
			    err);
	for (size_t i = 0; rc == 0 && i < a->conf.n_planned; i++)
		rc = check_name(a->conf.planned[i].path, err);
	return rc;
}

/* What stands in the place of a new file would be removed with it. */
static int
check_places(const struct apache *a, struct err *err)
{
	struct stat st;

	for (size_t i = 0; i < a->conf.n_planned; i++)
		if (lstat(a->conf.planned[i].path, &st) == 0)
			return err_set(err, ERR_cannotCreate,
			    "%s is there already: move it away, then run this "
			    "again",
			    a->conf.planned[i].path);
	return 0;
}

static int
record(struct apache *a, int temporary, struct err *err)
{
	jv changed = doc_array(), created = doc_array();
	int rc = check_names(a, err);

	if (rc == 0)
		rc = check_places(a, err);
	for (size_t i = 0; i < a->conf.n_files; i++) {
		const struct file *f = a->conf.files[i];
		if (!f->created && edit_changed(f->edit))
			changed = doc_push_str(changed,
			    edit_real_path(f->edit));
	}
	for (size_t i = 0; i < a->conf.n_planned; i++)
		created = doc_push_str(created, a->conf.planned[i].path);
	if (rc == 0 && doc_len(changed) > 0)
		rc = reverter_add(a->rev, temporary, changed,
		    a->notes.len > 0 ? a->notes.p : NULL, err);
	if (rc == 0 && doc_len(created) > 0)
		rc = reverter_created(a->rev, temporary, created, err);
	doc_free(changed);
	doc_free(created);
	return rc;
}

static int
make_link(const struct planned *p, struct err *err)
{
	if (symlink(p->target, p->path) == -1)
		return err_sys(err, ERR_cannotCreate, errno,
		    "cannot make the link %s", p->path);
	return safefile_sync_parent(p->path, err);
}

int
apache_save(struct apache *a, int temporary, struct err *err)
{
	struct conf *c = &a->conf;
	int rc;

	if (!a->read)
		return 0;
	rc = record(a, temporary, err);
	/* An id that no file has yet does no harm; a file's that nobody keeps
	 * would never make another step. */
	if (rc == 0)
		rc = autohsts_keep_twins(a, err);
	for (size_t i = 0; rc == 0 && i < c->n_files; i++)
		rc = edit_write(c->files[i]->edit, err);
	for (size_t i = 0; rc == 0 && i < c->n_planned; i++)
		if (c->planned[i].target != NULL)
			rc = make_link(&c->planned[i], err);
	if (rc == -1)
		return -1;
	for (size_t i = 0; i < c->n_files; i++)
		c->files[i]->created = 0;
	for (size_t i = 0; i < c->n_planned; i++) {
		free(c->planned[i].path);
		free(c->planned[i].target);
	}
	c->n_planned = 0;
	buf_reset(&a->notes);
	return 0;
}

int
apache_recover(struct apache *a, struct err *err)
{
	if (apache_lock(a, err) == -1)
		return -1;
	apache_forget(a);
	if (reverter_recover(a->rev, err) == -1)
		return -1;
	http01_sweep(a);
	return 0;
}

void
apache_owe_reload(struct apache *a)
{
	struct err ignored = {0};

	/* A disk that is full is no reason not to put back, and nothing else is
	 * written on it. */
	(void)unread_mark(&a->owed, guest_dir(a->g, "work"), a->server,
	    &ignored);
	err_clear(&ignored);
}
