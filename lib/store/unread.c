#include "store/unread.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/safefile.h"

static const char prefix[] = ".unread-";

static char *
path_of(const char *work, const char *plugin)
{
	return xasprintf("%s/%s%s", work, prefix, plugin);
}

int
unread_is(const char *work, const char *plugin)
{
	char *path = path_of(work, plugin);
	int is = access(path, F_OK) == 0;

	free(path);
	return is;
}

int
unread_mark(const char *work, const char *plugin, struct err *err)
{
	static const char text[] =
	    "The server has not read its changed configuration.\n";
	char *path = path_of(work, plugin);
	int rc = 0;

	if (access(path, F_OK) != 0)
		rc = safefile_write(path, text, sizeof(text) - 1, 0600, 0, err);
	free(path);
	return rc;
}

void
unread_clear(const char *work, const char *plugin)
{
	char *path = path_of(work, plugin);

	(void)unlink(path);
	free(path);
}

jv
unread_plugins(const char *work)
{
	DIR *d = opendir(work);
	size_t len = sizeof(prefix) - 1;
	jv names = doc_array();
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (strncmp(e->d_name, prefix, len) == 0)
			names = doc_push_str(names, e->d_name + len);
	if (d)
		closedir(d);
	return doc_sorted_set(names);
}
