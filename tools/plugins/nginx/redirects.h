/* redirects.h - what a server does with a request before it looks for its
 * content: redirects to https that are there already. */
#ifndef NGINX_REDIRECTS_H
#define NGINX_REDIRECTS_H

#include "nginx.h"

/* Of one directive that stands directly in a server. */
enum redirect {
	REDIRECT_NONE,
	REDIRECT_AWAY,	/* every request, to https on a host not its own */
	REDIRECT_SELF,	/* every request, to https on its own names: a loop if
			 * this server spoke TLS */
	REDIRECT_PLAIN, /* requests without TLS only */
	REDIRECT_HOST	/* requests for this one name (and TLS or not) */
};
enum redirect redirect_kind(const struct server *s, struct place p,
    const char *domain);

/* Does the server send every plaintext request for domain to https? */
int redirects_already(struct conf *c, const struct server *s,
    const char *domain);
/* Would it do nothing but redirect to itself if it spoke TLS? */
int redirects_to_itself(struct conf *c, const struct server *s,
    const char *domain);

#endif
