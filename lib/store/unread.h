/* unread.h - WORK/.unread-PLUGIN: the files of this plugin's server were changed
 * or put back, and the server has not read them yet. Made before the change,
 * removed when the server has been told, so that whatever is killed in between
 * leaves it for the next command. Checkpoints do not say this: once finished or
 * undone they leave nothing in progress. Not one of certbot's own formats; the
 * Python program takes no notice of it. */
#ifndef STORE_UNREAD_H
#define STORE_UNREAD_H

#include "base/doc.h"

/* Flushed when it returns; -1 and err when it cannot be made. Once is enough. */
int unread_mark(const char *work, const char *plugin, struct err *err);
/* The server has been told; nothing to remove is fine. */
void unread_clear(const char *work, const char *plugin);
int unread_is(const char *work, const char *plugin);
/* Plugins whose server has not been told: array of names, sorted. */
jv unread_plugins(const char *work);

#endif
