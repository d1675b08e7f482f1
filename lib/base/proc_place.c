#include "base/proc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"

/* The directory of the installation that has bin/ and libexec/ in it, and
 * where our own executable is; malloc'd, NULL without /proc. */
static char *
installation(int *in_libexec)
{
	char *exe = path_readlink("/proc/self/exe"), *dir, *up, *top;

	if (exe == NULL)
		return NULL;
	dir = path_dir(exe);
	up = path_dir(dir);
	*in_libexec = strcmp(path_base(dir), "acme-tools") == 0 &&
	    strcmp(path_base(up), "libexec") == 0;
	top = *in_libexec ? path_dir(up) : xstrdup(up);
	free(up);
	free(dir);
	free(exe);
	return top;
}

/* Of a file below the installation; malloc'd. */
static char *
place(const char *below)
{
	int in_libexec;
	char *top = installation(&in_libexec);
	char *path = path_join(top != NULL ? top : "/usr", below);

	free(top);
	return path;
}

char *
proc_sibling(const char *name, struct err *err)
{
	char *exe = path_readlink("/proc/self/exe"), *dir = NULL, *top = NULL;
	char *path;
	int in_libexec = 0;

	if (exe == NULL) {
		err_set(err, ERR_noInput,
		    "cannot find the program '%s': /proc is not there", name);
		return NULL;
	}
	top = installation(&in_libexec);
	dir = in_libexec ? path_join(top, "bin") : path_dir(exe);
	path = path_join(dir, name);
	if (access(path, X_OK) != 0) {
		err_set(err, ERR_noInput,
		    "cannot find the program '%s': it should be at '%s'", name,
		    path);
		free(path);
		path = NULL;
	}
	free(dir);
	free(top);
	free(exe);
	return path;
}

char *
proc_plugin_dir(void)
{
	return place("libexec/acme-tools");
}

char *
proc_data_dir(void)
{
	return place("share/acme-tools");
}
