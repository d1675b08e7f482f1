/* path.c - paths as text, as Python's os.path sees them. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/safefile.h"

/* Fold "." ".." "//" of an absolute path, in place. */
static void
fold(char *path)
{
	char *out = path, *p = path;

	while (*p != '\0') {
		size_t len;

		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (len == 0 || (len == 1 && p[0] == '.')) {
			p += len;
			continue;
		}
		if (len == 2 && p[0] == '.' && p[1] == '.') {
			while (out > path && *--out != '/')
				;
		} else {
			*out++ = '/';
			memmove(out, p, len);
			out += len;
		}
		p += len;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}

char *
path_absolute(const char *path)
{
	char *cwd, *full;

	if (path[0] == '/') {
		full = xstrdup(path);
	} else {
		cwd = getcwd(NULL, 0);
		full = xasprintf("%s/%s", cwd != NULL ? cwd : "", path);
		free(cwd);
	}
	fold(full);
	return full;
}

char *
path_relative(const char *from, const char *to)
{
	size_t common = 0, i = 0;
	struct buf b;

	buf_init(&b, PATH_MAX * 4);
	/* the longest common run of whole parts */
	for (;; i++) {
		int from_end = from[i] == '\0' || from[i] == '/';
		int to_end = to[i] == '\0' || to[i] == '/';

		if (from_end && to_end)
			common = i;
		if (from[i] == '\0' || to[i] == '\0' || from[i] != to[i])
			break;
	}
	if (strcmp(from, "/") == 0)
		common = 0;
	for (const char *p = from + common; *p != '\0';) {
		p += strspn(p, "/");
		if (*p == '\0')
			break;
		buf_adds(&b, b.len > 0 ? "/.." : "..");
		p += strcspn(p, "/");
	}
	to += common;
	to += strspn(to, "/");
	if (*to != '\0')
		buf_addf(&b, "%s%s", b.len > 0 ? "/" : "", to);
	if (b.len == 0)
		buf_adds(&b, ".");
	return buf_detach(&b);
}

char *
path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	if (name[0] == '/' || n == 0)
		return xstrdup(name);
	return xasprintf("%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

char *
path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	if (slash == path)
		return xstrdup("/");
	return xstrndup(path, (size_t)(slash - path));
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

char *
path_readlink(const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target));

	if (n == -1)
		return NULL;
	if ((size_t)n == sizeof(target)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return xstrndup(target, (size_t)n);
}

char *
path_expand(const char *path)
{
	const char *home = getenv("HOME");

	if (path[0] != '~' || (path[1] != '/' && path[1] != '\0') ||
	    home == NULL || *home == '\0')
		return xstrdup(path);
	return xasprintf("%s%s", home, path + 1);
}
