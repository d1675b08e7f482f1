/* lineage_save.h - writing the four files of a version. Private to lib/store. */
#ifndef STORE_LINEAGE_SAVE_H
#define STORE_LINEAGE_SAVE_H

#include "store/lineage.h"

/* Write dir/KIND<version>.pem, privkey first (0600), each flushed, then dir.
 * The key file at prior_key (may be NULL) lends its group and the mode bits of
 * spec 1.7. On failure what was written is removed. */
int version_write(const char *dir, long version, const struct lineage_files *f,
    const char *prior_key, struct err *err);
void version_remove(const char *dir, long version);

#endif
