/* safefile.h - files that are old or new, never half: written beside their
 * place, flushed, renamed; the directory is flushed too. */
#ifndef BASE_SAFEFILE_H
#define BASE_SAFEFILE_H

#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/path.h"

enum {
	SAFEFILE_EXCLUSIVE = 1, /* refuse (cannotCreate) when path is there */
	SAFEFILE_KEEP_MODE = 2, /* an existing file's mode and group win */
	SAFEFILE_UMASK = 4,	/* as safefile_masked() says; else exact */
	SAFEFILE_KEEP_OWNER = 8 /* KEEP_MODE, and the owner and the extended
				 * attributes (access lists, labels) too */
};

/* Write path. A link at path is replaced, never followed. A temporary file
 * ".NAME.tmp-XXXXXX" (0600 until done) in the same directory is removed on
 * every failure; with EXCLUSIVE it has no name at all where the file system
 * can do that, so that nothing is left of a process that is killed. errors cannotCreate, permission, ioError with the path. */
int safefile_write(const char *path, const void *data, size_t len, mode_t mode,
    unsigned flags, struct err *err);

/* The template (mkstemp(3)) of the temporary file; malloc'd. */
char *safefile_temporary(const char *path);

/* Remove the temporary files of path that killed processes have left. The
 * caller knows that nobody writes it now. */
void safefile_sweep(const char *path);

/* Mode, owner, group and extended attributes (access lists) of model for the
 * regular file at path, which this process has just made. Without the right to
 * give files away the owner stays. errors ioError, noInput. */
int safefile_set_like(const char *path, const char *model, struct err *err);

/* Extended attributes (access lists, labels) of path, its links followed, for
 * the open file. A file system without any, and a label that is the system's own
 * to give, are no failure. -1 and errno. */
int safefile_copy_attributes(int fd, const char *path);

/* The whole regular file into b (initialised; its max is the ceiling). The
 * last link may be a symlink. noInput, permission, badData (a directory, too
 * large), ioError; the text names the path. */
int safefile_read(const char *path, struct buf *b, struct err *err);

/* open(2) of a file that is 0600 under any umask when it is made. */
int safefile_open_own(const char *path, int flags);

/* fsync of a directory. */
int safefile_sync_dir(const char *dir, struct err *err);
/* fsync of the directory that holds path. */
int safefile_sync_parent(const char *path, struct err *err);

/* rename(2) plus fsync of the directory (both directories when they differ). */
int safefile_rename(const char *from, const char *to, struct err *err);

/* Make a symlink at path with this target, over whatever link is there:
 * beside it, then renamed. What is no link is not replaced (cannotCreate). The
 * directory is not flushed. */
int safefile_link(const char *target, const char *path, struct err *err);

/* mode as the umask leaves it, but for the owner's own part, which a program
 * needs under any umask. For what is not private. */
mode_t safefile_masked(mode_t mode);

/* All missing directories up to path, each with mode exactly (any umask);
 * existing ones stay as they are. */
int safefile_mkdirs(const char *path, mode_t mode, struct err *err);

/* With strict permissions: path must be owned by the effective user with
 * exactly this mode, else error of spec 1.1. */
int safefile_check_dir(const char *path, mode_t mode, struct err *err);

/* Remove path and everything below; links are removed, not followed. Missing
 * is fine. */
int safefile_remove_tree(const char *path, struct err *err);

#endif
