/* explain_script.h - one certificate's part of a script. */
#ifndef CERTBOT_EXPLAIN_SCRIPT_H
#define CERTBOT_EXPLAIN_SCRIPT_H

#include "explain_hooks.h"
#include "plugin/descriptor.h"

struct script {
	const struct config *c;
	const struct plugin_desc *plugin;
	jv names; /* array; none: the documents have them */
	jv doc;	  /* of the lineage, for renew; none */
	const struct script_hooks *hooks; /* NULL: there are none */
	size_t number; /* of the lineage among all; for hooks */
};

/* Print it: from the options to the document of the last stage on standard
 * output. With hooks the installers of certonly and run are left to
 * script_installs, for their post hooks come first. */
void script_print(const struct script *s);
/* What the installer does with the document in this file; without one it is
 * printed. */
void script_installs(const struct config *c, const char *file);

#endif
