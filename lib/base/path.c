#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* Length of the text before the last component, and where that starts. */
static size_t
last_component(const char *path)
{
	size_t end = strlen(path);

	while (end > 1 && path[end - 1] == '/')
		end--;
	while (end > 0 && path[end - 1] != '/')
		end--;
	return end;
}

/* Append one component to out (which holds at least its root). */
static void
fold(char *out, size_t root, const char *part, size_t len)
{
	size_t n = strlen(out);

	if (len == 0 || (len == 1 && part[0] == '.'))
		return;
	if (len == 2 && memcmp(part, "..", 2) == 0) {
		while (n > root && out[n - 1] != '/')
			n--;
		while (n > root && out[n - 1] == '/')
			n--;
		out[n] = '\0';
		return;
	}
	if (n > root)
		out[n++] = '/';
	memcpy(out + n, part, len);
	out[n + len] = '\0';
}

char *
path_absolute(const char *path)
{
	char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0), *full, *out;
	size_t root;

	if (path[0] != '/' && cwd == NULL)
		return xstrdup(path);
	full = cwd == NULL ? xstrdup(path) : path_join(cwd, path);
	root = strncmp(full, "//", 2) == 0 && full[2] != '/' ? 2 : 1;
	out = xcalloc(strlen(full) + 2, 1);
	memset(out, '/', root);
	for (const char *p = full; *p != '\0';) {
		size_t len;

		p += strspn(p, "/");
		len = strcspn(p, "/");
		fold(out, root, p, len);
		p += len;
	}
	free(full);
	free(cwd);
	return out;
}

/* Do the first n bytes of a and b name the same whole components? */
static size_t
common_length(const char *a, const char *b)
{
	size_t i = 0, common = 0;

	for (;; i++) {
		int a_ends = a[i] == '\0' || a[i] == '/';
		int b_ends = b[i] == '\0' || b[i] == '/';

		if (a_ends && b_ends)
			common = i;
		if (a[i] != b[i] || a[i] == '\0')
			return common;
	}
}

char *
path_relative(const char *from, const char *to)
{
	char *a = path_absolute(from), *b = path_absolute(to), *out;
	size_t common;
	struct buf r;
	const char *p;

	if (strcmp(a, "/") == 0)
		a[0] = '\0';
	common = common_length(a, b);
	buf_init(&r, (size_t)-1 / 2);
	for (p = a + common; *p != '\0'; p += strcspn(p, "/")) {
		p += strspn(p, "/");
		buf_adds(&r, r.len > 0 ? "/.." : "..");
	}
	p = b + common;
	p += strspn(p, "/");
	if (*p != '\0') {
		if (r.len > 0)
			buf_addc(&r, '/');
		buf_adds(&r, p);
	}
	if (r.len == 0)
		buf_addc(&r, '.');
	out = buf_detach(&r);
	free(a);
	free(b);
	return out;
}

char *
path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	if (n == 0 || name[0] == '/')
		return xstrdup(name);
	return xasprintf("%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

char *
path_dir(const char *path)
{
	size_t n = last_component(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return n == 0 ? xstrdup(path[0] == '/' ? "/" : ".") : xstrndup(path, n);
}

const char *
path_base(const char *path)
{
	return path + last_component(path);
}

char *
path_readlink(const char *path)
{
	for (size_t cap = 256;; cap *= 2) {
		char *target = xmalloc(cap);
		ssize_t n = readlink(path, target, cap);

		if (n >= 0 && (size_t)n < cap) {
			target[n] = '\0';
			return target;
		}
		free(target);
		if (n < 0)
			return NULL;
	}
}

char *
path_expand(const char *path)
{
	const char *home = getenv("HOME");

	if (path[0] != '~' || (path[1] != '\0' && path[1] != '/') ||
	    home == NULL || home[0] == '\0')
		return xstrdup(path);
	return path[1] == '\0' ? xstrdup(home) : path_join(home, path + 2);
}

const char *
path_temporary(void)
{
	const char *const places[] = {getenv("TMPDIR"), "/tmp", "/var/tmp"};
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (places[i] != NULL && stat(places[i], &st) == 0 &&
		    S_ISDIR(st.st_mode) && access(places[i], W_OK | X_OK) == 0)
			return places[i];
	return "/tmp";
}
