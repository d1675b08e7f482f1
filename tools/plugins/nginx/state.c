/* state.c - the configuration as it is read, edited and saved. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "nginx.h"

char *
nginx_config_file(const struct nginx *n, const char *name)
{
	return path_join(guest_dir(n->g, "config"), name);
}

void
nginx_forget(struct nginx *n)
{
	model_free(n->model);
	conf_free(n->conf);
	n->model = NULL;
	n->conf = NULL;
	free(n->clone);
	n->clone = NULL;
	n->challenges_changed = 0;
	buf_reset(&n->notes);
}

int
nginx_read(struct nginx *n, struct err *err)
{
	if (n->conf != NULL)
		return 0;
	n->conf = conf_load(n->root, err);
	if (n->conf == NULL)
		return -1;
	n->model = model_read(n->conf);
	return 0;
}

int
nginx_settle(struct nginx *n, struct err *err)
{
	model_free(n->model);
	n->model = NULL;
	if (conf_settle(n->conf, err) != 0) {
		(void)err_prefix(err, "the changed configuration");
		nginx_forget(n);
		return -1;
	}
	n->model = model_read(n->conf);
	return 0;
}

int
nginx_lock(struct nginx *n, struct err *err)
{
	struct err why = {0};

	if (n->lock.path != NULL)
		return 0;
	if (lock_take(&n->lock, n->root, 0, &why) == 0)
		return 0;
	(void)err_set(err, ERR_pluginFailed, "Unable to lock %s: %s", n->root,
	    err_text(&why));
	err_clear(&why);
	return -1;
}

int
nginx_reverter(struct nginx *n, struct err *err)
{
	if (n->reverter == NULL)
		n->reverter = reverter_open(guest_dir(n->g, "work"), 0, err);
	return n->reverter == NULL ? -1 : 0;
}

void
nginx_owe_restart(struct nginx *n)
{
	struct err ignored = {0};

	/* A disk that is full is no reason not to put back, and no challenge is
	 * written on it. */
	(void)unread_mark(&n->owed, guest_dir(n->g, "work"), n->server,
	    &ignored);
	err_clear(&ignored);
}

/* What is to be changed, and what is to be made, as the reverter wants it. */
static void
changed_paths(const struct conf *c, jv *changed, jv *created)
{
	*changed = doc_array();
	*created = doc_array();
	for (size_t i = 0; i < c->n_files; i++) {
		const struct edit *e = c->files[i]->edit;

		if (!edit_changed(e))
			continue;
		if (edit_stat(e)->st_ino != 0)
			*changed = doc_push_str(*changed, edit_real_path(e));
		else
			*created = doc_push_str(*created, edit_real_path(e));
	}
}

static int
record(struct nginx *n, int temporary, jv changed, jv created, struct err *err)
{
	if (doc_len(changed) > 0 &&
	    reverter_add(n->reverter, temporary, changed,
		n->notes.p == NULL ? "" : n->notes.p, err) != 0)
		return -1;
	if (doc_len(created) > 0)
		return reverter_created(n->reverter, temporary, created, err);
	return 0;
}

static int
write_files(struct nginx *n, struct err *err)
{
	for (size_t i = 0; i < n->conf->n_files; i++)
		if (edit_write(n->conf->files[i]->edit, err) != 0)
			return -1;
	return conf_settle(n->conf, err);
}

static int
save_changes(struct nginx *n, int temporary, struct err *err)
{
	jv changed, created;
	int rc = 0;

	changed_paths(n->conf, &changed, &created);
	if (doc_len(changed) + doc_len(created) > 0) {
		rc = nginx_lock(n, err);
		if (rc == 0 && temporary)
			nginx_owe_restart(n);
		if (rc == 0)
			rc = record(n, temporary, changed, created, err);
		n->unread |= rc == 0 && !temporary;
		if (rc == 0)
			rc = write_files(n, err);
		buf_reset(&n->notes);
	}
	doc_free(changed);
	doc_free(created);
	return rc;
}

int
nginx_save(struct nginx *n, int temporary, const char *title, struct err *err)
{
	if (nginx_reverter(n, err) != 0)
		return -1;
	if (n->conf != NULL && save_changes(n, temporary, err) != 0)
		return -1;
	if (title == NULL || temporary)
		return 0;
	return reverter_finish(n->reverter, title, err);
}
