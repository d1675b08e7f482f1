/* objects.h - the shapes of ACME objects (RFC 8555 7.1), checked where they
 * come in, so that the rest may rely on them. */
#ifndef ACME_OBJECTS_H
#define ACME_OBJECTS_H

#include "acme/client.h"

/* Each: eats the server's object, adds "url" and "read" (now), returns it;
 * none and err protocol when it is of no use: wrong kinds, unknown status, a
 * URL that url_check refuses, more than 100 identifiers, … Texts are not
 * changed here (they are escaped where they are shown). */
jv order_check(const struct acme_session *s, const char *url, jv order TAKES,
    struct err *err);
/* To be shown only: also with a status that RFC 8555 7.1.6 does not have, left as
 * it is. */
jv order_look_check(const struct acme_session *s, const char *url,
    jv order TAKES, struct err *err);
/* Is its status one of RFC 8555's? */
int order_status_known(jv order);
jv authorization_check(const struct acme_session *s, const char *url,
    jv authz TAKES, struct err *err);
jv account_check(const struct acme_session *s, const char *url,
    jv account TAKES, struct err *err);

/* Orders only go forward: pending, ready, processing, valid (or invalid).
 * protocol when now is behind before; a status of another name is behind none. */
int order_forward_check(jv before, jv now, struct err *err);

/* An order keeps its identifiers: protocol when now has others than before,
 * unless before says none. */
int order_identifiers_check(jv before, jv now, struct err *err);
/* An authorization keeps its identifier: protocol when not, unless before says
 * none. */
int authorization_same_check(jv before, jv now, struct err *err);

/* The order's names, folded, in the server's order (it may shuffle them); owned
 * array. */
jv order_names(jv order);

/* Do the order's identifiers equal these names as sets? protocol when not. */
int order_names_check(jv order, jv names, struct err *err);
/* Each authorization belongs to an identifier of the order, each identifier
 * has one (an array of authorizations, any order). protocol when not. */
int order_authorizations_check(jv order, jv authorizations, struct err *err);
/* One of them: for a name of the order? protocol when not, unless the order
 * says none. */
int order_authorization_check(jv order, jv authz, struct err *err);

/* Is the status in doc ("read" member) older than max_age seconds? */
int object_is_stale(jv object, long max_age);
/* What is older is read again before anything is done. */
enum { OBJECT_FRESH_SECONDS = 60 };
/* Is its "expires" (RFC 8555 7.1.3) in the past? 0 where it has none. */
int object_is_expired(jv object);
/* An order that the server leaves open past its own "expires" never ends:
 * protocol then, 0 when it may still end. */
int order_may_end_check(jv order, struct err *err);

/* "*.example.com" for a wildcard authorization, else the identifier's value;
 * malloc'd. */
char *authorization_name(jv authz);

/* A challenge type of ours, and the longest token taken. */
int challenge_known(const char *type);
enum { TOKEN_MAX = 1024 };

/* The challenge of this type that can be used (known to us, token in the
 * base64url alphabet of at most 1024 characters, checked URL); owned; none. */
jv authorization_challenge(jv authz, const char *type);
/* The challenges' "error" members of an invalid authorization: array. */
jv authorization_errors(jv authz);

/* Read again (POST-as-GET), in parallel: orders' or authorizations' URLs, each
 * replaced by the checked newer object; docs' "order" and "authorizations"
 * members are the callers' business. objects[i] (an object with "url", or a URL
 * as a string) is eaten and replaced; sessions[i] belongs to objects[i].
 * Failures in errs[i] (objects[i] stays). An order that went back, and an
 * object that is suddenly for other names, is one. A
 * Retry-After of the answer is left in the member "retryAfter", seconds. */
int order_read(struct acme *a, struct acme_session *const *sessions,
    jv *objects, size_t n, struct err *errs, struct err *err);
/* The same with order_look_check. */
int order_look(struct acme *a, struct acme_session *const *sessions,
    jv *objects, size_t n, struct err *errs, struct err *err);
int authorization_read(struct acme *a, struct acme_session *const *sessions,
    jv *objects, size_t n, struct err *errs, struct err *err);

#endif
