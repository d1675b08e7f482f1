/* renewal_tools.h - sections of a renewal file as JSON, and the section of our
 * own. Private to lib/store.
 *
 *	[acme_tools]
 *	[[challenge_1]]
 *	for = "*.example.com",
 *	plugin = dns-example
 *	[[[options]]]
 *	dns_example_credentials = /etc/example.ini
 *
 * is {"challenges":[{"for":["*.example.com"],"plugin":"dns-example",
 * "options":{"dns_example_credentials":"/etc/example.ini"}}]}. certbot keeps
 * sections that it does not know. */
#ifndef STORE_RENEWAL_TOOLS_H
#define STORE_RENEWAL_TOOLS_H

#include "base/doc.h"
#include "base/ini.h"

/* Scalars and lists of a section, sub-sections as objects; owned. */
jv renewal_section_doc(const struct ini *ini, const char *section);
/* Is v a string, bool, number, null, array of strings, or (sections more
 * times) an object of those? */
int renewal_value_ok(jv v, int sections);
/* Set section's key to v, an object as a sub-section. */
void renewal_section_set(struct ini *ini, const char *section, const char *key,
    jv v TAKES);

jv renewal_tools_get(const struct ini *ini);
int renewal_tools_set(struct ini *ini, jv tools, struct err *err);

#endif
