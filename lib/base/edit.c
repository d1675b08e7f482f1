#include "base/edit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/safefile.h"

struct change {
	size_t at, n; /* the bytes at..at+n-1 go */
	char *text;
	size_t len;
	size_t turn; /* of the call: sorting keeps the order */
};

struct edit {
	char *path, *real;
	char *model;	/* of a new file: the one that it shall be like; NULL */
	struct buf now; /* settled text */
	struct buf disk; /* as on disk; only once now differs (is_settled) */
	int is_settled, is_new;
	mode_t mode;
	struct stat st; /* of the real file, when it was read or written */
	struct change *changes;
	size_t n, cap;
};

static struct edit *
make(const char *path, char *real)
{
	struct edit *e = xcalloc(1, sizeof(*e));

	e->path = xstrdup(path);
	e->real = real;
	buf_init(&e->now, SIZE_MAX - 1);
	buf_init(&e->disk, SIZE_MAX - 1);
	return e;
}

struct edit *
edit_open(const char *path, size_t max, struct err *err)
{
	char *real = realpath(path, NULL);
	struct edit *e = make(path, real != NULL ? real : xstrdup(path));

	e->now.max = max;
	/* The state first: what changes while we read is noticed at writing. */
	if (stat(e->real, &e->st) != 0)
		e->st = (struct stat){0};
	if (safefile_read(path, &e->now, err) != 0) {
		edit_free(e);
		return NULL;
	}
	e->now.max = SIZE_MAX - 1;
	e->mode = e->st.st_mode & 07777;
	(void)buf_add(&e->now, "", 0);
	return e;
}

struct edit *
edit_new(const char *path, mode_t mode)
{
	struct edit *e = make(path, path_absolute(path));

	e->is_new = 1;
	e->mode = mode;
	(void)buf_add(&e->now, "", 0);
	return e;
}

void
edit_like(struct edit *e, const struct edit *model)
{
	free(e->model);
	e->model = xstrdup(model->real);
	e->mode = 0600; /* until it is like that */
}

static void
drop_changes(struct edit *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->changes[i].text);
	e->n = 0;
}

void
edit_free(struct edit *e)
{
	if (e == NULL)
		return;
	drop_changes(e);
	free(e->changes);
	buf_release(&e->now);
	buf_release(&e->disk);
	free(e->model);
	free(e->real);
	free(e->path);
	free(e);
}

const char *
edit_path(const struct edit *e)
{
	return e->path;
}

const char *
edit_real_path(const struct edit *e)
{
	return e->real;
}

const struct stat *
edit_stat(const struct edit *e)
{
	return &e->st;
}

int
edit_same_file(const struct edit *a, const struct edit *b)
{
	if (a->is_new || b->is_new)
		return strcmp(a->real, b->real) == 0;
	return a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino;
}

const char *
edit_bytes(const struct edit *e, size_t *len)
{
	*len = e->now.len;
	return e->now.p;
}

void
edit_insert(struct edit *e, size_t at, const char *text, size_t len)
{
	edit_replace(e, at, 0, text, len);
}

void
edit_replace(struct edit *e, size_t at, size_t n, const char *text, size_t len)
{
	struct change *c;

	if (at > e->now.len)
		at = e->now.len;
	if (n > e->now.len - at)
		n = e->now.len - at;
	if (n == len && (n == 0 || memcmp(e->now.p + at, text, n) == 0))
		return;
	if (e->n == e->cap) {
		e->cap = e->cap == 0 ? 8 : 2 * e->cap;
		e->changes = xrealloc(e->changes, e->cap * sizeof(*c));
	}
	c = &e->changes[e->n];
	*c = (struct change){.at = at, .n = n, .len = len, .turn = e->n};
	c->text = xmalloc(len + 1);
	if (len > 0)
		memcpy(c->text, text, len);
	e->n++;
}

static int
by_place(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->turn < y->turn ? -1 : x->turn > y->turn;
}

void
edit_settle(struct edit *e)
{
	struct buf out;
	size_t at = 0;

	if (e->n == 0)
		return;
	qsort(e->changes, e->n, sizeof(e->changes[0]), by_place);
	buf_init(&out, SIZE_MAX - 1);
	for (size_t i = 0; i < e->n; i++) {
		const struct change *c = &e->changes[i];

		if (c->at > at) {
			(void)buf_add(&out, e->now.p + at, c->at - at);
			at = c->at;
		}
		(void)buf_add(&out, c->text, c->len);
		if (c->at + c->n > at)
			at = c->at + c->n;
	}
	(void)buf_add(&out, e->now.p + at, e->now.len - at);
	drop_changes(e);
	if (!e->is_settled)
		e->disk = e->now;
	else
		buf_release(&e->now);
	e->is_settled = 1;
	e->now = out;
}

int
edit_pending(const struct edit *e)
{
	return e->n > 0;
}

int
edit_changed(const struct edit *e)
{
	if (e->is_new || e->n > 0)
		return 1;
	return e->is_settled &&
	    (e->now.len != e->disk.len ||
		memcmp(e->now.p, e->disk.p, e->now.len) != 0);
}

static int
is_as_read(const struct edit *e)
{
	struct stat st;

	return stat(e->real, &st) == 0 && st.st_dev == e->st.st_dev &&
	    st.st_ino == e->st.st_ino && st.st_size == e->st.st_size &&
	    st.st_mtim.tv_sec == e->st.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == e->st.st_mtim.tv_nsec;
}

int
edit_write(struct edit *e, struct err *err)
{
	unsigned flags = e->is_new ? SAFEFILE_EXCLUSIVE : SAFEFILE_KEEP_OWNER;

	edit_settle(e);
	if (!edit_changed(e))
		return 0;
	if (!e->is_new && !is_as_read(e))
		return err_set(err, ERR_ioError,
		    "'%s' was changed by another program while it was being worked on: run this again",
		    e->path);
	if (safefile_write(e->real, e->now.p, e->now.len, e->mode, flags,
		err) != 0)
		return -1;
	if (e->is_new && e->model != NULL &&
	    safefile_set_like(e->real, e->model, err) != 0)
		return -1;
	buf_release(&e->disk);
	e->is_settled = e->is_new = 0;
	if (stat(e->real, &e->st) != 0)
		e->st = (struct stat){0};
	return 0;
}
