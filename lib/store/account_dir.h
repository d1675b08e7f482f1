/* account_dir.h - where a server's accounts lie, and certbot's links from a
 * newer server's directory to an older one's (spec 1.3). Private to
 * lib/store. */
#ifndef STORE_ACCOUNT_DIR_H
#define STORE_ACCOUNT_DIR_H

#include "base/doc.h"

/* Server's path below ACCOUNTS ("host:port/path/parts"); malloc'd. badData
 * when a part is "." or "..", or the URL has no scheme or no host. */
char *account_server_path(const char *server, struct err *err);
/* The older server's path whose accounts may be used; NULL when none. */
const char *account_older_path(const char *server_path);

/* Replace the empty directory dir (or link) by a link to target. */
int account_link_server(const char *target, const char *dir, struct err *err);
/* Make dir/id a link to target, or dir itself a link to target's directory
 * when dir is empty. */
int account_link_one(const char *target, const char *dir, const char *id,
    struct err *err);

/* Remove the chain of links that begins or ends at server_path (with /id when
 * id is not NULL): the newest link first. The real directory that is left;
 * malloc'd. */
char *account_unlink_chain(const char *accounts_dir, const char *server_path,
    const char *id);

/* Is path a directory (a link to one counts)? Is it empty? */
int account_is_dir(const char *path);
int account_dir_empty(const char *path);

/* Names in dir that could be accounts or parts of a path, sorted; owned. */
jv account_entries(const char *dir);

/* The note of a rollover in an account's directory. */
#define ACCOUNT_NOTE "replaces.json"

/* The account in dir, whose three files must load; one of those files. */
jv account_load(const char *dir, struct err *err);
jv account_member(const char *dir, const char *name, struct err *err);
/* Can id be the name of an account's directory? */
int account_id_ok(const char *id);

#endif
