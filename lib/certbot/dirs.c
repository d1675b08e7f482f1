/* dirs.c - directories, locks, and the files that the installation keeps
 * current. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/proc.h"
#include "base/safefile.h"
#include "certbot/files.h"
#include "certbot/base_private.h"
#include "certbot/plugin.h"
#include "store/versioned.h"

struct certbot_lock {
	struct lock lock;
};

int
certbot_dir_make(const char *dir, mode_t mode, int strict,
    struct certbot_error *e)
{
	struct err err = {0};
	int there = access(dir, F_OK) == 0, rc;

	rc = there && strict ? safefile_check_dir(dir, mode, &err) :
			       safefile_mkdirs(dir, mode, &err);
	return certbot__result(rc, e, &err);
}

void
certbot_path_prefixes(const char *path, struct certbot_list *prefixes)
{
	char *now = path_absolute(path), *up;

	certbot_list_add(prefixes, now);
	while (strcmp(now, "/") != 0 && strcmp(now, "//") != 0 &&
	    strcmp(now, ".") != 0) {
		up = path_dir(now);
		free(now);
		now = up;
		certbot_list_add(prefixes, now);
	}
	free(now);
}

const char *
certbot_default_dir(const char *which)
{
	static const char *const dirs[][2] = {
	    {"config", "/etc/letsencrypt"},
	    {"work", "/var/lib/letsencrypt"},
	    {"logs", "/var/log/letsencrypt"},
	};

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (strcmp(dirs[i][0], which) == 0)
			return dirs[i][1];
	return NULL;
}

struct certbot_lock *
certbot_lock_dir(const char *dir, long wait_s, struct certbot_error *e)
{
	struct certbot_lock *l = xcalloc(1, sizeof(*l));
	struct lock none = LOCK_INIT;
	struct err err = {0};

	l->lock = none;
	if (lock_take(&l->lock, dir, wait_s, &err) == 0)
		return l;
	free(l);
	certbot__error(e, &err);
	return NULL;
}

void
certbot_unlock(struct certbot_lock *lock)
{
	if (lock != NULL)
		lock_release(&lock->lock);
	free(lock);
}

int
certbot_file_install(struct certbot_plugin *p, const char *dest,
    const char *digest, const char *source, const char *const *known,
    struct certbot_error *e)
{
	struct err err = {0};
	int what = VERSIONED_CURRENT;
	char *notice;

	if (versioned_install(dest, digest, source, known, &what, &err) != 0)
		return certbot__error(e, &err);
	if (what == VERSIONED_KEPT && p != NULL) {
		notice = versioned_notice(dest, source);
		certbot_plugin_log(p, CERTBOT_WARNING, "%s", notice);
		free(notice);
	}
	return 0;
}

/* The installation's own file: ours is where the plugin lies in it, else where
 * the program certbot in PATH does; malloc'd, NULL. */
static char *
data_file(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char *dir = proc_data_dir(), *file = path_join(dir, name);

	free(dir);
	for (; access(file, R_OK) != 0; path = end + 1) {
		char *bin, *program, *real, *up;

		free(file);
		if (path == NULL || *path == '\0')
			return NULL;
		end = strchrnul(path, ':');
		bin = xstrndup(path, (size_t)(end - path));
		program = path_join(bin, "certbot");
		real = realpath(program, NULL);
		up = path_dir(real != NULL ? real : program);
		file = xasprintf("%s/../share/acme-tools/%s", up, name);
		free(up);
		free(real);
		free(program);
		free(bin);
		if (*end == '\0' && access(file, R_OK) != 0) {
			free(file);
			return NULL;
		}
	}
	return file;
}

char *
certbot_dhparams_install(struct certbot_plugin *p, const char *config_dir,
    struct certbot_error *e)
{
	static const char name[] = "ssl-dhparams.pem";
	static const char *const known[] = {
	    "9ba6429597aeed2d8617a7705b56e96d044f64b07971659382e426675105654b",
	    NULL};
	char *source = data_file(name), *dest, *digest;
	int rc;

	if (source == NULL) {
		certbot_fail(e, CERTBOT_NOT_FOUND, "the installation has no %s",
		    name);
		return NULL;
	}
	dest = path_join(config_dir, name);
	digest = path_join(config_dir, ".updated-ssl-dhparams-pem-digest.txt");
	rc = certbot_file_install(p, dest, digest, source, known, e);
	free(digest);
	free(source);
	if (rc != 0) {
		free(dest);
		dest = NULL;
	}
	return dest;
}
