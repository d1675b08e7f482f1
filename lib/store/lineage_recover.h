/* lineage_recover.h - the names under which a new lineage is built, and how it
 * is undone; and one that is being deleted. Private to lib/store.
 *
 * archive/.NAME.new and live/.NAME.new are built and flushed; then
 * renewal/.NAME.new, the renewal file, says that the moves have begun:
 * archive, live, renewal file last. While it is there, an archive or live
 * directory whose .NAME.new is gone is this save's own. */
#ifndef STORE_LINEAGE_RECOVER_H
#define STORE_LINEAGE_RECOVER_H

#include "store/lineage.h"

struct staging {
	char *archive, *archive_new, *live, *live_new, *conf, *conf_new;
};
void staging_init(struct staging *s, const char *config_dir, const char *name);
void staging_release(struct staging *s);
/* Remove all traces, unless the lineage is there: then only .NAME.new's. */
int staging_undo(const struct staging *s, struct err *err);

/* CONFIG/renewal/.NAME.deleted: while this file is there, the renewal file of a
 * lineage that is no more, files of it may be there, too. malloc'd. */
char *lineage_retired(const char *config_dir, const char *name);
/* lineage_open by another file than NAME.conf. */
int lineage_open_from(struct lineage *l, const char *config_dir,
    const char *name, const char *path, unsigned flags, struct err *err);
/* Remove those files, and that one. Only where there is no NAME.conf. */
void lineage_delete_rest(const char *config_dir, const char *name);

#endif
