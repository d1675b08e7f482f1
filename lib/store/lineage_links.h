/* lineage_links.h - the four links and certbot's journal of their moving: the
 * links live/NAME/previous_KIND.pem (spec 1.7). Private to lib/store. */
#ifndef STORE_LINEAGE_LINKS_H
#define STORE_LINEAGE_LINKS_H

#include "store/lineage.h"

/* Back to the previous targets when all four are noted, then the notes and
 * temporary links go. Only under the lock. */
int links_recover(const struct renewal *r, struct err *err);
/* Is any previous_* link there: is a move going on, or cut off? */
int links_moving(const struct renewal *r);
/* Targets of the links as absolute paths; brokenLineage when one is no link. */
int links_read(const struct renewal *r, char *target[KIND_COUNT],
    struct err *err);
/* Note the present targets, then point link k to text[k]. */
int links_move(const struct renewal *r, char *const text[KIND_COUNT],
    char *const target[KIND_COUNT], struct err *err);

/* Remove the temporary files of our own names in dir that safefile left in a
 * killed process. */
void store_clear_temporary(const char *dir);

#endif
