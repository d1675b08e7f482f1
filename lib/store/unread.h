/* unread.h - marks WORK/.unread-PLUGIN@OWNER: files of a plugin's server are
 * changed or put back, and the server has not read them yet. Made before the
 * change, removed when its owner has told the server afterwards, so that whatever
 * is killed in between leaves it for the next command. Checkpoints do not say
 * this: once finished or undone they leave nothing in progress. A plugin that
 * outlives its host tells its server at once, but knows nothing of the mark, which
 * is the host's: the next command's reload is then one too many, and does no harm.
 *
 * Each piece of work has a mark of its own, since another's reload may have come
 * before the change: OWNER is "lineage-NAME", for a new certificate of that
 * lineage, or random, for a process. Not one of certbot's own formats; the Python
 * program takes no notice of it. */
#ifndef STORE_UNREAD_H
#define STORE_UNREAD_H

#include "base/doc.h"

/* What a mark holds: {"plugin": NAME, "server": WHICH, "config": object}. WHICH is
 * the value of "server:" in the plugin's exclusive (NULL: it has but one), config
 * what its init gets. */
jv unread_server(const char *plugin, const char *which, jv config TAKES);

/* Marks that this process is to remove; all zero to begin with. */
struct unread {
	jv files; /* array of paths; none */
};

/* Flushed when it returns; -1 and err when it cannot be made. Nothing, while one
 * of u is there. server, here and below, is borrowed. */
int unread_mark(struct unread *u, const char *work, jv server, struct err *err);
/* Before a lineage's new certificate is in its place; whoever has the server
 * read it takes the mark over. */
int unread_mark_lineage(const char *work, jv server, const char *lineage,
    struct err *err);

/* It was saved under another name than was expected. */
void unread_move_lineage(const char *work, const char *plugin,
    const char *expected, const char *name);

/* Take over what others have left; how many. That of a lineage: */
size_t unread_take_lineage(struct unread *u, const char *work,
    const char *plugin, const char *lineage);
/* Those of processes that have died: the caller knows that no other is at work on
 * this server. */
size_t unread_take(struct unread *u, const char *work, jv server);
/* These, and the lineages': nobody else is at work at all. */
size_t unread_take_all(struct unread *u, const char *work, jv server);

/* Has u any? */
int unread_owed(const struct unread *u);
/* The server has been told: they are removed. */
void unread_clear(struct unread *u);
/* Forget them; they stay. */
void unread_release(struct unread *u);

/* Of the same server? One that could not be read may be any of its plugin's. */
int unread_same(jv a, jv b);
/* All there are, sorted, with "file": PATH; plugin and file alone when one cannot be
 * read. */
jv unread_list(const char *work);

#endif
