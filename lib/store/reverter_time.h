/* reverter_time.h - names of finished checkpoints. Private to lib/store. */
#ifndef STORE_REVERTER_TIME_H
#define STORE_REVERTER_TIME_H

/* The name for a checkpoint that is finished now; malloc'd. Warns when the
 * clock is behind the newest one in the directory backups. */
char *reverter_time_name(const char *backups);

#endif
