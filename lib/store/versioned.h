/* versioned.h - files that certbot installs for a server's TLS settings and
 * keeps current, unless a person changed them (spec/core-behaviour.md 9.7,
 * spec/installers.md D4): options-ssl-nginx.conf, options-ssl-apache.conf,
 * ssl-dhparams.pem. Knows nothing of what stands in them. */
#ifndef STORE_VERSIONED_H
#define STORE_VERSIONED_H

#include "base/err.h"

enum versioned {
	VERSIONED_CURRENT, /* nothing to do, or the notice was given before */
	VERSIONED_UPDATED, /* dest was missing or of an older version */
	VERSIONED_KEPT	   /* a person changed dest: say so (once) */
};

/* Install source (the file in the data directory) as dest (0644 without the
 * umask, written as a whole; a link at dest
 * stays a link, unless it leads nowhere). known_sha256: lower
 * hex of each version ever released, ended by NULL. digest_file remembers
 * for which version the notice was given, and is certbot's own: 64 hex digits,
 * no newline. Digests are those of the text with CR LF as LF. Errors of
 * safefile.h, with the path. *what is set on success. */
int versioned_install(const char *dest, const char *digest_file,
    const char *source, const char *const *known_sha256, int *what,
    struct err *err);

/* The notice of VERSIONED_KEPT in certbot's words; malloc'd. */
char *versioned_notice(const char *dest, const char *source);

#endif
