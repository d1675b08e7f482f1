#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/safefile.h"
#include "walk.h"

enum { BODY_MAX = 4096, TRIES_MAX = 20 };

struct made_file {
	int dir;
	char *token;
};

struct made_dir {
	int parent, fd;
	char *name, *path;
};

struct place {
	struct guest *g;
	struct made_file *files;
	size_t n_files;
	struct made_dir *dirs;
	size_t n_dirs;
};

struct place *
place_new(struct guest *g)
{
	struct place *p = xcalloc(1, sizeof(*p));

	p->g = g;
	return p;
}

static void
dir_release(struct made_dir *d)
{
	close(d->parent);
	close(d->fd);
	free(d->name);
	free(d->path);
}

void
place_free(struct place *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_files; i++) {
		close(p->files[i].dir);
		free(p->files[i].token);
	}
	for (size_t i = 0; i < p->n_dirs; i++)
		dir_release(&p->dirs[i]);
	free(p->files);
	free(p->dirs);
	free(p);
}

/* Several of us may work below one root at once (certbot renew --jobs): a
 * directory that one of them made is marked while they work, each holds it by a
 * shared lock, and the one that leaves last removes it. Where the file system
 * keeps no such mark, whoever made it does. */
static const char mark[] = "user.acme-tools.made";

static int
is_noted(const struct place *p, const char *path)
{
	for (size_t i = 0; i < p->n_dirs; i++)
		if (strcmp(p->dirs[i].path, path) == 0)
			return 1;
	return 0;
}

static void
note_dir(struct place *p, int fd, int parent, const char *name,
    const char *path)
{
	struct made_dir *d;

	p->dirs = xrealloc(p->dirs, (p->n_dirs + 1) * sizeof(*p->dirs));
	d = &p->dirs[p->n_dirs++];
	d->parent = fcntl(parent, F_DUPFD_CLOEXEC, 3);
	d->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	(void)flock(d->fd, LOCK_SH | LOCK_NB);
	d->name = xstrdup(name);
	d->path = xstrdup(path);
}

/* One that is there: made by one of us? */
static int
entered(struct place *p, int fd, int parent, const char *name, const char *path)
{
	if (fd != -1 && !is_noted(p, path) && fgetxattr(fd, mark, NULL, 0) >= 0)
		note_dir(p, fd, parent, name, path);
	return fd;
}

/* Directory `name` in parent; one that is missing is made, if make. */
static int
enter(struct place *p, int parent, const char *name, const char *path,
    const struct stat *root, int make)
{
	int fd = walk_dir(parent, name, root->st_uid);
	mode_t mask;
	int made;

	if (fd != -1 || errno != ENOENT || !make)
		return entered(p, fd, parent, name, path);
	mask = umask(022);
	made = mkdirat(parent, name, 0755);
	(void)umask(mask);
	if (made == -1 && errno != EEXIST)
		return -1;
	fd = walk_dir(parent, name, root->st_uid);
	if (made == -1 || fd == -1)
		return entered(p, fd, parent, name, path);
	note_dir(p, fd, parent, name, path);
	(void)fsetxattr(fd, mark, "", 0, 0);
	if (fchown(fd, root->st_uid, root->st_gid) == -1)
		guest_log(p->g, LOG_WARNING, SHOW_LOG,
		    "Unable to change owner and uid of webroot directory");
	(void)fchmod(fd, 0755);
	return fd;
}

/* ROOT/.well-known/acme-challenge: its descriptor, and *path; -1 with errno and
 * the path of the step that failed. The caller frees *path. */
static int
challenge_dir(struct place *p, const char *root, int make, char **path)
{
	static const char *const steps[] = {".well-known", "acme-challenge"};
	struct stat st;
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), next, saved;

	*path = xstrdup(root);
	if (fd != -1 && fstat(fd, &st) == -1) {
		close(fd);
		fd = -1;
	}
	for (size_t i = 0; fd != -1 && i < ARRAY_LEN(steps); i++) {
		char *longer = path_join(*path, steps[i]);
		free(*path);
		*path = longer;
		next = enter(p, fd, steps[i], longer, &st, make);
		saved = errno;
		close(fd);
		errno = saved;
		fd = next;
	}
	return fd;
}

static int
make_challenge_dir(struct place *p, const char *root, const char *name,
    struct err *err)
{
	char *path;
	int fd = challenge_dir(p, root, 1, &path);

	if (fd == -1 && errno == EPERM)
		err_set(err, ERR_pluginFailed,
		    "Couldn't create root for %s http-01 challenge responses: "
		    "%s is a link that neither root nor the owner of %s made",
		    name, path, root);
	else if (fd == -1)
		err_set(err, errno == ENOENT ? ERR_noInput : ERR_pluginFailed,
		    "Couldn't create root for %s http-01 challenge responses: "
		    "[Errno %d] %s: '%s'",
		    name, errno, strerror(errno), path);
	free(path);
	return fd;
}

