/* certbot/names.h - names of hosts, addresses of virtual hosts, and what else
 * users type. */
#ifndef CERTBOT_NAMES_H
#define CERTBOT_NAMES_H

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A name as it can be ordered: lower case, A-labels, without a final dot;
 * malloc'd. NULL and why not. */
char *certbot_name_check(const char *name, struct certbot_error *e);
/* The same, and what public CAs demand: two labels or more, no '_', no label
 * that starts or ends with '-'. */
char *certbot_name_public(const char *name, struct certbot_error *e);
/* Of names (NULL-ended) those that a public CA would certify, appended. */
void certbot_names_filter(const char *const *names, struct certbot_list *valid);
/* "a.b.example.com", "b.example.com", "example.com", "com": zones that the name
 * may lie in, appended. */
void certbot_name_zones(const char *name, struct certbot_list *zones);
int certbot_name_is_wildcard(const char *name);
/* An IPv4 or IPv6 address? */
int certbot_is_address(const char *text);
/* Can it be an e-mail address? */
int certbot_is_email(const char *text);
/* Is it the directory URL of a CA's test server? */
int certbot_is_staging(const char *url);

struct certbot_address {
	char host[256]; /* without a port; IPv6 with its brackets */
	char port[16];	/* "", "*" or digits */
	int ipv6;
};

/* "1.2.3.4:80", "[::1]:443", "example.com", "*:*". */
int certbot_address_parse(struct certbot_address *a, const char *text,
    struct certbot_error *e);
/* For comparisons: host as certbot_address_exploded has it for IPv6. */
int certbot_address_equal(const struct certbot_address *a,
    const struct certbot_address *b);
/* An IPv6 host in the form "2001:0:0:0:0:0:0:1", without brackets; other hosts
 * as they are; malloc'd. */
char *certbot_address_exploded(const struct certbot_address *a);
/* "HOST:PORT", or "HOST" without a port; malloc'd. */
char *certbot_address_text(const struct certbot_address *a);

#ifdef __cplusplus
}
#endif

#endif
