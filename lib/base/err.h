/* err.h - the one error type: what went wrong, as the problem document
 * (RFC 7807) that travels in a document's "error".
 *
 * A local error has a type of the closed list below; a server's problem keeps
 * the server's own type and members. Both end in an exit status of
 * sysexits.h. acme-document(5) documents every row. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <jv.h>
#include "base/base.h"

/* NAME, exit status, title. The type URN is urn:acme-tools:error:NAME. */
#define ERR_LIST(X)                                                            \
	X(usage, 64, "The command line is wrong")                              \
	X(badDocument, 65, "The document cannot be used")                      \
	X(noDocument, 65, "No document came on standard input")                \
	X(badData, 65, "A file or value has the wrong form")                   \
	X(noInput, 66, "A file is missing or cannot be read")                  \
	X(validationFailed, 68, "A name was not validated")                    \
	X(unreachable, 69, "The server cannot be reached")                     \
	X(netProcess, 69, "The network process ended")                         \
	X(internal, 70, "The program has a fault")                             \
	X(cannotCreate, 73, "A file cannot be created")                        \
	X(ioError, 74, "A file cannot be read or written")                     \
	X(timeout, 75, "The time given has passed")                            \
	X(retryLater, 75, "The server asks to come back later")                \
	X(interrupted, 75, "A signal ended the work")                          \
	X(locked, 75, "Another program holds the lock")                        \
	X(protocol, 76, "The server broke the protocol")                       \
	X(refused, 77, "The request was refused")                              \
	X(permission, 77, "This system refused permission")                    \
	X(termsOfService, 77, "The terms of service are not agreed to")        \
	X(contact, 77, "An e-mail address is needed")                          \
	X(externalAccountRequired, 77, "The server wants an external account") \
	X(noAccount, 78, "There is no account")                                \
	X(manyAccounts, 78, "There are several accounts")                      \
	X(accountExists, 78, "There is an account already")                    \
	X(expand, 77, "The certificate would get more names")                  \
	X(sameNames, 77, "There is a certificate with the same names")         \
	X(changedNames, 77, "The certificate would get other names")           \
	X(keyType, 77, "The certificate would get another type of key")        \
	X(keyReuse, 78, "The kept key does not fit the key asked for")         \
	X(testCertificate, 77, "A test certificate would replace a real one")  \
	X(noLineage, 78, "There is no such certificate")                       \
	X(brokenLineage, 78, "A certificate's files do not fit together")      \
	X(noPlugin, 78, "There is no such plugin")                             \
	X(noInstallation, 78, "The plugin finds nothing to work on")           \
	X(misconfigured, 78, "The plugin cannot work with this configuration") \
	X(notSupported, 78, "This is not supported")                           \
	X(alreadyPresent, 78, "What was asked for is there already")           \
	X(pluginFailed, 77, "The plugin failed")                               \
	X(noChallenge, 78, "No challenge fits the plugin")                     \
	X(configuration, 78, "The configuration is wrong")

enum err_name {
	ERR_none = 0,
#define ERR_ROW(name, status, title) ERR_##name,
	ERR_LIST(ERR_ROW)
#undef ERR_ROW
	    ERR_acme /* a problem document of the server, kept in problem */
};

/* Zero-initialised is "no error": struct err err = {0}. */
struct err {
	enum err_name name;
	char *text; /* owned; the sentence for people: "detail" */
	jv members; /* owned object (extra members, or for ERR_acme the whole
		       * problem); only valid if has_members */
	int has_members;
	long retry_after; /* seconds; 0 if the server asked for no patience */
};

/* Set *e (what was there is released) to a local error with a sentence: lower
 * case, no full stop, what, where, what to do. Control bytes in the formatted
 * text, but line feeds and tabs, are shown as \xNN. Always -1. e may be NULL. */
int err_set(struct err *e, enum err_name name, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* The same, with ": strerror(errnum)" appended, and the row chosen by errnum:
 * ENOENT noInput, EACCES/EPERM/EROFS permission, else fallback. Always -1. */
int err_sys(struct err *e, enum err_name fallback, int errnum, const char *fmt,
    ...) PRINTF_LIKE(4, 5);

/* Set *e to the server's problem (an object; other kinds are kept as detail),
 * with the HTTP status (0: unknown). Eats problem. Always -1. */
int err_problem(struct err *e, int http_status, jv problem TAKES);

/* Put "prefix: " before the text; keeps all else. A server's problem gets it in
 * the member "context": its detail stays the server's. Always -1. */
int err_prefix(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Add a member that the caller of a program may act on, such as the option
 * that answers the error ("option", "url", "names"). Eats val. Always -1. */
int err_member(struct err *e, const char *key, jv val TAKES);

/* Note the seconds after which the server will listen again. Always -1. */
int err_retry_after(struct err *e, long seconds);

int err_is_set(const struct err *e);
void err_clear(struct err *e);			 /* release, back to {0} */
void err_move(struct err *to, struct err *from); /* to is released first */

/* The sentence; "" when none is set. Borrowed from e. */
const char *err_text(const struct err *e);

/* Exit status (sysexits.h) of *e; 0 when none is set. */
int err_exit_status(const struct err *e);

/* The problem document for a document's "error": type, title, detail, status,
 * subproblems, own members, "stage" and "retryAfter". Owned by the caller. */
jv err_to_doc(const struct err *e, const char *stage);

/* Back from a document's "error" (borrowed). Always -1. */
int err_from_doc(struct err *e, jv error);

/* Exit status that a document's "error" (borrowed) stands for: our rows by
 * name; the server's by type and HTTP status: rateLimited, serverInternal,
 * badNonce, 429, 5xx 75; validation problems (connection, dns, tls,
 * incorrectResponse inside an authorization) 68; malformed answers 76;
 * everything else 77. */
int err_doc_exit_status(jv error);

/* certbot's description of an ACME error type (spec 5.13), with or without
 * the prefix urn:ietf:params:acme:error:; NULL if the type is unknown. */
const char *err_acme_description(const char *type);

#endif
