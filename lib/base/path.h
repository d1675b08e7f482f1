/* path.h - paths as text; nothing here but path_absolute, path_readlink,
 * path_expand and path_temporary looks at the system. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/base.h"

/* Like Python's os.path.abspath: absolute, "." ".." "//" folded (two leading
 * slashes stay, as POSIX has it), links not resolved; malloc'd. A relative
 * path stays relative when there is no working directory. */
char *path_absolute(const char *path);
/* From directory `from` to `to` (both absolute), as os.path.relpath; malloc'd. */
char *path_relative(const char *from, const char *to);
/* dir and name with one slash between; name alone when it is absolute or dir
 * is empty; malloc'd. */
char *path_join(const char *dir, const char *name);
/* The directory that holds path: "." when there is no slash, "/" for "/";
 * slashes at the end do not count; malloc'd. */
char *path_dir(const char *path);
/* The last component, borrowed, points into path (slashes at the end stay). */
const char *path_base(const char *path);
/* readlink(2); malloc'd, NULL with errno. */
char *path_readlink(const char *path);
/* "~" and a leading "~/" by $HOME, all else as it is; malloc'd. */
char *path_expand(const char *path);
/* Where what is temporary goes: $TMPDIR, or where one cannot write there, as
 * Python has it, /tmp or /var/tmp. Borrowed. */
const char *path_temporary(void);

#endif
