/* reverter_private.h - the parts of lib/store/reverter. */
#ifndef STORE_REVERTER_PRIVATE_H
#define STORE_REVERTER_PRIVATE_H

#include "base/buf.h"
#include "base/doc.h"

enum {
	REVERTER_LIST_MAX = 4 << 20, /* bytes of FILEPATHS and its like */
	REVERTER_DIR_MODE = 0755     /* certbot's CONFIG_DIRS_MODE */
};

#define REVERTER_LOGGER "certbot.reverter"

/* The lines of dir/name as an array of strings; empty when it is not there.
 * none and err when it cannot be read. */
jv reverter_lines(const char *dir, const char *name, struct err *err);

int reverter_write_lines(const char *dir, const char *name, jv lines,
    struct err *err);
/* Text added at the end of dir/name, which is made if it is not there. */
int reverter_append(const char *dir, const char *name, const char *text,
    size_t len, struct err *err);
/* badData unless all are absolute paths without line breaks. */
int reverter_check_paths(jv paths, struct err *err);

/* Copy from over to as shutil.copy2 does (mode, times and extended attributes,
 * links followed), but whole or not at all, and with the owner that to has.
 * Flushed. */
int reverter_copy(const char *from, const char *to, struct err *err);
/* Remove what a run that was killed while it wrote this file has left beside
 * it. Whoever undoes a checkpoint is the only one at work. */
void reverter_sweep(const char *path);
/* Do both have the same bytes and mode? */
int reverter_is_copy(const char *a, const char *b);

/* One row of COMMANDS: CSV as Python's csv module writes it, CRLF at the end. */
int reverter_csv_row(struct buf *b, jv argv);
/* All rows of such a text, an array of arrays; rows without a field are left
 * out. */
jv reverter_csv_parse(const char *text, size_t len);

/* Undo the checkpoint in dir (A4) and remove it; dir is moved to `trash` before
 * it is removed, so that it is there as a whole or not at all. */
int reverter_undo(const char *dir, const char *trash, struct err *err);

#endif
