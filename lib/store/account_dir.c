#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/safefile.h"
#include "store/account_dir.h"

static const struct {
	const char *newer, *older;
} reuse[] = {
    {"acme-v02.api.letsencrypt.org/directory",
	"acme-v01.api.letsencrypt.org/directory"},
    {"acme-staging-v02.api.letsencrypt.org/directory",
	"acme-staging.api.letsencrypt.org/directory"},
};

/* One part of the path, of len bytes, to the end of out. */
static int
add_part(struct buf *out, const char *part, size_t len, const char *server,
    struct err *err)
{
	if (len == 0)
		return 0;
	if ((len == 1 && part[0] == '.') ||
	    (len == 2 && part[0] == '.' && part[1] == '.'))
		return err_set(err, ERR_badData,
		    "server '%s': its path may not hold '.' or '..'", server);
	if ((out->len && buf_addc(out, '/')) || buf_add(out, part, len))
		return err_set(err, ERR_badData,
		    "server '%.80s...' is too long", server);
	return 0;
}

char *
account_server_path(const char *server, struct err *err)
{
	struct buf out;
	const char *p = strstr(server, "://");
	size_t n;

	buf_init(&out, 4096);
	if (!p || p == server || strcspn(p + 3, "/?#") == 0) {
		err_set(err, ERR_badData,
		    "server '%s' is no URL with a host; give "
		    "https://HOST/PATH",
		    server);
		goto fail;
	}
	for (p += 3;; p += n + 1) {
		n = strcspn(p, "/?#");
		if (add_part(&out, p, n, server, err))
			goto fail;
		if (p[n] != '/')
			return buf_detach(&out);
	}
fail:
	buf_release(&out);
	return NULL;
}

const char *
account_older_path(const char *server_path)
{
	for (size_t i = 0; i < ARRAY_LEN(reuse); i++)
		if (!strcmp(server_path, reuse[i].newer))
			return reuse[i].older;
	return NULL;
}

static const char *
newer_path(const char *server_path)
{
	for (size_t i = 0; i < ARRAY_LEN(reuse); i++)
		if (!strcmp(server_path, reuse[i].older))
			return reuse[i].newer;
	return NULL;
}

int
account_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
account_dir_empty(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int empty = d != NULL;

	while (d && empty && (e = readdir(d)))
		empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
	if (d)
		closedir(d);
	return empty;
}

int
account_link_server(const char *target, const char *dir, struct err *err)
{
	struct stat st;

	if (lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && rmdir(dir) < 0)
		return err_sys(err, ERR_cannotCreate, errno,
		    "cannot replace '%s' by a link", dir);
	if (safefile_link(target, dir, err) < 0)
		return -1;
	return safefile_sync_parent(dir, err);
}

int
account_link_one(const char *target, const char *dir, const char *id,
    struct err *err)
{
	char *path = NULL;
	int rc;

	if (account_dir_empty(dir)) {
		path = path_dir(target);
		rc = account_link_server(path, dir, err);
	} else {
		path = path_join(dir, id);
		rc = safefile_link(target, path, err);
	}
	free(path);
	return rc;
}

static char *
chain_path(const char *accounts_dir, const char *server_path, const char *id)
{
	char *dir = path_join(accounts_dir, server_path), *path;

	if (!id)
		return dir;
	path = path_join(dir, id);
	free(dir);
	return path;
}

/* The link's target as a path from the root; NULL when path is no link. */
static char *
link_target(const char *path)
{
	char *target = path_readlink(path), *dir, *joined, *abs;

	if (!target || target[0] == '/')
		return target;
	dir = path_dir(path);
	joined = path_join(dir, target);
	abs = path_absolute(joined);
	free(joined);
	free(dir);
	free(target);
	return abs;
}

char *
account_unlink_chain(const char *accounts_dir, const char *server_path,
    const char *id)
{
	char *dir = chain_path(accounts_dir, server_path, id), *next, *target;
	const char *newer;

	while ((newer = newer_path(server_path))) {
		next = chain_path(accounts_dir, newer, id);
		target = link_target(next);
		if (!target || strcmp(target, dir) != 0) {
			free(target);
			free(next);
			break;
		}
		free(target);
		free(dir);
		dir = next;
		server_path = newer;
	}
	while ((target = link_target(dir))) {
		unlink(dir);
		free(dir);
		dir = target;
	}
	return dir;
}

jv
account_entries(const char *dir)
{
	jv names = doc_array();
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			names = doc_push(names,
			    doc_stringn(e->d_name, strlen(e->d_name)));
	if (d)
		closedir(d);
	return doc_sorted_set(names);
}