/* Is the file that stands there one of ours, whole or cut off? A token is
 * random and the CA's for our account: nobody else writes its answer. */
static int
is_leftover(int dir, const char *token, const char *body)
{
	char text[BODY_MAX];
	struct stat st;
	ssize_t n = -1;
	int fd = openat(dir, token,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	    st.st_uid == geteuid())
		n = read(fd, text, sizeof(text));
	close(fd);
	return n >= 0 && (size_t)n <= strlen(body) &&
	    memcmp(text, body, (size_t)n) == 0;
}

static int
create(int dir, const char *token)
{
	mode_t mask = umask(022);
	int fd = openat(dir, token,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	(void)umask(mask);
	return fd;
}

static void
note_file(struct place *p, int dir, const char *token)
{
	p->files = xrealloc(p->files, (p->n_files + 1) * sizeof(*p->files));
	p->files[p->n_files].dir = dir;
	p->files[p->n_files].token = xstrdup(token);
	p->n_files++;
}

/* The new file, and *dir; -1. Another process that shares the web root may
 * remove its empty directories between two of our steps: then once more. */
static int
open_file(struct place *p, const char *root, const char *name,
    const char *token, const char *body, int *dir, struct err *err)
{
	int fd = -1, saved;

	for (int tries = 0; fd == -1 && tries < TRIES_MAX; tries++) {
		err_clear(err);
		*dir = make_challenge_dir(p, root, name, err);
		if (*dir == -1) {
			if (err->name == ERR_noInput)
				continue;
			return -1;
		}
		fd = create(*dir, token);
		if (fd == -1 && errno == EEXIST &&
		    is_leftover(*dir, token, body) &&
		    unlinkat(*dir, token, 0) == 0)
			fd = create(*dir, token);
		if (fd != -1)
			return fd;
		saved = errno;
		close(*dir);
		err_sys(err, ERR_cannotCreate, saved,
		    "cannot create %s/.well-known/acme-challenge/%s", root,
		    token);
		if (saved != ENOENT)
			return -1;
	}
	return fd;
}

int
place_add(struct place *p, const char *root, const char *name,
    const char *token, const char *body, struct err *err)
{
	int dir, fd, rc;

	if (token[0] == '\0' || token[0] == '.' || strchr(token, '/') != NULL)
		return err_set(err, ERR_pluginFailed,
		    "the token has other characters than those of base64url");
	if (strlen(body) >= BODY_MAX)
		return err_set(err, ERR_pluginFailed,
		    "the key authorization is longer than %d bytes", BODY_MAX);
	fd = open_file(p, root, name, token, body, &dir, err);
	if (fd == -1)
		return -1;
	note_file(p, dir, token);
	rc = fd_write_all(fd, body, strlen(body));
	if (rc == -1)
		err_sys(err, ERR_ioError, errno,
		    "cannot write %s/.well-known/acme-challenge/%s", root,
		    token);
	close(fd);
	return rc;
}

int
place_remove(struct place *p, const char *token, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < p->n_files; i++) {
		struct made_file *f = &p->files[i];

		if (strcmp(f->token, token) != 0)
			continue;
		if (unlinkat(f->dir, token, 0) == -1 && errno != ENOENT)
			rc = err_sys(err, ERR_ioError, errno,
			    "cannot remove the challenge file %s", token);
		close(f->dir);
		free(f->token);
		*f = p->files[--p->n_files];
		break;
	}
	return rc;
}

int
place_remove_left(struct place *p, const char *root, const char *token,
    const char *body, struct err *err)
{
	char *path;
	int fd = challenge_dir(p, root, 0, &path), rc = 0;

	if (fd != -1 && is_leftover(fd, token, body) &&
	    unlinkat(fd, token, 0) == -1 && errno != ENOENT)
		rc = err_sys(err, ERR_ioError, errno,
		    "cannot remove the challenge file %s/%s", path, token);
	if (fd != -1)
		close(fd);
	free(path);
	return rc;
}

static void
remove_dir(struct place *p, const struct made_dir *d)
{
	if (flock(d->fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return; /* left to those who still work in it */
	if (unlinkat(d->parent, d->name, AT_REMOVEDIR) == 0)
		return;
	if (errno == ENOTEMPTY || errno == EEXIST) {
		(void)fremovexattr(d->fd, mark);
		guest_log(p->g, LOG_INFO, SHOW_LOG,
		    "Challenge directory %s was not empty, didn't remove",
		    d->path);
	} else if (errno != ENOENT) {
		guest_log(p->g, LOG_WARNING, SHOW_LOG,
		    "cannot remove the directory %s: %s", d->path,
		    strerror(errno));
	}
}

void
place_remove_dirs(struct place *p)
{
	while (p->n_dirs > 0) {
		struct made_dir *d = &p->dirs[--p->n_dirs];

		remove_dir(p, d);
		dir_release(d);
	}
}
