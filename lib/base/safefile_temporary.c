/* Names of files that are being written, and those that were left. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/safefile.h"

enum {
	NAME_KEEP = 200
}; /* of a name: with what comes to it 255 is the limit */

/* ".NAME.tmp-END" beside path; malloc'd. */
static char *
beside(const char *path, const char *end)
{
	char *dir = path_dir(path);
	char *name = xasprintf(".%.*s.tmp-%s", NAME_KEEP, path_base(path), end);
	char *full = path_join(dir, name);

	free(name);
	free(dir);
	return full;
}

char *
safefile_temporary(const char *path)
{
	return beside(path, "XXXXXX");
}

/* The text with what glob(3) takes for a pattern escaped. */
static char *
literal(const char *text)
{
	char *out = xmalloc(2 * strlen(text) + 1), *o = out;

	for (; *text != '\0'; text++) {
		if (strchr("*?[]\\", *text) != NULL)
			*o++ = '\\';
		*o++ = *text;
	}
	*o = '\0';
	return out;
}

void
safefile_sweep(const char *path)
{
	char *ours = beside(path, ""), *start = literal(ours);
	char *pattern = xasprintf("%s??????", start);
	glob_t g = {0};

	if (glob(pattern, GLOB_NOSORT, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			(void)unlink(g.gl_pathv[i]);
	globfree(&g);
	free(pattern);
	free(start);
	free(ours);
}
