#include "certbot/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safefile.h"
#include "certbot/base_private.h"

enum { MODE_BITS = 07777, UNIQUE_MAX = 1000000 };

static int
fail_sys(struct certbot_error *e, const char *what, const char *path)
{
	struct err err = {0};

	err_sys(&err, ERR_ioError, errno, "cannot %s '%s'", what, path);
	return certbot__error(e, &err);
}

char *
certbot_file_read(const char *path, size_t *len, struct certbot_error *e)
{
	struct err err = {0};
	char *text = NULL;
	struct buf b;

	buf_init(&b, FILE_TEXT_MAX);
	if (safefile_read(path, &b, &err) == 0) {
		if (len != NULL)
			*len = b.len;
		text = b.p != NULL ? buf_detach(&b) : xstrdup("");
	} else {
		certbot__error(e, &err);
	}
	buf_release(&b);
	return text;
}

int
certbot_file_write(const char *path, const void *data, size_t len, mode_t mode,
    struct certbot_error *e)
{
	struct err err = {0};
	char *real = realpath(path, NULL);
	int rc = safefile_write(real != NULL ? real : path, data, len, mode,
	    SAFEFILE_KEEP_MODE | SAFEFILE_KEEP_OWNER, &err);

	free(real);
	return certbot__result(rc, e, &err);
}

/* The descriptor of a new file with exactly this mode; -1 with errno. */
static int
create(const char *path, mode_t mode)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
	    mode & MODE_BITS);

	if (fd != -1 && fchmod(fd, mode & MODE_BITS) != 0) {
		close(fd);
		(void)unlink(path);
		fd = -1;
	}
	return fd;
}

int
certbot_file_create(const char *path, mode_t mode, struct certbot_error *e)
{
	int fd = create(path, mode);

	return fd != -1 ? fd : fail_sys(e, "create", path);
}

static char *
file_name(const char *name, int n)
{
	return xasprintf("%04d_%s", n, name);
}

static char *
lineage_name(const char *name, int n)
{
	return n == 0 ? xasprintf("%s.conf", name) :
			xasprintf("%s-%04d.conf", name, n);
}

/* Create the first of the files that nth names for 0, 1, ... that is free. */
static int
create_first(const char *dir, const char *name,
    char *(*nth)(const char *name, int n), mode_t mode, char **made,
    struct certbot_error *e)
{
	int fd = -1;

	*made = NULL;
	for (int n = 0; fd == -1 && n < UNIQUE_MAX; n++) {
		char *file = nth(name, n);

		free(*made);
		*made = path_join(dir, file);
		free(file);
		fd = create(*made, mode);
		if (fd == -1 && errno != EEXIST)
			break;
	}
	if (fd != -1)
		return fd;
	fail_sys(e, "create", *made);
	free(*made);
	*made = NULL;
	return -1;
}

int
certbot_file_unique(const char *path, mode_t mode, char **made,
    struct certbot_error *e)
{
	char *dir = path_dir(path);
	int fd = create_first(dir, path_base(path), file_name, mode, made, e);

	free(dir);
	return fd;
}

int
certbot_file_unique_lineage(const char *dir, const char *name, mode_t mode,
    char **made, struct certbot_error *e)
{
	return create_first(dir, name, lineage_name, mode, made, e);
}

int
certbot_file_remove(const char *path, struct certbot_error *e)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return fail_sys(e, "remove", path);
}

int
certbot_file_copy_owner(const char *src, const char *dst, int mode, int user,
    int group, struct certbot_error *e)
{
	const uid_t same_user = (uid_t)-1;
	const gid_t same_group = (gid_t)-1;
	struct stat st;

	if (stat(src, &st) != 0)
		return fail_sys(e, "look at", src);
	if (chown(dst, user ? st.st_uid : same_user,
		group ? st.st_gid : same_group) != 0)
		return fail_sys(e, "change the owner of", dst);
	if (chmod(dst, (mode < 0 ? st.st_mode : (mode_t)mode) & MODE_BITS) != 0)
		return fail_sys(e, "change the mode of", dst);
	return 0;
}

int
certbot_file_check(const char *path, int mode, int owner)
{
	struct stat st;

	return stat(path, &st) == 0 && (!owner || st.st_uid == geteuid()) &&
	    (mode < 0 || (st.st_mode & MODE_BITS) == (mode_t)mode);
}

int
certbot_file_has_mode(const char *path, mode_t least)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & least) == least;
}

int
certbot_file_is_public(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IRWXO) != 0;
}

int
certbot_file_same_owner(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_uid == y.st_uid &&
	    x.st_gid == y.st_gid;
}

mode_t
certbot_key_mode(const char *old_key, mode_t base)
{
	struct stat st;

	if (stat(old_key, &st) == 0)
		base |= st.st_mode & (S_IRWXG | S_IROTH);
	return base;
}
