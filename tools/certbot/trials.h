/* trials.h - plugins tried side by side: do they work here (`check` of their
 * hosts)? */
#ifndef CERTBOT_TRIALS_H
#define CERTBOT_TRIALS_H

#include "choose.h"

struct trial {
	const char *plugin; /* its name; borrowed */
	unsigned roles;	    /* ROLE_AUTHENTICATOR, ROLE_INSTALLER */
	/* the result */
	jv enhancements; /* what an installer can do; none */
	struct err err;	 /* why it does not work */
};

/* A list with room for so many; names and roles are filled in by the caller. */
struct trial *trials_new(size_t n);
void trials_free(struct trial *list, size_t n);

/* Try all, at most 8 at a time. What is said of each is shown in the order of
 * the list. */
void trials_run(const struct config *c, struct trial *list, size_t n);

#endif
