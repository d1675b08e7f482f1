/* names.h - DNS names as certificates use them: checks, IDN, patterns, sets. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/doc.h"

/* What can be ordered: trims one final dot, lower-cases, converts an
 * internationalised name to A-labels (libidn2, UTS 46 non-transitional), and
 * checks: labels of letters, digits, '-' and '_', 1 to 63 octets each, 253 in
 * all, the last not all digits, "*" only as the whole first label, no IP address,
 * no URL. A private CA has names like "intranet" or "my_host": what of them is
 * good is the CA's to say. malloc'd name, or NULL and err badData naming the name
 * and the reason. */
char *name_normalise(const char *name, struct err *err);
/* The same, and what public CAs demand: two labels or more, no '_', no label
 * that starts or ends with '-'. For names that are found, to offer them. */
char *name_public(const char *name, struct err *err);

/* An IPv4 or IPv6 address as RFC 8738 (RFC 5952) writes it: malloc'd; NULL when
 * text is none. In a set of names it stands among the DNS names. */
char *name_address(const char *text);

/* Only what RFC 5280 SAN comparison needs: lower case without a final dot. */
char *name_fold(const char *name);

/* Does name match pattern (--for)? A pattern is a name; "*.x" matches the
 * wildcard name "*.x" itself and any name one or more labels below x; "*"
 * matches all; shell-like '*' inside a label is not special. Folded first. */
int name_matches(const char *pattern, const char *name);

/* Is a certificate for pattern, or with these names (array, borrowed), good for
 * name? A leading "*." stands for one label (RFC 6125 6.4.3); a wildcard name is
 * covered by itself alone. */
int name_covers(const char *pattern, const char *name);
int names_cover(jv names, const char *name);

/* name without a leading "*." (borrowed, points into name). */
const char *name_base(const char *name);

/* Sets of names are arrays of strings (borrowed); order does not matter. */
int names_equal(jv a, jv b);
int names_subset(jv small, jv large); /* proper or equal */
jv names_minus(jv a, jv b);	      /* owned, order of a */

/* Text as certbot says it: "a", "a and b", "a and N more domains"; malloc'd. */
char *names_short(jv names);

#endif
