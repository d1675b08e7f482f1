/* account.h - accounts on disk in certbot's layout (spec 1.3, 1.4): directory
 * ACCOUNTS/HOST[:PORT]/PATH…/ID with private_key.json, meta.json, regr.json.
 * Knows nothing of the network. */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include <openssl/evp.h>
#include "base/doc.h"

/* Directory of a server's accounts; malloc'd. badData when the URL's parts
 * would leave ACCOUNTS (empty, ".", ".."). */
char *account_server_dir(const char *accounts_dir, const char *server,
    struct err *err);

/* All accounts of server that load: array of {"id","dir","key" (path),"url",
 * "created","host","registerToEff"}, by id. The server directory is made
 * (0700) when make is set; the reuse table of spec 1.3 is followed. Owned; none
 * and permission when the directory may not be read. */
jv account_list(const char *accounts_dir, const char *server, int make,
    struct err *err);
/* One by id; noAccount with certbot's text when missing. */
jv account_get(const char *accounts_dir, const char *server, const char *id,
    struct err *err);

/* Write private_key.json (0400, exclusive, flushed) into the id's directory
 * before the CA hears of the key. Returns the directory; malloc'd. A second
 * call with the same key is fine. */
char *account_key_save(const char *accounts_dir, const char *server,
    EVP_PKEY *key, struct err *err);
/* meta.json (kept if there) and regr.json: now the account counts. eff is the
 * address for register_to_eff or NULL. */
int account_save(const char *dir, const char *url, const char *eff,
    struct err *err);
/* Set or remove (NULL) register_to_eff in meta.json. */
int account_set_eff(const char *dir, const char *eff, struct err *err);
/* A private_key.json whose directory has no regr.json (a registration that
 * was cut off): its key is to be used again. Directory, malloc'd, or NULL. */
char *account_unfinished(const char *accounts_dir, const char *server);
/* A rollover notes in the new key's directory which account it replaces, before
 * the server hears of it, and takes the note away when nothing names the old one
 * any more. Where both are whole, the old one is no account any more:
 * account_list and account_get pass it over. */
int account_mark_replacing(const char *dir, const char *old_id,
    struct err *err);
int account_unmark(const char *dir, struct err *err);
/* A directory of server's accounts with such a note; malloc'd, NULL: none. The
 * old id (malloc'd) is in *old_id. */
char *account_replacing(const char *accounts_dir, const char *server,
    char **old_id);
/* Replace the key (rollover): a new directory under the new id, the old one
 * removed last. New directory; malloc'd. */
char *account_replace_key(const char *dir, EVP_PKEY *key, struct err *err);
/* Remove as spec 1.3 (links upward, then empty server directory). */
int account_remove(const char *accounts_dir, const char *server, const char *id,
    struct err *err);

/* Give *doc an "account" of server on disk, unless it names one already: the
 * one with this id, or (id NULL) the only one there. noAccount; manyAccounts
 * with the members "accounts" and "option"; usage without server or
 * accounts_dir. */
int account_attach(jv *doc, const char *accounts_dir, const char *server,
    const char *id, struct err *err);
/* The same choice, as account_list describes it; owned, none and err. With
 * id NULL and no account at all: noAccount. */
jv account_choose(const char *accounts_dir, const char *server, const char *id,
    struct err *err);
/* An entry of account_list as a document's "account": id, url, key,
 * thumbprint. Owned; none and err when the key cannot be read. */
jv account_describe(jv entry, struct err *err);

/* The private key of a document's account: looked for by
 * account.thumbprint in accounts_dir (all servers) when that is given, else
 * the document's account.key path. *path (malloc'd, may be NULL) says which.
 * noAccount/noInput/permission; a key file that others can read is reported
 * (log warning). */
EVP_PKEY *account_key_for(jv doc, const char *accounts_dir, char **path,
    struct err *err);

#endif
