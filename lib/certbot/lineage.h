/* certbot/lineage.h - a certificate that certbot keeps: read only. Nothing here
 * takes a lock; what is read belongs together. */
#ifndef CERTBOT_LINEAGE_H
#define CERTBOT_LINEAGE_H

#include "certbot/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct certbot_lineage {
	char *name;
	char *path;			      /* the live directory */
	char *cert, *key, *chain, *fullchain; /* links that stay valid */
	long version;			      /* of what they lead to */
	struct certbot_list names;	      /* the certificate's */
};

/* The lineage NAME below the configuration directory. *l must be released in
 * any case. CERTBOT_NO_LINEAGE, CERTBOT_BROKEN_LINEAGE. */
int certbot_lineage_open(struct certbot_lineage *l, const char *config_dir,
    const char *name, struct certbot_error *e);
void certbot_lineage_release(struct certbot_lineage *l);

/* Is it whole on the disk: is the certificate signed by its chain, is fullchain
 * the two together, and does the private key belong to it? */
int certbot_lineage_verify(const char *config_dir, const char *name,
    struct certbot_error *e);

#ifdef __cplusplus
}
#endif

#endif
